"""The working calendar of China: which days off and which working days were moved, a file for each year as it was published.

A year whose arrangement isn't published yet has weekends only; `is_published` tells.
"""

import csv
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("calendars")
SATURDAY = 5


class DayKind(StrEnum):
    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"  # off by the year's arrangement, weekends within it too
    ADJUSTED = "adjusted"  # a weekend day that is worked on for a holiday elsewhere


@cache
def _year(year: int) -> dict[date, tuple[DayKind, str]]:
    """Read a year's moved days: day → (kind, name of the holiday)."""
    file = FOLDER / f"{year}.csv"
    if not file.exists():
        return {}
    kinds = {"off": DayKind.HOLIDAY, "work": DayKind.ADJUSTED}
    with file.open(encoding="utf-8", newline="") as lines:
        return {date.fromisoformat(row["day"]): (kinds[row["kind"]], row["name"]) for row in csv.DictReader(lines)}


def is_published(year: int) -> bool:
    """Tell whether the arrangement of a year is known here."""
    return bool(_year(year))


def kind_of(day: date) -> DayKind:
    """Return what kind of day it is."""
    moved = _year(day.year).get(day)
    if moved is not None:
        return moved[0]
    return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY


def holiday_on(day: date) -> str:
    """Return the name of the holiday a day is off or worked for; empty where it is an ordinary day."""
    moved = _year(day.year).get(day)
    return moved[1] if moved is not None else ""


def is_workday(day: date) -> bool:
    """Tell whether offices work on a day."""
    return kind_of(day) in (DayKind.WORKDAY, DayKind.ADJUSTED)
