"""What a place shows everybody: whether it is open, what is on day by day, and when a room is free."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from weiduan.ground.base.calendar import DayKind, holiday_on, kind_of
from weiduan.ground.ledger.queries import history_of
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.hours.queries import Opening, exceptions_ahead, opening_of
from weiduan.systems.venues.hours.rules import DAY_MIN, Span

from .models import Booking, Slot
from .queries import Shown, free_spans, held_slots, minutes_on, moment, quarter, slots_of, timetable
from .rules import LEAST_MIN, LIVE, SlotState, State

DAY = timedelta(days=1)
LOOK_AHEAD = 14  # days in which the next opening is looked for


@dataclass(frozen=True)
class Standing:
    """Whether a place is open at a moment, and when that ends; `changes_at` None: not within a fortnight."""

    is_open: bool
    changes_at: datetime | None


@dataclass(frozen=True)
class Day:
    """One date of a place: minutes it is open, what is on; `why`: a holiday's name, or why the hours are other ones."""

    on: date
    spans: tuple[Span, ...]
    shown: tuple[Shown, ...]
    why: str


def standing_of(facility: Facility, *, at: datetime) -> Standing:
    """Tell whether a place is open now, until when, or from when; two queries."""
    first = timezone.localtime(at).date()
    opening = opening_of(facility.pk, since=first, until=first + LOOK_AHEAD * DAY)
    for on in (first + n * DAY for n in range(LOOK_AHEAD)):
        now = minutes_on(on, at)
        for opens, closes in spans_of(facility, opening, on):
            if on == first and closes <= now:
                continue
            if on == first and opens <= now:
                return Standing(True, moment(on, closes))
            return Standing(False, moment(on, opens))
    return Standing(False, None)


def spans_of(facility: Facility, opening: Opening, on: date) -> list[Span]:
    """Return when a place is open on a date; nothing before it opens to the public or after it closes for good."""
    public = facility.open_since is not None and facility.open_since <= on
    lasting = facility.open_until is None or on < facility.open_until
    return opening.spans(on) if public and lasting else []


def days_of(facility: Facility, *, since: date, days: int = 7) -> list[Day]:
    """Return the dates of a place in order, each with its hours and what is on; four queries."""
    until = since + days * DAY
    opening = opening_of(facility.pk, since=since, until=until)
    whys = {one.on: one.reason for one in exceptions_ahead(facility.pk, on=since, days=days) if one.room_id is None}
    shown = timetable([facility.pk], since=moment(since, 0), until=moment(until, 0))
    return [
        Day(
            on, tuple(spans_of(facility, opening, on)), tuple(shown_on(shown, on)), whys.get(on, "") or _day_off(on)
        )
        for on in (since + n * DAY for n in range(days))
    ]  # fmt: skip


def _day_off(on: date) -> str:
    """Return the name of the holiday a date is off for; a weekend day worked on for one is an ordinary day here."""
    return holiday_on(on) if kind_of(on) is DayKind.HOLIDAY else ""


def shown_on(shown: Iterable[Shown], on: date) -> list[Shown]:
    """Pick what is on on a date."""
    return [one for one in shown if one.since < moment(on, DAY_MIN) and one.until > moment(on, 0)]


def free_of(room: Room, on: date, *, at: datetime) -> list[Span]:
    """Return the minutes of a date for which a room can still be booked: open, nobody's, to come; its buffer is kept."""
    facility = room.facility
    if on < timezone.localtime(at).date() or on < room.since or (room.until is not None and on >= room.until):
        return []
    opening = opening_of(facility.pk, since=on, until=on + DAY)
    if not spans_of(facility, opening, on):
        return []
    taken = held_slots(room.pk, since=moment(on, 0), until=moment(on, DAY_MIN))
    closing = {closes for _opens, closes in opening.spans(on, room=room.pk)}
    now = minutes_on(on, at) + 1 if moment(on, 0) <= at else 0
    gaps = [
        (quarter(max(opens, now)), closes if closes in closing else closes - room.buffer_min)
        for opens, closes in free_spans(room, on, opening, taken)
    ]
    return [(opens, closes) for opens, closes in gaps if closes - opens >= LEAST_MIN]


def looks_at(booking: Booking) -> list[Any]:
    """Return the ledger's entries of when the contact left with a booking was read, newest first."""
    return list(history_of("venues.booking", str(booking.pk)).filter(what="booking.contact_read"))


def places_now(facilities: Iterable[Facility], *, at: datetime) -> list[tuple[Facility, Standing, list[Shown]]]:
    """Return places with how they stand and what is on there for the rest of today."""
    on = timezone.localtime(at).date()
    found = list(facilities)
    shown = timetable([f.pk for f in found], since=at, until=moment(on, DAY_MIN)) if found else []
    return [(f, standing_of(f, at=at), [one for one in shown if one.place_key == f.pk]) for f in found]


@dataclass(frozen=True)
class Dated:
    """One date of a booking, and what may be done about it; the last one left is cancelled, not left out."""

    on: date
    since: datetime
    until: datetime
    state: str
    is_over: bool
    may_leave_out: bool
    may_take_in: bool


def dates_shown(booking: Booking, *, at: datetime) -> list[Dated]:
    """Return the dates of a booking in order."""
    slots = slots_of(booking)
    held = sum(slot.state == SlotState.HELD.value and slot.since > at for slot in slots)
    return [_dated(slot, at, booking.state in LIVE, held) for slot in slots]


def _dated(slot: Slot, at: datetime, stands: bool, held: int) -> Dated:
    ahead = stands and slot.since > at
    return Dated(
        timezone.localtime(slot.since).date(), slot.since, slot.until, slot.state, slot.until <= at,
        ahead and slot.state == SlotState.HELD.value and held > 1, ahead and slot.state == SlotState.SKIPPED.value,
    )  # fmt: skip


def may_be_cancelled(booking: Booking, dates: Iterable[Dated], *, at: datetime) -> bool:
    """Tell whether something of a booking is still to come that can be given up."""
    open_ = (SlotState.HELD.value, SlotState.WAITING.value)
    stands = booking.state in (*LIVE, State.WAITING.value)
    return stands and any(dated.since > at and dated.state in open_ for dated in dates)
