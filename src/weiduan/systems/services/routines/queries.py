"""Which rounds are due and which are late, for whoever does them first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import Place, names_by_area, within

from .models import Round, Routine, RoutineUnit
from .rules import MOST_BACK, Every, span_of


@dataclass(frozen=True)
class Due:
    """A unit a round is to go to within a span; `until` is the first day after it. Late: the span is over."""

    routine: Routine
    unit: Place
    since: date
    until: date
    is_late: bool


def rounds_due(user: User, *, at: datetime) -> list[Due]:
    """Return the rounds somebody is to do or sees to: in their own units, those late first, then those due now."""
    codes = {code for duty in (Duty.HANDLE_REPORTS, Duty.KEEP_SERVICES) for code in areas_of(user, duty, at=at)}
    return due_in(codes, on=local_day(at))


def due_in(codes: Iterable[str], *, on: date) -> list[Due]:
    """Return the rounds not done yet in the units of some areas: of the span a day lies in, and of the last ones before.

    One late three times running shows three times; what is longer ago is of no use any more.
    """
    going = RoutineUnit.objects.filter(
        within(codes, on=on), Q(routine__until=None) | Q(routine__until__gt=on), routine__since__lte=on
    ).select_related("routine")
    rows = list(going)
    spans = {row.routine: spans_of(row.routine, on=on) for row in rows}
    first = min((since for each in spans.values() for since, _until in each), default=on)
    done = set(Round.objects.filter(routine__in=list(spans), since__gte=first).values_list("routine", "area", "since"))
    names = names_by_area({row.area_id for row in rows}, on=on)
    due = [
        Due(row.routine, names[row.area_id], since, until, until <= on)
        for row in rows
        if row.area_id in names
        for since, until in spans[row.routine]
        if (row.routine_id, row.area_id, since) not in done
    ]
    return sorted(due, key=lambda one: (not one.is_late, one.until, one.routine.title, one.unit.code))


def spans_of(routine: Routine, *, on: date) -> list[tuple[date, date]]:
    """Return the spans of a routine: that of a day, and those before it that began since it was set up, the last three."""
    every = Every(routine.every)
    spans = [span_of(every, on)]
    while len(spans) <= MOST_BACK:
        before = span_of(every, date.fromordinal(spans[-1][0].toordinal() - 1))
        if before[0] < routine.since:
            break
        spans.append(before)
    return spans


def late_by_village(codes: Iterable[str], *, on: date) -> dict[str, int]:
    """Return code of a village → how many rounds are late in its units: what upper levels see."""
    counted: dict[str, int] = {}
    for one in due_in(codes, on=on):
        if one.is_late:
            counted[one.unit.code[:12]] = counted.get(one.unit.code[:12], 0) + 1
    return counted


def routines_kept_by(user: User, *, at: datetime) -> QuerySet[Routine]:
    """Return the routines of the areas where somebody keeps services."""
    codes = areas_of(user, Duty.KEEP_SERVICES, at=at)
    return Routine.objects.filter(within(codes, on=local_day(at))).order_by("title", "pk")


def routine_for(user: User, key: UUID, *, at: datetime) -> Routine:
    """Return a routine somebody keeps, or goes on in a unit of their own.

    :raises NotFound: there is none
    """
    found = Routine.objects.filter(pk=key).first()
    on = local_day(at)
    codes = [code for duty in (Duty.HANDLE_REPORTS, Duty.KEEP_SERVICES) for code in areas_of(user, duty, at=at)]
    if found is not None:
        units = names_by_area(found.units.values_list("area", flat=True), on=on).values()
        if any(covers(code, unit.code) for code in codes for unit in units):
            return found
    raise NotFound(_("There is nothing here that you may see."))


def rounds_of(routine: Routine, codes: Iterable[str], *, on: date) -> QuerySet[Round]:
    """Return what was written down of a routine in some areas, the newest first."""
    return routine.rounds.filter(within(codes, on=on)).select_related("report", "by").order_by("-since", "-at")
