"""Heads: as many posts filled as can be, the best first, and the truth about those that stay vacant."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weiduan.planning.heads import propose


def _propose(eligible, **facts):
    eligible = np.asarray(eligible, dtype=bool)
    posts, persons = eligible.shape
    empty = {
        "lives_there": np.zeros((posts, persons), bool), "grid_worker": np.zeros((posts, persons), bool),
        "posts_held": np.zeros(persons, int), "experience": np.zeros(persons, int),
    }  # fmt: skip
    return propose(eligible, **(empty | {k: np.asarray(v) for k, v in facts.items()}))


@pytest.mark.parametrize("better", [
    {"grid_worker": [[0, 1]], "lives_there": [[1, 0]]}, {"lives_there": [[0, 1]], "posts_held": [0, 1]},
    {"posts_held": [1, 0], "experience": [9, 0]}, {"experience": [1, 2]},
])  # fmt: skip
def test_each_ground_outweighs_those_after_it(better):
    assert _propose([[1, 1]], **better).alternatives == ((1, 0),)
    assert _propose([[1, 1]], **better).person.tolist() == [1]


def test_nobody_holds_more_than_two_posts():
    found = _propose([[1], [1], [1]])
    assert sorted(found.person.tolist()) == [-1, 0, 0]
    [shortage] = found.shortages.values()
    assert (shortage.posts, shortage.persons, shortage.places) == ((0, 1, 2), (0,), 2)


def test_a_post_nobody_can_take_is_told_as_such():
    found = _propose([[0, 0], [1, 0]])
    assert found.person.tolist() == [-1, 0]
    assert found.shortages[0].persons == ()


def test_posts_of_today_count():
    assert _propose([[1, 1]], posts_held=[2, 1]).person.tolist() == [1]


@pytest.mark.parametrize("wrong", [
    {"posts_held": [0]}, {"posts_held": [-1, 0]}, {"experience": [np.nan, 0]}, {"lives_there": [[1]]}, {"most_posts": 0},
])  # fmt: skip
def test_bad_input_is_refused_in_words(wrong):
    with pytest.raises(ValueError, match=r"must"):
        _propose([[1, 1]], **wrong)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_it_is_the_best_of_all_and_its_shortages_are_true(data):
    posts, persons = data.draw(st.integers(1, 4)), data.draw(st.integers(0, 4))
    table = st.lists(st.lists(st.booleans(), min_size=persons, max_size=persons), min_size=posts, max_size=posts)
    numbers = lambda most: st.lists(st.integers(0, most), min_size=persons, max_size=persons)  # noqa: E731
    able, lives, works = (np.array(data.draw(table), dtype=bool).reshape(posts, persons) for _ in range(3))
    held, experience = np.array(data.draw(numbers(2)), int), np.array(data.draw(numbers(9)), int)
    found = _propose(able, lives_there=lives, grid_worker=works, posts_held=held, experience=experience)

    def worth(choice):
        pairs = [(post, person) for post, person in enumerate(choice) if person >= 0]
        return (
            len(pairs), sum(works[p] for p in pairs), sum(lives[p] for p in pairs),
            sum(held[person] == 0 for _post, person in pairs), sum(experience[person] for _post, person in pairs),
        )  # fmt: skip

    def holds(choice):
        taken = np.bincount([p for p in choice if p >= 0], minlength=persons) + held if persons else np.zeros(0)
        used = {p for p in choice if p >= 0}
        return all(p < 0 or able[post, p] for post, p in enumerate(choice)) and all(taken[p] <= 2 for p in used)

    best = max(worth(choice) for choice in product(range(-1, persons), repeat=posts) if holds(choice))
    assert holds(found.person) and worth(found.person) == best
    assert found.filled == found.bound == best[0]
    for post, shortage in found.shortages.items():
        assert post in shortage.posts and shortage.places < len(shortage.posts)
        assert set(np.flatnonzero(able[list(shortage.posts)].any(axis=0) & (held < 2))) <= set(shortage.persons)
