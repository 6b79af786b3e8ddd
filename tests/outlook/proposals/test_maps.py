"""A plan on the map: the same facts as its table."""

import json

import pytest
import shapely

from tests.builders import GRID, MONDAY, SURVEYED, VILLAGE, divisions, grid, load, survey, unit
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.shapes import shape_fields
from weiduan.outlook.proposals import maps
from weiduan.outlook.proposals.maps import bodies_map, venues_map
from weiduan.outlook.proposals.venues import as_told, plan_venues
from weiduan.planning.engines import HIGHS, Here
from weiduan.systems.venues.micro_venues.actions import plan_venue
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.reach.queries import unit_points

pytestmark = pytest.mark.django_db
STEP = 400 / 111_320 / 0.8587  # 400 m of longitude at 30.83 degrees north
# Round a bay: the middle of its box lies outside of it.
BAY = shapely.Polygon([(0, 0), (3, 0), (3, 3), (0, 3), (0, 2.9), (2.9, 2.9), (2.9, 0.1), (0, 0.1)])


@pytest.fixture
def told():
    """Units 1 and 3 are drawn, 2 and 9 are points; F1 holds a micro-venue, F3 doesn't."""
    divisions()
    units = [unit(f"{GRID}{n:03}", lon=104.25 + n * STEP, lat=30.83) for n in (1, 2, 3, 9)]
    rooms = [
        {
            "number": f"F{n}", "name": f"F{n}旧房", "origin": "other", "area": VILLAGE, "address": None, "area_m2": 60.0,
            "lon": 104.25 + n * STEP, "lat": 30.83, "consent": "yes",
        }
        for n in (1, 3)
    ]  # fmt: skip
    load(survey(grids=[grid()], units=units, premises=rooms))
    for n in (1, 3):
        _draw(f"{GRID}{n:03}", shapely.box(104.25 + (n - 0.4) * STEP, 30.829, 104.25 + (n + 0.4) * STEP, 30.831))
    premises = Premises.objects.get(number="F1")
    plan_venue(premises, name="x", serves={}, seat=VILLAGE, on=SURVEYED, by="test", at=MONDAY)
    return as_told(plan_venues(VILLAGE, on=SURVEYED, reach_m=450, engine=Here(*HIGHS)))


def _draw(code, shape):
    AreaVersion.objects.filter(code=code).update(**shape_fields(shape))


def _by_role(drawn, role):
    return [f["properties"] for f in drawn["features"] if f["properties"].get("role") == role]


def _states(drawn):
    return {
        f["properties"]["code"][-3:]: (f["geometry"]["type"], f["properties"]["state"])
        for f in drawn["features"]
        if "state" in f["properties"] and "role" not in f["properties"]
    }


def test_units_are_drawn_as_outlines_or_points_by_whether_a_room_is_within_reach(told):
    today, plan = (venues_map(told, VILLAGE, SURVEYED, side) for side in ("today", "plan"))
    assert _states(today) == {
        "001": ("Polygon", "covered"), "002": ("Point", "covered"), "003": ("Polygon", "gap"), "009": ("Point", "gap"),
    }  # fmt: skip
    assert _states(plan) == _states(today) | {"003": ("Polygon", "covered")}
    assert [spot["code"][-3:] for spot in _by_role(plan, "spot")] == ["001", "003"]


def test_rooms_carry_what_becomes_of_them_and_each_unit_reached_is_linked_to_its_own(told):
    today, plan = (venues_map(told, VILLAGE, SURVEYED, side) for side in ("today", "plan"))
    assert [(r["code"], r["state"]) for r in _by_role(today, "room")] == [("F1", "kept")]
    assert [(r["code"], r["state"]) for r in _by_role(plan, "room")] == [("F1", "kept"), ("F3", "new")]
    assert [link["code"][-3:] for link in _by_role(today, "link")] == ["001", "002"]
    assert [link["code"][-3:] for link in _by_role(plan, "link")] == ["001", "002", "003"]
    ends = [f["geometry"]["coordinates"][1] for f in plan["features"] if f["properties"].get("role") == "link"]
    rooms = [[room["lon"], room["lat"]] for room in told["rooms"]]
    assert ends == [rooms[unit["room"]] for unit in told["units"] if unit["room"] is not None]
    assert json.loads(json.dumps(plan))["type"] == "FeatureCollection"


def test_a_wide_area_draws_points_without_names(told, monkeypatch):
    monkeypatch.setattr(maps, "MANY", 3)
    drawn = venues_map(told, VILLAGE, SURVEYED)
    assert {kind for kind, _state in _states(drawn).values()} == {"Point"}
    assert not any(f["properties"].get("label") for f in drawn["features"])


def test_a_unit_without_a_point_stands_inside_its_outline(told):
    AreaVersion.objects.filter(code=f"{GRID}009").update(lon=None, lat=None, **shape_fields(BAY))
    assert BAY.contains(shapely.Point(unit_points(VILLAGE, on=SURVEYED)[f"{GRID}009"]))


def test_bodies_are_linked_to_the_unit_in_their_middle(told):
    plan = {"units": [{"code": u["code"], "name": u["name"]} for u in told["units"]], "today": [{"units": [3]}]}
    drawn = bodies_map(plan, VILLAGE, SURVEYED, [[0, 1, 2], [3]])
    assert [state for _kind, state in _states(drawn).values()] == ["covered"] * 4
    assert [(m["code"][-3:], m["state"]) for m in _by_role(drawn, "room")] == [("002", "new"), ("009", "kept")]
    assert [link["code"][-3:] for link in _by_role(drawn, "link")] == ["001", "003"]
    alone = bodies_map(plan, VILLAGE, SURVEYED, [[0, 1]], kept=[True])
    assert [state for _kind, state in _states(alone).values()] == ["covered", "covered", "gap", "gap"]
    assert [(m["code"][-3:], m["state"]) for m in _by_role(alone, "room")] == [("001", "kept")]
    assert _by_role(bodies_map(plan, VILLAGE, SURVEYED, []), "room") == []
