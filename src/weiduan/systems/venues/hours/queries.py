"""Opening hours as they hold on dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from .models import HoursException, WeeklyHours
from .rules import Exceptional, Span, Weekly, open_spans


@dataclass(frozen=True)
class Opening:
    """The opening hours of a place over some dates, read once (two queries)."""

    weekly: tuple[Weekly, ...]
    exceptions: tuple[Exceptional, ...]

    def spans(self, on: date, *, room: int | None = None) -> list[Span]:
        """Return the spans, in minutes, in which the place (or a room) is open on a date."""
        return open_spans(on, self.weekly, self.exceptions, room=room)


def opening_of(facility: UUID, *, since: date, until: date) -> Opening:
    """Return when a place is open from `since` until (without) `until`."""
    return openings_of([facility], since=since, until=until)[facility]


def openings_of(facilities: Iterable[UUID], *, since: date, until: date) -> dict[UUID, Opening]:
    """Return facility → opening hours over some dates, two queries for all."""
    keys = list(facilities)
    weekly: dict[UUID, list[Weekly]] = {key: [] for key in keys}
    exceptions: dict[UUID, list[Exceptional]] = {key: [] for key in keys}
    rows = WeeklyHours.objects.filter(Q(until__isnull=True) | Q(until__gt=since), facility__in=keys, since__lt=until)
    for row in rows.order_by("day", "opens"):
        weekly[row.facility_id].append(Weekly(row.day, row.opens, row.closes, row.since, row.until))
    for one in HoursException.objects.filter(facility__in=keys, on__gte=since, on__lt=until).order_by("on", "opens"):
        exceptions[one.facility_id].append(Exceptional(one.on, one.opens, one.closes, one.room_id))
    return {key: Opening(tuple(weekly[key]), tuple(exceptions[key])) for key in keys}


def week_on(facility: UUID, *, on: date) -> dict[int, list[Span]]:
    """Return the usual hours as they hold on a day: 0 Monday … 6 Sunday, 7 holidays → spans; closed days are left out."""
    week: dict[int, list[Span]] = {}
    rows = WeeklyHours.objects.filter(Q(until__isnull=True) | Q(until__gt=on), facility=facility, since__lte=on)
    for day, opens, closes in rows.order_by("day", "opens").values_list("day", "opens", "closes"):
        week.setdefault(day, []).append((opens, closes))
    return week


def exceptions_ahead(facility: UUID, *, on: date, days: int) -> list[HoursException]:
    """Return the exceptions of a place from a day on, in order."""
    ahead = HoursException.objects.filter(facility=facility, on__gte=on, on__lt=on + timedelta(days=days))
    return list(ahead.select_related("room").order_by("on", "opens"))
