"""Covering against every set of sites tried, and against what planners really hand in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from tests.planning.brute import least_cover, most_cover
from weiduan.planning.cover import max_cover, min_cost_cover
from weiduan.planning.engines import Gscip, Highs

FEW = settings(max_examples=60, deadline=None)


@st.composite
def coverings(draw):
    units, sites = draw(st.integers(0, 8)), draw(st.integers(1, 7))
    reaches = draw(arrays(bool, (units, sites)))
    cost = draw(arrays(np.float64, sites, elements=st.one_of(st.integers(0, 9), st.floats(0, 9, width=32))))
    weight = draw(arrays(np.float64, units, elements=st.one_of(st.integers(0, 50), st.floats(0, 50, width=32))))
    return reaches, cost, weight


@FEW
@given(coverings())
def test_the_least_cover_is_what_trying_every_set_finds(world):
    reaches, cost, _ = world

    plan = min_cost_cover(sparse.csr_array(reaches), cost)

    assert plan.uncoverable.tolist() == np.flatnonzero(~reaches.any(axis=1)).tolist()
    if len(plan.uncoverable) == len(reaches) > 0:
        assert (plan.status, plan.chosen.tolist()) == ("infeasible", [])
    else:
        assert (plan.status, plan.broken, plan.gap) == ("optimal", (), 0)
        assert plan.objective == pytest.approx(least_cover(reaches, cost))


@FEW
@given(coverings(), st.one_of(st.none(), st.floats(0, 30)), st.one_of(st.none(), st.integers(0, 1)))
def test_the_most_that_money_and_number_reach_is_what_trying_every_set_finds(world, budget, count):
    reaches, cost, weight = world
    if budget is None and count is None:
        count = 1

    plan = max_cover(sparse.csr_array(reaches), weight, cost, budget, count)

    assert (plan.status, plan.broken) == ("optimal", ())
    assert plan.objective == pytest.approx(most_cover(reaches, weight, cost, budget, count))
    assert plan.bound >= plan.objective


@FEW
@given(coverings(), st.integers(1, 4))
def test_the_second_solver_agrees_with_the_first(world, count):
    reaches, cost, _ = world

    assert min_cost_cover(reaches, cost, engine=Gscip()).objective == min_cost_cover(reaches, cost).objective


def test_units_that_no_site_reaches_are_named_and_the_others_planned():
    reaches = sparse.csr_array([[1, 0], [0, 0], [0, 1]])

    plan = min_cost_cover(reaches, [3, 4])

    assert (plan.chosen.tolist(), plan.objective, plan.uncoverable.tolist()) == ([0, 1], 7.0, [1])


def test_a_cover_with_nobody_to_reach_is_empty_and_proved():
    plan = min_cost_cover(np.zeros((0, 3), dtype=bool), [1, 2, 3])

    assert (plan.status, plan.objective, plan.chosen.tolist()) == ("optimal", 0.0, [])


def test_nothing_within_the_budget_is_a_proved_plan_of_no_site():
    plan = max_cover([[1, 1]], [10], [5, 6], budget=4)

    assert (plan.status, plan.objective, plan.bound, plan.chosen.tolist()) == ("optimal", 0.0, 0.0, [])


def test_a_plan_carries_its_proof():
    proof = min_cost_cover([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [1, 1, 1], seed=7, engine=Highs()).certificate

    assert (proof.value, proof.bound, proof.gap, proof.status, proof.broken, proof.seed) == (2, 2, 0, "optimal", (), 7)
    assert proof.engine == "highs 1.13.1" and proof.size.rows == 3 and proof.seconds > 0


def test_the_same_question_gets_the_same_answer():
    rng = np.random.default_rng(5)
    reaches = rng.random((60, 40)) < 0.1
    plans = [min_cost_cover(reaches, np.ones(40), seed=3) for _ in range(3)]

    assert len({tuple(plan.chosen.tolist()) for plan in plans}) == 1


TWO = np.array([[1, 0], [0, 1]])


@pytest.mark.parametrize(
    ("reaches", "cost", "wrong"),
    [
        (TWO, [1, np.nan], "a cost is not a number"),
        (TWO, [1, np.inf], "a cost is not a number"),
        (TWO, [1, -1], "a cost is below 0"),
        (TWO, [1], "one number for each site: 2"),
        (TWO, [[1, 2]], "one number for each site"),
        (TWO * 2, [1, 1], "only true and false"),
        (TWO * np.nan, [1, 1], "only true and false"),
        (-TWO, [1, 1], "only true and false"),
        (np.ones(2), [1, 1], "two sides"),
        (np.ones((2, 0)), [], "no site to choose from"),
        (np.array([["a"]]), [1], "must hold numbers"),
    ],
)
def test_a_bad_covering_question_is_refused_in_plain_words(reaches, cost, wrong):
    with pytest.raises(ValueError, match=wrong):
        min_cost_cover(reaches, cost)


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({}, "a budget, a number of sites, or both"),
        ({"budget": 3}, "needs the cost of each site"),
        ({"budget": -1, "cost": [1, 1]}, "0 or more"),
        ({"budget": np.nan, "cost": [1, 1]}, "0 or more"),
        ({"count": 3}, "whole number from 0 to 2"),
        ({"count": 1.5}, "whole number from 0 to 2"),
        ({"count": np.nan}, "whole number from 0 to 2"),
        ({"count": -1}, "whole number from 0 to 2"),
        ({"count": 1, "cost": [1, 1, 1]}, "one number for each site"),
        ({"count": 1, "time_limit": 0}, "seconds above 0"),
        ({"count": 1, "gap": -0.1}, "the gap must be 0 or more"),
    ],
)
def test_a_bad_question_about_the_most_is_refused_in_plain_words(more, wrong):
    with pytest.raises(ValueError, match=wrong):
        max_cover(TWO, [1, 1], **more)
