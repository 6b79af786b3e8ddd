"""What this room keeps: counts that can be made anew at any time, and quarters as they were published."""

from .counted.models import CountedReport, Folded, MonthCount, PastStanding, UnitStanding
from .published.models import PublishedCount, PublishedQuarter

__all__ = [
    "CountedReport",
    "Folded",
    "MonthCount",
    "PastStanding",
    "PublishedCount",
    "PublishedQuarter",
    "UnitStanding",
]
