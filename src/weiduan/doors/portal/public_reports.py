"""The reports of an area for everyone: how many are seen to, what was published, and those released in a handler's words."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import Place, names_by_area, places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.public_reports import quarters_of, reports_map
from weiduan.outlook.insight.published.now import Now, seen_to_now
from weiduan.outlook.insight.report_words import STATE_TAGS, STATE_TITLES
from weiduan.systems.governance.categories.queries import offered
from weiduan.systems.governance.reports.public import CLOSED_ONES, OPEN_ONES, released_reports

from .units import crumb_links, here_among

PER_PAGE = 30
STATES = {"": _("All"), OPEN_ONES: _("Being seen to"), CLOSED_ONES: _("closed")}


@require_safe
def reports_of(request: HttpRequest, code: str) -> HttpResponse:
    """Show the figures of an area, of its parts, and what was released."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    state, category = request.GET.get("state", ""), request.GET.get("category", "")[:20]
    state = state if state in STATES else ""
    page = Paginator(released_reports(code, state=state, category=category, at=at), PER_PAGE).get_page(
        request.GET.get("page")
    )
    now = seen_to_now(code, at=at)
    context = {
        "here": here, "crumbs": [*crumb_links(code, known, leads_here=True), (_("Reports"), None)], "now": now,
        "parts": _parts(now, code), "quarters": quarters_of(code, on=local_day(at)), "page": page,
        "rows": _rows(page, at), "states": STATES.items(), "state": state, "category": category, "groups": offered(),
        "map_url": reverse("portal:reports_map", args=[code]), "is_unit": here.level >= Level.UNIT,
    }  # fmt: skip
    return render(request, "portal/reports/public.html", context)


def _rows(page: Any, at: Any) -> list[dict[str, Any]]:
    found = list(page)
    names = names_by_area({one.area_id for one in found}, on=local_day(at))
    return [
        {"report": one, "area": names.get(one.area_id), "word": STATE_TITLES[one.state], "tag": STATE_TAGS[one.state]}
        for one in found
    ]


def _parts(now: Now, code: str) -> list[tuple[list[tuple[str, str]], int]]:
    """Lay out the parts of an area, most first: names with their addresses, and how many are being seen to there."""
    rows = [
        (
            [
                (place.name if place.code != code else str(_("in none of the parts")), _address(place))
                for place in part.places
            ],
            part.count,
        )
        for part in now.parts
    ]
    return sorted(rows, key=lambda row: -row[1])


def _address(place: Place) -> str:
    return reverse("portal:reports_of", args=[place.code])


@require_safe
def map_data(request: HttpRequest, code: str) -> JsonResponse:
    """Return the parts of an area in which something was released."""
    features = reports_map(code, at=timezone.now())
    for feature in features["features"]:
        feature["properties"]["url"] = reverse("portal:reports_of", args=[feature["properties"]["code"]])
    return JsonResponse(features)
