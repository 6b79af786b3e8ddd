"""Deciding one site after another finds what trying every set finds, or says that it would take too long."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from tests.planning.brute import least_cover
from weiduan.planning import elimination
from weiduan.planning.cover import min_cost_cover
from weiduan.planning.elimination import eliminated
from weiduan.planning.engines import Highs


@st.composite
def coverings(draw):
    units, sites = draw(st.integers(1, 9)), draw(st.integers(1, 8))
    reaches = draw(arrays(bool, (units, sites)))
    cost = draw(arrays(np.float64, sites, elements=st.one_of(st.integers(0, 9), st.floats(0, 9, width=32))))
    return reaches[reaches.any(axis=1)], cost


@settings(max_examples=200, deadline=None)
@given(coverings())
def test_it_finds_the_least_cover(world):
    reaches, cost = world

    chosen = eliminated(sparse.csr_array(reaches, dtype=float), cost)

    assert reaches[:, chosen].any(axis=1).all()
    assert cost[chosen].sum() == pytest.approx(least_cover(reaches, cost))


def test_on_a_map_of_a_thousand_it_agrees_with_the_solver():
    rng = np.random.default_rng(2)
    far = np.hypot(*(rng.random((1000, 1, 2)) - rng.random((1, 500, 2))).transpose(2, 0, 1))
    cost = rng.integers(1, 9, 500).astype(float)

    plan, proof = min_cost_cover(far < 0.06, cost), min_cost_cover(far < 0.06, cost, engine=Highs())

    assert (plan.note, plan.engine, plan.broken) == ("solved by elimination", "none", ())
    assert (plan.objective, plan.bound) == (proof.objective, proof.objective) and proof.size.rows > 50


@pytest.mark.parametrize(("limit", "value"), [("WIDEST", 2), ("MOST_WORK", 10), ("MOST_PAIRS", 5)])
def test_where_it_would_take_too_long_it_says_so_and_the_solver_is_asked(monkeypatch, limit, value):
    reaches = (np.random.default_rng(5).random((60, 40)) < 0.1) | np.eye(60, 40, dtype=bool)
    reaches = reaches[reaches.any(axis=1)]
    before = min_cost_cover(reaches, np.ones(40))
    monkeypatch.setattr(elimination, limit, value)

    assert eliminated(sparse.csr_array(reaches, dtype=float), np.ones(40)) is None
    after = min_cost_cover(reaches, np.ones(40))
    assert (after.engine, after.objective) == ("highs 1.13.1", before.objective)
