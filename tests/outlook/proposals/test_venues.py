"""Rooms for units: as few as can be, and true words about dead corners."""

import json
from itertools import combinations

import numpy as np
import pytest

from tests.builders import GRID, MONDAY, SURVEYED, VILLAGE, divisions, grid, load, survey, unit
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.models import AreaVersion
from weiduan.outlook.proposals import venue_levels
from weiduan.outlook.proposals.venue_levels import UnsoundVenues
from weiduan.outlook.proposals.venues import as_told, plan_venues
from weiduan.planning.answers import Solution
from weiduan.planning.engines import GSCIP, HIGHS, Here
from weiduan.systems.venues.micro_venues.actions import plan_venue
from weiduan.systems.venues.micro_venues.rules import LIVE
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.reach.corners import dead_corners

pytestmark = pytest.mark.django_db
HERE = Here(*HIGHS)
STEP = 400 / 111_320 / 0.8587  # 400 m of longitude at 30.83 degrees north


def _room(number, at, consent="yes", north=0.0):
    return {
        "number": number, "name": f"{number}旧房", "origin": "property_room", "area": VILLAGE, "address": None,
        "area_m2": 60.0, "lon": 104.25 + at * STEP, "lat": 30.83 + north, "consent": consent,
    }  # fmt: skip


def _world(*rooms, placed=True, units=range(1, 5), households=100):
    """Units stand 400 m apart in a row; so do rooms, by the number of steps."""
    divisions()
    told = [
        unit(f"{GRID}{n:03}", lon=104.25 + n * STEP if placed else None, lat=30.83 if placed else None,
             households=households)
        for n in units
    ]  # fmt: skip
    load(survey(grids=[grid()], units=told, premises=list(rooms)))


def _plan(**options):
    return plan_venues(VILLAGE, on=SURVEYED, engine=HERE, **options)


def _chosen(plan):
    return [room.number for room in plan.rooms]


def _hold(number, serves=()):
    keys = dict(AreaVersion.objects.filter(code__in=[f"{GRID}{n:03}" for n in serves]).values_list("code", "area_id"))
    premises = Premises.objects.get(number=number)
    return plan_venue(premises, name=number, serves=keys, seat=VILLAGE, on=SURVEYED, by="test", at=MONDAY)


def test_the_fewest_rooms_reach_every_unit():
    _world(_room("F1", 1), _room("F2", 2), _room("F3", 3), _room("F4", 4))
    plan = _plan()
    assert (len(plan.rooms), plan.solution.status, plan.dead_corners) == (2, "optimal", ())
    assert sum(room.units for room in plan.rooms) >= 4


def test_an_owner_who_said_no_is_not_asked_again():
    _world(_room("F2", 2, "no"), _room("F3", 3))
    assert _chosen(_plan()) == ["F3"]


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
    assert as_told(plan)["figures"]["mean_m"] is None
    assert _plan(budget=2).solution.status == "optimal"


def test_units_without_a_place_and_a_reach_of_nothing_are_refused():
    _world(_room("F1", 1), placed=False)
    with pytest.raises(BadInput):
        _plan()
    for wish in ({"reach_m": 0}, {"reach_m": float("nan")}, {"budget": -1}):
        with pytest.raises(BadInput):
            _plan(**wish)


def test_what_is_planned_already_stays_and_costs_nothing():
    _world(_room("F1", 1), _room("F2", 2), _room("F3", 3), _room("F4", 4))
    _hold("F1")
    plan = _plan()
    assert (_chosen(plan)[0], plan.solution.objective) == ("F1", 1.0)
    assert [room.site.held for room in plan.rooms] == [True, False]
    assert _chosen(_plan(budget=0)) == ["F1"]
    told = as_told(plan)
    assert [room["state"] for room in told["rooms"]] == ["kept", "new"]
    assert (told["figures"]["new"], told["figures"]["kept"], told["figures"]["within_today"]) == (1, 1, 2)
    assert [round(u["today_m"], -2) for u in told["units"]] == [0, 400, 800, 1200]


def test_a_venue_stays_even_where_its_owner_says_no_by_now():
    _world(_room("F1", 1), _room("F2", 2))
    _hold("F1")
    Premises.objects.filter(number="F1").update(consent="no")
    assert "F1" in _chosen(_plan())


def test_a_room_wished_for_is_chosen_and_one_not_wanted_is_not():
    _world(_room("F1", 1), _room("F2", 2), _room("F3", 3), _room("F4", 4))
    assert "F4" in _chosen(_plan(keep=["F4"]))
    without = _plan(drop=["F2"])
    assert "F2" not in _chosen(without) and len(without.rooms) == 2
    assert "F4" in _chosen(_plan(keep=["F4"], budget=1))


