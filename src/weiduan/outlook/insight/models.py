"""What this room keeps: counts that can be made anew at any time."""

from .counted.models import CountedReport, Folded, MonthCount, UnitStanding

__all__ = ["CountedReport", "Folded", "MonthCount", "UnitStanding"]
