"""Plans of bodies: the best there is, level by level, and true words about what is left out."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.test_pool import places, small_places
from weiduan.planning.bodies_checking import broken_rules
from weiduan.planning.districting import assign_branches, assign_groups
from weiduan.planning.engines import HIGHS, Here
from weiduan.planning.openings import why_left_out
from weiduan.planning.pool import BodyRules, indices, sets_within

HERE = Here(*HIGHS)
WIDE = BodyRules(most_span_m=20.0)


def best_by_hand(ground, pool):
    """The least of (households left out, bodies) over every choice of sets that do not touch."""
    best = (float(ground.households.sum()), 0)
    for size in range(1, len(ground) + 1):
        for chosen in combinations(pool, size):
            joined = 0
            for mask in chosen:
                if joined & mask:
                    break
                joined |= mask
            else:
                out = float(sum(h for i, h in enumerate(ground.households) if not joined >> i & 1))
                best = min(best, (out, size))
    return best


@settings(max_examples=60, deadline=None)
@given(small_places(most=6), st.integers(1, 5), st.integers(0, 2), st.integers(1, 4))
def test_no_plan_leaves_fewer_out_or_makes_do_with_fewer_bodies(ground, least, full, size):
    rules = BodyRules(least, full, 12, size, 6.0)
    plan = assign_groups(ground, rules, engine=HERE)
    assert broken_rules(plan.bodies, plan.left_out, ground, rules) == []
    assert [level.value for level in plan.levels[:2]] == list(
        map(float, best_by_hand(ground, sets_within(ground, rules)))
    )
    assert plan.is_proved


def test_the_more_compact_of_two_equal_plans_is_taken():
    points = [(0, 0), (1, 0), (9, 0), (10, 0)]
    ring = places([(0, 1), (1, 2), (2, 3), (3, 0)], 4, members=[2, 2, 2, 2], points=points)
    assert assign_groups(ring, replace(WIDE, most_members=4), engine=HERE).bodies == ((0, 1), (2, 3))


def test_a_fixed_body_stays_whatever_the_rules_say_and_others_go_around_it():
    line = places([(0, 1), (1, 2), (2, 3)], 4, members=[1, 1, 3, 3])
    plan = assign_groups(line, WIDE, fixed=[[0, 1]], engine=HERE)
    assert plan.bodies == ((0, 1), (2, 3))
    assert broken_rules(plan.bodies, plan.left_out, line, WIDE, fixed=[[0, 1]]) == []


@pytest.mark.parametrize("fixed", [[[0], [0, 1]], [[9]], [[]]])
def test_fixed_bodies_that_contradict_are_refused(fixed):
    with pytest.raises(ValueError, match=r"must"):
        assign_groups(places([(0, 1)], 2), WIDE, fixed=fixed, engine=HERE)


def test_nothing_possible_is_no_crash_and_no_silent_plan():
    alone = places([], 2, members=[0, 2])
    plan = assign_groups(alone, WIDE, engine=HERE)
    assert (plan.bodies, plan.left_out) == ((), (0, 1))
    assert plan.levels[0].value == 200
    assert [(plan.why[1].members, plan.why[1].needed) for _ in (0,)] == [(2, 3)]
    assert [(o.rule, o.after) for o in plan.why[1].openings] == [("least_members", 2.0)]


def test_a_place_on_its_own_is_told_that_its_neighbour_is_just_out_of_touch():
    apart = places([], 2, members=[2, 3], points=[(0, 0), (5, 0)])
    why = assign_groups(apart, WIDE, engine=HERE).why[0]
    assert why.neighbours == 0
    assert {o.rule for o in why.openings} == {"least_members", "neighbour"}


def test_a_place_that_only_competes_says_so():
    line = places([(0, 1), (1, 2)], 3, members=[2, 1, 2])
    plan = assign_groups(line, replace(WIDE, most_places=2), engine=HERE)
    [left] = plan.left_out
    assert left in (0, 2) and plan.why[left].competes and plan.why[left].openings == ()


@settings(max_examples=80, deadline=None)
@given(small_places(most=6), st.integers(2, 6), st.integers(1, 3))
def test_each_opening_is_true_and_nothing_smaller_would_do(ground, least, size):
    rules = BodyRules(least, 1, 12, size, 4.0)
    for place in range(len(ground)):
        why = why_left_out(place, ground, rules)
        assert why.competes == bool(sets_within(ground, rules, containing=place))
        for opening in why.openings:
            if opening.rule != "neighbour":
                opened = replace(rules, **{opening.rule: type(getattr(rules, opening.rule))(opening.after)})
                assert sets_within(ground, opened, containing=place)
            if opening.rule.startswith("least"):
                smaller = replace(rules, **{opening.rule: int(opening.after) + 1})
                assert not sets_within(ground, smaller, containing=place)


def test_branches_gather_three_full_members():
    grids = places([(0, 1), (1, 2)], 3, members=[2, 2, 3], points=[(0, 0), (900, 0), (1800, 0)])
    assert (
        assign_branches(grids, engine=HERE).bodies == ((0, 1), (2,))
        or len(assign_branches(grids, engine=HERE).bodies) == 1
    )


def test_the_same_question_has_the_same_answer():
    ground = places([(i, i + 1) for i in range(11)], 12, members=[1, 2] * 6)
    plans = {assign_groups(ground, WIDE, engine=HERE, seed=3).bodies for _ in range(3)}
    assert len(plans) == 1


def test_too_wide_rules_are_tightened_and_told():
    clique = places(list(combinations(range(40), 2)), 40, members=[1] * 40)
    plan = assign_groups(clique, replace(WIDE, most_places=8), time_limit=5, engine=HERE)
    assert plan.rules.most_places < 8
    assert broken_rules(plan.bodies, plan.left_out, clique, plan.rules) == []


GOOD = ((0, 1), (2, 3))
PLANTED = [
    ((), (), "missing"), (((0, 1), (1, 2, 3)), (), "2 times"), (((0, 1),), (), "missing"), (((0, 1), (2, 3, 9)), (), "unknown"),
    (((0, 1), (2, 3)), (3,), "left out"), (((0, 2), (1, 3)), (), "connected"), (((0,), (1, 2, 3)), (), "at least 3"),
    (((0, 1, 2, 3),), (), "places"), (((0, 1), (2, 3), ()), (), "empty"), (((3, 2), (1, 0, 0)), (), "2 times"),
    (((0, 1, 2), (3,)), (), "places"), (((0, 3), (1, 2)), (), "m apart"), (((0, 1), (2, -1)), (3,), "unknown"),
    (((2, 3),), (0,), "missing"), (((0, 1), (2,)), (), "missing"), (((1, 2),), (0, 3), "members, at most"),
    (((0,),), (1, 2, 3), "members, at least 3"), (((0, 1), (0, 1), (2, 3)), (), "2 times"),
    (((1,), (0,), (2, 3)), (), "members"), (((0, 1),), (2, 3, 1), "left out"),
]  # fmt: skip


@pytest.mark.parametrize("bodies, left_out, words", PLANTED)
def test_twenty_wrong_plans_are_found_out(bodies, left_out, words):
    ground = places([(0, 1), (1, 2), (2, 3)], 4, members=[2, 7, 7, 2], points=[(0, 0), (3, 0), (6, 0), (12, 0)])
    rules = BodyRules(3, 1, 10, 2, 8.0)
    assert broken_rules(GOOD, (), ground, rules) == []
    assert any(words in line for line in broken_rules(bodies, left_out, ground, rules))


def test_a_solver_that_stops_early_still_hands_on_a_plan_with_its_bound():
    rng = np.random.default_rng(1)
    n = 40
    ground = places([(i, j) for i, j in combinations(range(n), 2) if abs(i - j) < 4], n, members=rng.poisson(1.5, n))
    plan = assign_groups(ground, WIDE, time_limit=0.3, engine=HERE)
    assert broken_rules(plan.bodies, plan.left_out, ground, WIDE) == []
    assert all(level.bound <= level.value for level in plan.levels)
    assert sorted(p for body in plan.bodies for p in body) + list(plan.left_out) and indices(5) == [0, 2]
