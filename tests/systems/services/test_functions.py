"""Functions of rooms on the engine of bookings: laid ahead, never double, left out where the room is taken, ended."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.builders import MONDAY, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.venues.places import ALL_WEEK, CLERK, TUESDAY, a_place, a_room, a_wish
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed
from weiduan.systems.services.functions.actions import Facts, add_function, end_function, lay_ahead
from weiduan.systems.services.functions.models import Function
from weiduan.systems.services.functions.queries import dates_of, functions_by_booking, functions_of, held_in
from weiduan.systems.venues.bookings.actions import Busy, NotOpen, book
from weiduan.systems.venues.bookings.deciding import leave_out, take_in
from weiduan.systems.venues.bookings.models import Booking, Slot
from weiduan.systems.venues.bookings.queries import moment
from weiduan.systems.venues.bookings.rules import Who
from weiduan.systems.venues.hours.actions import set_exception

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
TODAY = date(2018, 11, 5)


def facts(**said) -> Facts:
    told = {
        "kind": "deputies", "name": "代表接待日", "run_by": "人大代表联络站", "for_whom": "全体居民", "weekdays": (1, 4), "opens": 540,
        "closes": 660, "since": TODAY,
    } | said  # fmt: skip
    return Facts(**told)


def held() -> list[date]:
    rows = Slot.objects.filter(state="held", booking__function_dates__isnull=False).order_by("since")
    return [row.since.astimezone(moment(TODAY, 0).tzinfo).date() for row in rows]


@pytest.mark.django_db
def test_its_dates_are_bookings_laid_twelve_weeks_ahead_without_share_or_confirmation():
    room = a_room(a_place(quota_hours=1), confirms=True, bookable=False)
    function = add_function(room.pk, facts(), **CLERK)
    assert held() == sorted(TUESDAY + n * WEEK + k * DAY for n in range(12) for k in (0, 3))
    assert set(Booking.objects.values_list("who", "state", "use")) == {("house", "confirmed", "deputies")}
    assert Booking.objects.count() == 2 and function.laid_until == TODAY + 12 * WEEK
    assert list(functions_of(room.facility_id, on=TODAY)) == [function]
    assert set(functions_by_booking(Booking.objects.values_list("pk", flat=True)).values()) == {function}
    week = held_in([room.facility_id], since=MONDAY, until=MONDAY + WEEK)
    assert [one.since for one in week] == [moment(TUESDAY, 540), moment(TUESDAY + 3 * DAY, 540)]


@pytest.mark.django_db
def test_the_clock_lays_more_before_they_run_out_and_once():
    room = a_room()
    add_function(room.pk, facts(weekdays=(1,)), **CLERK)
    assert lay_ahead(at=MONDAY + 4 * WEEK) == 0
    soon = MONDAY + 4 * WEEK + DAY
    assert lay_ahead(at=soon) == 1 and lay_ahead(at=soon) == 0
    assert held() == [TUESDAY + n * WEEK for n in range(16)]
    assert lay_ahead(at=MONDAY + 30 * WEEK) == 1  # nobody ran the clock for long: from today on
    assert held()[16] == TUESDAY + 30 * WEEK


@pytest.mark.django_db
def test_dates_on_which_the_room_is_taken_or_closed_are_left_out_and_say_why_and_can_be_taken_in_again():
    room = a_room()
    other = book(room, a_wish(opens=600, closes=720), **CLERK)
    set_exception(room.facility_id, TUESDAY + WEEK, [], reason="检修", **CLERK)
    function = add_function(room.pk, facts(weekdays=(1,)), **CLERK)
    [dates] = function.dates.all()
    leave_out(dates.booking_id, TUESDAY + 2 * WEEK, **CLERK)
    assert [one.why for one in dates_of(function, at=MONDAY)] == ["taken", "closed", "skipped"] + [""] * 9
    leave_out_all(other)
    take_in(dates.booking_id, TUESDAY, **CLERK)
    take_in(dates.booking_id, TUESDAY + 2 * WEEK, **CLERK)
    assert [one.why for one in dates_of(function, at=MONDAY)] == ["", "closed"] + [""] * 10


def leave_out_all(booking: Booking) -> None:
    Slot.objects.filter(booking=booking).update(state="freed")


@pytest.mark.django_db
def test_where_the_room_is_never_free_or_open_then_it_is_refused_and_nothing_is_kept():
    room = a_room()
    add_function(room.pk, facts(weekdays=(1,)), **CLERK)
    with pytest.raises(Busy) as refused:
        add_function(room.pk, facts(weekdays=(1,), name="邻里影院", kind="cinema"), **CLERK)
    assert refused.value.free
    with pytest.raises(NotOpen):
        add_function(room.pk, facts(weekdays=(2,), opens=0, closes=60), **CLERK)
    assert Function.objects.count() == 1 and Booking.objects.count() == 1


@pytest.mark.django_db
def test_ended_from_a_day_on_its_later_dates_are_free_for_good():
    room = a_room()
    function = add_function(room.pk, facts(weekdays=(1,)), **CLERK)
    end_function(function.pk, TUESDAY + 2 * WEEK, **CLERK)
    assert held() == [TUESDAY, TUESDAY + WEEK]
    book(room, a_wish(on=TUESDAY + 2 * WEEK), **CLERK)
    assert lay_ahead(at=MONDAY + 10 * WEEK) == 0
    assert [one.on for one in dates_of(Function.objects.get(), at=MONDAY)] == [TUESDAY, TUESDAY + WEEK]
    with pytest.raises(BadInput):
        end_function(function.pk, TUESDAY + 3 * WEEK, **CLERK)


@pytest.mark.django_db
def test_only_who_keeps_the_place_may_give_its_rooms_a_function():
    room = a_room()
    with pytest.raises(NotAllowed):
        add_function(room.pk, facts(), by=a_user(Duty.KEEP_SERVICES), at=MONDAY)
    assert add_function(room.pk, facts(), by=a_user(Duty.KEEP_VENUES, area=VILLAGE), at=MONDAY).room == room


@pytest.mark.django_db
def test_nobody_else_books_as_the_place_itself():
    room = a_room()
    wish = a_wish(who=Who.HOUSE)
    for by in (None, a_user(Duty.KEEP_SERVICES), a_user(Duty.KEEP_ORGANISATION)):
        with pytest.raises(NotAllowed):
            book(room, wish, receipt="r" * 22, by=by, at=MONDAY)
    assert book(room, wish, by=a_user(Duty.KEEP_VENUES), at=MONDAY).state == "confirmed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "}, {"run_by": ""}, {"for_whom": "人" * 101}, {"kind": "bar"}, {"weekdays": ()}, {"weekdays": (7,)}, {"closes": 540},
        {"closes": 1500}, {"since": TODAY - DAY}, {"since": TODAY + 13 * WEEK},
    ],
)  # fmt: skip
def test_what_cant_be_is_refused(wrong):
    room = a_room()
    with pytest.raises(BadInput):
        add_function(room.pk, facts(**wrong), **CLERK)


@pytest.mark.django_db
def test_the_database_refuses_a_function_that_ends_before_it_began():
    function = add_function(a_room().pk, facts(), **CLERK)
    for wrong in ({"until": TODAY}, {"closes": 500}, {"kind": "bar"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Function.objects.filter(pk=function.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_a_function_and_bookings_at_once_never_have_the_room_twice():
    room = a_room(a_place(week=ALL_WEEK, quota_hours=None))

    def deed(n: int):
        if n == 3:
            return add_function(room.pk, facts(weekdays=(1,)), **CLERK)
        return book(room, a_wish(on=TUESDAY + n % 4 * WEEK, group=f"组{n}"), **CLERK)

    given = at_once(deed, 16)
    slots = list(Slot.objects.filter(state="held").values_list("since", flat=True))
    assert len(slots) == len(set(slots))
    assert isinstance(given[3], Function) and {Busy} == {type(one) for one in given if isinstance(one, Exception)}
    assert {on for on in (TUESDAY + n * WEEK for n in range(12))} == {
        s.astimezone(moment(TODAY, 0).tzinfo).date() for s in slots
    }


@pytest.mark.django_db(transaction=True)
def test_the_clock_of_ten_processes_lays_each_date_once():
    room = a_room()
    add_function(room.pk, facts(weekdays=(1,)), **CLERK)
    assert sum(at_once(lambda _n: lay_ahead(at=MONDAY + 6 * WEEK), 10)) == 1
    assert held() == [TUESDAY + n * WEEK for n in range(18)]
