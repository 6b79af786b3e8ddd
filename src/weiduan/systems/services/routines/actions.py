"""Set rounds up that come again, and write down each one that was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_ids, area_of
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.queries import reports_in_care_of

from .models import Round, Routine, RoutineUnit
from .rules import LONGEST_DONE_BY, LONGEST_FOUND, LONGEST_LOOKED_AT, LONGEST_TITLE, MOST_UNITS, Every, span_of

By = User | str


class NotNow(Refused):
    """The routine is in a state that doesn't allow this."""


@dataclass(frozen=True)
class Plan:
    """A round that comes again: who goes, how often, to which units, and what is looked at. `done_by` is a post."""

    title: str
    done_by: str
    every: Every
    looked_at: str
    units: Sequence[str]
    since: date


@transaction.atomic
def set_up(area: str, plan: Plan, *, by: By, at: datetime) -> Routine:
    """Set a routine up for units of an area.

    :raises NotAllowed: `by` doesn't keep services there
    :raises BadInput: something can't be, or a unit of elsewhere
    """
    require(by, Duty.KEEP_SERVICES, in_area=area, at=at)
    _check(plan)
    where = area_by_code(area, on=local_day(at))
    units = _units(area, plan.units, at)
    made = Routine.objects.create(
        area_id=where.area_id, title=plan.title.strip(), done_by=plan.done_by.strip(), every=plan.every.value,
        looked_at=plan.looked_at.strip(), since=plan.since,
    )  # fmt: skip
    RoutineUnit.objects.bulk_create([RoutineUnit(routine=made, area_id=unit) for unit in units])
    record(what="routine.set_up", about=made, by=by, at=at, area=area, after={"every": made.every, "units": len(units)})
    return made


@transaction.atomic
def end(key: UUID, *, on: date, by: By, at: datetime) -> Routine:
    """End a routine from a day on.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it has ended
    :raises BadInput: a day before it began
    """
    found = Routine.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    code = area_of(found.area_id, on=local_day(at)).code
    require(by, Duty.KEEP_SERVICES, in_area=code, at=at)
    if found.until is not None:
        raise NotNow(_("This round has ended already."))
    if on <= found.since:
        raise BadInput(_("Choose a day after it began."))
    found.until = on
    found.save(update_fields=["until"])
    record(what="routine.ended", about=found, by=by, at=at, area=code, after={"until": str(on)})
    return found


@transaction.atomic
def do_round(
    key: UUID, unit: str, found_: str = "", *, on: date | None = None, report: str = "", by: By, at: datetime
) -> Round:
    """Write down that a unit was gone to, and what was found; done before in the same span, that one stays.

    on      the day it was done; None: today
    report  number of a report that came of it

    :raises NotFound: no such routine, or `by` neither handles reports nor keeps services in the unit
    :raises BadInput: a unit it doesn't go to, a day to come or before it began, too many words, a report of elsewhere
    """
    routine = Routine.objects.select_for_update().filter(pk=key).first()
    if routine is None or not (isinstance(by, str) or _may_go(by, unit, at)):
        raise NotFound(_("There is nothing here that you may see."))
    day = on or local_day(at)
    if not routine.since <= day <= local_day(at) or (routine.until is not None and routine.until <= day):
        raise BadInput(_("Choose a day on which this round was to be done, today at the latest."))
    if len(found_.strip()) > LONGEST_FOUND:
        raise BadInput(_("Say what was found in at most %(n)s characters."), n=LONGEST_FOUND)
    where = area_by_code(unit, on=local_day(at))
    if not routine.units.filter(area=where.area_id).exists():
        raise BadInput(_("This round doesn't go to that unit."))
    since, _until = span_of(Every(routine.every), day)
    told = {
        "found": found_.strip(),
        "report": _report(report, unit, by, at),
        "by": by if isinstance(by, User) else None,
        "at": at,
    }
    made, is_new = Round.objects.get_or_create(routine=routine, area_id=where.area_id, since=since, defaults=told)
    if is_new:
        record(what="round.done", about=routine, by=by, at=at, area=unit, after={"since": str(since)})
    return made


def _may_go(by: User, unit: str, at: datetime) -> bool:
    return any(may(by, duty, in_area=unit, at=at) for duty in (Duty.HANDLE_REPORTS, Duty.KEEP_SERVICES))


def _report(number: str, unit: str, by: By, at: datetime) -> Report | None:
    if not number:
        return None
    mine = Report.objects.all() if isinstance(by, str) else reports_in_care_of(by, at=at)
    found = mine.filter(number=number).first()
    if found is None or not covers(unit, area_of(found.area_id, on=local_day(at)).code):
        raise BadInput(_("%(number)s isn't a report of this unit that you have in hand."), number=number)
    return found


def _units(area: str, codes: Sequence[str], at: datetime) -> list[int]:
    wanted = list(dict.fromkeys(codes))
    if not 1 <= len(wanted) <= MOST_UNITS or any(not covers(area, code) for code in wanted):
        raise BadInput(_("Choose the units of this area the round goes to."))
    found = area_ids(wanted, on=local_day(at))
    if len(found) < len(wanted):
        raise BadInput(_("Choose the units of this area the round goes to."))
    return [found[code] for code in wanted]


def _check(plan: Plan) -> None:
    for text, most, sentence in (
        (plan.title, LONGEST_TITLE, _("Give the round a title of at most 60 characters.")),
        (plan.done_by, LONGEST_DONE_BY, _("Say which post goes, in at most 60 characters.")),
        (plan.looked_at, LONGEST_LOOKED_AT, _("Say what is looked at, in at most 1,000 characters.")),
    ):
        if not 0 < len(text.strip()) <= most:
            raise BadInput(sentence)
