"""Working hours: how long an office had for something, and until when.

Moments are aware; they are looked at in China's time whatever the zone of the server or of the moment itself.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .calendar import is_workday

CHINA = ZoneInfo("Asia/Shanghai")
OFFICE = ((time(9), time(12)), (time(13), time(17)))  # seven hours a working day


def due_after(start: datetime, working: timedelta) -> datetime:
    """Return the moment at which so much working time has passed since `start`.

    :raises ValueError: less than nothing
    """
    if working < timedelta(0):
        raise ValueError(working)
    left = working
    for opens, closes in _open_from(start):
        lasts = closes - opens
        if left <= lasts:
            return opens + left
        left -= lasts
    raise AssertionError("the calendar never ends")  # pragma: no cover


def working_between(start: datetime, end: datetime) -> timedelta:
    """Return how much working time lies between two moments; none if the end comes first."""
    passed = timedelta(0)
    if end <= start:
        return passed
    for opens, closes in _open_from(start):
        if opens >= end:
            return passed
        passed += min(closes, end) - opens
    raise AssertionError("the calendar never ends")  # pragma: no cover


def _open_from(start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans in which offices work, from a moment on; the first is cut to it."""
    local = start.astimezone(CHINA)
    day = local.date()
    while True:
        if is_workday(day):
            for opens, closes in OFFICE:
                begin, end = _at(day, opens), _at(day, closes)
                if end > local:
                    yield max(begin, local), end
        day += timedelta(days=1)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, CHINA)
