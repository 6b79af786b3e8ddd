"""States of a booking and which follow which; how a booking repeats."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday


class State(StrEnum):
    ASKED = "asked"  # a keeper is still to confirm; the room is held meanwhile
    CONFIRMED = "confirmed"
    WAITING = "waiting"  # the room is busy; whoever waits longest follows when it becomes free
    REFUSED = "refused"
    CANCELLED = "cancelled"


FOLLOWS = {
    State.ASKED: {State.CONFIRMED, State.REFUSED, State.CANCELLED},
    State.WAITING: {State.ASKED, State.CONFIRMED, State.CANCELLED},
    State.CONFIRMED: {State.CANCELLED},
    State.REFUSED: set(),
    State.CANCELLED: set(),
}
LIVE = (State.ASKED.value, State.CONFIRMED.value)


class SlotState(StrEnum):
    """One date of a booking. Only what is held keeps others out."""

    HELD = "held"
    WAITING = "waiting"
    SKIPPED = "skipped"  # left out, and may be taken in again
    FREED = "freed"  # the booking was refused or cancelled


class Who(StrEnum):
    ORGANISATION = "organisation"
    BODY = "body"  # owners' committee, courtyard committee …
    GROUP = "group"  # a social organisation, a residents' own group
    RESIDENT = "resident"
    HOUSE = "house"  # the place itself, for its own functions; no share is counted


class Frequency(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"  # on the same weekday of the month: the second Tuesday


class ReadFor(StrEnum):
    """Why a contact left with a booking may be read: a word of this list stays in the ledger, never a story."""

    QUESTION = "question"  # something in the booking is unclear
    CHANGE = "change"  # the place closes, or the room is needed
    KEY = "key"
    URGENT = "urgent"


HORIZON = timedelta(days=366)  # no booking begins later than this
MOST_DATES = 60  # of one booking
LEAST_MIN, MOST_MIN = 15, 12 * 60  # minutes of one date
CONTACT_KEPT = timedelta(days=30)  # after the last date
LONGEST_WHAT, LONGEST_ANSWER = 60, 200


@dataclass(frozen=True)
class Repeat:
    """How a booking repeats: every `interval` days, weeks or months, `count` times in all."""

    frequency: Frequency
    interval: int
    count: int


def dates_of(first: date, repeat: Repeat | None) -> list[date]:
    """Return the dates of a booking in order.

    :raises ValueError: it repeats not at all, too often, or at no step
    """
    if repeat is None:
        return [first]
    if not 1 <= repeat.count <= MOST_DATES or not 1 <= repeat.interval <= 12:
        raise ValueError(repeat)
    every = {Frequency.DAILY: DAILY, Frequency.WEEKLY: WEEKLY, Frequency.MONTHLY: MONTHLY}[repeat.frequency]
    by = nth_weekday(first) if repeat.frequency is Frequency.MONTHLY else None
    found = rrule(
        every, dtstart=datetime.combine(first, time.min), interval=repeat.interval, count=repeat.count, byweekday=by
    )  # type: ignore[arg-type]
    return [moment.date() for moment in found]


def nth_weekday(day: date) -> weekday:
    """Return which weekday of its month a day is; a fifth one counts as the last."""
    nth = (day.day - 1) // 7 + 1
    return weekday(day.weekday(), -1 if nth == 5 else nth)


def may_become(now: State, then: State) -> bool:
    """Tell whether one state may follow another."""
    return then in FOLLOWS[now]


BOOKING_TABLE = "venues_booking"  # seals a contact to its place
BOOKING_FORM = "weiduan.booking"  # the drafts of forms that book
