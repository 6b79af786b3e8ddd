"""Which spans of a day a place is open: an exception of the day first, then a holiday, then the week.

Minutes count from midnight, 0 to 1440. On a holiday of the year's arrangement the hours of “holiday” hold, none of them means
closed. A weekend day that is worked on has Monday's hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from weiduan.ground.base.calendar import DayKind, kind_of

HOLIDAY = 7  # beside Monday 0 … Sunday 6
DAY_MIN = 1440
Span = tuple[int, int]  # minutes of a day, half-open


@dataclass(frozen=True)
class Weekly:
    """Open on a day of the week (or on holidays), from a date until another."""

    day: int
    opens: int
    closes: int
    since: date
    until: date | None


@dataclass(frozen=True)
class Exceptional:
    """Other hours on one date; without hours it is closed. `room` None: the whole place."""

    on: date
    opens: int | None
    closes: int | None
    room: int | None = None


def day_for(on: date) -> int:
    """Return whose hours hold on a date: 0 Monday … 6 Sunday, 7 holiday."""
    kind = kind_of(on)
    if kind is DayKind.HOLIDAY:
        return HOLIDAY
    return 0 if kind is DayKind.ADJUSTED else on.weekday()


def open_spans(
    on: date, weekly: Iterable[Weekly], exceptions: Iterable[Exceptional], *, room: int | None = None
) -> list[Span]:
    """Return the spans in which a place (or one room of it) is open on a date, in order, those that touch joined."""
    spans = _of_the_day(on, weekly, [e for e in exceptions if e.on == on and e.room is None])
    own = [e for e in exceptions if e.on == on and room is not None and e.room == room]
    return _common(spans, _said(own)) if own else spans


def _of_the_day(on: date, weekly: Iterable[Weekly], exceptions: list[Exceptional]) -> list[Span]:
    if exceptions:
        return _said(exceptions)
    day = day_for(on)
    rows = [w for w in weekly if w.day == day and w.since <= on and (w.until is None or on < w.until)]
    return _joined([(w.opens, w.closes) for w in rows])


def _said(exceptions: list[Exceptional]) -> list[Span]:
    return _joined([(e.opens, e.closes) for e in exceptions if e.opens is not None and e.closes is not None])


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for opens, closes in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def _common(some: list[Span], others: list[Span]) -> list[Span]:
    both = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return [(opens, closes) for opens, closes in both if opens < closes]


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what is left of spans when others are taken out."""
    left = list(spans)
    for begin, end in taken:
        left = [
            part
            for opens, closes in left
            for part in ((opens, min(closes, begin)), (max(opens, end), closes))
            if part[0] < part[1]
        ]
    return left


def holds(spans: Iterable[Span], wanted: Span) -> bool:
    """Tell whether one span holds the wanted one whole."""
    return any(opens <= wanted[0] and wanted[1] <= closes for opens, closes in spans)


def minutes_of(text: str) -> int:
    """Return the minutes of “08:30”; “24:00” is the end of the day.

    :raises ValueError: it is no time of day
    """
    hours, colon, minutes = text.strip().replace("：", ":").partition(":")
    if not colon or len(minutes) != 2 or not (hours + minutes).isdecimal():
        raise ValueError(text)
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > DAY_MIN:
        raise ValueError(text)
    return total


def clock(minutes: int) -> str:
    """Return minutes as “08:30”."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
