"""Bookings: alone in the room, within hours, a fair share, and what becomes of them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.builders import MONDAY, VILLAGE, a_user
from tests.systems.venues.places import ALL_WEEK, CLERK, DAY, RECEIPT, TUESDAY, a_place, a_room, a_wish
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.venues.bookings.actions import BookedOtherwise, Busy, NotOpen, TooMuch, book
from weiduan.systems.venues.bookings.closing import change_date, change_week
from weiduan.systems.venues.bookings.deciding import (
    NotNow,
    cancel,
    confirm,
    erase_contacts,
    hand_key_over,
    leave_out,
    refuse,
    take_in,
)
from weiduan.systems.venues.bookings.models import Booking, Slot
from weiduan.systems.venues.bookings.queries import booking_by_receipt, moment, slots_of, timetable
from weiduan.systems.venues.bookings.rules import Frequency, Repeat, State, Who, dates_of

pytestmark = pytest.mark.django_db
WEEKLY = Repeat(Frequency.WEEKLY, 1, 20)


def _book(room, wish, **how):
    return book(room, wish, **({"receipt": "", "by": "test", "at": MONDAY} | how))


def _resident(room, wish, receipt=RECEIPT, **how):
    return book(room, wish, receipt=receipt, by=None, **({"at": MONDAY} | how))


def _states(booking):
    return [slot.state for slot in slots_of(booking)]


def test_a_free_room_is_booked_and_stands_on_the_timetable_without_saying_who():
    room = a_room()
    _book(room, a_wish())

    (shown,) = timetable([room.facility_id], since=moment(TUESDAY, 0), until=moment(TUESDAY, 1440))
    assert (shown.what, shown.room, shown.confirmed) == ("读书会", "议事室", True)
    assert (shown.since, shown.until) == (moment(TUESDAY, 540), moment(TUESDAY, 600))


def test_overlapping_by_a_minute_is_refused_with_the_next_free_times_and_touching_is_fine():
    room = a_room()
    _book(room, a_wish())

    with pytest.raises(Busy) as refusal:
        _book(room, a_wish(opens=599, closes=659, group="别的"))
    assert refusal.value.taken == [TUESDAY]
    assert refusal.value.free == [
        (moment(TUESDAY, 480), moment(TUESDAY, 540)), (moment(TUESDAY, 600), moment(TUESDAY, 660)),
        (moment(TUESDAY + DAY, 480), moment(TUESDAY + DAY, 540)),
    ]  # fmt: skip
    _book(room, a_wish(opens=600, closes=660))
    _book(room, a_wish(opens=480, closes=540))


def test_the_database_itself_refuses_a_second_holder_but_not_a_waiting_one():
    room = a_room()
    first = _book(room, a_wish())
    (slot,) = slots_of(first)
    other = Booking.objects.create(
        room=room,
        who="group",
        what="x",
        use="reading",
        state="confirmed",
        group=b"x",
        made_at=MONDAY,
        changed_at=MONDAY,
    )
    again = {"booking": other, "room": room, "since": slot.since, "until": slot.until, "blocked_until": slot.until}

    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.create(state="held", **again)
    Slot.objects.create(state="waiting", **again)
    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.filter(booking=other).update(state="held")


def test_the_buffer_after_a_booking_keeps_the_room_free():
    room = a_room(buffer_min=15)
    _book(room, a_wish())

    with pytest.raises(Busy):
        _book(room, a_wish(opens=614, closes=674))
    _book(room, a_wish(opens=615, closes=675))
    with pytest.raises(Busy):  # its own buffer would reach into the first
        _book(room, a_wish(opens=500, closes=530))


def test_of_twenty_dates_three_taken_are_named_and_the_other_seventeen_booked_on_wish():
    room = a_room()
    taken = [dates_of(TUESDAY, WEEKLY)[n] for n in (2, 7, 19)]
    for on in taken:
        _book(room, a_wish(on, group="舞蹈队"))

    with pytest.raises(Busy) as refusal:
        _book(room, a_wish(repeat=WEEKLY))
    assert refusal.value.taken == taken
    assert Booking.objects.count() == 3

    booking = _book(room, a_wish(repeat=WEEKLY), rest=True)
    assert _states(booking) == ["skipped" if n in (2, 7, 19) else "held" for n in range(20)]


def test_a_monthly_booking_falls_on_the_same_weekday_of_each_month():
    assert dates_of(date(2026, 1, 13), Repeat(Frequency.MONTHLY, 1, 4)) == [
        date(2026, 1, 13), date(2026, 2, 10), date(2026, 3, 10), date(2026, 4, 14),
    ]  # fmt: skip
    assert dates_of(date(2026, 1, 30), Repeat(Frequency.MONTHLY, 1, 3))[1:] == [date(2026, 2, 27), date(2026, 3, 27)]


def test_a_date_left_out_is_free_for_others_and_can_be_taken_in_again_only_while_it_is():
    room = a_room()
    booking = _resident(room, a_wish(repeat=Repeat(Frequency.WEEKLY, 1, 3)))
    second = TUESDAY + timedelta(days=7)
    leave_out(booking.pk, second, receipt=RECEIPT, by=None, at=MONDAY)
    other = _book(room, a_wish(second, group="别的"))

    with pytest.raises(Busy):
        take_in(booking.pk, second, receipt=RECEIPT, by=None, at=MONDAY)
    cancel(other.pk, by="test", at=MONDAY)
    take_in(booking.pk, second, receipt=RECEIPT, by=None, at=MONDAY)

    assert _states(booking) == ["held"] * 3
    booking.refresh_from_db()
    assert booking.sequence == 2


def test_closed_days_and_hours_are_refused_with_when_it_is_open():
    room = a_room(a_place(week=ALL_WEEK | {1: [(540, 720), (840, 1020)]}, quota_hours=None))

    for opens, closes in ((530, 600), (700, 800), (720, 780), (1000, 1030)):
        with pytest.raises(NotOpen, match="09:00–12:00、14:00–17:00"):
            _book(room, a_wish(opens=opens, closes=closes))
    _book(room, a_wish(opens=540, closes=720))
    _book(room, a_wish(opens=840, closes=1020))


def test_a_group_gets_no_more_than_its_share_of_hours_to_come_and_others_still_do():
    room = a_room(a_place(quota_hours=3))
    _book(room, a_wish(opens=540, closes=660))

    with pytest.raises(TooMuch, match="3"):
        _book(room, a_wish(opens=700, closes=800))
    _book(room, a_wish(opens=700, closes=760))
    _book(room, a_wish(opens=800, closes=900, group="舞蹈队"))


def test_dates_left_out_and_waiting_are_no_way_around_the_share():
    room = a_room(a_place(quota_hours=2))
    weekly = Repeat(Frequency.WEEKLY, 1, 4)
    later = [TUESDAY + timedelta(days=7 * n) for n in (1, 2, 3)]
    booking = _resident(room, a_wish(repeat=weekly, skip=frozenset(later)))
    take_in(booking.pk, later[0], receipt=RECEIPT, by=None, at=MONDAY)
    with pytest.raises(TooMuch):
        take_in(booking.pk, later[1], receipt=RECEIPT, by=None, at=MONDAY)

    other = _book(room, a_wish(later[2], group="舞蹈队"))
    waiting = _resident(room, a_wish(later[2]), receipt="w" * 22, wait=True)
    cancel(other.pk, by="test", at=MONDAY)
    assert _states(waiting) == ["waiting"]
    cancel(booking.pk, receipt=RECEIPT, by=None, at=MONDAY)
    assert _states(waiting) == ["held"]


def test_who_waits_longest_follows_when_the_room_becomes_free():
    room = a_room()
    first = _book(room, a_wish())
    waiting = [
        _resident(room, a_wish(group=f"第{n}队"), receipt=f"{n}" * 22, wait=True, at=MONDAY + timedelta(minutes=n))
        for n in (1, 2)
    ]
    assert [b.state for b in waiting] == ["waiting", "waiting"]

    cancel(first.pk, by="test", at=MONDAY + timedelta(hours=1))
    assert [Booking.objects.get(pk=b.pk).state for b in waiting] == ["confirmed", "waiting"]
    assert [_states(b) for b in waiting] == [["held"], ["waiting"]]
    cancel(waiting[0].pk, receipt="1" * 22, by=None, at=MONDAY + timedelta(hours=2))
    assert _states(waiting[1]) == ["held"]


def test_a_keeper_confirms_or_refuses_with_a_reason_what_a_resident_asked():
    room, keeper = a_room(confirms=True), a_user(Duty.KEEP_VENUES)
    asked = _resident(room, a_wish())
    assert asked.state == State.ASKED
    with pytest.raises(Busy):
        _book(room, a_wish())

    confirm(asked.pk, by=keeper, at=MONDAY)
    with pytest.raises(NotNow):
        confirm(asked.pk, by=keeper, at=MONDAY)
    other = _resident(room, a_wish(opens=700, closes=760), receipt="o" * 22)
    with pytest.raises(BadInput):
        refuse(other.pk, "  ", by=keeper, at=MONDAY)
    refuse(other.pk, "当天检修", by=keeper, at=MONDAY)
    assert booking_by_receipt("o" * 22).answer == "当天检修"
    _book(room, a_wish(opens=700, closes=760))
    with pytest.raises(NotAllowed):
        confirm(asked.pk, by=a_user(Duty.LOOK), at=MONDAY)


def test_only_the_receipt_the_maker_and_a_keeper_can_cancel():
    room = a_room()
    booking = _resident(room, a_wish())

    for receipt in ("", "x" * 22):
        with pytest.raises(NotFound):
            cancel(booking.pk, receipt=receipt, by=None, at=MONDAY)
    with pytest.raises(NotAllowed):
        cancel(booking.pk, by=a_user(Duty.LOOK), at=MONDAY)
    with pytest.raises(NotFound):
        cancel(booking.pk, by=a_user(Duty.KEEP_VENUES, area="510114000000"), at=MONDAY)
    cancel(booking.pk, receipt=RECEIPT, by=None, at=MONDAY)
    with pytest.raises(NotNow):
        cancel(booking.pk, receipt=RECEIPT, by=None, at=MONDAY)


def test_the_same_form_sent_twice_is_one_booking_and_with_something_else_it_is_refused():
    room = a_room()
    assert _resident(room, a_wish()).pk == _resident(room, a_wish()).pk
    with pytest.raises(BookedOtherwise):
        _resident(room, a_wish(what="打牌"))
    assert Booking.objects.count() == 1


def test_closing_a_day_frees_what_was_booked_and_tells_why():
    room = a_room()
    booking = _resident(room, a_wish(repeat=Repeat(Frequency.WEEKLY, 1, 2)))
    single = _book(room, a_wish(opens=600, closes=660))

    assert change_date(room.facility_id, TUESDAY, [], reason="停电检修", **CLERK) == 2
    assert _states(booking) == ["skipped", "held"]
    booking.refresh_from_db(), single.refresh_from_db()
    assert (booking.answer, booking.state, single.state) == ("停电检修", "confirmed", "cancelled")
    assert change_week(room.facility_id, {}, on=TUESDAY, **CLERK) == 1
    booking.refresh_from_db()
    assert booking.state == "cancelled"


def test_the_key_goes_out_and_comes_back_once():
    booking = _book(a_room(), a_wish())
    with pytest.raises(NotNow):
        hand_key_over(booking.pk, back=True, **CLERK)
    hand_key_over(booking.pk, back=False, **CLERK)
    with pytest.raises(NotNow):
        hand_key_over(booking.pk, back=False, **CLERK)
    assert hand_key_over(booking.pk, back=True, **CLERK).key_back_at == MONDAY


def test_a_contact_is_sealed_stays_out_of_the_ledger_and_goes_a_month_after_the_last_date():
    booking = _resident(a_room(), a_wish(contact="13812345678"))
    assert b"138" not in bytes(booking.contact)
    assert not any("读书会" in str(e.after) or "138" in str(e.after) for e in Entry.objects.all())

    assert erase_contacts(at=moment(TUESDAY, 600) + timedelta(days=29)) == 0
    assert erase_contacts(at=moment(TUESDAY, 601) + timedelta(days=30)) == 1
    booking.refresh_from_db()
    assert bytes(booking.contact) == b""
    assert list(breaks()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": " "}, {"what": "长" * 61}, {"opens": 600, "closes": 600}, {"closes": 1441}, {"opens": 540, "closes": 550},
        {"on": TUESDAY - timedelta(days=2)}, {"on": TUESDAY + timedelta(days=400)}, {"people": 0},
        {"repeat": Repeat(Frequency.DAILY, 0, 3)}, {"repeat": Repeat(Frequency.DAILY, 1, 61)}, {"contact": "1" * 41},
        {"repeat": Repeat(Frequency.WEEKLY, 1, 1), "skip": frozenset([TUESDAY])},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_kept(wrong):
    room = a_room()
    with pytest.raises(BadInput):
        _book(room, replace(a_wish(), **wrong))
    assert (Booking.objects.count(), Slot.objects.count()) == (0, 0)


def test_residents_book_neither_for_organisations_nor_without_a_receipt_and_no_room_that_is_not_offered():
    room = a_room()
    with pytest.raises(NotAllowed):
        _resident(room, a_wish(who=Who.BODY))
    with pytest.raises(BadInput):
        _resident(room, a_wish(), receipt="short")
    with pytest.raises(NotOpen):
        _book(a_room(room.facility, "库房", bookable=False), a_wish())
    with pytest.raises(NotFound):
        book(room, a_wish(), by=a_user(Duty.LOOK, area="510114000000"), at=MONDAY)
    assert book(room, a_wish(), by=a_user(Duty.KEEP_VENUES, area=VILLAGE), at=MONDAY).state == "confirmed"
