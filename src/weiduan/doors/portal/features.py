"""OGC API – Features Part 1 (17-069r4) at /ogc/: programs for maps read units and places as they are published.

Core, GeoJSON, HTML and OpenAPI 3.0. Refusals are answered as the standard has it: a code and a description.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.doors.context import place
from weiduan.ground.base.errors import Refused
from weiduan.outlook.insight.opened.features import (
    COLLECTIONS,
    Collection,
    collection_of,
    extent_of,
    feature_of,
    features_in,
)
from weiduan.outlook.insight.opened.places import DECIMALS

from .features_api import CONFORMS, GEOJSON, OPENAPI, definition
from .features_asked import HTML, JSON, form_asked, only, page_of, wanted_of

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
TYPES = {JSON: "application/json", HTML: "text/html"}
View = Callable[..., HttpResponse]
PATHS = ("bbox", "datetime", "limit", "offset")


def ogc(view: View) -> View:
    """Let an endpoint answer by the standard, to programs on any page too: what is here is for everyone and knows nobody."""

    @require_safe
    @wraps(view)
    def answering(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            response = view(request, form_asked(request), **arguments)
        except Refused as refusal:
            told = {"code": type(refusal).__name__, "description": refusal.message}
            response = _json(told, status=refusal.status)
        response.headers["Access-Control-Allow-Origin"] = "*"
        patch_vary_headers(response, ["Accept", "Cookie"])
        return response

    return answering


def _json(told: Mapping[str, Any], kind: str = TYPES[JSON], status: int = 200) -> JsonResponse:
    return JsonResponse(told, status=status, content_type=kind, json_dumps_params={"ensure_ascii": False})


def _address(request: HttpRequest, name: str, /, *arguments: str, **said: Any) -> str:
    address = request.build_absolute_uri(reverse(f"ogc:{name}", args=arguments))
    return f"{address}?{urlencode(said)}" if said else address


def _link(href: str, rel: str, kind: str, title: Any = "") -> dict[str, str]:
    return {"href": href, "rel": rel, "type": kind} | ({"title": str(title)} if title else {})


def _itself(request: HttpRequest, form: str, name: str, *arguments: str, kind: str = TYPES[JSON]) -> list[dict[str, str]]:  # fmt: skip
    """Return the links to a page itself and to its other form; what was asked for is kept."""
    said = {key: value for key, value in request.GET.items() if key != "f"}
    kinds = {JSON: kind, HTML: TYPES[HTML]}
    other = HTML if form == JSON else JSON
    return [
        _link(_address(request, name, *arguments, **said, f=form), "self", kinds[form], _("This page")),
        _link(_address(request, name, *arguments, **said, f=other), "alternate", kinds[other], _("This page in another form")),
    ]  # fmt: skip


def _answer(request: HttpRequest, form: str, told: Mapping[str, Any], template: str, **context: Any) -> HttpResponse:
    if form == JSON:
        return _json(told)
    return render(request, f"portal/features/{template}.html", context | {"told": told})


@ogc
def landing(request: HttpRequest, form: str) -> HttpResponse:
    """Say what is here and where it begins."""
    only(request.GET, ())
    told = {
        "title": _title(), "description": _("Units and places as open data, for programs that draw maps. No person is in it."),
        "links": [
            *_itself(request, form, "landing"),
            _link(_address(request, "api", f=JSON), "service-desc", OPENAPI, _("Definition of this interface")),
            _link(_address(request, "api", f=HTML), "service-doc", TYPES[HTML], _("This interface in words")),
            _link(_address(request, "conformance"), "conformance", TYPES[JSON], _("Which parts of the standard hold here")),
            _link(_address(request, "collections"), "data", TYPES[JSON], _("The collections")),
        ],
    }  # fmt: skip
    return _answer(request, form, told, "landing", crumbs=_crumbs())


def _title() -> str:
    return _("Open data of %(place)s") % {"place": place()} if place() else _("Open data")


def _crumbs(*further: tuple[str, str]) -> list[tuple[str, str | None]]:
    """Return the way down from the beginning; the last is the page itself."""
    way: list[tuple[str, str | None]] = [(_title(), reverse("ogc:landing")), *further]
    return [*way[:-1], (way[-1][0], None)]


@ogc
def conformance(request: HttpRequest, form: str) -> HttpResponse:
    """Say which parts of the standard hold here."""
    only(request.GET, ())
    told = {"conformsTo": list(CONFORMS)}
    return _answer(request, form, told, "conformance", crumbs=_crumbs((_("Which parts of the standard hold here"), "")))


@ogc
def api(request: HttpRequest, form: str) -> HttpResponse:
    """Define the interface as OpenAPI 3.0, or tell it in words."""
    only(request.GET, ())
    told = definition(_address(request, "landing").rstrip("/"), _title())
    if form == JSON:
        return _json(told, OPENAPI)
    title = _("This interface in words")
    rows = [(one, one.narrowed_by) for one in COLLECTIONS.values()]
    return render(request, "portal/features/api.html", {"crumbs": _crumbs((title, "")), "rows": rows, "title": title})


@ogc
def collections(request: HttpRequest, form: str) -> HttpResponse:
    """List the collections."""
    only(request.GET, ())
    told = {
        "links": _itself(request, form, "collections"),
        "collections": [_described(request, one, JSON) for one in COLLECTIONS.values()],
    }
    return _answer(request, form, told, "collections", crumbs=_crumbs((_("The collections"), "")))


@ogc
def collection(request: HttpRequest, form: str, name: str) -> HttpResponse:
    """Describe one collection."""
    only(request.GET, ())
    found = collection_of(name)
    told = _described(request, found, form)
    way = ((_("The collections"), reverse("ogc:collections")), (str(found.title), ""))
    return _answer(request, form, told, "collection", crumbs=_crumbs(*way), collection=found)


def _described(request: HttpRequest, found: Collection, form: str) -> dict[str, Any]:
    extent = extent_of(found, at=timezone.now())
    since = f"{extent.since}T00:00:00+08:00" if extent.since else None
    around: dict[str, Any] = {"temporal": {"interval": [[since, None]], "trs": GREGORIAN}}
    if extent.box is not None:
        around = {"spatial": {"bbox": [[round(side, DECIMALS) for side in extent.box]], "crs": CRS84}} | around
    return {
        "id": found.name, "title": str(found.title), "description": str(found.about), "extent": around, "itemType": "feature",
        "crs": [CRS84],
        "links": [
            *_itself(request, form, "collection", found.name),
            _link(_address(request, "items", found.name, f=JSON), "items", GEOJSON, found.title),
            _link(_address(request, "items", found.name, f=HTML), "items", TYPES[HTML], found.title),
        ],
    }  # fmt: skip


@ogc
def items(request: HttpRequest, form: str, name: str) -> HttpResponse:
    """Return a page of the features asked for."""
    found, at = collection_of(name), timezone.now()
    only(request.GET, (*PATHS, *found.narrowed_by))
    limit, offset = page_of(request.GET)
    matched, told = features_in(found, wanted_of(request.GET, found), limit=limit, offset=offset, at=at)
    links = _itself(request, form, "items", found.name, kind=GEOJSON)
    kind = GEOJSON if form == JSON else TYPES[HTML]
    said = request.GET.dict() | {"f": form, "limit": str(limit)}
    if offset + limit < matched:
        further = _address(request, "items", found.name, **said | {"offset": str(offset + limit)})
        links.append(_link(further, "next", kind, _("Next page")))
    if offset:
        before = _address(request, "items", found.name, **said | {"offset": str(max(offset - limit, 0))})
        links.append(_link(before, "prev", kind, _("Previous page")))
    links.append(_link(_address(request, "collection", found.name), "collection", TYPES[JSON], found.title))
    page = {
        "type": "FeatureCollection", "timeStamp": at.isoformat(timespec="seconds").replace("+00:00", "Z"), "numberMatched": matched,
        "numberReturned": len(told), "links": links, "features": [one.geojson() for one in told],
    }  # fmt: skip
    if form == JSON:
        return _json(page, GEOJSON)
    return render(request, "portal/features/items.html", {
        "told": page, "collection": found, "by_rel": {link["rel"]: link["href"] for link in links}, "first": offset + 1,
        "last": offset + len(told), "rows": [(one, _address(request, "item", found.name, one.key, f=HTML)) for one in told],
        "crumbs": _crumbs(*_way(found), (_("Features"), "")),
    })  # fmt: skip


def _way(found: Collection) -> tuple[tuple[str, str], ...]:
    return (
        (_("The collections"), reverse("ogc:collections")), (str(found.title), reverse("ogc:collection", args=[found.name])),
    )  # fmt: skip


@ogc
def item(request: HttpRequest, form: str, name: str, key: str) -> HttpResponse:
    """Return one feature."""
    only(request.GET, ())
    found = collection_of(name)
    told = feature_of(found, key, at=timezone.now())
    links = _itself(request, form, "item", found.name, key, kind=GEOJSON)
    links.append(_link(_address(request, "collection", found.name), "collection", TYPES[JSON], found.title))
    if form == JSON:
        return _json(told.geojson() | {"links": links}, GEOJSON)
    rows = [(field, told.fields[field.name]) for field in found.fields if field.name in told.fields]
    way = (*_way(found), (_("Features"), reverse("ogc:items", args=[found.name])), (told.fields["name"], ""))
    context = {"told": told, "rows": rows, "crumbs": _crumbs(*way), "links": links, "name": told.fields["name"]}
    return render(request, "portal/features/item.html", context)
