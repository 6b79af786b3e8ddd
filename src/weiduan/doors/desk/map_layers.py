"""图层: the units of an area on a map, coloured by the four zeros, by reach, or by what was told; and the same as a table."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty, prefix_of
from weiduan.ground.territory.queries import area_by_code, places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.drawn.layer_words import TITLES, key_of, says_of
from weiduan.outlook.insight.drawn.layers import Layer, categories_told, stamp_of, values_of
from weiduan.outlook.insight.drawn.tiles import NEAREST, box_of, etag_of, tile_of
from weiduan.outlook.insight.zero_words import ZERO_TITLES

from .viewing import area_url, crumb_links, day_of, look, me, page_of, staff

PAGE, MOST_CATEGORIES = 30, 12
MVT = "application/vnd.mapbox-vector-tile"
SWATCHES = {"ok": "", "some": "some", "most": "gap"}


@staff
@require_safe
def layers(request: HttpRequest, code: str) -> HttpResponse:
    """Show an area with one layer of its map (?layer=, of reports ?category=), on a day (?on=)."""
    seen, on, at = look(request, code), day_of(request), timezone.now()
    here = area_by_code(code, on=on)
    layer, category = _layer(request.GET.get("layer", "zeros")), request.GET.get("category", "")[:20]
    known = places(code, on=on, levels=[Level.VILLAGE, Level.UNIT])
    by_unit = here.level >= Level.VILLAGE
    rows = _rows(code, layer, category, known, by_unit, on, at)
    one_zero = layer is Layer.ZEROS and category in ZERO_TITLES
    more = f"&category={category}" if category else ""
    context = {
        "here": here, "on": on, "today": timezone.localdate(), "layer": layer.value, "title": TITLES[layer], "category": category,
        "layers": [(each.value, title) for each, title in TITLES.items()], "categories": _choices(layer, code, on),
        "one_zero": one_zero, "by_unit": by_unit,
        "page": page_of(request, rows, size=PAGE), "total": len(rows), "box": box_of(code, on=on),
        "tiles": f"{reverse('desk:tile', args=[layer.value, 0, 0, 0])}?on={on}&area={code}{more}",
        "says": says_of(layer, one_zero=one_zero), "nearest": NEAREST,
        "url": area_url(code, on).replace(code, "{code}", 1),
        "key": [(SWATCHES[state], words) for state, words in key_of(layer, one_zero=one_zero, by_unit=by_unit).items()],
        "zeros": list(ZERO_TITLES.values()) if layer is Layer.ZEROS and not one_zero else [],
        "crumbs": [*crumb_links(code, known, on, seen), (TITLES[layer], None)],
    }  # fmt: skip
    return render(request, "desk/map_layers/page.html", context)


@staff
@require_safe
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """Return a tile of a layer within ?area= (else the widest area one looks at), on a day (?on=); 304 where nothing moved."""
    at = timezone.now()
    area = request.GET.get("area", "")[:18]
    if not area:
        area = min(areas_of(me(request), Duty.LOOK, at=at), key=len, default="-")
    look(request, area)
    on, category = day_of(request), request.GET.get("category", "")[:20]
    asked, stamp = _layer(layer), stamp_of(on=on, at=at)
    etag = etag_of(asked, z, x, y, area=area, category=category, stamp=stamp)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    try:
        content = tile_of(asked, z, x, y, area=area, category=category, on=on, at=at, stamp=stamp)
    except ValueError as error:
        raise Http404 from error
    return HttpResponse(content, content_type=MVT, headers={"ETag": etag, "Cache-Control": "private, no-cache"})


def _layer(name: str) -> Layer:
    try:
        return Layer(name)
    except ValueError as error:
        raise Http404 from error


def _choices(layer: Layer, code: str, on: date) -> list[tuple[str, Any, int | None]]:
    """Return what a layer can be narrowed to, as (value, title, how many): one of the zeros, a category that was told of."""
    if layer is Layer.ZEROS:
        return [(zero, title, None) for zero, title in ZERO_TITLES.items()]
    return [*categories_told(code, on=on)[:MOST_CATEGORIES]] if layer is Layer.REPORTS else []


def _rows(
    code: str, layer: Layer, category: str, known: list[Any], by_unit: bool, on: date, at: datetime
) -> list[dict[str, Any]]:
    """Lay the parts of an area out, those with most first: units of a village, else villages."""
    level = Level.UNIT if by_unit else Level.VILLAGE
    cells: dict[str, Any] = {}
    for district in sorted({place.code[:6].ljust(12, "0") for place in known if place.level == level}):
        values = values_of(district, layer, category=category, on=on, at=at)
        cells |= values.units if by_unit else values.villages
    shown = ZERO_TITLES.items() if layer is Layer.ZEROS and category not in ZERO_TITLES else ()
    rows = [
        {
            "code": place.code, "name": place.name, "url": area_url(place.code, on), "cell": cells[place.code],
            "state": cells[place.code].state(layer), "each": [(title, cells[place.code].each.get(zero, 0)) for zero, title in shown],
        }
        for place in known
        if place.level == level and place.code in cells and place.code.startswith(prefix_of(code))
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["cell"].n, row["code"]))
