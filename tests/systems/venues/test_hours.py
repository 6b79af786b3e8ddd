"""Opening hours through weeks, holidays, moved working days and exceptions; and bookings never outside them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import MONDAY, a_user
from tests.systems.venues.places import CLERK, TUESDAY, a_place, a_room, a_wish
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, Refused
from weiduan.ground.territory.models import AreaVersion
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.closing import change_date
from weiduan.systems.venues.bookings.models import Slot
from weiduan.systems.venues.bookings.queries import minutes_on, moment
from weiduan.systems.venues.hours.actions import drop_exception, set_exception, set_week
from weiduan.systems.venues.hours.queries import opening_of
from weiduan.systems.venues.hours.rules import Exceptional, Weekly, clock, day_for, minutes_of, open_spans, without

ALWAYS = {"since": date(2018, 1, 1), "until": None}
# Monday to Friday 8:30–12 and 14–17:30, Saturday 9–12, holidays 10–16, closed on Sunday.
OFFICE = [
    *(Weekly(day, 510, 720, **ALWAYS) for day in range(5)), *(Weekly(day, 840, 1050, **ALWAYS) for day in range(5)),
    Weekly(5, 540, 720, **ALWAYS), Weekly(7, 600, 960, **ALWAYS),
]  # fmt: skip
WORKDAY, SATURDAY, HOLIDAY, CLOSED = [(510, 720), (840, 1050)], [(540, 720)], [(600, 960)], []
SPRING = {date(2026, 2, 14): WORKDAY, date(2026, 2, 28): WORKDAY} | {
    date(2026, 2, day): HOLIDAY for day in range(15, 24)
}
EDGES = SPRING | {
    date(2026, 1, 1): HOLIDAY, date(2026, 1, 3): HOLIDAY, date(2026, 1, 4): WORKDAY, date(2026, 2, 7): SATURDAY,
    date(2026, 2, 8): CLOSED, date(2026, 5, 9): WORKDAY, date(2026, 5, 10): CLOSED, date(2026, 9, 20): WORKDAY,
    date(2026, 10, 7): HOLIDAY, date(2026, 10, 8): WORKDAY, date(2026, 10, 10): WORKDAY, date(2026, 12, 31): WORKDAY,
}  # fmt: skip


@pytest.mark.parametrize("on", EDGES)
def test_a_year_of_holidays_and_moved_working_days_by_hand(on):
    assert open_spans(on, OFFICE, []) == EDGES[on]


def test_every_day_of_the_year_has_the_hours_of_its_kind():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    by_kind = {kind: sum(open_spans(day, OFFICE, []) == kind_hours for day in days)
               for kind, kind_hours in (("work", WORKDAY), ("sat", SATURDAY), ("off", HOLIDAY), ("shut", CLOSED))}  # fmt: skip
    assert by_kind == {"work": 248, "sat": 41, "off": 33, "shut": 43}


def test_an_exception_of_the_date_comes_before_everything_and_a_rooms_own_narrows_it():
    on = date(2026, 2, 16)
    later = Exceptional(on, 720, 1080)
    assert open_spans(on, OFFICE, [later]) == [(720, 1080)]
    assert open_spans(on, OFFICE, [Exceptional(on, None, None)]) == []
    assert open_spans(on, OFFICE, [later, Exceptional(on, 600, 800, room=5)], room=5) == [(720, 800)]
    assert open_spans(on, OFFICE, [later, Exceptional(on, None, None, room=5)], room=5) == []
    assert open_spans(on, OFFICE, [later, Exceptional(on, None, None, room=5)], room=6) == [(720, 1080)]


def test_spans_that_touch_or_overlap_are_one():
    week = [Weekly(1, 480, 720, **ALWAYS), Weekly(1, 720, 900, **ALWAYS), Weekly(1, 840, 1000, **ALWAYS)]
    assert open_spans(TUESDAY, week, []) == [(480, 1000)]
    assert without([(480, 1000)], [(500, 600), (600, 700), (990, 1200)]) == [(480, 500), (700, 990)]


@pytest.mark.parametrize(
    ("text", "minutes"), [("08:30", 510), ("8:05", 485), ("24:00", 1440), (" 14：00 ", 840), ("00:00", 0)]
)
def test_a_time_of_day_is_read(text, minutes):
    assert minutes_of(text) == minutes


@pytest.mark.parametrize("text", ["", "8", "8:5", "24:01", "12:60", "-1:00", "ab:cd", "12.30", "1:2:3"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(ValueError):
        minutes_of(text)


def test_a_time_is_written_with_two_digits_and_monday_stands_for_a_moved_day():
    assert (clock(485), clock(1440), day_for(date(2026, 2, 14))) == ("08:05", "24:00", 0)


@pytest.mark.django_db
def test_new_hours_hold_from_their_day_and_the_old_ones_stay_known():
    place = a_place(week={1: [(480, 720)]})
    next_week = TUESDAY + timedelta(days=7)
    set_week(place.pk, {1: [(600, 900)]}, on=next_week, **CLERK)

    opening = opening_of(place.pk, since=TUESDAY, until=next_week + timedelta(days=1))
    assert opening.spans(TUESDAY) == [(480, 720)]
    assert opening.spans(next_week) == [(600, 900)]


@pytest.mark.django_db
@pytest.mark.parametrize("week", [{8: [(0, 60)]}, {1: [(60, 60)]}, {1: [(0, 1441)]}, {1: [(0, 120), (60, 180)]}])
def test_hours_that_cannot_be_are_refused(week):
    place = a_place()
    with pytest.raises(BadInput):
        set_week(place.pk, week, on=TUESDAY, **CLERK)
    with pytest.raises(NotAllowed):
        set_week(place.pk, {}, on=TUESDAY, by=a_user(Duty.LOOK), at=MONDAY)


@pytest.mark.django_db
def test_an_exception_is_set_replaced_and_dropped():
    place = a_place()
    for spans, reason in (([], "停电"), ([(600, 700)], "上午停电")):
        set_exception(place.pk, TUESDAY, spans, reason=reason, **CLERK)
        assert opening_of(place.pk, since=TUESDAY, until=TUESDAY + timedelta(days=1)).spans(TUESDAY) == spans
    drop_exception(place.pk, TUESDAY, **CLERK)
    assert opening_of(place.pk, since=TUESDAY, until=TUESDAY + timedelta(days=1)).spans(TUESDAY) == [(480, 1200)]
    with pytest.raises(BadInput):
        set_exception(place.pk, TUESDAY, [], reason=" ", **CLERK)
    with pytest.raises(BadInput):
        set_exception(place.pk, TUESDAY - timedelta(days=3), [], reason="补记", **CLERK)


spans = st.tuples(st.integers(0, 95), st.integers(1, 48)).map(lambda s: (s[0] * 15, min((s[0] + s[1]) * 15, 1440)))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.integers(0, 6), spans, st.integers(0, 2)),
        st.tuples(st.just("date"), st.integers(0, 6), st.lists(spans, max_size=2), st.booleans()),
    ),
    min_size=2, max_size=8,
)  # fmt: skip


@pytest.mark.django_db(transaction=True)
@settings(max_examples=25, deadline=None)
@given(week=st.dictionaries(st.integers(0, 7), spans, min_size=3), steps=steps)
def test_whatever_is_booked_and_closed_no_held_date_lies_outside_or_on_another(week, steps):
    Slot.objects.all().delete()
    place = a_place_anew({day: [span] for day, span in week.items()})
    room = a_room(place, f"室{Slot.objects.count()}", buffer_min=15)
    for step in steps:
        on = TUESDAY + timedelta(days=step[1])
        try:
            if step[0] == "book":
                book(room, a_wish(on, *step[2], group=str(step[3])), by="test", at=MONDAY)
            else:
                change_date(place.pk, on, step[2], reason="x", room=room.pk if step[3] else None, **CLERK)
        except Refused:
            continue
    held = list(Slot.objects.filter(state="held").order_by("since"))
    assert all(one.blocked_until <= other.since for one, other in pairwise(held))
    opening = opening_of(place.pk, since=TUESDAY, until=TUESDAY + timedelta(days=8))
    for slot in held:
        on = next(
            d for d in (TUESDAY + timedelta(days=n) for n in range(8)) if moment(d, 0) <= slot.since < moment(d, 1440)
        )
        inside = minutes_on(on, slot.since), minutes_on(on, slot.until)
        assert any(a <= inside[0] and inside[1] <= b for a, b in opening.spans(on, room=room.pk))


def a_place_anew(week):
    """A place of its own for each example; the divisions are laid once."""
    return a_place(week=week, divided=AreaVersion.objects.exists(), quota_hours=None)
