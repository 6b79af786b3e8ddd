"""Rooms for units: as few as can be, and true words about dead corners."""

import pytest

from tests.builders import GRID, SURVEYED, VILLAGE, divisions, grid, load, survey, unit
from weiduan.ground.base.errors import BadInput
from weiduan.outlook.proposals.venues import plan_venues
from weiduan.planning.engines import HIGHS, Here

pytestmark = pytest.mark.django_db
HERE = Here(*HIGHS)
STEP = 400 / 111_320 / 0.8587  # 400 m of longitude at 30.83 degrees north


def _room(number, at, consent="yes"):
    return {
        "number": number, "name": number, "origin": "property_room", "area": VILLAGE, "address": None, "area_m2": 60.0,
        "lon": 104.25 + at * STEP, "lat": 30.83, "consent": consent,
    }  # fmt: skip


def _world(*rooms, placed=True):
    divisions()
    units = [
        unit(f"{GRID}00{n}", lon=104.25 + n * STEP if placed else None, lat=30.83 if placed else None)
        for n in range(1, 5)
    ]
    load(survey(grids=[grid()], units=units, premises=list(rooms)))


def _plan(**options):
    return plan_venues(VILLAGE, on=SURVEYED, engine=HERE, **options)


def test_the_fewest_rooms_reach_every_unit():
    _world(_room("F1", 1), _room("F2", 2), _room("F3", 3), _room("F4", 4))
    plan = _plan()
    assert (len(plan.rooms), plan.solution.status, plan.dead_corners) == (2, "optimal", ())
    assert sum(room.units for room in plan.rooms) >= 4


def test_an_owner_who_said_no_is_not_asked_again():
    _world(_room("F2", 2, "no"), _room("F3", 3))
    assert [room.number for room in _plan().rooms] == ["F3"]


def test_a_unit_too_far_from_any_room_is_named_with_the_distance():
    _world(_room("F1", 1))
    corners = {corner.code[-3:]: round(corner.nearest_m) for corner in _plan().dead_corners}
    assert set(corners) == {"003", "004"}
    assert abs(corners["003"] - 800) < 5


def test_a_longer_reach_needs_no_more_rooms():
    _world(_room("F1", 1), _room("F2", 2), _room("F3", 3), _room("F4", 4))
    assert len(_plan(reach_m=1300).rooms) == 1


def test_no_room_at_all_is_no_crash():
    _world()
    plan = _plan()
    assert plan.rooms == () and [c.nearest_m for c in plan.dead_corners] == [None] * 4


def test_units_without_a_place_and_a_reach_of_nothing_are_refused():
    _world(_room("F1", 1), placed=False)
    with pytest.raises(BadInput):
        _plan()
    with pytest.raises(BadInput):
        _plan(reach_m=0)
