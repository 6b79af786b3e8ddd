"""p-median, p-center and rooms with capacities against every set of sites tried."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from tests.planning.brute import least_capacitated, least_center, least_median
from weiduan.planning import median
from weiduan.planning.siting import capacitated_cover, p_center, p_median

FEW = settings(max_examples=60, deadline=None)
METRES = st.one_of(st.just(np.inf), st.integers(0, 20), st.floats(0, 500, width=32))


@st.composite
def distances(draw, metres=METRES):
    units, sites = draw(st.integers(1, 8)), draw(st.integers(1, 7))
    return draw(arrays(np.float64, (units, sites), elements=metres)), draw(st.integers(1, sites))


@st.composite
def rooms(draw):
    units, sites = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    reaches = draw(arrays(bool, (units, sites)))
    weight = draw(arrays(np.float64, units, elements=st.integers(0, 6)))
    capacity = draw(arrays(np.float64, sites, elements=st.integers(0, 12)))
    open_cost = draw(arrays(np.float64, sites, elements=st.integers(0, 9)))
    already_open = sorted(draw(st.sets(st.integers(0, sites - 1))))
    close_cost = draw(
        st.one_of(st.none(), arrays(np.float64, sites, elements=st.one_of(st.integers(0, 9), st.just(np.inf))))
    )
    return reaches, weight, capacity, open_cost, already_open, close_cost


def listed(distance: np.ndarray) -> sparse.coo_array:
    """The same distances as entries: no entry where there is no way."""
    unit, site = np.nonzero(np.isfinite(distance))
    return sparse.coo_array((distance[unit, site], (unit, site)), shape=distance.shape)


@FEW
@given(distances(), st.data())
def test_the_p_median_is_what_trying_every_set_finds(world, data):
    distance, p = world
    weight = data.draw(
        arrays(np.float64, len(distance), elements=st.one_of(st.integers(0, 30), st.floats(0, 30, width=32)))
    )

    plan = p_median(distance, weight, p)

    best = least_median(distance, weight, p)
    if np.isfinite(distance).any() and np.isfinite(best):
        assert (plan.status, plan.broken, len(plan.chosen)) == ("optimal", (), p)
        assert plan.objective == pytest.approx(best)
    else:
        assert plan.status == "infeasible"
    assert p_median(listed(distance), weight, p).objective == plan.objective


@FEW
@given(distances())
def test_the_p_center_is_what_trying_every_set_finds(world):
    distance, p = world

    plan = p_center(distance, p)

    best = least_center(distance, p)
    if np.isfinite(distance).any() and np.isfinite(best):
        assert (plan.status, plan.broken) == ("optimal", ())
        assert plan.objective == best
    else:
        assert (plan.status, plan.chosen.tolist()) == ("infeasible", [])
    assert p_center(listed(distance), p).objective == plan.objective


@FEW
@given(rooms())
def test_rooms_with_capacities_are_what_trying_every_way_finds(world):
    reaches, weight, capacity, open_cost, already_open, close_cost = world

    plan = capacitated_cover(reaches, weight, capacity, open_cost, already_open=already_open, close_cost=close_cost)

    fits = (reaches & (weight[:, None] <= capacity[None, :])).any(axis=1)
    best = least_capacitated(*world)
    assert plan.uncoverable.tolist() == np.flatnonzero(~fits).tolist()
    if fits.any() and np.isfinite(best):
        assert (plan.status, plan.broken) == ("optimal", ())
        assert plan.objective == best
    else:
        assert (plan.status, plan.chosen.tolist()) == ("infeasible", [])


@FEW
@given(distances(st.integers(0, 50)), st.integers(1, 6))
def test_with_only_near_sites_listed_the_proof_holds_for_all_of_them(world, near):
    distance, p = world
    near, weight = min(near, distance.shape[1]), np.ones(len(distance))
    order = np.argsort(distance, axis=1, kind="stable")
    rows = np.arange(len(distance))
    part = np.full(distance.shape, np.inf)
    for k in range(near):
        part[rows, order[:, k]] = distance[rows, order[:, k]]
    beyond = distance[rows, order[:, near]] if near < distance.shape[1] else np.full(len(distance), np.inf)

    plan = p_median(listed(part), weight, p, beyond=beyond)

    best = least_median(distance, weight, p)
    assert plan.bound <= best + 1e-6 and plan.objective >= best - 1e-6 and plan.broken == ()
    assert plan.status != "optimal" or plan.objective == pytest.approx(best)


def test_looking_for_any_plan_leaves_the_distances_as_they_are():
    distance = np.array([[1.0, 1, 0], [0, 0, 0], [1, 0, 0]])
    part = np.array([[1.0, np.inf, 0], [0, 0, np.inf], [np.inf, 0, 0]])
    plan = p_median(listed(part), np.ones(3), 1, beyond=np.array([1.0, 0, 1]))
    assert plan.bound <= least_median(distance, np.ones(3), 1)


def test_ways_for_large_problems_find_the_same_on_small_ones(monkeypatch):
    monkeypatch.setattr(median, "SMALL", 0)
    monkeypatch.setattr(median, "EASILY_DECIDED", 0)
    monkeypatch.setattr(median, "STEPS", 20)
    for seed in range(25):
        rng = np.random.default_rng(seed)
        distance = np.hypot(*(rng.random((14, 1, 2)) - rng.random((1, 10, 2))).transpose(2, 0, 1)) * 1000
        weight = rng.integers(0, 30, 14).astype(float)

        plan = p_median(np.round(distance, seed % 2), weight, 3)

        assert (plan.status, plan.broken) == ("optimal", ())
        assert plan.objective == pytest.approx(least_median(np.round(distance, seed % 2), weight, 3))


def test_too_few_sites_are_refused_with_the_number_that_would_do():
    distance = np.array([[1, np.inf, np.inf], [np.inf, 1, np.inf], [np.inf, np.inf, 1]])

    plan = p_median(distance, [1, 1, 1], 2)

    assert (plan.status, plan.needs, plan.chosen.tolist()) == ("infeasible", 3, [])


def test_a_unit_without_any_way_is_named_and_the_others_planned():
    distance = np.array([[10.0, 30], [np.inf, np.inf], [40, 20]])

    plan = p_median(distance, [1, 1, 2], 1)

    assert (plan.chosen.tolist(), plan.objective, plan.uncoverable.tolist()) == ([1], 70.0, [1])
    assert plan.assigned.tolist() == [1, -1, 1]


def test_a_stored_zero_is_a_distance_of_zero():
    distance = sparse.coo_array(([0.0, 5.0], ([0, 0], [0, 1])), shape=(1, 2))

    assert p_median(distance, [3], 1).objective == 0
    assert p_center(distance, 1).objective == 0


def test_open_rooms_are_kept_unless_closing_them_is_allowed_and_pays():
    reaches, ones = np.ones((2, 2), dtype=bool), np.ones(2)

    kept = capacitated_cover(reaches, ones, [2, 2], [5, 5], already_open=[0, 1])
    closed = capacitated_cover(reaches, [2, 2], [2, 4], [5, 5], already_open=[0], close_cost=[0, 0])

    assert (kept.chosen.tolist(), kept.objective) == ([0, 1], 0)
    assert closed.objective == 5 and 1 in closed.chosen


def test_rooms_too_small_together_are_infeasible_and_no_plan_is_made_up():
    plan = capacitated_cover(np.ones((3, 1), dtype=bool), [2, 2, 2], [5], [1])

    assert (plan.status, plan.chosen.tolist(), plan.objective) == ("infeasible", [], np.inf)


@pytest.mark.parametrize("ask", [lambda d: p_median(d, np.ones(40), 5, seed=2), lambda d: p_center(d, 5, seed=2)])
def test_the_same_question_gets_the_same_plan(ask):
    rng = np.random.default_rng(3)
    distance = np.hypot(*(rng.random((40, 1, 2)) - rng.random((1, 25, 2))).transpose(2, 0, 1))

    assert len({tuple(ask(distance).chosen.tolist()) for _ in range(3)}) == 1


SQUARE = np.array([[1.0, 2.0], [3.0, 4.0]])
TWICE = sparse.coo_array(([1.0, 2.0], ([0, 0], [0, 0])), shape=(1, 2))


@pytest.mark.parametrize(
    ("distance", "weight", "p", "wrong"),
    [
        (SQUARE * np.nan, [1, 1], 1, "a distance is not a number"),
        (-SQUARE, [1, 1], 1, "a distance is below 0"),
        (SQUARE, [1, np.nan], 1, "a weight is not a number"),
        (SQUARE, [1, -1], 1, "a weight is below 0"),
        (SQUARE, [1], 1, "one number for each unit: 2"),
        (SQUARE, [1, 1], 0, "whole number from 1 to 2"),
        (SQUARE, [1, 1], 3, "whole number from 1 to 2"),
        (SQUARE, [1, 1], 1.5, "whole number from 1 to 2"),
        (np.ones((2, 0)), [1, 1], 1, "no site to choose from"),
        (np.ones(3), [1, 1], 1, "two sides"),
        (TWICE, [1], 1, "two distances to the same site"),
    ],
)
def test_a_bad_siting_question_is_refused_in_plain_words(distance, weight, p, wrong):
    with pytest.raises(ValueError, match=wrong):
        p_median(distance, weight, p)
    if "weight" not in wrong and "each unit" not in wrong:
        with pytest.raises(ValueError, match=wrong):
            p_center(distance, p)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"weight": [np.nan, 1]}, "a weight is not a number"),
        ({"capacity": [1, -1]}, "a capacity is below 0"),
        ({"capacity": [1]}, "one number for each site"),
        ({"open_cost": [np.inf, 1]}, "an? open_cost is not a number"),
        ({"already_open": [2]}, "does not exist"),
        ({"already_open": [0.5]}, "must list site numbers"),
        ({"close_cost": [np.nan, 1]}, "a close_cost is not a number"),
        ({"reaches": np.ones((2, 0))}, "no site to choose from"),
    ],
)
def test_a_bad_question_about_rooms_is_refused_in_plain_words(change, wrong):
    asked = {"reaches": np.ones((2, 2)), "weight": [1, 1], "capacity": [1, 1], "open_cost": [1, 1]} | change

    with pytest.raises(ValueError, match=wrong):
        capacitated_cover(**asked)
