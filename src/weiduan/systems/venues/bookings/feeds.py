"""What is on in a place as iCalendar (RFC 5545): one event a booking, its repetition as a rule with the dates left out."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone
from icalendar import Calendar, Event, vRecur

from weiduan.systems.venues.facilities.models import Facility

from .models import Booking, Slot
from .rules import LIVE, Frequency, Repeat, SlotState, State, nth_weekday

PAST_DAYS = 31  # so much of what is over stays in the feed
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STATUS = {State.CONFIRMED.value: "CONFIRMED", State.ASKED.value: "TENTATIVE"}


def feed_of(facility: Facility, *, at: datetime) -> bytes:
    """Return the calendar of a place: what is held, and for a month what was cancelled, so that calendars take it off."""
    calendar = Calendar()
    calendar.add("prodid", "-//Weiduan//Venues//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", facility.name)
    calendar.add("x-wr-calname", facility.name)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for booking in _bookings(facility.pk, at):
        calendar.add_component(_event(booking, facility))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _bookings(facility: UUID, at: datetime) -> list[Booking]:
    since = at - timedelta(days=PAST_DAYS)
    recent = Slot.objects.filter(until__gt=since, room__facility=facility).values("booking")
    shown = [*LIVE, State.CANCELLED.value]
    rows = Booking.objects.filter(pk__in=recent, state__in=shown).select_related("room")
    return list(rows.prefetch_related(Prefetch("slots", Slot.objects.order_by("since"))).order_by("made_at", "pk"))


def _event(booking: Booking, facility: Facility) -> Event:
    slots = list(booking.slots.all())
    first = slots[0]
    event = Event()
    event.add("uid", f"{booking.pk}@weiduan")
    event.add("dtstamp", booking.changed_at)
    event.add("last-modified", booking.changed_at)
    event.add("created", booking.made_at)
    event.add("sequence", booking.sequence)
    event.add("summary", booking.what)
    event.add("location", "，".join(part for part in (facility.name, booking.room.name, facility.address) if part))
    if facility.lat is not None and facility.lon is not None:
        event.add("geo", (facility.lat, facility.lon))
    event.add("status", STATUS.get(booking.state, "CANCELLED"))
    event.add("dtstart", timezone.localtime(first.since))
    event.add("dtend", timezone.localtime(first.until))
    if booking.repeat is not None:
        _repeat(event, booking.repeat, slots)
    return event


def _repeat(event: Event, said: dict[str, Any], slots: list[Slot]) -> None:
    """Say how it repeats, and which of its dates are left out: each date has a slot."""
    every = Repeat(Frequency(said["frequency"]), said["interval"], said["count"])
    event.add("rrule", _rule(every, timezone.localtime(slots[0].since).date()))
    left_out = [timezone.localtime(slot.since) for slot in slots if slot.state == SlotState.SKIPPED.value]
    if left_out:
        event.add("exdate", left_out)


def _rule(every: Repeat, first: date) -> vRecur:
    rule: dict[str, Any] = {"freq": every.frequency.value.upper(), "interval": every.interval, "count": every.count}
    if every.frequency is Frequency.MONTHLY:
        nth = nth_weekday(first)
        rule["byday"] = f"{nth.n}{DAYS[nth.weekday]}"
    return vRecur(rule)
