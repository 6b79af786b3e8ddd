"""Least change: from today's arrangement to the freest optimum, and nothing in between lost."""

import math
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.test_pool import places, small_places
from weiduan.planning.bodies_checking import broken_rules
from weiduan.planning.districting import assign_groups
from weiduan.planning.engines import HIGHS, Apart, Here
from weiduan.planning.pool import BodyRules, indices, sets_within
from weiduan.planning.replan import NEW, Contradiction, Wishes, at_price, curve, may_stay

HERE = Here(*HIGHS)
RULES = BodyRules(2, 0, 12, 3, 20.0)
LINE = places([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], 6, members=[2] * 6)


def by_hand(ground, rules, today):
    """Every (households left out, bodies, moves), moves under the best labels; bodies of today may stay as they are."""
    pool = [tuple(indices(m)) for m in sets_within(ground, rules)]
    pool += [body for body in today if body not in pool and may_stay(body, ground, rules)]
    found = []
    for size in range(len(ground) + 1):
        for chosen in combinations(pool, size):
            named = [p for body in chosen for p in body]
            if len(named) == len(set(named)):
                out = sum(h for i, h in enumerate(ground.households) if i not in named)
                moves = [_moves(chosen, one, today, ground) for one in product([NEW, *range(len(today))], repeat=size)]
                found += [(out, size, m) for m in moves if m is not None]
    least = min(out for out, _size, _moves in found)
    best = {}
    for out, size, moves in found:
        if out == least:
            best[size] = min(best.get(size, 99), moves)
    return best


def _moves(chosen, labels, today, ground):
    """Count moves, or None where a label is used twice or a body is too large to be formed anew."""
    old = [label for label in labels if label != NEW]
    if len(old) != len(set(old)):
        return None
    formed = {tuple(indices(mask)) for mask in sets_within(ground, RULES)}
    for body, label in zip(chosen, labels, strict=True):
        if body not in formed and (label == NEW or body != today[label]):
            return None
    return sum(len(set(b) - set(today[k])) if k != NEW else len(b) for b, k in zip(chosen, labels, strict=True))


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


def test_a_body_kept_stays_just_as_it_is_even_where_it_breaks_a_rule():
    ground = places([(0, 1), (1, 2), (2, 3)], 4, members=[1, 1, 2, 2])
    for point in curve(ground, RULES, [(0,), (1, 2), (3,)], wishes=Wishes(keep=(0,)), engine=HERE):
        assert point.bodies[point.labels.index(0)] == (0,)


def test_a_place_told_to_stay_keeps_its_body_whoever_joins():
    free = curve(LINE, RULES, [(0,), (1,), (2, 3), (4, 5)], engine=HERE)[-1]
    for place, label in ((0, 0), (1, 1), (5, 3)):
        for point in curve(LINE, RULES, [(0,), (1,), (2, 3), (4, 5)], wishes=Wishes(stay=(place,)), engine=HERE):
            body = dict(zip(point.labels, point.bodies, strict=True))[label]
            assert place in body
    assert free.count == 2


def test_wishes_that_can_not_all_be_had_are_named_and_no_more_of_them():
    ground = places([(0, 1), (1, 2), (2, 3)], 4, members=[1, 1, 1, 1])  # every body needs two places
    today = [(0,), (1,), (2, 3)]
    with pytest.raises(Contradiction) as no:
        curve(ground, RULES, today, wishes=Wishes(stay=(0, 1, 3)), engine=HERE)
    assert (no.value.keep, no.value.stay) == ((), (0, 1))


