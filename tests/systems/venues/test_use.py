"""Use figures against hand-made ones: hours by what for and by unit, never by whom."""

from datetime import timedelta

import pytest

from tests.builders import GRID, MONDAY, grid, load, survey, unit
from tests.systems.venues.places import CLERK, DAY, TUESDAY, a_place, a_room, a_wish
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.closing import change_date
from weiduan.systems.venues.bookings.deciding import cancel
from weiduan.systems.venues.bookings.rules import Frequency, Repeat
from weiduan.systems.venues.bookings.use import use_of
from weiduan.systems.venues.facilities.rules import Use

pytestmark = pytest.mark.django_db


def test_hours_are_counted_by_use_and_by_unit_and_only_what_was_confirmed_and_not_cancelled():
    place = a_place(quota_hours=None)
    load(survey(grids=[grid()], units=[unit(GRID + "001")]))
    home = area_by_code(GRID + "001", on=TUESDAY).area_id
    hall, other = a_room(place), a_room(place, "书吧", confirms=True)
    a_room(place, "库房", bookable=False)
    weekly = Repeat(Frequency.WEEKLY, 1, 4)
    book(hall, a_wish(repeat=weekly, unit=home), by="test", at=MONDAY)  # an hour on four Tuesdays
    book(other, a_wish(opens=600, closes=690, use=Use.TEA), by="test", at=MONDAY)  # an hour and a half
    book(other, a_wish(opens=800, closes=860, use=Use.TEA), receipt="t" * 22, by=None, at=MONDAY)  # never confirmed
    cancel(book(other, a_wish(opens=900, closes=960), by="test", at=MONDAY).pk, by="test", at=MONDAY)
    change_date(place.pk, TUESDAY + DAY, [], reason="停电", **CLERK)

    # Two rooms, eight to twenty o'clock, seven days of which one is closed.
    week = use_of([place.pk], since=TUESDAY, until=TUESDAY + timedelta(days=7))[place.pk]
    assert week.open_min == 2 * 6 * 720
    assert week.by_use == {"reading": 60, "tea": 90}
    assert week.by_unit == {home: 60, None: 90}
    assert (week.used_min, week.percent) == (150, 1.7)
    month = use_of([place.pk], since=TUESDAY, until=TUESDAY + timedelta(days=28))[place.pk]
    assert month.by_use == {"reading": 240, "tea": 90}


def test_a_place_that_was_never_open_has_no_share():
    place = a_place(week={})
    a_room(place)
    use = use_of([place.pk], since=TUESDAY, until=TUESDAY + DAY)[place.pk]
    assert (use.open_min, use.used_min, use.percent) == (0, 0, None)


def test_the_use_of_many_places_takes_four_queries(django_assert_num_queries):
    places = [a_place(divided=n > 0, quota_hours=None).pk for n in range(3)]
    with django_assert_num_queries(4):
        use_of(places, since=TUESDAY, until=TUESDAY + DAY)
