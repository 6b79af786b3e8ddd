"""What may be changed about a place beside its rooms and hours: its facts, its units, its photos, its plate."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.images import MOST_BYTES
from weiduan.outlook.insight.places_kept import units_near
from weiduan.systems.venues.facilities.actions import describe
from weiduan.systems.venues.facilities.queries import photo_by_key, photos_of
from weiduan.systems.venues.facilities.rules import Kind
from weiduan.systems.venues.facilities.showing import MOST_PHOTOS, add_photo, drop_photo, make_plate
from weiduan.systems.venues.hours.queries import week_on
from weiduan.systems.venues.micro_venues.actions import serve_units
from weiduan.systems.venues.micro_venues.queries import served_by

from .prints import as_pdf, plate_pdf
from .venues import Seen, is_done, seen_place
from .venues_form import FactsForm, PhotoForm, UnitsForm
from .viewing import me, staff


def _kept(request: HttpRequest, key: UUID) -> Seen:
    """Return a place whose venues the reader keeps."""
    seen = seen_place(request, key)
    require(me(request), Duty.KEEP_VENUES, in_area=seen.code, at=seen.at)
    return seen


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say what a place offers and how to get there."""
    seen = _kept(request, key)
    now = {name: getattr(seen.facility, name) for name in FactsForm.base_fields}
    form = FactsForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_bound and form.is_valid() and is_done(form, lambda: _describe(request, seen, form)):
        return redirect("desk:venue", key=key)
    context = {"here": seen.facility, "form": form, "crumbs": seen.below(_("Facts"))}
    return render(request, "desk/venues/facts.html", context, status=400 if form.errors else 200)


def _describe(request: HttpRequest, seen: Seen, form: FactsForm) -> None:
    describe(seen.facility.pk, form.cleaned_data, by=me(request), at=seen.at)
    messages.success(request, _("Written down."))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def units(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say which units a micro-venue serves."""
    seen = _kept(request, key)
    if seen.facility.kind != Kind.MICRO_VENUE:
        raise NotFound(_("There is nothing here that you may see."))
    own = seen.facility.micro_venue
    near = units_near(
        seen.code[:12], point=point_of(seen.facility), served=served_by([own], on=seen.on).get(own.pk, ()), on=seen.on
    )
    form = UnitsForm(request.POST if request.method == "POST" else None, units=near, today=seen.on)
    if form.is_bound and form.is_valid() and is_done(form, lambda: _serve(request, seen, form)):
        return redirect("desk:venue", key=key)
    context = {"here": seen.facility, "form": form, "units": near, "crumbs": seen.below(_("Units served"))}
    return render(request, "desk/venues/units.html", context, status=400 if form.errors else 200)


def _serve(request: HttpRequest, seen: Seen, form: UnitsForm) -> None:
    serves = form.chosen()
    serve_units(
        seen.facility.micro_venue, serves, seat=seen.code, on=form.cleaned_data["on"], by=me(request), at=seen.at
    )
    messages.success(request, _("It serves %(n)s units.") % {"n": len(serves)})


def point_of(place: Any) -> tuple[float, float] | None:
    """Return where a place or room is on the map, None where nobody said."""
    return None if place.lon is None or place.lat is None else (place.lon, place.lat)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the photos of a place; on POST add one, or take one away."""
    seen = _kept(request, key)
    drops = request.POST.get("drop", "") if request.method == "POST" else ""
    if drops:
        drop_photo(key, _photo_named(drops), by=me(request), at=seen.at)
        messages.success(request, _("The photo is taken away."))
        return redirect("desk:venue_photos", key=key)
    form = PhotoForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_bound and form.is_valid() and is_done(form, lambda: _add_photo(request, seen, form)):
        return redirect("desk:venue_photos", key=key)
    shown = list(photos_of(key))
    context = {
        "here": seen.facility, "form": form, "photos": shown, "may_add": len(shown) < MOST_PHOTOS, "most": MOST_PHOTOS,
        "crumbs": seen.below(_("Photos")),
    }  # fmt: skip
    return render(request, "desk/venues/photos.html", context, status=400 if form.errors else 200)


def _photo_named(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError as error:
        raise NotFound(_("There is nothing here that you may see.")) from error


def _add_photo(request: HttpRequest, seen: Seen, form: PhotoForm) -> None:
    file = form.cleaned_data["file"]
    content = file.read(MOST_BYTES + 1)  # no more than tells that it is too large
    add_photo(seen.facility.pk, content, form.cleaned_data["words"], by=me(request), at=seen.at)
    messages.success(request, _("The photo is shown."))


@staff
@require_safe
def photo(request: HttpRequest, key: UUID, photo: UUID) -> HttpResponse:
    """Return a photo of a place, one not open yet too."""
    seen_place(request, key)
    found = photo_by_key(photo)
    if found.facility_id != key:
        raise NotFound(_("There is nothing here that you may see."))
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    with found.file.open("rb") as file:
        return HttpResponse(file.read(), content_type="image/jpeg", headers=headers)


@staff
@require_POST
def plate(request: HttpRequest, key: UUID) -> HttpResponse:
    """Make a plate for the door and give it out, once: its token is kept nowhere."""
    seen = _kept(request, key)
    token = make_plate(key, by=me(request), at=seen.at)
    address = request.build_absolute_uri(reverse("portal:plate", args=[token]))
    return as_pdf(plate_pdf(seen.facility, address, week_on(key, on=seen.on)), f"plate-{seen.facility.pk}.pdf")
