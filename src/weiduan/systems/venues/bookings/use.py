"""How much a place is used, in hours: by what for and by which unit, never by whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from weiduan.systems.venues.facilities.models import Room
from weiduan.systems.venues.hours.queries import Opening, openings_of
from weiduan.systems.venues.hours.rules import Span

from .models import Slot
from .queries import minutes_on, moment
from .rules import SlotState, State


@dataclass(frozen=True)
class Use:
    """Minutes of the rooms that can be booked in one place, over some dates.

    open_min  how long they were open, added up over rooms
    by_use    use → minutes used; by_unit: key of a unit → minutes, None where it was for no unit of its own
    """

    open_min: int
    by_use: Counter[str]
    by_unit: Counter[int | None]

    @property
    def used_min(self) -> int:
        return self.by_use.total()

    @property
    def percent(self) -> float | None:
        """Used in per cent of open, None where it wasn't open."""
        return round(100 * self.used_min / self.open_min, 1) if self.open_min else None


def use_of(facilities: Iterable[UUID], *, since: date, until: date) -> dict[UUID, Use]:
    """Return place → its use from `since` until (without) `until`: confirmed dates, cut to opening hours; four queries."""
    keys = list(facilities)
    openings = openings_of(keys, since=since, until=until)
    found = {key: Use(0, Counter(), Counter()) for key in keys}
    rooms = Room.objects.filter(
        Q(until=None) | Q(until__gt=since), facility__in=keys, bookable=True, since__lt=until
    )  # fmt: skip
    opened = {key: 0 for key in keys}
    for room in rooms:
        opened[room.facility_id] += sum(
            _length(spans) for spans in _open_days(room, openings[room.facility_id], since, until)
        )
    for slot in _confirmed(keys, since, until):
        on = timezone.localtime(slot.since).date()
        spans = openings[slot.room.facility_id].spans(on, room=slot.room_id)
        minutes = _within((minutes_on(on, slot.since), minutes_on(on, slot.until)), spans)
        found[slot.room.facility_id].by_use[slot.booking.use] += minutes
        found[slot.room.facility_id].by_unit[slot.booking.unit_id] += minutes
    return {key: Use(opened[key], use.by_use, use.by_unit) for key, use in found.items()}


def _confirmed(keys: list[UUID], since: date, until: date) -> Iterable[Slot]:
    slots = Slot.objects.filter(
        state=SlotState.HELD.value, booking__state=State.CONFIRMED.value, room__facility__in=keys,
        since__gte=moment(since, 0), since__lt=moment(until, 0),
    )  # fmt: skip
    return slots.select_related("booking", "room").iterator()


def _open_days(room: Room, opening: Opening, since: date, until: date) -> Iterable[list[Span]]:
    first = max(since, room.since)
    last = until if room.until is None else min(until, room.until)
    return (opening.spans(first + timedelta(days=n), room=room.pk) for n in range((last - first).days))


def _length(spans: list[Span]) -> int:
    return sum(closes - opens for opens, closes in spans)


def _within(part: Span, spans: list[Span]) -> int:
    return sum(max(0, min(part[1], closes) - max(part[0], opens)) for opens, closes in spans)
