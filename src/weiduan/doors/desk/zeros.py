"""The zeros of an area: which units lack the third or the fourth, why, and where the next step is done; trend and comparison of parts."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from weiduan.ground.territory.queries import area_by_code, names_by_area, names_by_code, places
from weiduan.outlook.insight.trend import Compared, compare, trend_of
from weiduan.outlook.insight.zero_words import REASON_TITLES, ZERO_TITLES
from weiduan.outlook.insight.zeros import lacking, reasons_in, why, zeros_of

from .viewing import area_url, crumb_links, day_of, look, page_of, staff

BY = {
    **ZERO_TITLES, "in_need": gettext_lazy("Households lacking two or more"), "told": gettext_lazy("Reports per 100 households"),
}  # fmt: skip
LISTED = ("governance", "services")
PAGE = 20
# Where the next best step of a reason is done, for a unit.
STEPS = {
    "no_body": "desk:new_body", "body_over": "desk:bodies", "no_compact": "desk:new_compact", "not_talked_over": "desk:new_topic",
    "reports_overdue": "desk:reports", "no_service": "desk:new_activity", "answered_late": "desk:reports",
    "not_asked": "desk:new_questionnaire", "not_content": "desk:new_topic",
}  # fmt: skip


@staff
@require_safe
def zero(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Show which units of an area lack a zero; ?reason= narrows, ?on= asks for another day."""
    if name not in LISTED:
        raise Http404
    seen, on, at = look(request, code), day_of(request), timezone.now()
    here = area_by_code(code, on=on)
    total, counted = zeros_of(code, on=on, at=at), reasons_in(code, name, on=on, at=at)
    reason = request.GET.get("reason", "") if request.GET.get("reason", "") in counted else ""
    page = page_of(request, lacking(code, name, on=on, at=at, reason=reason), size=PAGE)
    known = names_by_area({row.area_id for row in page}, on=on)
    told = why(page, name, known, on=on, at=at)
    around = names_by_code({row.code[:12] for row in page} | {row.code[:15] for row in page}, on=on)
    context = {
        "here": here, "on": on, "today": timezone.localdate(), "name": name, "title": ZERO_TITLES[name], "missing": total.missing[name],
        "units": total.units, "as_of": total.as_of, "page": page, "reason": reason,
        "reasons": [(key, REASON_TITLES[key], n) for key, n in counted.items()],
        "rows": [
            {
                "code": row.code, "name": known[row.area_id].name if row.area_id in known else row.code, "households": row.households,
                "around": " › ".join(n for n in (around.get(row.code[:12]), around.get(row.code[:15])) if n),
                "url": area_url(row.code, on), "why": with_steps(row.code, told.get(row.code, [])),
            }
            for row in page
        ],
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, seen), (ZERO_TITLES[name], None)],
    }  # fmt: skip
    return render(request, "desk/zeros/list.html", context)


def with_steps(code: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to each reason the page on which its next step is done."""
    return [row | {"url": f"{reverse(STEPS[row['reason']])}?area={code}{_more(row['reason'])}"} for row in rows]


def _more(reason: str) -> str:
    return {"reports_overdue": "&late=late", "answered_late": "&late=late", "not_asked": "&about=unit"}.get(reason, "")


@staff
@require_safe
def compare_parts(request: HttpRequest, code: str) -> HttpResponse:
    """Show how the zeros of an area went over the year, and its parts beside one another; ?by= says in which order."""
    seen, at = look(request, code), timezone.now()
    on = timezone.localdate()
    by = request.GET.get("by", "") if request.GET.get("by", "") in BY else "in_need"
    rows = [
        {"part": one, "url": area_url(one.place.code), "missing": [(name, one.missing[name], _since(one, name)) for name in ZERO_TITLES],
         "told": one.told_by_hundred()}
        for one in sorted(compare(code, at=at), key=lambda one: _order(one, by), reverse=True)
    ]  # fmt: skip
    here = area_by_code(code, on=on)
    points = trend_of(here.area_id, zeros_of(code, on=on, at=at), on=on)
    context = {
        "here": here, "points": points[::-1], "rows": rows, "by": by, "columns": ZERO_TITLES.items(),
        "orders": BY.items(), "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, seen), (_("Trend and comparison"), None)],
    }  # fmt: skip
    return render(request, "desk/zeros/compare.html", context)


def _since(one: Compared, name: str) -> int | None:
    return None if one.before is None else one.missing[name] - one.before[name]


def _order(one: Compared, by: str) -> float:
    if by == "told":
        return one.told_by_hundred() or 0
    return one.in_need if by == "in_need" else one.missing[by]
