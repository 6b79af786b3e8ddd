"""Dead corners: every unit against brute force on another plane, limits of one's own, and what a day changes."""

import random
from datetime import timedelta

import pytest
import shapely

from tests.builders import (
    DISTRICT,
    GRID,
    MONDAY,
    OTHER_VILLAGE,
    SURVEYED,
    VILLAGE,
    a_user,
    divisions,
    grid,
    load,
    survey,
    unit,
)
from tests.systems.venues.reaching import LAT, LON, STEP, a_room, a_row, a_venue, at, walked
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.rulebook.actions import set_local_value
from weiduan.systems.venues.micro_venues.actions import move_on
from weiduan.systems.venues.micro_venues.rules import LIVE, State
from weiduan.systems.venues.reach.actions import load_streets
from weiduan.systems.venues.reach.corners import dead_corners, limits_of, reached_in

pytestmark = pytest.mark.django_db


def _codes(*numbers):
    return [f"{GRID}{n:03}" for n in numbers]


@pytest.mark.parametrize("seed", range(6))
def test_in_any_small_world_a_unit_is_dead_unless_an_open_place_that_serves_it_is_near(seed):
    chance = random.Random(seed)
    units = {n: chance.uniform(0, 25) for n in range(1, 13)}
    rooms = {f"F{n}": chance.uniform(0, 25) for n in range(1, 6)}
    a_row(units, rooms)
    states = {number: chance.choice([*LIVE, State.OPEN, State.CLOSED]) for number in rooms}
    serves = {number: chance.sample(list(units), chance.randint(0, 8)) for number in rooms}
    for number in rooms:
        a_venue(number, serves[number], state=states[number])

    wanted = [
        n
        for n in units
        if not any(
            states[f] is State.OPEN and n in serves[f] and walked(at(units[n]), at(rooms[f])) <= 650 for f in rooms
        )
    ]
    on = SURVEYED + timedelta(days=1)
    assert dead_corners(VILLAGE, on=on) == dead_corners(DISTRICT, on=on) == _codes(*wanted)
    for unit_ in reached_in(VILLAGE, on=on):
        n = int(unit_.code[-3:])
        ways = [walked(at(units[n]), at(rooms[f])) for f in rooms if states[f] is State.OPEN and n in serves[f]]
        assert unit_.metres == pytest.approx(min(ways), abs=0.2) if ways else unit_.metres is None


def test_the_limit_is_five_hundred_metres_straight_and_a_village_may_set_its_own():
    a_row({1: 4.99, 2: 5.01, 3: 3.0}, {"F1": 0})
    a_venue("F1", [1, 2, 3])
    assert dead_corners(VILLAGE, on=SURVEYED) == _codes(2)
    set_local_value(
        "unit-venue-walk", area=VILLAGE, value=400, source="镇发〔2018〕1号", since=SURVEYED, by="test", at=MONDAY
    )
    assert dead_corners(VILLAGE, on=SURVEYED) == _codes(1, 2)
    assert limits_of([VILLAGE, OTHER_VILLAGE, f"{GRID}001"], on=SURVEYED) == {
        VILLAGE: 400,
        OTHER_VILLAGE: 650,
        f"{GRID}001": 400,
    }


def test_a_place_counts_from_the_day_it_opens_until_the_day_it_closes():
    a_row({1: 0}, {"F1": 1})
    venue = a_venue("F1", [1], state=State.FITTING_OUT)
    opens, closes = SURVEYED + timedelta(days=30), SURVEYED + timedelta(days=60)
    for state, on in ((State.OPEN, opens), (State.CLOSED, closes)):
        move_on(venue, state, seat=VILLAGE, on=on, by="test", at=MONDAY)
    day = timedelta(days=1)
    dead = [bool(dead_corners(VILLAGE, on=on)) for on in (SURVEYED, opens - day, opens, closes - day, closes)]
    assert dead == [True, True, False, False, True]
    assert dead_corners(VILLAGE, on=SURVEYED, states=LIVE) == []


def test_what_is_off_the_map_is_a_dead_corner_for_nobody_can_say_that_it_is_not():
    a_row({1: None, 2: 0}, {"F1": 0, "F2": None})
    a_venue("F1", [1])
    a_venue("F2", [2])
    assert dead_corners(VILLAGE, on=SURVEYED) == _codes(1, 2)
    assert [(unit_.metres, len(unit_.served)) for unit_ in reached_in(VILLAGE, on=SURVEYED)] == [(None, 1), (None, 1)]


def test_a_place_of_another_village_serves_too():
    divisions()
    load(survey(grids=[grid()], units=[unit(f"{GRID}001", lon=LON, lat=LAT)]))
    load(survey(premises=[a_room("F1", 2, area=OTHER_VILLAGE)]), area=OTHER_VILLAGE)
    a_venue("F1", [1])
    assert dead_corners(VILLAGE, on=SURVEYED) == []


def test_units_walk_along_the_streets_of_the_smallest_area_around_them_whoever_asks():
    a_row({1: 0, 2: 4}, {"F1": 2})
    a_venue("F1", [1, 2])
    north = 4 * STEP  # the only street goes round by the north
    round_ = shapely.LineString([(LON, LAT), (LON, LAT + north), (LON + 2 * STEP, LAT + north), (LON + 2 * STEP, LAT)])
    by = a_user(Duty.KEEP_GROUND)
    load_streets([round_], code=VILLAGE, source="社区自绘", on=SURVEYED, by=by, at=MONDAY)
    straight = shapely.LineString([(LON, LAT), (LON + 9 * STEP, LAT)])
    load_streets([straight], code=DISTRICT, source="测绘院 2018", on=SURVEYED, by=by, at=MONDAY)
    for code in (VILLAGE, DISTRICT, f"{GRID}001"):
        assert _codes(1)[0] in dead_corners(code, on=SURVEYED)
        assert reached_in(code, on=SURVEYED)[0].metres == pytest.approx(200 + 2 * 4 * 116, abs=15)


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    a_row({n: n / 2 for n in range(1, 40)}, {"F1": 2, "F2": 9})
    a_venue("F1", [1, 2])
    with django_assert_num_queries(4):
        reached_in(VILLAGE, on=SURVEYED)
