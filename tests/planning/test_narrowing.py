"""Ruling columns out by their reduced costs changes how long it takes, never what is best."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from weiduan.planning.engines import HIGHS, Here, Limits, problem_of
from weiduan.planning.narrowing import narrowed

HERE = Here(*HIGHS)
NOBODY = Here("tests.planning.fakes:find_nothing")


@st.composite
def choices(draw):
    """Rows that hold at most one, or just one, of the columns that stand in them."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 14))
    matrix = draw(arrays(np.float64, (rows, columns), elements=st.integers(0, 1)))
    cost = draw(arrays(np.float64, columns, elements=st.integers(-20, 20)))
    lower = draw(arrays(np.float64, rows, elements=st.integers(0, 1)))
    return problem_of(sparse.csr_array(matrix), cost, lower, np.ones(rows))


@settings(max_examples=150, deadline=None)
@given(choices())
def test_it_finds_what_the_engine_finds_by_itself(problem):
    whole, narrow = HERE.solve(problem, Limits()), narrowed(problem, None, HERE, Limits())

    assert narrow.verdict == whole.verdict
    if whole.values is not None:
        worth = float(problem.cost @ whole.values)
        assert float(problem.cost @ narrow.values) == pytest.approx(worth) and narrow.bound == pytest.approx(worth)
        again = narrowed(problem, np.flatnonzero(whole.values > 0.5), HERE, Limits())
        assert again.verdict == "optimal" and float(problem.cost @ again.values) == pytest.approx(worth)


def test_costs_that_are_not_whole_go_to_the_engine_as_they_are():
    problem = problem_of(sparse.csr_array([[1.0, 1.0]]), np.array([0.5, 0.25]), np.ones(1), np.ones(1))

    assert narrowed(problem, None, HERE, Limits()).values.tolist() == [0, 1]


def test_with_an_engine_that_finds_nothing_the_known_plan_is_not_lost_by_the_caller():
    problem = problem_of(sparse.csr_array([[1.0, 1.0]]), np.array([2.0, 1.0]), np.ones(1), np.ones(1))

    answer = narrowed(problem, np.array([0]), NOBODY, Limits())

    assert (answer.verdict, answer.values, answer.bound) == ("stopped", None, -np.inf)
