"""Heads of grids whose worker is no member."""

import pytest

from tests.builders import GRID, SURVEYED, VILLAGE, a_village, divisions, load, post
from weiduan.outlook.proposals.heads import propose_heads

pytestmark = pytest.mark.django_db


def _world(worker=None, home=f"{GRID}001"):
    divisions()
    rows = a_village(groups={"X1": [f"{GRID}001"]})
    for row in rows["members"]:
        row["home"] = home
    if worker == "member":
        rows["posts"].append(post(rows["members"][1]["number"], "grid_worker", area=GRID))
    elif worker:
        rows["posts"].append(post("N1", "grid_worker", area=GRID, name=worker))
    load(rows)
    return [row["number"] for row in rows["members"]]


def test_a_grid_worker_who_is_a_member_heads_the_grid_already():
    _world("member")
    assert propose_heads(VILLAGE, on=SURVEYED) == []


def test_else_a_member_living_there_is_proposed_those_without_a_post_first():
    numbers = _world("李网格")
    [head] = propose_heads(VILLAGE, on=SURVEYED)
    assert head.proposed == numbers[1]  # the first is secretary already
    assert head.others[-1] in (numbers[0], numbers[3])


def test_a_grid_in_which_no_member_lives_says_so():
    _world("李网格", home=None)
    [head] = propose_heads(VILLAGE, on=SURVEYED)
    assert (head.proposed, head.others, head.vacant) == (None, (), "nobody")
