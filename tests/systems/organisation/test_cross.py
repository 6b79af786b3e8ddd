"""Cross-appointment counted by hand."""

import pytest

from tests.builders import GRID, SURVEYED, VILLAGE, a_village, divisions, grid, load, post, unit
from weiduan.systems.organisation.appointments.cross import cross_in

pytestmark = pytest.mark.django_db
OTHER = f"{VILLAGE}002"


def _village(posts, homes=None):
    divisions()
    rows = a_village(groups={"X1": [f"{GRID}001"]}, members=7)
    rows["grids"].append(grid(OTHER))
    rows["units"].append(unit(f"{OTHER}001"))
    numbers = [row["number"] for row in rows["members"]]
    for row in rows["members"]:
        row["home"] = (homes or {}).get(numbers.index(row["number"]), f"{GRID}001")
    rows["posts"] = [post(numbers[who], role, **where) for who, role, where in posts]
    load(rows)
    [found] = [v for v in cross_in(VILLAGE, on=SURVEYED) if v.code == VILLAGE]
    return found


PARTY, COMMITTEE = {"organisation": "W1"}, {"area": VILLAGE}


def test_six_cadres_of_whom_four_hold_two_sorts_are_two_thirds():
    """A real village (界牌村) tells of six cadres and 66.67 per cent."""
    found = _village([
        (0, "secretary", PARTY), (0, "village_committee", COMMITTEE),
        (1, "deputy_secretary", PARTY), (1, "grid_worker", {"area": GRID}),
        (2, "committee_member", PARTY),
        (3, "village_committee", COMMITTEE), (3, "residents_group_leader", {"area": f"{GRID}001"}),
        (4, "village_committee", COMMITTEE), (4, "owners_committee", {"area": f"{GRID}002"}),
        (5, "village_committee", COMMITTEE),
        (6, "residents_group_leader", {"area": f"{GRID}003"}), (6, "grid_head", {"area": OTHER}),  # no cadre: not counted
    ])  # fmt: skip
    assert (found.cadres, found.crossed, found.rate) == (6, 4, 66.67)


def test_two_posts_of_the_same_sort_are_no_cross_appointment():
    found = _village(
        [(0, "secretary", PARTY), (1, "village_committee", COMMITTEE), (1, "village_committee", {"area": VILLAGE})][:2]
    )
    assert (found.cadres, found.crossed, found.rate) == (2, 0, 0.0)


def test_a_village_without_cadres_has_no_rate():
    assert _village([(0, "group_leader", {"organisation": "X1"})]).rate is None


def test_one_more_is_possible_where_the_worker_holds_nothing_else_and_a_cadre_lives():
    found = _village(
        [
            (0, "secretary", PARTY), (1, "village_committee", COMMITTEE), (1, "grid_worker", {"area": GRID}),
            (2, "grid_worker", {"area": OTHER}), (3, "residents_group_leader", {"area": f"{OTHER}001"}),
        ],
        homes={0: f"{OTHER}001", 3: f"{OTHER}001"},
    )  # fmt: skip
    # In the first grid the worker is crossed already; in the other two persons could take one more post.
    assert found.open == ((OTHER, "002网格", 2),)
