"""What everyone may read of reports: those a handler has released, in the handler's words, and how many of them lie where.

Nothing told in confidence is in any of it, and nothing of who told what. What is counted of all reports is published elsewhere, with
small counts hidden.
"""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import areas_below

from .models import Report
from .rules import CLOSED

OPEN_ONES, CLOSED_ONES = "open", "closed"


def released_by_area(code: str, *, at: datetime) -> dict[str, int]:
    """Return code of an area → how many reports in just that area are released, for everything in `code`: two queries."""
    codes = dict(areas_below(code, on=local_day(at)).values_list("area_id", "code"))
    rows = _shown(code, at).exclude(public_text="").values_list("area_id").annotate(n=Count("pk"))
    return {codes[area]: n for area, n in rows}


def released_reports(code: str, *, state: str = "", category: str = "", at: datetime) -> QuerySet[Report]:
    """Return what handlers have shown to everyone of an area, the newest first.

    state     "open", "closed" or all
    category  code of a category or of a heading; "" for all
    """
    rows = _shown(code, at).exclude(public_text="").select_related("category").order_by("-told_at", "number")
    if state:
        rows = rows.filter(state__in=CLOSED) if state == CLOSED_ONES else rows.exclude(state__in=CLOSED)
    if category:
        rows = rows.filter(Q(category__code=category) | Q(category__parent__code=category))
    return rows


def _shown(code: str, at: datetime) -> QuerySet[Report]:
    here = areas_below(code, on=local_day(at)).values("area_id")
    return Report.objects.filter(area__in=here, in_confidence=False)
