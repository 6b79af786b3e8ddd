"""开放时间: the hours of a week and other hours on a date; nobody's booking is lost before it was said how many would be."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotAllowed, NotFound, Refused
from weiduan.outlook.insight.venue_words import hours_words
from weiduan.systems.venues.bookings.closing import change_back, change_date, change_week, dates_lost_by
from weiduan.systems.venues.facilities.queries import rooms_of
from weiduan.systems.venues.hours.queries import exceptions_ahead, week_on

from .venues import Seen, seen_place
from .venues_form import DateForm, UsualForm, WeekForm
from .viewing import me, staff

DAYS_AHEAD = 400  # exceptions listed


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the hours of a place; on POST set those of the week or of a date, or let the usual ones hold again.

    Where booked dates would lose their time, it is said first how many; the same form sent again then does it.
    """
    seen = seen_place(request, key)
    require(me(request), Duty.KEEP_VENUES, in_area=seen.code, at=seen.at)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    rooms = [(room.pk, room.name) for room in rooms_of(key, on=seen.on)]
    now = week_on(key, on=seen.on)
    week = WeekForm(request.POST if do == "week" else None, today=seen.on, week=now)
    other = DateForm(request.POST if do == "date" else None, today=seen.on, rooms=rooms)
    usual = UsualForm(request.POST if do == "as_usual" else None)
    lost: int | None = 0
    changes: list[tuple[Any, Callable[[Seen, Any, Any], int]]] = [
        (week, _week_set),
        (other, _date_set),
        (usual, _as_usual),
    ]
    for form, change in changes:
        if form.is_bound and form.is_valid():
            lost = _tried(request, seen, form, partial(change, seen, form, me(request)))
    if lost is None:
        return redirect("desk:venue_hours", key=key)
    context = {
        "seen": seen, "here": seen.facility, "week": week, "other": other, "usual": usual, "lost": lost, "do": do,
        "is_set": bool(now), "exceptions": exceptions_shown(seen.facility, on=seen.on),
        "crumbs": seen.below(_("Opening hours")),
    }  # fmt: skip
    bad = any(form.errors for form in (week, other, usual))
    return render(request, "desk/venues/hours.html", context, status=400 if bad else 200)


def _tried(request: HttpRequest, seen: Seen, form: Any, change: Callable[[], int]) -> int | None:
    """Make a change; return None once it is made, else how many booked dates it would cost (0: it is refused)."""
    try:
        lost = dates_lost_by(change)
        if lost and request.POST.get("known") != str(lost):
            return lost
        change()
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return 0
    _say(request, lost)
    return None


def _week_set(seen: Seen, form: WeekForm, by: Any) -> int:
    return change_week(seen.facility.pk, form.week(), on=form.cleaned_data["on"], by=by, at=seen.at)


def _date_set(seen: Seen, form: DateForm, by: Any) -> int:
    said = form.cleaned_data
    how: dict[str, Any] = {"reason": said["reason"], "room": said["room"], "by": by, "at": seen.at}
    return change_date(seen.facility.pk, said["on"], said["spans"]["other"], **how)


def _as_usual(seen: Seen, form: UsualForm, by: Any) -> int:
    on, room = form.cleaned_data["when"]
    return change_back(seen.facility.pk, on, room=room, by=by, at=seen.at)


def _say(request: HttpRequest, lost: int) -> None:
    messages.success(request, _("The opening hours are set."))
    if lost:
        told = ngettext("%(n)s booked date lost its time.", "%(n)s booked dates lost their time.", lost) % {"n": lost}
        messages.warning(request, told)


def exceptions_shown(facility: Any, *, on: date) -> list[dict[str, Any]]:
    """Return the exceptions of a place from a day on: one line a date and room."""
    lines: dict[tuple[date, Any], dict[str, Any]] = {}
    for one in exceptions_ahead(facility.pk, on=on, days=DAYS_AHEAD):
        line = lines.setdefault(
            (one.on, one.room_id),
            {"on": one.on, "room": one.room, "reason": one.reason, "spans": [], "key": f"{one.on}/{one.room_id or ''}"},
        )
        if one.opens is not None and one.closes is not None:
            line["spans"].append((one.opens, one.closes))
    return [line | {"hours": hours_words(line["spans"])} for line in lines.values()]
