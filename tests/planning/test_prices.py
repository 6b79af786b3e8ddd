"""What rules cost, against planning anew by trying every choice; what places are worth, against the arithmetic of duality."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.optimize import linprog

from tests.planning.test_districting import best_by_hand
from tests.planning.test_pool import places, small_places
from weiduan.planning import pool
from weiduan.planning.engines import HIGHS, Here, Limits, problem_of
from weiduan.planning.pool import BodyRules, indices, sets_within
from weiduan.planning.prices import place_prices, rule_prices

HERE = Here(*HIGHS)
WIDE = BodyRules(most_span_m=20.0)


@settings(max_examples=50, deadline=None)
@given(small_places(most=6), st.integers(1, 5), st.integers(0, 2), st.integers(1, 4))
def test_each_price_is_the_difference_that_trying_every_plan_finds(ground, least, full, size):
    rules = BodyRules(least, full, 12, size, 6.0)
    now = best_by_hand(ground, sets_within(ground, rules))

    prices = rule_prices(ground, rules, engine=HERE)

    assert len(prices) == 5 - (least == 1) - (full == 0)
    for price in prices:
        loosened = replace(rules, **{price.rule: type(getattr(rules, price.rule))(price.after)})
        then = best_by_hand(ground, sets_within(ground, loosened))
        assert (price.left_out, price.bodies) == ((now[0], then[0]), (now[1], then[1]))
        assert price.is_proved and price.is_free == (now == then)
        assert price.before == getattr(rules, price.rule)


def test_a_rule_that_costs_nothing_is_free_and_the_one_that_does_is_told():
    line = places([(0, 1)], 2, members=[3, 2], full=[1, 0], points=[(0, 0), (24, 0)])
    prices = {price.rule: price for price in rule_prices(line, replace(WIDE, least_members=3), engine=HERE)}

    assert (prices["most_span_m"].left_out, prices["most_span_m"].bodies) == ((100, 0), (1, 1))
    assert prices["least_members"].is_free and prices["most_members"].is_free and prices["most_places"].is_free


def test_a_rule_whose_loosening_brings_no_new_set_is_not_asked_about_again():
    asked = []

    class Counting:
        name = "counting"

        def solve(self, problem, limits):
            asked.append(problem)
            return HERE.solve(problem, limits)

    alone = places([], 2, members=[3, 4])
    assert all(price.is_free for price in rule_prices(alone, WIDE, engine=Counting()))
    assert len(asked) == 1


def test_with_a_body_held_its_price_is_that_of_the_others():
    line = places([(0, 1), (1, 2), (2, 3)], 4, members=[1, 1, 2, 3])
    prices = {price.rule: price for price in rule_prices(line, WIDE, fixed=[[0, 1]], engine=HERE)}

    assert prices["least_members"].left_out == (0, 0) and prices["least_members"].bodies == (2, 2)
    with pytest.raises(ValueError, match=r"overlap"):
        rule_prices(line, WIDE, fixed=[[0, 1], [1]], engine=HERE)


def test_where_sets_were_left_out_nothing_is_called_proved_and_no_loss_is_told(monkeypatch):
    clique = places([(i, j) for i in range(8) for j in range(i)], 8, members=[1] * 8)
    monkeypatch.setattr(pool.sets_within, "__kwdefaults__", {"containing": None, "most": 60})

    prices = rule_prices(clique, replace(WIDE, most_places=3), engine=HERE)

    assert prices and not any(price.is_proved for price in prices)
    assert all(price.left_out[1] <= price.left_out[0] for price in prices)


@settings(max_examples=80, deadline=None)
@given(small_places(most=7), st.integers(1, 5), st.integers(0, 2), st.integers(1, 4), st.data())
def test_the_prices_of_places_prove_their_bounds(ground, least, full, size, data):
    rules = BodyRules(least, full, 12, size, 6.0)
    households = np.array(data.draw(st.lists(st.integers(0, 90), min_size=len(ground), max_size=len(ground))))
    ground = replace(ground, households=households)
    sets = [indices(mask) for mask in sets_within(ground, rules)]

    prices = place_prices(ground, rules, engine=HERE)

    assert prices is not None
    left_out, bodies = best_by_hand(ground, sets_within(ground, rules))
    assert prices.left_out == left_out
    assert np.all(prices.brings >= -1e-6) and prices.brings.sum() == pytest.approx(prices.most_covered, abs=1e-5)
    assert prices.most_covered >= households.sum() - left_out - 1e-5
    assert prices.fewest_bodies <= bodies + 1e-5
    assert prices.asks.sum() - prices.left_out * prices.a_household == pytest.approx(prices.fewest_bodies, abs=1e-5)
    for body in sets:
        assert prices.brings[body].sum() >= households[body].sum() - 1e-5
        assert prices.asks[body].sum() <= 1 + 1e-5


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.float64, (4, 7), elements=st.integers(0, 3)), arrays(np.float64, 7, elements=st.integers(-9, 9)),
    arrays(np.float64, 4, elements=st.integers(0, 9)), arrays(np.float64, 7, elements=st.sampled_from([1.0, 2.0])),
)  # fmt: skip
def test_duals_times_what_rows_allow_is_the_value_of_the_relaxation(rows, cost, most, upper):
    problem = problem_of(
        sparse.csr_array(rows), cost, np.full(4, -np.inf), most, upper=upper, integral=np.zeros(7, bool)
    )

    answer = HERE.solve(problem, Limits())

    value = linprog(cost, rows, most, bounds=list(zip(np.zeros(7), upper, strict=True))).fun
    reduced = cost - rows.T @ answer.duals
    assert answer.duals @ most + np.minimum(reduced, 0) @ upper == pytest.approx(value, abs=1e-6)
    assert np.all(answer.duals <= 1e-9) and answer.bound == pytest.approx(value, abs=1e-6)


def test_a_place_that_others_need_brings_their_households_too():
    star = places([(0, 1), (0, 2)], 3, members=[3, 0, 0], full=[1, 0, 0])
    prices = place_prices(star, replace(WIDE, most_places=2), engine=HERE)

    assert prices is not None and prices.brings.tolist() == [200, 0, 0] and prices.left_out == 100


def test_nothing_to_plan_and_an_engine_without_duals_are_no_crash():
    alone = places([], 2, members=[0, 0])
    prices = place_prices(alone, WIDE, engine=HERE)

    assert prices is not None and (prices.most_covered, prices.left_out) == (0, 200)
    pair = places([(0, 1)], 2, members=[2, 2])

    assert place_prices(pair, WIDE, engine=Here("tests.planning.fakes:find_nothing")) is None
    assert place_prices(pair, WIDE, engine=Here("tests.planning.fakes:price_wrongly")) is None