@settings(max_examples=60, deadline=None)
@given(small_places(most=5), st.data())
def test_a_contradiction_is_one_and_every_part_of_it_is_needed(ground, data):
    labels = [data.draw(st.integers(-1, 2)) for _ in range(len(ground))]
    today = [tuple(i for i, lab in enumerate(labels) if lab == k) for k in (0, 1, 2) if k in labels]
    covered = [p for body in today for p in body]
    wishes = Wishes(
        tuple(k for k in range(len(today)) if data.draw(st.booleans())),
        tuple(p for p in covered if data.draw(st.booleans())),
    )
    if _can_be_had(ground, today, wishes):
        for point in curve(ground, RULES, today, wishes=wishes, engine=HERE):
            by_label = dict(zip(point.labels, point.bodies, strict=True))
            assert all(by_label[k] == today[k] for k in wishes.keep)
            assert all(p in by_label[_label(p, today)] for p in wishes.stay)
            assert (
                broken_rules(
                    point.bodies,
                    _outside(point, ground),
                    ground,
                    RULES,
                    fixed=[today[k] for k in wishes.keep],
                    today=today,
                )
                == []
            )
        return
    with pytest.raises(Contradiction) as no:
        curve(ground, RULES, today, wishes=wishes, engine=HERE)
    named = Wishes(no.value.keep, no.value.stay)
    assert not _can_be_had(ground, today, named)
    for k in named.keep:
        assert _can_be_had(ground, today, Wishes(tuple(x for x in named.keep if x != k), named.stay))
    for p in named.stay:
        assert _can_be_had(ground, today, Wishes(named.keep, tuple(x for x in named.stay if x != p)))


def _label(place, today):
    return next(k for k, body in enumerate(today) if place in body)


def _outside(point, ground):
    return sorted(set(range(len(ground))) - {p for body in point.bodies for p in body})


def _can_be_had(ground, today, wishes):
    """Try every way to give each body that must go on a set of places."""
    kept = {p for k in wishes.keep for p in today[k]}
    wanted = sorted({_label(p, today) for p in wishes.stay} - set(wishes.keep))
    sets = [set(indices(mask)) for mask in sets_within(ground, RULES)]
    choices = [
        [
            s for s in [*sets, *([set(today[k])] if may_stay(today[k], ground, RULES) else [])]
            if not s & kept and {p for p in wishes.stay if _label(p, today) == k} == s & set(wishes.stay) and s & set(today[k])
        ]
        for k in wanted
    ]  # fmt: skip
    return any(sum(map(len, one)) == len(set().union(*one)) for one in product(*choices))


@pytest.mark.parametrize("engine", [Here("tests.planning.fakes:find_nothing"), Apart("tests.planning.fakes:complain")])
def test_without_a_solver_there_is_still_a_sound_plan_that_claims_nothing(engine):
    [point] = curve(LINE, RULES, [(0,), (1,), (2, 3)], engine=engine)
    assert broken_rules(point.bodies, _outside(point, LINE), LINE, RULES) == []
    assert not point.is_proved and point.count >= 3


def test_wishes_for_what_is_not_there_are_refused():
    with pytest.raises(ValueError, match="one of today's"):
        curve(LINE, RULES, [(0,)], wishes=Wishes(keep=(3,)), engine=HERE)
    with pytest.raises(ValueError, match="one of today's"):
        curve(LINE, RULES, [(0,)], wishes=Wishes(stay=(4,)), engine=HERE)


def test_a_body_of_today_with_members_enough_may_stay_larger_than_one_formed_anew():
    today = [(0, 1, 2, 3), (4, 5)]  # four places where three are the most
    points = curve(LINE, RULES, today, engine=HERE)
    assert (points[0].moves, points[0].bodies) == (0, ((0, 1, 2, 3), (4, 5)))
    assert broken_rules(points[0].bodies, [], LINE, RULES) != []
    assert broken_rules(points[0].bodies, [], LINE, RULES, today=today) == []


@pytest.mark.parametrize("engine", [HERE, Here("tests.planning.fakes:find_nothing")])
def test_every_figure_of_every_proof_is_a_number(engine):
    """What is kept and sent must be readable anywhere, however little time there was."""
    for point in curve(LINE, RULES, [(0,), (1,), (2, 3)], engine=engine):
        assert all(math.isfinite(number) for level in point.levels for number in (level.value, level.bound, level.gap))
