"""A place open to residents: what is on, when it is open, how to get there; its plate, its photos, its calendar."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import area_of, names_by_area, places
from weiduan.outlook.insight.activity_words import FUNCTION_TITLES, when_words
from weiduan.outlook.insight.maps import place_map
from weiduan.outlook.insight.venue_words import (
    ACCESS_TITLES,
    EQUIPMENT_TITLES,
    KIND_TITLES,
    USE_TITLES,
    hours_words,
    week_words,
)
from weiduan.systems.services.functions.queries import functions_by_booking, functions_of
from weiduan.systems.venues.bookings.feeds import feed_of
from weiduan.systems.venues.bookings.showing import days_of, standing_of
from weiduan.systems.venues.facilities.queries import (
    facility_by_key,
    facility_by_plate,
    photo_by_key,
    photos_of,
    rooms_of,
)
from weiduan.systems.venues.hours.queries import exceptions_ahead, week_on
from weiduan.systems.venues.micro_venues.queries import units_served_from

from .units import crumb_links

WEEK = timedelta(days=7)
EXCEPTIONS_DAYS = 60
A_DAY_S = 24 * 60 * 60


def public(key: UUID) -> Any:
    """Return a place that residents may know of: it is open, will be, or was.

    :raises NotFound: there is none, or it is only planned
    """
    facility = facility_by_key(key)
    if facility.open_since is None:
        raise NotFound(_("There is no such place. Look for it by name, or choose it from the list."))
    return facility


@require_safe
def venue(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a place to whoever asks."""
    at = timezone.now()
    on = local_day(at)
    facility = public(key)
    code = area_of(facility.area_id, on=on).code
    since = _week_asked(request, on)
    days = days_of(facility, since=since)
    rooms = list(rooms_of(key, on=on))
    held = functions_by_booking({one.booking for day in days for one in day.shown})
    context = {
        "functions": [(one, FUNCTION_TITLES[one.kind], when_words(one)) for one in functions_of(key, on=on)],
        "here": facility, "kind": KIND_TITLES[facility.kind], "on": on, "standing": standing_of(facility, at=at),
        "closed": facility.open_until is not None and facility.open_until <= on, "to_open": facility.open_since > on,
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), leads_here=True), (facility.name, None)],
        "days": [day_row(day, on, at, held) for day in days], "since": since, "last": since + WEEK - timedelta(days=1),
        "before": since - WEEK if since > on else None, "after": since + WEEK, "week": week_words(week_on(facility.pk, on=on)),
        "exceptions": [_exception(one) for one in exceptions_ahead(key, on=on, days=EXCEPTIONS_DAYS)],
        "rooms": [(room, USE_TITLES[room.use]) for room in rooms], "may_book": any(room.bookable for room in rooms),
        "access": [ACCESS_TITLES[one] for one in facility.access],
        "equipment": [EQUIPMENT_TITLES[one] for one in facility.equipment], "photos": list(photos_of(key)),
        "units": sorted(names_by_area(units_served_from(key, on=on), on=on).values(), key=lambda place: place.code),
        "map_url": reverse("portal:venue_map", args=[key]), "feed": _feed_url(request, key),
    }  # fmt: skip
    return render(request, "portal/places/place.html", context)


def _week_asked(request: HttpRequest, on: date) -> date:
    """Return the first day of the week to show: today, or ?from= within a year from now."""
    try:
        asked = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return on
    return min(max(asked, on), on + timedelta(days=365))


def day_row(day: Any, on: date, at: datetime, functions: Mapping[UUID, Any]) -> dict[str, Any]:
    """Lay a date out: its hours, and what is on with the use in words; `functions`: booking → the function it is a date of."""
    return {
        "on": day.on, "is_today": day.on == on, "hours": hours_words(day.spans), "why": day.why,
        "shown": [
            {"one": one, "use": USE_TITLES[one.use], "now": one.since <= at < one.until, "function": functions.get(one.booking)}
            for one in day.shown
        ],
    }  # fmt: skip


def _exception(one: Any) -> dict[str, Any]:
    room = one.room.name if one.room else ""
    hours = hours_words([(one.opens, one.closes)]) if one.opens is not None else ""
    return {"on": one.on, "room": room, "hours": hours, "reason": one.reason}


def _feed_url(request: HttpRequest, key: UUID) -> str:
    """Return the address programs for calendars take in."""
    return "webcal://" + request.get_host() + reverse("portal:venue_calendar", args=[key])


@require_safe
def map_data(request: HttpRequest, key: UUID) -> JsonResponse:
    """Return where a place is, among the units around it."""
    on = local_day(timezone.now())
    facility = public(key)
    point = (facility.lon, facility.lat) if facility.lon is not None else None
    features = place_map(facility.name, point, area_of(facility.area_id, on=on).code, on=on)
    for feature in features["features"]:
        inner = feature["properties"].get("code", "")
        if len(inner) == 18:
            feature["properties"]["url"] = reverse("portal:unit", args=[inner])
    return JsonResponse(features)


@require_safe
@conditional_page
def calendar(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return what is on as iCalendar; to a calendar that has it already, that nothing changed."""
    content = feed_of(public(key), at=timezone.now())
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_safe
def photo(request: HttpRequest, key: UUID) -> FileResponse:
    """Return a photo of a place: always a JPEG drawn anew, never taken for anything else."""
    found = photo_by_key(key)
    public(found.facility_id)
    headers = {"Cache-Control": f"public, max-age={A_DAY_S}", "X-Content-Type-Options": "nosniff"}
    return FileResponse(found.file.open("rb"), content_type="image/jpeg", headers=headers)


@require_safe
def plate(request: HttpRequest, token: str) -> HttpResponse:
    """Go from the plate at a door to the place's page."""
    answer = redirect("portal:venue", key=facility_by_plate(token))
    answer.headers["Cache-Control"] = "no-store"
    return answer
