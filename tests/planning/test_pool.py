"""The pool holds every set that could be one body, and no other."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weiduan.planning.pool import BodyRules, Places, TooMany, indices, is_connected, sets_within, span_m


def places(edges, n, *, members=None, full=None, points=None):
    neighbours = [tuple(sorted({b for a, b in edges if a == i} | {a for a, b in edges if b == i})) for i in range(n)]
    members = np.full(n, 3) if members is None else np.array(members)
    return Places(
        tuple(neighbours), np.zeros((n, 2)) if points is None else np.array(points, float), np.full(n, 100), members,
        members if full is None else np.array(full),
    )  # fmt: skip


@st.composite
def small_places(draw, most=7):
    n = draw(st.integers(1, most))
    pairs = list(combinations(range(n), 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    members = draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    full = [draw(st.integers(0, m)) for m in members]
    points = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=n, max_size=n))
    return places(edges, n, members=members, full=full, points=points)


def by_hand(ground, rules):
    far = span_m(ground)
    for size in range(1, rules.most_places + 1):
        for chosen in combinations(range(len(ground)), size):
            rows = list(chosen)
            m, f = ground.members[rows].sum(), ground.full_members[rows].sum()
            close = far[np.ix_(rows, rows)].max() <= rules.most_span_m
            mask = sum(1 << i for i in chosen)
            enough = (
                m >= rules.least_members and f >= rules.least_full_members and (m <= rules.most_members or size == 1)
            )
            if enough and close and is_connected(mask, ground):
                yield mask


@settings(max_examples=200, deadline=None)
@given(small_places(), st.integers(0, 6), st.integers(0, 2), st.integers(3, 12), st.integers(1, 5), st.integers(0, 12))
def test_it_holds_just_what_trying_every_set_finds(ground, least, full, most, size, span):
    rules = BodyRules(least, full, most, size, span)
    found = sets_within(ground, rules)
    assert found == sorted(by_hand(ground, rules))
    for place in range(len(ground)):
        assert sets_within(ground, rules, containing=place) == [m for m in found if place in indices(m)]


def test_too_many_sets_are_refused_in_words():
    clique = places(list(combinations(range(12), 2)), 12, members=[0] * 12)
    with pytest.raises(TooMany, match=r"tighten the rules"):
        sets_within(clique, BodyRules(), most=500)


@pytest.mark.parametrize("wrong", [
    {"neighbours": ((1,), ())}, {"neighbours": ((0,), ())}, {"neighbours": ((5,), ())}, {"point_m": np.zeros((1, 2))},
    {"point_m": np.full((2, 2), np.nan)}, {"households": np.array([-1, 0])}, {"members": np.array([np.nan, 0])},
    {"full_members": np.array([9, 0])},
])  # fmt: skip
def test_bad_places_are_refused_in_words(wrong):
    good = {
        "neighbours": ((1,), (0,)),
        "point_m": np.zeros((2, 2)),
        "households": np.ones(2),
        "members": np.ones(2),
        "full_members": np.ones(2),
    }
    with pytest.raises(ValueError, match=r"must"):
        Places(**(good | wrong)).refuse_bad()
