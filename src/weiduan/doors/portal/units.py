"""Find my unit, and the unit's public page."""

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.locate import unit_at
from weiduan.ground.territory.queries import (
    Place,
    ancestors_of,
    children,
    crumbs,
    names_by_code,
    places,
    search_places,
    top_areas,
)
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.activity_words import activity_rows
from weiduan.outlook.insight.body_words import body_rows
from weiduan.outlook.insight.maps import plain_map
from weiduan.outlook.insight.places import places_near
from weiduan.outlook.insight.published.now import seen_to_now
from weiduan.outlook.insight.report_words import STATE_TITLES as REPORT_STATE_TITLES
from weiduan.outlook.insight.unit import who_serves
from weiduan.outlook.insight.words import UNIT_KIND_TITLES
from weiduan.systems.governance.bodies.queries import bodies_for
from weiduan.systems.governance.reports.following import released_in
from weiduan.systems.organisation.own.queries import cards_in
from weiduan.systems.services.activities.queries import to_come_for
from weiduan.systems.services.functions.queries import held_in
from weiduan.systems.venues.facilities.queries import facilities_in

PER_PAGE = 30
RELEASED_SHOWN = 5
BODIES_SHOWN = 5
ACTIVITIES_SHOWN, FUNCTIONS_SHOWN = 5, 12
WEEK = timedelta(days=7)


def _today() -> date:
    return timezone.localdate()


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Find a unit by its name, by list, or by where one stands."""
    on = _today()
    words = request.GET.get("q", "").strip()[:40]
    found = search_places(words, on=on) if words else []
    tops = [place for code in top_areas(on=on) for place in children(code, on=on)]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = _told(page.object_list, on)
    return render(request, "portal/units/find.html", {"q": words, "page": page, "rows": rows, "tops": tops})


def _told(found: Any, on: date) -> list[dict]:
    """Say what each place is and in which town and village it lies, for several may share a name."""
    above = {code for place in found for code in ancestors_of(place.code)[:-1] if len(code) == 12}
    names = names_by_code(above, on=on)
    return [_row(place, [names.get(code) for code in ancestors_of(place.code)[:-1]]) for place in found]


def _row(place: Place, above: list[str | None]) -> dict:
    lies = " › ".join([name for name in above if name][-2:])
    kind = str(UNIT_KIND_TITLES.get(place.kind, "")) if place.level >= Level.UNIT else ""
    return {"place": place, "url": _url(place), "about": " · ".join(part for part in (kind, lies) if part)}


def _url(place: Place) -> str:
    return reverse("portal:unit" if place.level >= Level.UNIT else "portal:area", args=[place.code])


@require_safe
def here(request: HttpRequest) -> HttpResponse:
    """Go to the unit at ?lon=&lat= (WGS 84); the place asked about is kept nowhere."""
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError) as error:
        raise BadInput(_("Your place could not be read. Choose your unit from the list.")) from error
    code = unit_at(lon, lat, on=_today())
    if code is None:
        raise NotFound(_("No unit is drawn where you are. Choose your unit from the list."))
    return redirect("portal:unit", code=code)


@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """List what lies in an area, one level down."""
    on = _today()
    known = places(code, on=on, levels=[])
    place = here_among(known, code)
    if place.level >= Level.UNIT:
        return redirect("portal:unit", code=code)
    page = Paginator(children(code, on=on), PER_PAGE).get_page(request.GET.get("page"))
    rows = [_row(below, []) for below in page.object_list]
    context = {
        "here": place, "crumbs": crumb_links(code, known), "page": page, "rows": rows, "below": Level(place.level + 1).name.lower(),
        "facilities": list(facilities_in(code, on=on)) if place.level >= Level.VILLAGE else [],
    }  # fmt: skip
    return render(request, "portal/units/area.html", context)


@require_safe
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """Show a unit to whoever asks: what it is, and which organisation is there for it. No person."""
    at, on = timezone.now(), _today()
    known = places(code[:15], on=on, levels=[Level.UNIT, Level.BUILDING])
    place = here_among(known, code)
    if place.level != Level.UNIT:
        return redirect(*(("portal:area", code) if place.level < Level.UNIT else ("portal:unit", code[:18])))
    names = {p.code: p.name for p in known}
    near = places_near(place, on=on, at=at)
    context = {
        "here": place, "crumbs": crumb_links(code, known), "kind": UNIT_KIND_TITLES.get(place.kind, ""),
        "village": names.get(code[:12], ""), "grid": names.get(code[:15], ""), "serves": who_serves(code, on=on),
        "buildings": [p for p in known if p.level == Level.BUILDING and p.code.startswith(code)],
        "bodies": body_rows(bodies_for(code, on=on)[:BODIES_SHOWN], on=on),
        "neighbours": [p for p in known if p.level == Level.UNIT and p.code != code],
        "map_url": reverse("portal:map", args=[code]), "cards": cards_in(code, on=on),
        "near": near, "activities": activity_rows(to_come_for(code, at=at)[:ACTIVITIES_SHOWN], at),
        "functions": held_in([one.facility.pk for one in near], since=at, until=at + WEEK)[:FUNCTIONS_SHOWN],
        "now": seen_to_now(code, at=at),
        "released": [(one, REPORT_STATE_TITLES[one.state]) for one in released_in(code, on=on)[:RELEASED_SHOWN]],
    }  # fmt: skip
    return render(request, "portal/units/unit.html", context)


@require_safe
def map_data(request: HttpRequest, code: str) -> JsonResponse:
    """Return the outlines of a unit and its grid, without saying what is covered."""
    features = plain_map(code, on=_today())
    for feature in features["features"]:
        inner = feature["properties"]["code"]
        if len(inner) == 18 and inner != code:
            feature["properties"]["url"] = reverse("portal:unit", args=[inner])
    return JsonResponse(features)


def here_among(known: list[Place], code: str) -> Place:
    """Return the place asked for out of those read.

    :raises NotFound: it isn't among them
    """
    for place in known:
        if place.code == code:
            return place
    raise NotFound(_("There is no such place. Look for it by name, or choose it from the list."))


def crumb_links(code: str, known: list[Place], *, leads_here: bool = False) -> list[tuple[str, str | None]]:
    """Return (name, address) from the widest area down to this one, which is the page itself unless it `leads_here`."""
    way = crumbs(code, known)
    return [(place.name, _url(place) if leads_here or place.code != code else None) for place in way]
