"""Wrong plans, planted one by one: the checkers, which know only the rules, reject each with the sentence that is its own."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.planning.test_pool import places
from weiduan.planning.bodies_checking import broken_rules
from weiduan.planning.checking import check_capacitated, check_center, check_cover, check_max_cover, check_median
from weiduan.planning.heads import Heads, Shortage, propose
from weiduan.planning.heads_checking import broken_posts
from weiduan.planning.pool import BodyRules

# Six places in a line, 0-1-2-3-4-5, hundred metres apart but for the last, which lies far off.
LINE = places([(i, i + 1) for i in range(5)], 6, members=[2, 2, 3, 8, 1, 3], full=[2, 0, 3, 1, 0, 3],
              points=[(0, 0), (100, 0), (200, 0), (300, 0), (400, 0), (900, 0)])  # fmt: skip
RULES = BodyRules(least_members=3, least_full_members=2, most_members=10, most_places=3, most_span_m=400)
GOOD_BODIES, GOOD_LEFT_OUT = ((0, 1), (2,), (5,)), (3, 4)


def test_the_right_plan_of_bodies_passes():
    assert broken_rules(GOOD_BODIES, GOOD_LEFT_OUT, LINE, RULES, fixed=[(2,)]) == []


@pytest.mark.parametrize(
    ("bodies", "left_out", "sentences"),
    [
        (((0, 1), (2,)), (3, 4), ["place 5 is missing"]),
        (((0, 1), (2,), (5,), (5,)), (3, 4), ["place 5 stands 2 times"]),
        (((0, 1), (1, 2), (5,)), (3, 4), ["place 1 stands 2 times", "fixed body [2] is not in the plan"]),
        (((0,), (2,), (5,)), (1, 3, 4), ["2 members, at least 3 in body [0]"]),
        (((0, 1), (2,), (5,), (3,)), (4,), ["1 full members, at least 2 in body [3]"]),
        (((0, 1, 2), (5,)), (3, 4), ["fixed body [2] is not in the plan"]),
        (((0, 1), (2,), (4, 5)), (3,), ["500 m apart, at most 400 in body [4, 5]"]),
        (((0, 1, 2, 3), (5,)), (4,), [
            "fixed body [2] is not in the plan", "15 members, at most 10 in body [0, 1, 2, 3]",
            "4 places, at most 3 in body [0, 1, 2, 3]",
        ]),
        (((0, 1), (2,), (3, 5)), (4,), [
            "11 members, at most 10 in body [3, 5]", "600 m apart, at most 400 in body [3, 5]", "not connected in body [3, 5]",
        ]),
        (((0, 1), (2,), (5,), ()), (3, 4), ["an empty body"]),
        (((0, 1), (2,), (5,), (6,)), (3, 4), ["place 6 is unknown"]),
        (((0, 1), (2,), (5,)), (3, 4, 5), ["place 5 is in a body and left out"]),
        (((0, 1), (2,), (5,)), (3, 4, 4), ["place 4 is left out 2 times"]),
        (((0, 1), (2,), (5,)), (3, 4, -1), ["place -1 is unknown"]),
    ],
)  # fmt: skip
def test_a_wrong_plan_of_bodies_is_found_out(bodies, left_out, sentences):
    assert broken_rules(bodies, left_out, LINE, RULES, fixed=[(2,)]) == sentences


# Units 0-3, rooms 0-2; nobody reaches unit 2.
METRES = np.array([[10.0, np.inf, 30], [40, 20, 60], [np.inf, np.inf, np.inf], [50, 50, np.inf]])
REACHES = np.isfinite(METRES)
WEIGHT, CAPACITY = np.array([5.0, 1, 4, 2]), np.array([8.0, 2, 9])
COST = np.array([2.0, 3, 7])
RIGHT = {"chosen": (0, 1), "assigned": (0, 1, -1, 0), "uncoverable": (2,), "objective": 3.0}


def rooms(**wrong):
    """Check a use of rooms: room 0 is open and kept, room 2 must stay shut, two may be open, 5 may be spent."""
    plan = RIGHT | wrong
    chosen, assigned, uncoverable = (
        np.array(plan[name], dtype=np.int64) for name in ("chosen", "assigned", "uncoverable")
    )
    return check_capacitated(REACHES, WEIGHT, CAPACITY, COST, np.array([0]), None, chosen, assigned, uncoverable,
                             plan["objective"], shut=[2], count=2, budget=5)  # fmt: skip


def test_the_right_use_of_rooms_passes():
    assert rooms() == ()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"assigned": (0, 0, -1, 2)}, "a unit goes to a site that is not chosen"),
        ({"assigned": (1, 1, -1, 0)}, "a unit goes to a site it can't reach"),
        ({"assigned": (0, 1, -1, -1)}, "the units without a site are not those named as uncoverable"),
        ({"assigned": (0, 1, -1, 1)}, "site 1 holds 3.0, it can hold 2.0"),
        ({"chosen": (1,), "assigned": (1, 1, -1, 1)}, "a site that must stay open is closed"),
        ({"chosen": (0, 2), "assigned": (2, 0, -1, 0), "objective": 7.0}, "a site that must stay shut is open"),
        ({"chosen": (0, 2), "assigned": (2, 0, -1, 0), "objective": 7.0}, "7.0 is spent, the budget is 5"),
        ({"chosen": (0, 1, 2), "objective": 10.0}, "3 sites are chosen, 2 are allowed"),
        ({"chosen": (0, 0, 1)}, "a site is chosen twice"),
        ({"chosen": (0, 3)}, "a chosen site does not exist"),
        ({"assigned": (0, 3, -1, 0)}, "a unit goes to a site that does not exist"),
        ({"assigned": (0, 1, -1)}, "not every unit is assigned"),
        ({"uncoverable": (2, 4)}, "a unit named as uncoverable does not exist"),
        ({"objective": 2.0}, "worth 3.0, not 2.0 as said"),
        ({"uncoverable": ()}, "the units without a site are not those named as uncoverable"),
    ],
)
def test_a_wrong_use_of_rooms_is_found_out(wrong, sentence):
    assert sentence in rooms(**wrong)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (lambda: check_cover(REACHES, COST, ids(0), ids(1, 2), 2.0), "a unit named as uncoverable can be reached"),
        (lambda: check_cover(REACHES, COST, ids(1), ids(2), 3.0), "unit 0 is neither reached nor named as uncoverable"),
        (lambda: check_max_cover(REACHES, WEIGHT, COST, 4.0, None, ids(0, 1), 8.0), "5.0 is spent, the budget is 4.0"),
        (lambda: check_max_cover(REACHES, WEIGHT, None, None, 1, ids(0, 1), 8.0), "2 sites are chosen, 1 are allowed"),
        (lambda: check_max_cover(REACHES, WEIGHT, None, None, 2, ids(0, 1), 12.0), "worth 8.0, not 12.0 as said"),
        (lambda: check_median(METRES, WEIGHT, 1, ids(0, 1), ids(0, 1, -1, 0), ids(2), 170.0), "2 sites are chosen, not 1"),
        (lambda: check_median(METRES, WEIGHT, 2, ids(0, 1), ids(0, 0, -1, 0), ids(2), 190.0),
         "a unit goes past a nearer chosen site"),
        (lambda: check_center(METRES, 1, ids(0, 1), ids(0, 1, -1, 0), ids(2), 50.0), "2 sites are chosen, 1 are allowed"),
        (lambda: check_center(METRES, 2, ids(0, 1), ids(0, 1, -1, 0), ids(2), 40.0), "worth 50.0, not 40.0 as said"),
    ],
)  # fmt: skip
def test_a_wrong_choice_of_sites_is_found_out(broken, sentence):
    assert sentence in broken()


def ids(*indices: int) -> np.ndarray:
    return np.array(indices, dtype=np.int64)


# Four posts, three persons: 0 could take all but the last and holds one already, 1 could take the second, nobody the last.
ELIGIBLE = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
HELD = np.array([1, 0, 0])
GOOD = Heads(
    ids(0, 1, -1, -1), ((0,), (0, 1), (0,), ()), 2, 2, {2: Shortage((0, 2), (0,), 1), 3: Shortage((3,), (), 0)}
)


def test_the_right_proposal_of_heads_passes():
    assert broken_posts(GOOD, ELIGIBLE, HELD) == []


@pytest.mark.parametrize(
    ("wrong", "sentences"),
    [
        ({"person": ids(0, 1, 0, -1), "filled": 3, "bound": 3}, ["person 0 would hold 3 posts, at most 2"]),
        ({"person": ids(0, 1, 1, -1), "filled": 3, "bound": 3}, ["person 1 may not take post 2"]),
        ({"person": ids(0, 1, -1, 7), "filled": 3, "bound": 3}, ["person 7 is unknown"]),
        ({"person": ids(0, -1, -1, -1), "filled": 1}, [
            "post 1 stays vacant though person 1 could take it", "post 1 stays vacant without a reason",
        ]),
        ({"person": ids(0, 1)}, ["2 posts are proposed for, there are 4"]),
        ({"filled": 3}, ["2 posts are filled, not 3 as said"]),
        ({"bound": 1}, ["2 posts are filled, more than the 1 that can be"]),
        ({"alternatives": ((0, 0), (0, 1), (0,), ())}, ["person 0 is named 2 times for post 0"]),
        ({"alternatives": ((0,), (0, 1), (0, 2), ())}, ["person 2 is named for post 2 but could not take it"]),
        ({"alternatives": ((0,), (1,), (0,), ())}, ["person 0 could take post 1 but is not named"]),
        ({"shortages": {2: GOOD.shortages[2]}}, ["post 3 stays vacant without a reason"]),
        ({"shortages": GOOD.shortages | {2: Shortage((2,), (0,), 1)}},
         ["the reason for post 2 is none: 1 places are enough for 1 posts"]),
        ({"shortages": GOOD.shortages | {2: Shortage((0, 2), (), 0)}},
         ["the reason for post 2 does not name all who could take one of its posts"]),
    ],
)  # fmt: skip
def test_a_wrong_proposal_of_heads_is_found_out(wrong, sentences):
    assert broken_posts(replace(GOOD, **wrong), ELIGIBLE, HELD) == sentences


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 5), st.integers(0, 4), st.integers(1, 3), st.data())
def test_whatever_is_proposed_passes(posts, persons, most, data):
    eligible, held = (
        data.draw(arrays(bool, (posts, persons))),
        data.draw(arrays(int, persons, elements=st.integers(0, 3))),
    )
    nobody = np.zeros((posts, persons), dtype=bool)

    found = propose(
        eligible,
        lives_there=nobody,
        grid_worker=nobody,
        posts_held=held,
        experience=np.zeros(persons, int),
        most_posts=most,
    )

    assert broken_posts(found, eligible, held, most_posts=most) == [] and found.filled == found.bound
