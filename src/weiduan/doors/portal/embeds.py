"""Small pages for other people's pages: the four zeros as a chart, and the map. Drawn here, without a script, in a frame anywhere."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.counted.rules import ZEROS
from weiduan.outlook.insight.drawn.gap_maps import gap_map
from weiduan.outlook.insight.zero_words import ZERO_TITLES
from weiduan.outlook.insight.zeros import standing_in, zeros_of

SHADES = {
    "ok": _("nothing missing"), "some": _("up to half missing"), "most": _("up to three quarters"), "all": _("nearly all missing"),
    "none": _("no unit recorded"),
}  # fmt: skip
WIDE, HIGH = 460, 420
BAR_WIDTH, ROW = 260, 52
View = Callable[..., HttpResponseBase]


def embedded(view: View) -> View:
    """Let a page stand in a frame of any page; nothing can be done on it, so nobody can be tricked into doing it."""
    return require_safe(xframe_options_exempt(csp_replace({"frame-ancestors": ["*"]})(view)))


@embedded
def zeros(request: HttpRequest, code: str) -> HttpResponse:
    """Draw the share of the units that reach each zero."""
    at = timezone.now()
    context = _page(code, at)
    found = zeros_of(code, on=local_day(at), at=at)
    rows = [_row(n, name, found.units, found.missing[name]) for n, name in enumerate(ZEROS)]
    return render(
        request, "portal/embeds/zeros.html", context | {"rows": rows, "units": found.units, "width": BAR_WIDTH}
    )


def _row(n: int, name: str, units: int, missing: int) -> dict[str, Any]:
    reached = units - missing
    return {
        "title": ZERO_TITLES[name], "reached": reached, "y": n * ROW, "bar": round(BAR_WIDTH * reached / units, 1) if units else 0,
        "text_y": n * ROW + 14, "bar_y": n * ROW + 22, "number_y": n * ROW + 38,
    }  # fmt: skip


@embedded
def area_map(request: HttpRequest, code: str) -> HttpResponse:
    """Draw the parts of an area by how much is lacking."""
    at = timezone.now()
    drawn = gap_map(code, standing_in(code, at=at), on=local_day(at), wide=WIDE, high=HIGH)
    shades = [(key, title, drawn.counts[key]) for key, title in SHADES.items() if drawn.counts[key]]
    return render(request, "portal/embeds/map.html", _page(code, at) | {"map": drawn, "shades": shades})


def _page(code: str, at: Any) -> dict[str, Any]:
    area = area_by_code(code, on=local_day(at))
    page = reverse("portal:unit" if area.level >= Level.UNIT else "portal:area", args=[code])
    return {"here": area, "on": local_day(at), "page": page}
