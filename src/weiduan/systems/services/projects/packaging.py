"""Make a package of what units need, change it, call it for partners, make the call longer, and stop it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.partners.models import Need

from ..brands.models import Brand
from .keeping import By, NotNow, checked, code_of, locked, moved, note, only
from .models import Project, ProjectNeed, ProjectUnit
from .money import return_what_is_left
from .rules import (
    LEAST_CALL,
    LONGEST_TITLE,
    LONGEST_WHY,
    LONGEST_WORDS,
    MOST_FEN,
    MOST_NEEDS,
    MOST_UNITS,
    Deed,
    ProposalState,
    State,
)


@dataclass(frozen=True)
class Package:
    """What is asked of partners.

    budget_fen  the most it may cost
    units       codes of the units it is for; all lie in the project's area
    needs       keys of the needs it meets
    """

    title: str
    words: str
    budget_fen: int
    units: tuple[str, ...]
    needs: tuple[UUID, ...] = ()
    brand: UUID | None = None


@transaction.atomic
def draft_package(area: str, package: Package, *, by: By, at: datetime) -> Project:
    """Begin a project for an area; nobody else sees it yet.

    :raises NotAllowed: `by` doesn't keep services there
    :raises BadInput: something can't be
    """
    require(by, Duty.KEEP_SERVICES, in_area=area, at=at)
    where = area_by_code(area, on=local_day(at))
    project = Project(area_id=where.area_id, at=at)
    _write(project, area, package, at)
    note("project.drafted", project, project, by, at, budget_fen=project.budget_fen, units=sorted(set(package.units)))
    return project


@transaction.atomic
def change_package(key: UUID, package: Package, *, by: By, at: datetime) -> Project:
    """Change a package that isn't called yet.

    :raises NotFound: there is none `by` may look at
    :raises NotNow: it was called
    :raises BadInput: something can't be
    """
    project = locked(key, by, at)
    only(project, Deed.CHANGE)
    _write(project, code_of(project, at), package, at)
    note("project.changed", project, project, by, at, budget_fen=project.budget_fen, units=sorted(set(package.units)))
    return project


@transaction.atomic
def call_for_proposals(key: UUID, *, until: datetime, by: By, at: datetime) -> Project:
    """Publish a package: partners may propose until then.

    :raises NotFound: there is none `by` may look at
    :raises NotNow: it was called already
    :raises BadInput: less than a day is left for proposing
    """
    project = locked(key, by, at)
    only(project, Deed.CALL)
    _check_until(until, at)
    project.call_until = until
    return moved(project, State.CALLED, by, at, told={"until": until.isoformat()})


@transaction.atomic
def extend_call(key: UUID, *, until: datetime, by: By, at: datetime) -> Project:
    """Give partners more time, as long as the others' proposals aren't public.

    :raises NotFound: there is none `by` may look at
    :raises NotNow: it isn't called, or the call is over and what was proposed can be read
    :raises BadInput: not later than before, or less than a day is left
    """
    project = locked(key, by, at)
    only(project, Deed.EXTEND)
    assert project.call_until is not None
    if at >= project.call_until and project.proposals.filter(state=ProposalState.HANDED_IN.value).exists():
        raise NotNow(_("The call is over and everyone can read the proposals. Let residents choose among them."))
    _check_until(until, at)
    if until <= project.call_until:
        raise BadInput(_("Choose a later time than the call has now."))
    project.call_until = until
    project.save(update_fields=["call_until"])
    note("project.call_extended", project, project, by, at, until=until.isoformat())
    return project


@transaction.atomic
def stop_project(key: UUID, why: str, *, by: By, at: datetime) -> Project:
    """Stop a project, with the reason everyone reads; what is left of its money goes back.

    What was accepted and isn't paid yet stays in the pot, and is paid.

    :raises NotFound: there is none `by` may look at
    :raises NotNow: it is over
    :raises BadInput: no reason, or too many words
    """
    project = locked(key, by, at)
    only(project, Deed.STOP)
    project.stopped_because = checked(why, LONGEST_WHY, _("Say why in at most %(n)s characters."))
    moved(project, State.STOPPED, by, at)
    return_what_is_left(project, project.stopped_because, by=by, at=at)
    return project


def _check_until(until: datetime, at: datetime) -> None:
    if until < at + LEAST_CALL:
        raise BadInput(_("Leave partners at least a day to propose."))


def _write(project: Project, area: str, package: Package, at: datetime) -> None:
    """Write a package down with its units and needs."""
    project.title = checked(package.title, LONGEST_TITLE, _("Give the project a title of at most %(n)s characters."))
    project.words = checked(package.words, LONGEST_WORDS, _("Say what is asked for in at most %(n)s characters."))
    if not 0 < package.budget_fen <= MOST_FEN:
        raise BadInput(_("Say how much it may cost: more than nothing."))
    units, needs = _units(package, area, at), _needs(package, area, at)
    project.budget_fen, project.brand = package.budget_fen, _brand(package, area, at)
    project.save()
    project.units.all().delete()
    project.needs.all().delete()
    ProjectUnit.objects.bulk_create(ProjectUnit(project=project, area_id=unit) for unit in units)
    ProjectNeed.objects.bulk_create(ProjectNeed(project=project, need=need) for need in needs)


def _units(package: Package, area: str, at: datetime) -> list[int]:
    codes = sorted(set(package.units))
    if not 0 < len(codes) <= MOST_UNITS:
        raise BadInput(_("Choose which units it is for: at least one, at most %(n)s."), n=MOST_UNITS)
    found = [area_by_code(code, on=local_day(at)) for code in codes]
    if not all(one.level == Level.UNIT and covers(area, one.code) for one in found):
        raise BadInput(_("A project is for units of its own area."))
    return [one.area_id for one in found]


def _needs(package: Package, area: str, at: datetime) -> list[Need]:
    keys = set(package.needs)
    if len(keys) > MOST_NEEDS:
        raise BadInput(_("A project meets at most %(n)s needs."), n=MOST_NEEDS)
    found = list(Need.objects.filter(pk__in=keys, met_on=None))
    codes = [area_of(one.area_id, on=local_day(at)).code for one in found]
    if len(found) != len(keys) or not all(covers(area, code) or covers(code, area) for code in codes):
        raise BadInput(_("Choose needs of this area that nobody has met yet."))
    return found


def _brand(package: Package, area: str, at: datetime) -> Brand | None:
    if package.brand is None:
        return None
    found = Brand.objects.filter(pk=package.brand, until=None).first()
    if found is None or not covers(area_of(found.area_id, on=local_day(at)).code, area):
        raise BadInput(_("Choose a brand of this area or of one above it."))
    return found
