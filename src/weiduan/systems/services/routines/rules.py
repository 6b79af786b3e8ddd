"""How often a round comes, and in which span each one falls."""

from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta


class Every(StrEnum):
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


LONGEST_TITLE, LONGEST_DONE_BY, LONGEST_LOOKED_AT, LONGEST_FOUND = 60, 60, 1000, 1000
MOST_UNITS, MOST_BACK = 2000, 3  # of the spans that are over, so many are shown as late


def span_of(every: Every, day: date) -> tuple[date, date]:
    """Return the week, month or quarter a day lies in: its first day, and the first that no longer belongs to it."""
    if every is Every.WEEK:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=7)
    months = 1 if every is Every.MONTH else 3
    first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    return first, first + relativedelta(months=months)
