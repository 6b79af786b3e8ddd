"""Least change: from today's arrangement to the freest optimum, and nothing in between lost."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.test_pool import places, small_places
from weiduan.planning.bodies_checking import broken_rules
from weiduan.planning.districting import assign_groups
from weiduan.planning.engines import HIGHS, Here
from weiduan.planning.pool import BodyRules, indices, sets_within
from weiduan.planning.replan import NEW, at_price, curve

HERE = Here(*HIGHS)
RULES = BodyRules(2, 0, 12, 3, 20.0)
LINE = places([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], 6, members=[2] * 6)


def by_hand(ground, rules, today):
    """Every (bodies, moves) with the fewest households left out; moves under the best labels."""
    pool, best = sets_within(ground, rules), {}
    least = assign_groups(ground, rules, engine=HERE).levels[0].value
    for size in range(len(ground) + 1):
        for chosen in combinations([indices(m) for m in pool], size):
            named = [p for body in chosen for p in body]
            out = sum(h for i, h in enumerate(ground.households) if i not in named)
            if len(named) == len(set(named)) and out == least:
                labels = product([NEW, *range(len(today))], repeat=size)
                moves = min(
                    sum(
                        len(set(b) - set(today[lab])) if lab != NEW else len(b)
                        for b, lab in zip(chosen, one, strict=True)
                    )
                    for one in labels
                    if len([x for x in one if x != NEW]) == len({x for x in one if x != NEW})
                )
                best[size] = min(best.get(size, 99), moves)
    return best


def test_today_sound_and_whole_needs_no_move_at_any_high_price():
    today = [(0,), (1,), (2, 3), (4, 5)]
    points = curve(LINE, RULES, today, engine=HERE)
    assert (points[0].moves, points[0].count) == (0, 4)
    assert at_price(points, 1000).bodies == ((0,), (1,), (2, 3), (4, 5))


def test_a_price_of_nothing_is_the_free_optimum():
    points = curve(LINE, RULES, [(0,), (1,), (2, 3), (4, 5)], engine=HERE)
    assert at_price(points, 0).count == assign_groups(LINE, RULES, engine=HERE).levels[1].value == 2


def test_a_body_that_breaks_a_rule_is_repaired_with_as_few_moves_as_can_be():
    ground = places([(0, 1), (1, 2), (2, 3)], 4, members=[1, 1, 2, 2])
    points = curve(ground, BodyRules(2, 0, 12, 3, 20.0), [(0,), (1, 2), (3,)], engine=HERE)
    assert points[0].moves == 1
    assert broken_rules(points[0].bodies, [], ground, RULES) == []


def test_a_place_covered_for_the_first_time_counts_as_a_move():
    points = curve(places([(0, 1)], 2, members=[2, 2]), RULES, [(0,)], engine=HERE)
    assert (points[0].moves, points[0].count) == (1, 1)


def test_the_curve_is_monotone_and_every_point_is_sound_and_proved():
    points = curve(LINE, RULES, [(0,), (1,), (2,), (3,), (4,), (5,)], engine=HERE)
    assert [p.count for p in points] == sorted({p.count for p in points}, reverse=True)
    assert [p.moves for p in points] == sorted(p.moves for p in points)
    for point in points:
        assert point.is_proved and broken_rules(point.bodies, [], LINE, RULES) == []


@settings(max_examples=40, deadline=None)
@given(small_places(most=4), st.data())
def test_each_point_is_the_least_change_for_its_number_of_bodies(ground, data):
    labels = [data.draw(st.integers(-1, 1)) for _ in range(len(ground))]
    today = [tuple(i for i, lab in enumerate(labels) if lab == k) for k in (0, 1) if k in labels]
    points = curve(ground, RULES, today, engine=HERE)
    truth = by_hand(ground, RULES, today)
    for point in points:
        assert point.moves == min(moves for size, moves in truth.items() if size <= max(point.count, min(truth)))
    assert points[-1].count == min(truth) and points[0].moves == min(truth.values())


@pytest.mark.parametrize("today", [[(0, 1), (1, 2)], [(9,)]])
def test_todays_bodies_that_contradict_are_refused(today):
    with pytest.raises(ValueError, match=r"must"):
        curve(LINE, RULES, today, engine=HERE)


def test_a_negative_price_is_refused():
    with pytest.raises(ValueError, match=r"must|price"):
        at_price(curve(LINE, RULES, [], engine=HERE), -1)
