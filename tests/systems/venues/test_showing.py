"""What a place shows everybody: open or when, what is on, when a room is free."""

import time
from datetime import date

import pytest

from tests.builders import MONDAY
from tests.systems.venues.places import ALL_WEEK, CLERK, DAY, TUESDAY, a_place, a_room, a_wish
from weiduan.ground.base.drafts import LASTS_S, new_draft, receipt_of
from weiduan.ground.base.errors import BadInput
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.closing import change_date
from weiduan.systems.venues.bookings.queries import moment
from weiduan.systems.venues.bookings.rules import BOOKING_FORM
from weiduan.systems.venues.bookings.showing import Standing, dates_shown, days_of, free_of, standing_of
from weiduan.systems.venues.facilities.models import Facility

pytestmark = pytest.mark.django_db


def _open(place, on, minutes):
    return standing_of(Facility.objects.get(pk=place.pk), at=moment(on, minutes))


def test_a_place_is_open_until_or_closed_until_through_breaks_and_closed_days():
    place = a_place(week=ALL_WEEK | {1: [(540, 720), (840, 1020)], 2: []})

    assert _open(place, TUESDAY, 539) == Standing(False, moment(TUESDAY, 540))
    assert _open(place, TUESDAY, 540) == Standing(True, moment(TUESDAY, 720))
    assert _open(place, TUESDAY, 720) == Standing(False, moment(TUESDAY, 840))
    assert _open(place, TUESDAY, 1020) == Standing(False, moment(TUESDAY + 2 * DAY, 480))  # not on Wednesday


def test_a_place_closed_for_good_or_not_opened_yet_is_not_open():
    place = a_place()
    Facility.objects.filter(pk=place.pk).update(open_until=TUESDAY)
    assert _open(place, TUESDAY, 600) == Standing(False, None)

    Facility.objects.filter(pk=place.pk).update(open_until=None, open_since=TUESDAY + DAY)
    assert _open(place, TUESDAY, 600) == Standing(False, moment(TUESDAY + DAY, 480))


def test_the_days_of_a_place_say_why_the_hours_are_other_ones_and_what_is_on():
    room = a_room()
    book(room, a_wish(TUESDAY + DAY), by="test", at=MONDAY)
    change_date(room.facility_id, TUESDAY, [], reason="消防检修", **CLERK)

    first, second = days_of(room.facility, since=TUESDAY, days=2)
    assert (first.on, first.spans, first.shown, first.why) == (TUESDAY, (), (), "消防检修")
    assert (second.spans, [one.what for one in second.shown], second.why) == (((480, 1200),), ["读书会"], "")
    whys = [day.why for day in days_of(room.facility, since=date(2026, 1, 1), days=4)]
    assert whys == ["元旦", "元旦", "元旦", ""]  # the Sunday after is worked on


def test_a_room_is_free_between_bookings_with_its_buffer_and_from_the_next_quarter_of_an_hour():
    room = a_room(buffer_min=20)
    book(room, a_wish(opens=600, closes=660), by="test", at=MONDAY)

    assert free_of(room, TUESDAY, at=MONDAY) == [(480, 580), (690, 1200)]  # 11:20 is no quarter of an hour: 11:30
    assert free_of(room, TUESDAY, at=moment(TUESDAY, 500)) == [(510, 580), (690, 1200)]
    assert free_of(room, TUESDAY, at=moment(TUESDAY, 570)) == [(690, 1200)]
    assert free_of(room, TUESDAY, at=moment(TUESDAY + DAY, 0)) == []


def test_every_free_span_can_be_booked_whole():
    room = a_room(buffer_min=20)
    book(room, a_wish(opens=600, closes=660), by="test", at=MONDAY)

    for n, (opens, closes) in enumerate(free_of(room, TUESDAY, at=MONDAY)):
        assert book(room, a_wish(opens=opens, closes=closes, group=str(n)), by="test", at=MONDAY).state == "confirmed"
    assert free_of(room, TUESDAY, at=MONDAY) == []


def test_the_last_day_left_is_cancelled_not_left_out():
    booking = book(a_room(), a_wish(), by="test", at=MONDAY)

    (dated,) = dates_shown(booking, at=MONDAY)
    assert (dated.on, dated.may_leave_out, dated.may_take_in) == (TUESDAY, False, False)


def test_a_draft_leads_to_one_receipt_and_ends_after_a_day(monkeypatch):
    draft, other = new_draft(BOOKING_FORM), new_draft(BOOKING_FORM)

    assert receipt_of(draft, BOOKING_FORM) == receipt_of(draft, BOOKING_FORM) != receipt_of(other, BOOKING_FORM)
    assert len(receipt_of(draft, BOOKING_FORM)) == 24 and receipt_of(draft, BOOKING_FORM) not in draft
    with pytest.raises(BadInput):
        receipt_of(draft[:-1] + ("A" if draft[-1] != "A" else "B"), BOOKING_FORM)
    later = time.time() + LASTS_S + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    with pytest.raises(BadInput):
        receipt_of(draft, BOOKING_FORM)
