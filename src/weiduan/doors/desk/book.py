"""Book a room at the desk: for an organisation one keeps, or as keeper for whoever asks."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.doors.booking_form import BookingForm
from weiduan.doors.booking_page import day_asked, day_chosen, free_times, refused, with_time_taken
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotAllowed, NotFound, Refused
from weiduan.ground.territory.queries import area_of, names_by_area, places
from weiduan.outlook.insight.venue_words import USE_TITLES
from weiduan.systems.organisation.members.lists import organisations_kept_by
from weiduan.systems.organisation.organisations.queries import organisation_by_number
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.rules import Who
from weiduan.systems.venues.facilities.queries import facility_by_key, rooms_of
from weiduan.systems.venues.micro_venues.queries import units_served_from

from .viewing import crumb_links, look, me, staff


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def book_room(request: HttpRequest, key: UUID) -> HttpResponse:
    """Choose a room, see when it is free, book it; what a keeper books is confirmed at once."""
    at = timezone.now()
    on = local_day(at)
    facility = facility_by_key(key)
    code = area_of(facility.area_id, on=on).code
    seen = look(request, code)
    whos, organisations = _bookers(me(request), code, on, at)
    rooms = [room for room in rooms_of(key, on=on).select_related("facility") if room.bookable]
    asked = request.GET.get("room", "")
    room = next((room for room in rooms if str(room.pk) == asked), rooms[0] if len(rooms) == 1 else None)
    context: dict[str, Any] = {
        "here": facility, "rooms": [(one, USE_TITLES[one.use]) for one in rooms], "room": room, "today": on,
        "keeps": Who.GROUP in whos,
        "crumbs": [
            *crumb_links(code, places(code, on=on, levels=[]), on, seen), (_("Bookings"), f"/desk/area/{code}/bookings/"),
            (facility.name, None),
        ],
    }  # fmt: skip
    if room is None:
        return render(request, "desk/bookings/book.html", context)
    return _asked(request, room, whos, organisations, context, at)


def _asked(
    request: HttpRequest, room: Any, whos: list[Who], organisations: list[tuple[str, str]], context: dict[str, Any], at: datetime
) -> HttpResponse:  # fmt: skip
    """Show what is free and the form; on POST book."""
    on = local_day(at)
    day = day_asked(request.GET.get("on", ""), on)
    units = sorted(
        names_by_area(units_served_from(room.facility_id, on=day), on=on).values(), key=lambda place: place.code
    )
    data = with_time_taken(request.POST) if request.method == "POST" else None
    form = BookingForm(
        data, room=room, today=on, whos=whos, units=[(u.code, u.name) for u in units], organisations=organisations,
        contact=Who.GROUP in whos,
        initial={"on": day, "opens": request.GET.get("from", ""), "closes": request.GET.get("to", "")},
    )  # fmt: skip
    status, blocked = 200, {}
    if data is not None and form.is_valid():
        try:
            made = _booked(form, room, {u.code: u.id for u in units}, data.get("do", ""), me(request), at)
            messages.success(request, _("Booked."))
            return redirect("desk:booking", key=made.pk)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            blocked, status = refused(refusal, form), refusal.status
    elif data is not None:
        status = 400
    day = day_chosen(form, day, local_day(at))
    context |= blocked | free_times(room, day, at) | {"form": form, "day": day}
    return render(request, "desk/bookings/book.html", context, status=status)


def _bookers(user: User, code: str, on: date, at: datetime) -> tuple[list[Who], list[tuple[str, str]]]:
    """Return for whom somebody may book in an area, and the organisations to choose from.

    :raises NotAllowed: for nobody
    """
    organisations = [(o.number, o.name) for o in organisations_kept_by(user, on=on, at=at)]
    keeps = may(user, Duty.KEEP_VENUES, in_area=code, at=at)
    if not keeps and not organisations:
        require(user, Duty.KEEP_VENUES, in_area=code, at=at)
    whos = [Who.ORGANISATION] if organisations else []
    return whos + ([Who.BODY, Who.GROUP, Who.RESIDENT] if keeps else []), organisations


def _booked(form: BookingForm, room: Any, units: dict[str, int], do: str, by: User, at: datetime) -> Any:
    number = form.cleaned_data.get("organisation", "") if form.cleaned_data["who"] == Who.ORGANISATION.value else ""
    organisation = organisation_by_number(number, viewer=by, on=local_day(at), at=at) if number else None
    wish = form.wish(units=units, organisation=organisation)
    return book(room, wish, rest=do == "rest", wait=do == "wait", by=by, at=at)