def test_with_a_budget_the_most_households_are_reached_with_no_room_too_many():
    _world(_room("F1", 1), _room("F2", 2), _room("F3", 3), _room("F4", 4))
    plan = _plan(budget=1)
    assert (len(plan.rooms), plan.solution.objective, plan.solution.status) == (1, 300.0, "optimal")
    assert len(_plan(budget=4).rooms) == 2  # more would bring nobody within reach


def test_of_equally_few_the_rooms_with_the_shortest_way_are_chosen():
    _world(_room("F1", 2, north=0.002), _room("F2", 2), units=[1, 2, 3])
    plan = _plan()
    assert _chosen(plan) == ["F2"]
    assert (plan.shortest.status, round(plan.shortest.objective, -3)) == ("optimal", 80_000)


CONTRADICTIONS = [
    {"keep": ["F1"], "drop": ["F1"]},
    {"keep": ["F9"]},
    {"drop": ["F9"]},
    {"keep": ["F3"]},  # its owner said no
    {"drop": ["F4"]},  # a micro-venue already
    {"keep": ["F5"]},  # not on the map
    {"keep": ["F1", "F2"], "budget": 1},
]


@pytest.mark.parametrize("wish", CONTRADICTIONS, ids=str)
def test_wishes_that_contradict_are_refused_with_the_number(wish):
    _world(_room("F1", 1), _room("F2", 2), _room("F3", 3, "no"), _room("F4", 4), _room("F5", 1) | {"lon": None})
    _hold("F4")
    with pytest.raises(BadInput) as refusal:
        _plan(**wish)
    assert "budget" in wish or next(iter(wish.values()))[0] in str(refusal.value)


def _opened(plan, code):
    return code not in {corner.code for corner in plan.dead_corners}


def test_what_opens_a_unit_opens_it():
    """Unit 1 is served; 3 lies 800 m off; 6 needs the owner's word; 9 a room that was left out; 14 nothing."""
    _world(_room("F1", 1), _room("F2", 6, "no"), _room("F3", 9), units=[1, 3, 6, 9, 14])
    plan = _plan(drop=["F3"])
    opens = {corner.code[-3:]: {o.rule: o for o in corner.openings} for corner in plan.dead_corners}
    assert {code: sorted(rules) for code, rules in opens.items()} == {
        "003": ["reach_m"], "006": ["consent"], "009": ["drop"], "014": [],
    }  # fmt: skip
    longer = opens["003"]["reach_m"].after
    assert _opened(_plan(drop=["F3"], reach_m=longer), f"{GRID}003")
    assert not _opened(_plan(drop=["F3"], reach_m=longer - 10), f"{GRID}003")
    assert _opened(_plan(), f"{GRID}009")
    Premises.objects.filter(number=opens["006"]["consent"].room).update(consent="yes")
    assert _opened(_plan(drop=["F3"]), f"{GRID}006")


def test_a_room_both_refused_and_left_out_opens_nothing_by_one_change():
    _world(_room("F1", 1), _room("F6", 6, "no"), units=[1, 6])
    assert [o.rule for o in _plan().dead_corners[0].openings] == ["consent"]
    assert _plan(drop=["F6"]).dead_corners[0].openings == ()


def test_without_time_for_the_shortest_ways_the_rooms_stay_and_nothing_is_called_proved(monkeypatch):
    _world(_room("F1", 2, north=0.002), _room("F2", 2), units=[1, 2, 3])
    nothing = Solution(np.array([], dtype=int), np.inf, 70_000.0, np.inf, "stopped")
    monkeypatch.setattr(venue_levels, "p_median", lambda *_a, **_o: nothing)
    monkeypatch.setattr(
        venue_levels, "min_cost_cover", lambda *_a, **_o: Solution(np.array([0]), 1.0, 1.0, 0.0, "optimal")
    )
    plan = _plan()
    assert (_chosen(plan), plan.solution.status) == (["F1"], "optimal")
    shortest = as_told(plan)["certificate"]["shortest"]
    assert (shortest["status"], shortest["bound"]) == ("stopped", 70_000.0)
    assert shortest["value"] > 100_000


@pytest.mark.parametrize("seed", range(12))
def test_openings_are_true_and_plans_best_in_small_random_worlds(seed):
    """Against every subset of rooms: the fewest, the most households, and each opening applied."""
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 12, 7)
    rooms = [_room(f"F{n}", at, rng.choice(["yes", "not_asked", "no"])) for n, at in enumerate(spots)]
    _world(*rooms, units=sorted(rng.choice(np.arange(1, 15), 8, replace=False).tolist()))
    _hold(next(r["number"] for r in rooms if r["consent"] != "no") if seed % 2 else _any_held(rooms))
    budget = None if seed % 3 == 0 else int(rng.integers(0, 3))
    plan = _plan(budget=budget)
    _check_best(plan, rooms, budget)
    for corner in plan.dead_corners:
        for opening in corner.openings:
            assert _opened(_plan_after(opening, budget), corner.code), opening


