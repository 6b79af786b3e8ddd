"""Book a room without an account, and look after the booking by its receipt."""

from collections.abc import Callable
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
from weiduan.doors.erased import say_erased
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.territory.queries import area_of, names_by_area, places
from weiduan.outlook.insight.venue_words import BOOKING_STATE_TITLES, USE_TITLES
from weiduan.systems.services.satisfaction.answering import still_asked
from weiduan.systems.services.satisfaction.rules import About
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.contact import erase_contact
from weiduan.systems.venues.bookings.deciding import cancel, leave_out, take_in
from weiduan.systems.venues.bookings.queries import booking_by_receipt, number_of
from weiduan.systems.venues.bookings.rules import BOOKING_FORM, CONTACT_KEPT, Who
from weiduan.systems.venues.bookings.showing import dates_shown, looks_at, may_be_cancelled
from weiduan.systems.venues.facilities.queries import rooms_of
from weiduan.systems.venues.micro_venues.queries import units_served_from

from .own import private
from .places import public
from .units import crumb_links

TAGS = {"asked": "soon", "confirmed": "ok", "waiting": "soon", "refused": "late", "cancelled": ""}


def unlisted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let nobody keep the page, tell no other page its address, and let no search engine list it."""
    closed = private(view)

    def answering(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        answer = closed(request, *arguments, **options)
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return answering


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def book_room(request: HttpRequest, key: UUID) -> HttpResponse:
    """Choose a room and a day, see when it is free, say what for."""
    at = timezone.now()
    on = local_day(at)
    facility = public(key)
    code = area_of(facility.area_id, on=on).code
    rooms = [room for room in rooms_of(key, on=on).select_related("facility") if room.bookable]
    asked = request.GET.get("room", "")
    room = next((room for room in rooms if str(room.pk) == asked), rooms[0] if len(rooms) == 1 else None)
    context: dict[str, Any] = {
        "here": facility, "rooms": [(one, USE_TITLES[one.use]) for one in rooms], "room": room, "today": on,
        "crumbs": [
            *crumb_links(code, places(code, on=on, levels=[]), leads_here=True), (facility.name, f"/v/{key}/"), (_("Book"), None)
        ],
    }  # fmt: skip
    if room is None:
        return render(request, "portal/bookings/book.html", context)
    return _asked(request, room, context, at)


def _asked(request: HttpRequest, room: Any, context: dict[str, Any], at: datetime) -> HttpResponse:
    """Show what is free and the form; on POST book."""
    day = day_asked(request.GET.get("on", ""), local_day(at))
    units = sorted(names_by_area(units_served_from(room.facility_id, on=day), on=local_day(at)).values(), key=_by_code)
    data = with_time_taken(request.POST) if request.method == "POST" else None
    form = BookingForm(
        data, room=room, today=local_day(at), whos=(Who.GROUP, Who.RESIDENT), units=[(u.code, u.name) for u in units],
        initial={"on": day, "opens": request.GET.get("from", ""), "closes": request.GET.get("to", "")},
    )  # fmt: skip
    status, blocked = 200, {}
    if data is not None and form.is_valid():
        try:
            receipt = receipt_of(data.get("draft", ""), BOOKING_FORM)
            do = data.get("do", "")
            wish = form.wish(units={u.code: u.id for u in units})
            book(room, wish, receipt=receipt, rest=do == "rest", wait=do == "wait", by=None, at=at)
            return redirect("portal:booking", receipt=receipt)
        except Refused as refusal:
            blocked, status = refused(refusal, form), refusal.status
    elif data is not None:
        status = 400
    day = day_chosen(form, day, local_day(at))
    return render(request, "portal/bookings/book.html", context | blocked | free_times(room, day, at) | {
        "form": form, "day": day, "draft": new_draft(BOOKING_FORM),
    }, status=status)  # fmt: skip


def _by_code(place: Any) -> str:
    return str(place.code)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def booking(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show a booking to whoever holds its receipt; on POST do what the holder may do."""
    at = timezone.now()
    found = booking_by_receipt(receipt)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _act(request, found.pk, receipt, at)
            return redirect("portal:booking", receipt=receipt)
        except Refused as blocked:
            refusal, status = blocked.message, blocked.status
            found = booking_by_receipt(receipt)
    context = _page(request, found, at) | {"refusal": refusal} | _asked_after(found, receipt, at)
    return render(request, "portal/bookings/booking.html", context, status=status)


def _asked_after(found: Any, receipt: str, at: datetime) -> dict[str, Any]:
    code = area_of(found.room.facility.area_id, on=local_day(at)).code
    return {"asked": still_asked(About.BOOKING, code, receipt, at=at), "receipt": receipt}


def _act(request: HttpRequest, key: UUID, receipt: str, at: datetime) -> None:
    do = request.POST.get("do", "")
    who: dict[str, Any] = {"receipt": receipt, "by": None, "at": at}
    if do in ("leave_out", "take_in"):
        day = _day_of(request.POST.get("on", ""))
        (leave_out if do == "leave_out" else take_in)(key, day, **who)
        messages.success(
            request, (_("%(day)s is left out.") if do == "leave_out" else _("%(day)s is booked again.")) % {"day": day}
        )
    elif do == "cancel":
        cancel(key, **who)
        messages.success(request, _("Cancelled. Others can book the room now."))
    elif do == "erase":
        erase_contact(key, receipt=receipt, at=at)
        say_erased(request, key, _("Your telephone number is erased."), at=at)
    else:
        raise BadInput(_("Choose what to do."))


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(_("“%(day)s” is no day. Write it like 2018-10-31.") % {"day": text[:20]}) from error


def _page(request: HttpRequest, found: Any, at: datetime) -> dict[str, Any]:
    dates = dates_shown(found, at=at)
    return {
        "booking": found, "number": number_of(found), "here": found.room.facility, "use": USE_TITLES[found.use],
        "word": BOOKING_STATE_TITLES[found.state], "tag": TAGS[found.state], "address": request.build_absolute_uri(),
        "dates": dates, "several": len(dates) > 1, "may_cancel": may_be_cancelled(found, dates, at=at),
        "has_contact": bool(found.contact), "looks": looks_at(found),
        "erased_on": timezone.localtime(dates[-1].until + CONTACT_KEPT).date(),
        "first": next((dated for dated in dates if dated.since > at and dated.state in ("held", "waiting")), None),
    }  # fmt: skip
