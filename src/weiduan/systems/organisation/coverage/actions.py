"""Let organisations stand on grids and units, and leave them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.changes import Changes, Row
from weiduan.ground.base.errors import Refused
from weiduan.ground.base.inserts import insert_all
from weiduan.ground.ledger.actions import Deed, record, record_many
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, area_by_code, area_of
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.queries import existing, kept_at

from .models import Coverage
from .queries import areas_covered
from .rules import MAY_STAND_ON, VILLAGE_DIGITS


@transaction.atomic
def revise_coverage(
    changes: Changes, *, organisations: Mapping[str, int], areas: Mapping[str, int], on: date, by: Any, at: datetime
) -> None:
    """Take in what surveyed organisations cover from a day on.

    organisations  number → key; areas  code → key, both for everything named
    """
    ends: list[tuple[Row, set[str], set[str]]] = [(row, _codes(row), set()) for row in changes.gone]
    ends += [
        (after, _codes(before) - _codes(after), _codes(after) - _codes(before)) for before, after in changes.changed
    ]
    starts: list[tuple[Row, set[str], set[str]]] = [(row, set(), _codes(row)) for row in changes.new]
    for row, leaves, _takes in ends:
        _leave([areas[code] for code in leaves], organisations[row["number"]], on)
    told = [(row, leaves, takes) for row, leaves, takes in [*ends, *starts] if leaves or takes]
    insert_all(
        Coverage,
        (
            Coverage(organisation_id=organisations[row["number"]], area_id=areas[code], since=on)
            for row, _leaves, takes in told
            for code in sorted(takes)
        ),
    )
    record_many(
        [
            Deed("coverage.changed", "organisation.organisation", str(organisations[row["number"]]), row["area"],
                 {"left": sorted(leaves)}, {"taken": sorted(takes)})
            for row, leaves, takes in told
        ],
        by=by, at=at,
    )  # fmt: skip


def _codes(row: Row) -> set[str]:
    """Return the codes a survey row lists: one text, parted by “、”."""
    return set((row["covers"] or "").split("、")) - {""}


def _leave(areas: list[int], organisation: int, on: date) -> None:
    here = Coverage.objects.filter(alive(on), organisation_id=organisation, area_id__in=areas)
    here.filter(since=on).delete()
    here.filter(since__lt=on).update(until=on)


@transaction.atomic
def stand_on(
    organisation: Organisation, areas: Mapping[str, int], *, seat: str, on: date, by: Any, at: datetime
) -> None:
    """Let an organisation cover just these areas (code → key) of its village from a day on.

    :raises NotAllowed: `by` does not keep the organisations there
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    now = set(Coverage.objects.filter(alive(on), organisation=organisation).values_list("area_id", flat=True))
    wanted = set(areas.values())
    _leave(sorted(now - wanted), organisation.pk, on)
    Coverage.objects.bulk_create(
        [Coverage(organisation=organisation, area_id=area, since=on) for area in sorted(wanted - now)]
    )
    record(what="coverage.changed", about=organisation, by=by, at=at, area=seat, after={"covers": sorted(areas)})


class CannotCover(Refused):
    """This organisation can't stand on this area."""


@transaction.atomic
def take_in(organisation: Organisation, code: str, *, on: date, by: Any, at: datetime) -> None:
    """Let an organisation stand on one more grid or unit of its village from a day on.

    :raises NotAllowed: `by` does not keep the organisations at its seat and in the area
    :raises NotFound: no area has this code on that day
    :raises CannotCover: it stands there already, its kind doesn't stand on such an area, or it is of another village
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    require(by, Duty.KEEP_ORGANISATION, in_area=kept_at(organisation, on=on), at=at)
    require(by, Duty.KEEP_ORGANISATION, in_area=code, at=at)
    area = area_by_code(code, on=on)
    _check_may_cover(organisation, area, on)
    Coverage.objects.create(organisation=organisation, area_id=area.area_id, since=on)
    record(what="coverage.changed", about=organisation, by=by, at=at, area=code, after={"taken": [code]})


def _check_may_cover(organisation: Organisation, area: AreaVersion, on: date) -> None:
    told = {"name": organisation.name, "area": area.name}
    if not Organisation.objects.filter(existing(on), pk=organisation.pk).exists():
        raise CannotCover(_("%(name)s does not exist on this day."), **told)
    if len(area.code) not in MAY_STAND_ON.get(organisation.kind, ()):
        raise CannotCover(
            _("%(name)s can't stand on %(area)s: groups stand on units, branches on grids and units."), **told
        )
    stands = areas_covered(organisation.pk, on=on)
    if area.code in stands:
        raise CannotCover(_("%(name)s stands on %(area)s already."), **told)
    homes = [area_of(organisation.area_id, on=on).code, *stands]
    if not any(covers(home[:VILLAGE_DIGITS], area.code) for home in homes):
        raise CannotCover(
            _("%(area)s lies in another village than %(name)s. Choose an organisation of that village."), **told
        )


@transaction.atomic
def leave(organisation: Organisation, area: int, *, on: date, by: Any, at: datetime) -> None:
    """Let an organisation no longer stand on an area (its key) from a day on; the area may have ended.

    :raises NotAllowed: `by` does not keep the organisations at its seat
    :raises CannotCover: it doesn't stand there
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    require(by, Duty.KEEP_ORGANISATION, in_area=kept_at(organisation, on=on), at=at)
    if not Coverage.objects.filter(alive(on), organisation=organisation, area=area).exists():
        raise CannotCover(_("%(name)s doesn't stand there any more."), name=organisation.name)
    _leave([area], organisation.pk, on)
    code = area_of(area, on=on).code
    record(what="coverage.changed", about=organisation, by=by, at=at, area=code, before={"left": [code]})


@transaction.atomic
def hand_over(organisation: Organisation, to: Organisation, code: str, *, on: date, by: Any, at: datetime) -> None:
    """Let another organisation stand on an area instead of this one from a day on.

    :raises NotAllowed: `by` does not keep the organisations at both seats
    :raises CannotCover: this one doesn't stand there, or the other can't
    """
    leave(organisation, area_by_code(code, on=on).area_id, on=on, by=by, at=at)
    take_in(to, code, on=on, by=by, at=at)
