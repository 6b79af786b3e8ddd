"""Counted months of reports of an area, added up: of one month, of several, by category."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import areas_below
from weiduan.outlook.insight.counted.models import MonthCount
from weiduan.outlook.insight.units import day_begins
from weiduan.systems.governance.reports.models import Report, Step
from weiduan.systems.governance.reports.rules import TO_HANDLE, Move

COUNTED = ("told", "answered", "in_time", "confirmed", "no_word", "left_out")
SAID_NO = (Move.DISPUTE.value, Move.REOPEN.value)


@dataclass(frozen=True)
class ReportCounts:
    """What happened to the reports of an area in some months; those told in confidence are in none of it.

    answered, in_time   answered in these months, and how many of them before their time was over
    confirmed           whoever told it said in these months that it is solved
    no_word             closed in these months because no word came back
    left_out            joined to another, not ours or withdrawn: in no rate
    """

    told: int = 0
    answered: int = 0
    in_time: int = 0
    confirmed: int = 0
    no_word: int = 0
    left_out: int = 0

    @property
    def late(self) -> int:
        """Count those answered after their time was over."""
        return self.answered - self.in_time


def counted_in(area: int, *, since: date, until: date) -> ReportCounts:
    """Return what was counted for an area from one month's first day until (without) another's: one query.

    The counts must have caught up (`counted.folding.catch_up`).
    """
    found = _rows(area, since, until).aggregate(**{name: Sum(name) for name in COUNTED})
    return ReportCounts(**{name: found[name] or 0 for name in COUNTED})


def told_by_category(area: int, *, since: date, until: date) -> Mapping[int, int]:
    """Return category → how many were told in some months: one query."""
    rows = _rows(area, since, until).values_list("category").annotate(n=Sum("told"))
    return Counter({category: n for category, n in rows if n})


def first_month(area: int) -> date | None:
    """Return the first month anything was counted for an area; None where nothing was."""
    return MonthCount.objects.filter(area=area).order_by("month").values_list("month", flat=True).first()


def disputed_in(code: str, *, since: date, until: date, on: date) -> int:
    """Count the reports of an area of which somebody said in some days that they aren't solved; one query."""
    here = areas_below(code, on=on).values("area_id")
    said = Step.objects.filter(what__in=SAID_NO, at__gte=day_begins(since), at__lt=day_begins(until))
    return said.filter(report__area__in=here, report__in_confidence=False).values("report").distinct().count()


def overdue_in(code: str, *, at: datetime) -> int:
    """Count the reports of an area that were never answered and are past their time; one query."""
    here = areas_below(code, on=local_day(at)).values("area_id")
    late = Report.objects.filter(
        state__in=TO_HANDLE, due_at__lt=at, paused_at=None, in_confidence=False, answered_at=None
    )
    return late.filter(area__in=here).count()


def _rows(area: int, since: date, until: date) -> QuerySet[MonthCount]:
    return MonthCount.objects.filter(area=area, month__gte=since, month__lt=until)
