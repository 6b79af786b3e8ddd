"""Bookings at the desk: what is to be confirmed, the calendar of an area's rooms, one booking."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.queries import history_of
from weiduan.ground.territory.queries import names_by_area, places
from weiduan.outlook.insight.venue_words import BOOKING_STATE_TITLES, USE_TITLES, WHO_TITLES
from weiduan.systems.venues.bookings.contact import read_contact
from weiduan.systems.venues.bookings.deciding import cancel, confirm, hand_key_over, leave_out, refuse, take_in
from weiduan.systems.venues.bookings.kept import Kept, booking_seen_by
from weiduan.systems.venues.bookings.queries import moment, number_of, timetable, to_confirm_in
from weiduan.systems.venues.bookings.rules import LONGEST_ANSWER, ReadFor
from weiduan.systems.venues.bookings.showing import dates_shown, may_be_cancelled, shown_on
from weiduan.systems.venues.facilities.queries import facilities_in

from .histories import told
from .viewing import crumb_links, day_of, look, me, page_of, staff

DAY = timedelta(days=1)
MOST_PLACES = 12  # in one calendar; where there are more, one is chosen
LOOKED_AT = timedelta(days=10 * 366)  # back and ahead
TAGS = {"asked": "soon", "confirmed": "ok", "waiting": "soon", "refused": "late", "cancelled": ""}
READ_TITLES = {
    "question": gettext_lazy("something in the booking is unclear"),
    "change": gettext_lazy("the place closes or the room is needed"),
    "key": gettext_lazy("about the key"),
    "urgent": gettext_lazy("urgent"),
}


class ReadForm(forms.Form):
    """Why the contact is to be read."""

    reason = forms.ChoiceField(label=gettext_lazy("What for"), choices=list(READ_TITLES.items()))


@staff
@require_safe
def bookings(request: HttpRequest, code: str) -> HttpResponse:
    """Show what waits for a keeper in an area, then what is on in its rooms: a week, or a day of it."""
    seen = look(request, code)
    at = timezone.now()
    today = local_day(at)
    on = min(max(day_of(request), today - LOOKED_AT), today + LOOKED_AT)
    known = places(code, on=today, levels=[])
    here = next((place for place in known if place.code == code), None)
    if here is None:
        raise NotFound(_("No area has the code %(code)s on %(day)s.") % {"code": code, "day": today})
    found = list(facilities_in(code, on=on))
    chosen = [f for f in found if str(f.pk) == request.GET.get("place", "")] or (
        found if len(found) <= MOST_PLACES else []
    )
    week = request.GET.get("view", "week") != "day"
    first = on - timedelta(days=on.weekday()) if week else on
    days = 7 if week else 1
    shown = timetable([f.pk for f in chosen], since=moment(first, 0), until=moment(first + days * DAY, 0))
    waiting = page_of(request, to_confirm_in([code], at=at))
    context = {
        "here": here, "crumbs": [*crumb_links(code, known, today, seen), (_("Bookings"), None)], "week": week,
        "page": waiting, "waiting": [_row(one) for one in waiting], "may": may(me(request), Duty.KEEP_VENUES, in_area=code, at=at),
        "facilities": found, "shown": chosen, "place": chosen[0] if len(chosen) == 1 and len(found) > 1 else None,
        "on": on, "today": today, "before": on - days * DAY, "after": on + days * DAY,
        "days": [_day(first + n * DAY, shown, today, at) for n in range(days)],
    }  # fmt: skip
    return render(request, "desk/bookings/list.html", context)


def _row(one: Any) -> dict[str, Any]:
    return {
        "key": one.pk, "what": one.what, "place": one.room.facility.name, "room": one.room.name, "begins": one.begins,
        "ends": one.ends, "who": _who(one), "use": USE_TITLES[one.use],
    }  # fmt: skip


def _who(one: Any) -> str:
    return one.organisation.name if one.organisation else str(WHO_TITLES[one.who])


def _day(on: date, shown: list[Any], today: date, at: datetime) -> dict[str, Any]:
    """Lay a date out as parts/days.html wants it; the hours of several places are said on their pages."""
    rows = [{"one": one, "use": USE_TITLES[one.use], "now": one.since <= at < one.until} for one in shown_on(shown, on)]
    return {"on": on, "is_today": on == today, "shown": rows, "hours": None, "why": ""}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def booking(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a booking; on POST decide it, change its dates, hand the key over, or read the contact for a reason."""
    at = timezone.now()
    kept = booking_seen_by(key, me(request), at=at)
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            if request.POST.get("do") == "read":
                more = _read(request, key, at)
            else:
                _act(request, key, at)
                return redirect("desk:booking", key=key)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            more = {"refusal": refusal.message, "status": refusal.status, "said": request.POST.get("answer", "")}
        kept = booking_seen_by(key, me(request), at=at)
    answer = render(
        request, "desk/bookings/record.html", _page(request, kept, at) | more, status=more.get("status", 200)
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _act(request: HttpRequest, key: UUID, at: datetime) -> None:
    post = request.POST
    who: dict[str, Any] = {"by": me(request), "at": at}
    do, words = post.get("do", ""), post.get("answer", "")
    if do == "confirm":
        confirm(key, **who)
        messages.success(request, _("Confirmed."))
    elif do == "refuse":
        refuse(key, words, **who)
        messages.success(request, _("Refused; whoever asked reads why."))
    elif do == "cancel":
        cancel(key, answer=words, **who)
        messages.success(request, _("Cancelled; the room is free."))
    elif do in ("leave_out", "take_in"):
        (leave_out if do == "leave_out" else take_in)(key, _day_of(post.get("on", "")), **who)
        messages.success(request, _("The days are changed."))
    elif do in ("key_out", "key_back"):
        hand_key_over(key, back=do == "key_back", **who)
        messages.success(request, _("The key is back.") if do == "key_back" else _("The key is out."))
    else:
        raise BadInput(_("Choose what to do with it."))


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(_("“%(day)s” is no day. Write it like 2018-10-31.") % {"day": text[:20]}) from error


def _read(request: HttpRequest, key: UUID, at: datetime) -> dict[str, Any]:
    form = ReadForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Say what you need it for."))
    return {"contact": read_contact(key, ReadFor(form.cleaned_data["reason"]), by=me(request), at=at)}


def _page(request: HttpRequest, kept: Kept, at: datetime) -> dict[str, Any]:
    found, on = kept.booking, local_day(at)
    dates = dates_shown(found, at=at)
    unit = names_by_area([found.unit_id], on=on).get(found.unit_id) if found.unit_id else None
    seen = areas_of(me(request), Duty.LOOK, at=at)
    return {
        "booking": found, "here": found.room.facility, "number": number_of(found), "who": _who(found), "code": kept.code,
        "use": USE_TITLES[found.use], "word": BOOKING_STATE_TITLES[found.state], "tag": TAGS[found.state], "dates": dates,
        "unit": unit, "keeps": kept.keeps, "may_decide": kept.keeps and found.state == "asked",
        "may_change": kept.keeps or kept.own, "may_cancel": (kept.keeps or kept.own) and may_be_cancelled(found, dates, at=at),
        "key_is_out": found.key_out_at is not None and found.key_back_at is None,
        "may_hand": kept.keeps and found.state == "confirmed", "has_contact": kept.keeps and bool(found.contact),
        "read_form": ReadForm(), "longest": LONGEST_ANSWER, "history": told(history_of("venues.booking", str(found.pk))[:30]),
        "crumbs": [
            *crumb_links(kept.code, places(kept.code, on=on, levels=[]), on, seen),
            (_("Bookings"), f"/desk/area/{kept.code}/bookings/"), (number_of(found), None),
        ],
    }  # fmt: skip
