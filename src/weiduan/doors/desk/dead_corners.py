"""死角: units no open place serves within the limit, why, and what to do; how far each place reaches."""

import io
from datetime import date

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.territory.queries import area_by_code
from weiduan.ground.territory.rules import Level, level_of
from weiduan.outlook.insight.corner_words import REASON_TITLES
from weiduan.outlook.insight.reach_maps import BANDS_M, RINGS_UP_TO, bands_in, reach_map
from weiduan.outlook.insight.venue_books import write_corners
from weiduan.outlook.insight.venues import venue_reach
from weiduan.systems.venues.reach.corners import limits_of
from weiduan.systems.venues.reach.rules import DETOUR

from .areas import as_download, share_of
from .corner_rows import corner_row
from .viewing import area_url, crumb_links, day_of, look, page_of, staff

BELOW = {Level.CITY: Level.DISTRICT, Level.DISTRICT: Level.TOWN, Level.TOWN: Level.VILLAGE, Level.VILLAGE: Level.GRID}


@staff
@require_safe
def dead_corners(request: HttpRequest, code: str) -> HttpResponse:
    """Show the second zero of an area."""
    seen, on = look(request, code), day_of(request)
    here = area_by_code(code, on=on)
    reach = venue_reach(code, on=on)
    total = reach.total
    asked = request.GET.get("reason", "")
    reason = asked if asked in total["by_reason"] else ""
    page = page_of(request, [corner for corner in reach.corners if not reason or corner.reason == reason])
    bands = page_of(request, bands_in(code, on=on), size=10, name="bands")
    below = BELOW.get(level_of(code))
    context = {
        "here": here, "on": on, "today": timezone.localdate(), "figures": total, "share": share_of(total["within"], total["units"]),
        "limit": limits_of([code], on=on)[code], "along": reach.along, "page": page,
        "rows": [corner_row(corner, reach.names(), on) for corner in page.object_list], "reason": reason,
        "reasons": [(key, title, total["by_reason"][key]) for key, title in REASON_TITLES.items() if key in total["by_reason"]],
        "parts": [row | {"url": _url(row["code"], on)} for row in reach.parts(below)] if below else [], "bands_page": bands,
        "bands": [{"it": band, "within": list(zip(BANDS_M, band.households or (), strict=False))} for band in bands.object_list],
        "band_titles": [{"straight": band, "on_foot": round(DETOUR * band)} for band in BANDS_M],
        "rings": level_of(code) >= RINGS_UP_TO, "by_unit": level_of(code) >= Level.VILLAGE,
        "map_url": f"{reverse('desk:dead_corners_map', args=[code])}?on={on}",
        "crumbs": [*crumb_links(code, reach.places, on, seen), (_("Dead corners"), None)],
    }  # fmt: skip
    return render(request, "desk/dead_corners/list.html", context)


def _url(code: str, on: date) -> str:
    return f"{reverse('desk:dead_corners', args=[code])}?on={on}"


@staff
@require_safe
def map_data(request: HttpRequest, code: str) -> JsonResponse:
    """Return the map of dead corners, open places and their reach as GeoJSON."""
    look(request, code)
    on = day_of(request)
    features = reach_map(venue_reach(code, on=on))
    for feature in features["features"]:
        facts = feature["properties"]
        if facts.get("role") == "room":
            facts["url"] = reverse("desk:venue", args=[facts["code"]])
        elif "role" not in facts and facts["code"] != code:
            facts["url"] = area_url(facts["code"], on) if facts["label"] else _url(facts["code"], on)
    return JsonResponse(features)


@staff
@require_safe
def workbook(request: HttpRequest, code: str) -> HttpResponse:
    """Return the dead corners of an area as xlsx."""
    look(request, code)
    on, target = day_of(request), io.BytesIO()
    write_corners(target, venue_reach(code, on=on), bands_in(code, on=on), demo=is_demo())
    return as_download(target.getvalue(), f"dead-corners-{code}-{on}.xlsx")
