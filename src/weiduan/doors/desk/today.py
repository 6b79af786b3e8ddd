"""今日: what waits for me, what is late in my area, then its zeros."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import top_areas
from weiduan.outlook.insight.organisation import coverage_of
from weiduan.outlook.insight.venues import corner_figures
from weiduan.outlook.reminders.queries import due_in_areas
from weiduan.outlook.survey.queries import open_runs_of
from weiduan.systems.organisation.coverage.queries import AreaCoverage

from .areas import gap_rows, share_of, urgent_first
from .viewing import area_url, crumb_links, here_last, me, staff
from .waiting import apart_waiting, bookings_waiting, due_waiting, matters_waiting, waiting_for

SHOWN = 6


@staff
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show one's day."""
    at = timezone.now()
    on = local_day(at)
    seen = areas_of(me(request), Duty.LOOK, at=at)
    code = min(seen, key=len, default=None)
    coverage = coverage_of(_top(on) if code == "" else code, on=on) if code is not None else None
    here = next((place for place in coverage.places if place.code == coverage.code), None) if coverage else None
    if coverage is None or here is None:
        return render(request, "desk/today/empty.html", {"has_mandate": code is not None})
    ground = [area or here.code for area in areas_of(me(request), Duty.KEEP_GROUND, at=at)]
    organisations = areas_of(me(request), Duty.KEEP_ORGANISATION, at=at)
    due = due_in_areas(organisations, on=on) if organisations else []
    context = {
        "here": here, "on": on, "area_url": area_url(here.code), "figures": coverage.total,
        "reached": corner_figures(coverage),
        "crumbs": here_last(crumb_links(here.code, coverage.places, on, seen)),
        "waiting": [
            *matters_waiting(areas_of(me(request), Duty.HANDLE_REPORTS, at=at), at),
            *bookings_waiting(areas_of(me(request), Duty.KEEP_VENUES, at=at), here.code, at),
            *waiting_for(ground, open_runs_of(me(request))), *due_waiting(due),
            *(apart_waiting(here.code, coverage, on) if organisations else []),
        ],
    }  # fmt: skip
    return render(request, "desk/today/today.html", context | _gaps(coverage, on))


def _gaps(coverage: AreaCoverage, on: date) -> dict:
    """What is overdue, and the other gaps, each the first few of how many."""
    gaps = urgent_first(coverage)
    late = [gap for gap in gaps if gap.reason == "term_over"]
    other = [gap for gap in gaps if gap.reason != "term_over"]
    return {
        "late": gap_rows(coverage, late[:SHOWN], on), "late_count": len(late), "gaps": gap_rows(coverage, other[:SHOWN], on),
        "gap_count": len(other), "share": share_of(coverage.total["covered"], coverage.total["units"]),
    }  # fmt: skip


def _top(on: date) -> str:
    """Return the area of those whose mandate is everywhere."""
    return next(iter(top_areas(on=on)), "")
