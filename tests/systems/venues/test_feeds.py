"""The iCalendar feed of a place, read back as a calendar would read it."""

from datetime import timedelta

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar

from tests.builders import MONDAY
from tests.systems.venues.places import CLERK, TUESDAY, a_place, a_room, a_wish
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.closing import change_date
from weiduan.systems.venues.bookings.deciding import cancel, leave_out, take_in
from weiduan.systems.venues.bookings.feeds import feed_of
from weiduan.systems.venues.bookings.models import Slot
from weiduan.systems.venues.bookings.queries import moment
from weiduan.systems.venues.bookings.rules import Frequency, Repeat
from weiduan.systems.venues.facilities.actions import describe
from weiduan.systems.venues.facilities.models import Facility

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def _read(place, at=MONDAY):
    calendar = Calendar.from_ical(feed_of(Facility.objects.get(pk=place.pk), at=at))
    return calendar, calendar.events


def _occurrences(event):
    """Lay an event out by RFC 5545: start, rule, and the dates left out."""
    start = event["DTSTART"].dt
    if "RRULE" not in event:
        return [start]
    every = rrulestr(event["RRULE"].to_ical().decode(), dtstart=start.replace(tzinfo=None))
    lists = event.get("EXDATE") or []
    left_out = {d.dt.replace(tzinfo=None) for one in (lists if isinstance(lists, list) else [lists]) for d in one.dts}
    return [moment.replace(tzinfo=start.tzinfo) for moment in every if moment not in left_out]


def test_an_event_says_what_where_and_when_in_chinese_time_and_nobody():
    place = a_place(quota_hours=None)
    describe(place.pk, {"lon": 104.25, "lat": 30.83}, **CLERK)
    booking = book(a_room(place), a_wish(contact="13812345678"), by="test", at=MONDAY)

    calendar, (event,) = _read(place)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (f"{booking.pk}@weiduan", 0, "CONFIRMED")
    assert (event["SUMMARY"], event["LOCATION"]) == ("读书会", "石家碾党群服务中心，议事室，石家碾中路1号")
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert [zone["TZID"] for zone in calendar.timezones] == ["Asia/Shanghai"]
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (moment(TUESDAY, 540), moment(TUESDAY, 600))
    said = calendar.to_ical().decode()
    assert "138" not in said and "邻里读书会" not in said


@pytest.mark.parametrize("repeat", [Repeat(f, n, 7) for f in Frequency for n in (1, 2)])
def test_a_repetition_falls_on_the_same_dates_in_a_calendar_as_here(repeat):
    place = a_place(quota_hours=None)
    room = a_room(place)
    book(room, a_wish(TUESDAY + WEEK, group="别的"), by="test", at=MONDAY)
    booking = book(room, a_wish(repeat=repeat, skip=frozenset([TUESDAY])), rest=True, by="test", at=MONDAY)

    event = next(e for e in _read(place)[1] if "RRULE" in e)
    held = Slot.objects.filter(booking=booking, state="held").order_by("since")
    assert [slot.since for slot in held] == _occurrences(event)
    assert len(held) in (5, 6)


def test_leaving_out_taking_in_and_cancelling_keep_the_uid_and_count_up():
    place = a_place(quota_hours=None)
    booking = book(a_room(place), a_wish(repeat=Repeat(Frequency.WEEKLY, 1, 3)), by="test", at=MONDAY)
    uid = _read(place)[1][0]["UID"]

    leave_out(booking.pk, TUESDAY + WEEK, by="test", at=MONDAY)
    (event,) = _read(place)[1]
    assert (event["SEQUENCE"], [o.date() for o in _occurrences(event)]) == (1, [TUESDAY, TUESDAY + 2 * WEEK])
    take_in(booking.pk, TUESDAY + WEEK, by="test", at=MONDAY)
    (event,) = _read(place)[1]
    assert (event["SEQUENCE"], len(_occurrences(event))) == (2, 3)
    change_date(place.pk, TUESDAY, [], reason="停电", **CLERK)
    assert len(_occurrences(_read(place)[1][0])) == 2
    cancel(booking.pk, by="test", at=MONDAY)
    (event,) = _read(place)[1]
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (uid, 4, "CANCELLED")


def test_what_waits_is_not_in_it_and_what_a_keeper_must_confirm_is_tentative():
    place = a_place(quota_hours=None)
    room = a_room(place, confirms=True)
    book(room, a_wish(), receipt="a" * 22, by=None, at=MONDAY)
    book(room, a_wish(group="别的"), receipt="b" * 22, wait=True, by=None, at=MONDAY)

    assert [e["STATUS"] for e in _read(place)[1]] == ["TENTATIVE"]
    assert _read(place, at=MONDAY + timedelta(days=40))[1] == []