def _any_held(rooms):
    Premises.objects.filter(number=rooms[0]["number"]).update(consent="yes")
    rooms[0]["consent"] = "yes"
    return rooms[0]["number"]


def _check_best(plan, rooms, budget):
    held = {room.number for room in plan.rooms if room.site.held}
    usable = [r for r in rooms if r["consent"] != "no" or r["number"] in held]
    at = {r["number"]: round((r["lon"] - 104.25) / STEP) for r in usable}
    units = [int(u.code[-3:]) for u in plan.ground.units]

    def reached(numbers):
        return {u for u in units if any(abs(at[n] - u) * 400 <= 500 for n in numbers)}

    free = [n for n in at if n not in held]
    choices = [held | set(c) for k in range(len(free) + 1) for c in combinations(free, k)]
    new = len(_chosen(plan)) - len(held)
    assert plan.solution.status == "optimal" and held <= set(_chosen(plan))
    if budget is None:
        assert new == min(len(c) - len(held) for c in choices if reached(c) == reached(at))
    else:
        assert new <= budget
        most = max(len(reached(c)) for c in choices if len(c) - len(held) <= budget)
        assert len(reached(_chosen(plan))) == most
    ways = [
        sum(min(abs(at[n] - u) for n in c) for u in reached(_chosen(plan)))
        for c in choices
        if len(c) == len(_chosen(plan)) and reached(_chosen(plan)) <= reached(c)
    ]
    assert sum(min(abs(at[n] - u) for n in _chosen(plan)) for u in reached(_chosen(plan))) == min(ways, default=0)


def _plan_after(opening, budget):
    if opening.rule == "reach_m":
        return _plan(budget=budget, reach_m=opening.after)
    if opening.rule == "budget":
        return _plan(budget=int(opening.after))
    Premises.objects.filter(number=opening.room).update(consent="yes")
    plan = _plan(budget=budget)
    Premises.objects.filter(number=opening.room).update(consent="no")
    return plan


def test_a_plan_that_breaks_a_rule_is_thrown_away(monkeypatch):
    _world(_room("F1", 1), _room("F4", 4))
    monkeypatch.setattr(
        venue_levels, "min_cost_cover", lambda *_a, **_o: Solution(np.array([0]), 1.0, 1.0, 0.0, "optimal")
    )
    monkeypatch.setattr(venue_levels, "_shortest", lambda *_a: None)
    with pytest.raises(UnsoundVenues):
        _plan()


def test_told_it_is_plain_data_with_the_proof():
    _world(_room("F1", 1), _room("F3", 3), _room("F9", 9), units=[1, 2, 3, 14])
    told = as_told(_plan())
    assert json.loads(json.dumps(told)) == told
    assert [(room["number"], room["units"], room["only"]) for room in told["rooms"]] == [
        ("F1", [0, 1], [0]), ("F3", [2], [2]),
    ] or [(room["number"], room["units"], room["only"]) for room in told["rooms"]] == [
        ("F1", [0], [0]), ("F3", [1, 2], [2]),
    ]  # fmt: skip
    assert [unit["room"] is None for unit in told["units"]] == [False, False, False, True]
    [left] = told["left_out"]
    assert (left["unit"], left["nearest"], left["openings"]) == (3, "F9", [])
    proof = told["certificate"]
    assert (proof["value"], proof["bound"], proof["status"], proof["broken"]) == (2.0, 2.0, "optimal", [])
    assert proof["shortest"]["status"] == "optimal"
    assert told["figures"]["households_within"] == 300


def test_the_digest_changes_with_the_ground_and_the_wishes_only():
    _world(_room("F1", 1), _room("F3", 3))
    digest = _plan().digest
    later = SURVEYED.replace(year=2019)
    assert plan_venues(VILLAGE, on=later, engine=HERE).digest == digest
    assert len({digest, _plan(reach_m=501).digest, _plan(budget=1).digest, _plan(keep=["F1"]).digest}) == 4
    Premises.objects.filter(number="F3").update(consent="not_asked")
    assert _plan().digest != digest


def test_a_unit_is_a_dead_corner_until_a_room_within_reach_serves_it():
    _world(_room("F1", 1), _room("F3", 3))
    assert dead_corners(VILLAGE, on=SURVEYED, states=LIVE) == [f"{GRID}00{n}" for n in range(1, 5)]
    _hold("F1", serves=[1, 4])  # 4 is 1200 m away: serving it on paper brings it nothing
    assert dead_corners(VILLAGE, on=SURVEYED, states=LIVE) == [f"{GRID}00{n}" for n in (2, 3, 4)]


def test_another_engine_and_none_at_all_find_as_good_a_plan():
    _world(_room("F1", 1), _room("F2", 2), _room("F3", 3), _room("F4", 4))
    assert len(plan_venues(VILLAGE, on=SURVEYED, engine=Here(*GSCIP)).rooms) == 2
    assert len(plan_venues(VILLAGE, on=SURVEYED, budget=1).rooms) == 1
