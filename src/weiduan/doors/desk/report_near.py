"""Matters in one's hands for a walk: the nearest first, once the phone itself has put them in order; else by when they are due."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import names_by_area
from weiduan.systems.governance.reports.lists import most_pressing
from weiduan.systems.governance.reports.queries import in_hands_of

from .members import private
from .reports import own_areas, row_of
from .viewing import staff

MOST = 200


@staff
@require_safe
def near(request: HttpRequest) -> HttpResponse:
    """List what is to be handled, each with where it lies: where the reader is, is never asked from here."""
    at = timezone.now()
    own, on = own_areas(request, at), local_day(at)
    found = most_pressing(in_hands_of(own, on=on), MOST)
    names = names_by_area({key for r in found for key in (r.area_id, r.handler_id)}, on=on)
    rows = [row_of(r, names, at) | {"spot": _spot(r, names)} for r in found]
    context = {"rows": rows, "has_duty": bool(own), "most": MOST, "are_more": len(found) == MOST}
    return private(render(request, "desk/reports/near.html", context))


def _spot(report: Any, names: dict[int, Any]) -> tuple[float, float] | None:
    """Return (longitude, latitude) of a matter, else of its unit; None where neither is known."""
    place = names.get(report.area_id)
    if report.lon is not None:
        return report.lon, report.lat
    return (place.lon, place.lat) if place is not None and place.lon is not None else None
