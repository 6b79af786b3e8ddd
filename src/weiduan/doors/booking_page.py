"""What stands beside the questions when a room is booked: when it is free, what is in the way and what could be instead."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from weiduan.ground.base.errors import Refused
from weiduan.systems.venues.bookings.actions import Busy, NotOpen
from weiduan.systems.venues.bookings.queries import next_free
from weiduan.systems.venues.bookings.showing import free_of
from weiduan.systems.venues.hours.rules import clock

from .booking_form import BookingForm, bookable_day

USUAL_MIN = 60  # how long a free time is looked for before anybody said


def day_asked(text: str, today: date) -> date:
    """Return the day of an address, today where it is none or past; at most as far ahead as can be booked."""
    try:
        return bookable_day(date.fromisoformat(text), today)
    except ValueError:
        return today


def day_chosen(form: BookingForm, day: date, today: date) -> date:
    """Return the day typed into the form, else the one looked at."""
    typed = form.cleaned_data.get("on") if form.is_bound else None
    return bookable_day(typed, today) if typed else day


def with_time_taken(post: Any) -> Any:
    """Where one of the free times offered was chosen, put it in the place of the time typed."""
    taken = post.get("take", "").split(" ")
    if len(taken) != 3:
        return post
    data = post.copy()
    data["on"], data["opens"], data["closes"] = taken
    return data


def refused(refusal: Refused, form: BookingForm) -> dict[str, Any]:
    """Say what is in the way, and what can be done instead with what was typed."""
    busy = isinstance(refusal, Busy)
    others = bool(form.cleaned_data["repeat"]) and isinstance(refusal, Busy | NotOpen)
    free = [_take(since, until) for since, until in refusal.free] if isinstance(refusal, Busy) else []
    return {"refusal": refusal.message, "instead": free, "may_wait": busy, "may_rest": others}


def _take(since: datetime, until: datetime) -> dict[str, Any]:
    begins, ends = timezone.localtime(since), timezone.localtime(until)
    closes = "24:00" if ends.date() > begins.date() else f"{ends:%H:%M}"
    value = f"{begins:%Y-%m-%d %H:%M} {closes}"
    return {"value": value, "on": begins.date(), "opens": f"{begins:%H:%M}", "closes": closes}


def free_times(room: Any, day: date, at: datetime) -> dict[str, Any]:
    """Return when a room is free on a day; where it isn't, when next."""
    spans = [(clock(opens), clock(closes)) for opens, closes in free_of(room, day, at=at)]
    ahead = [] if spans else next_free(room, minutes=USUAL_MIN, after=at)
    return {"free": spans, "next": [_take(since, until) for since, until in ahead]}
