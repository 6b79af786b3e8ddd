"""When rooms are taken and free, and bookings for those they concern."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import areas_below
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.facilities.rules import hash_of
from weiduan.systems.venues.hours.queries import Opening, opening_of
from weiduan.systems.venues.hours.rules import DAY_MIN, Span, without

from .models import Booking, Slot
from .rules import SlotState, State

Free = tuple[datetime, datetime]
LOOK_AHEAD_DAYS = 28  # for free slots
QUARTER_MIN = 15


def moment(on: date, minutes: int) -> datetime:
    """Return the moment so many minutes after midnight in China; 1440 is the next midnight."""
    return datetime.combine(on, time.min, timezone.get_default_timezone()) + timedelta(minutes=minutes)


def minutes_on(on: date, at: datetime) -> int:
    """Return the minutes from the midnight a date begins with, cut to that day."""
    return min(max(int((at - moment(on, 0)).total_seconds() // 60), 0), DAY_MIN)


def held_slots(room: int, *, since: datetime, until: datetime) -> QuerySet[Slot]:
    """Return what keeps a room busy in a span of time, in order."""
    return Slot.objects.filter(
        room=room, state=SlotState.HELD.value, since__lt=until, blocked_until__gt=since
    ).order_by("since")


def free_spans(room: Room, on: date, opening: Opening, taken: Iterable[Slot]) -> list[Span]:
    """Return the minutes of a date in which a room is open and nobody has it; `taken`: slots around that date."""
    busy = [(minutes_on(on, slot.since), minutes_on(on, slot.blocked_until)) for slot in taken]
    return without(opening.spans(on, room=room.pk), busy)


def quarter(minutes: int) -> int:
    """Return the next full quarter of an hour, or the same one."""
    return -(-minutes // QUARTER_MIN) * QUARTER_MIN


def next_free(room: Room, *, minutes: int, after: datetime, most: int = 3) -> list[Free]:
    """Return the next times a room is open and free for so long, from a quarter of an hour on, one a gap, within four
    weeks; three queries.
    """
    first = timezone.localtime(after).date()
    until = first + timedelta(days=LOOK_AHEAD_DAYS)
    opening = opening_of(room.facility_id, since=first, until=until)
    taken = list(held_slots(room.pk, since=moment(first, 0), until=moment(until, 0)))
    needed = minutes + room.buffer_min
    found: list[Free] = []
    for on in (first + timedelta(days=n) for n in range(LOOK_AHEAD_DAYS)):
        begin, end = moment(on, 0), moment(on, DAY_MIN)
        gaps = free_spans(room, on, opening, [s for s in taken if s.since < end and s.blocked_until > begin])
        closing = [closes for _opens, closes in opening.spans(on, room=room.pk)]
        for opens, closes in gaps:
            start = quarter(max(opens, minutes_on(on, after) + 1) if on == first else opens)
            room_left = closes - start
            if room_left >= (minutes if closes in closing else needed):  # the buffer may reach past closing time
                found.append((moment(on, start), moment(on, start + minutes)))
            if len(found) == most:
                return found
    return found


@dataclass(frozen=True)
class Shown:
    """One line of a timetable, without anybody: what is on in which room, and whether it is sure yet."""

    booking: UUID
    place: str
    place_key: UUID
    room: str
    room_key: int
    what: str
    use: str
    since: datetime
    until: datetime
    confirmed: bool


def timetable(facilities: Iterable[UUID], *, since: datetime, until: datetime) -> list[Shown]:
    """Return what is held in some places in a span of time, in order; one query."""
    slots = Slot.objects.filter(
        room__facility__in=list(facilities), state=SlotState.HELD.value, since__lt=until, until__gt=since
    ).select_related("booking", "room__facility")
    return [
        Shown(
            s.booking_id, s.room.facility.name, s.room.facility_id, s.room.name, s.room_id, s.booking.what, s.booking.use, s.since, s.until,
            s.booking.state == State.CONFIRMED.value,
        )
        for s in slots.order_by("since", "room__name")
    ]  # fmt: skip


def dates_to_come(facility: UUID, *, since: datetime) -> int:
    """Count the dates booked or waited for in a place from a moment on."""
    states = [SlotState.HELD.value, SlotState.WAITING.value]
    return Slot.objects.filter(room__facility=facility, since__gte=since, state__in=states).count()


def booking_by_receipt(receipt: str) -> Booking:
    """Return the booking a receipt stands for.

    :raises NotFound: there is none
    """
    found = Booking.objects.filter(receipt_hash=hash_of(receipt)).select_related("room__facility").first()
    if found is None:
        raise NotFound(_("No booking has this receipt. Check that the whole address was copied."))
    return found


def number_of(booking: Booking) -> str:
    """Return the short number people name on the telephone."""
    return booking.pk.hex[:8].upper()


def slots_of(booking: Booking) -> list[Slot]:
    """Return the dates of a booking, in order."""
    return list(Slot.objects.filter(booking=booking).order_by("since"))


def bookings_in(codes: Iterable[str], *, on: date) -> QuerySet[Any]:
    """Return the bookings of the places in these areas, with their first and last moment as `begins` and `ends`."""
    here = Q(pk__in=[])
    for code in codes:
        here |= Q(area__in=areas_below(code, on=on).values("area_id"))
    rows = Booking.objects.filter(room__facility__in=Facility.objects.filter(here))
    return rows.select_related("room__facility", "organisation").annotate(
        begins=Min("slots__since"), ends=Max("slots__until")
    )


def to_confirm_in(codes: Iterable[str], *, at: datetime) -> QuerySet[Any]:
    """Return what waits for a keeper in these areas, the soonest first."""
    on = timezone.localtime(at).date()
    return bookings_in(codes, on=on).filter(state=State.ASKED.value, ends__gt=at).order_by("begins")


def waiting_for_room(room: int, *, at: datetime) -> QuerySet[Booking]:
    """Return who waits for a room, the longest waiting first."""
    ahead = Slot.objects.filter(booking=OuterRef("pk"), since__gt=at)
    waiting = Booking.objects.filter(Exists(ahead), room=room, state=State.WAITING.value)
    return waiting.order_by("made_at", "pk")


def hours_to_come(facility: UUID, group: bytes, *, at: datetime) -> float:
    """Return how many hours a group still has in a place."""
    slots = Slot.objects.filter(room__facility=facility, state=SlotState.HELD.value, since__gt=at, booking__group=group)
    spans: Iterable[Any] = slots.annotate(lasts=F("until") - F("since")).values_list("lasts", flat=True)
    return sum((lasts for lasts in spans), timedelta()) / timedelta(hours=1)
