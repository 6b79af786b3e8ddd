"""However posts are given, ended, elected and surveyed, nobody holds one twice and one alone leads."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import GRID, VILLAGE, load, post
from tests.systems.organisation.moving import day, members_of, moment, the, two_villages
from weiduan.ground.base.errors import Refused
from weiduan.ground.ledger.queries import breaks
from weiduan.outlook.survey.actions import Outdated
from weiduan.outlook.survey.queries import rows_of
from weiduan.systems.organisation.appointments.giving import end_post, give_post, in_area, in_organisation
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import SOLE, Role
from weiduan.systems.organisation.changes.elections import Elected, hold_election
from weiduan.systems.organisation.members.models import Membership, Person
from weiduan.systems.organisation.transfers.leaving import Leaving, leave

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["give", "give", "end", "elect", "survey", "leave"]),
        st.integers(0, 9), st.integers(0, 9), st.integers(0, 3),
    ),
    min_size=3, max_size=9,
)  # fmt: skip
PLACES = ["X1", "Z1", GRID]
ROLES = {
    "X1": [Role.GROUP_LEADER], "Z1": [Role.SECRETARY, Role.DEPUTY_SECRETARY], GRID: [Role.GRID_HEAD, Role.GRID_WORKER],
}  # fmt: skip


class _Undone(Exception):
    """Ends one example."""


def _one(several, n: int):
    if not several:
        raise Refused("Nobody is left.")
    return several[n % len(several)]


def _give(a: int, b: int, since, how) -> None:
    place = PLACES[a % 3]
    where = in_area(GRID, on=day(0)) if place == GRID else in_organisation(the(place), on=day(0))
    everybody = [*members_of("X1"), *members_of("Z1")]
    give_post(_one(everybody, b), _one(ROLES[place], b), where, since=since, **how)


def _end(a: int, b: int, on, how) -> None:
    posts = list(Post.objects.order_by("pk").values_list("pk", flat=True))
    end_post(_one(posts, a + b), on=on, handover=["印章"], **how)


def _elect(a: int, b: int, on, how) -> None:
    members = members_of("X1")
    posts = [Elected(_one(members, b), Role.GROUP_LEADER, votes=len(members))]
    hold_election(the("X1"), posts, voters=len(members), attended=len(members), on=on, **how)


def _survey(a: int, b: int, on, how) -> None:
    """Load the village as it was on a day, with another leader since some other day."""
    rows = rows_of(VILLAGE, on=on)
    members = [row["number"] for row in rows["members"] if row["organisation"] == "X1"]
    others = [row for row in rows["posts"] if row["organisation"] != "X1" and row["role"] != Role.GRID_HEAD]
    if members:
        others.append(post(_one(members, a), "group_leader", organisation="X1", since=on - timedelta(days=b)))
        others.append(post(_one(members, b), "grid_head", area=GRID, since=on - timedelta(days=a)))
    load({**rows, "posts": others}, on=on)


def _leave(a: int, b: int, on, how) -> None:
    members = members_of("X1")
    leave(_one(members, b), Leaving.RESIGNED, on=on, **how)


DEEDS = {"give": _give, "end": _end, "elect": _elect, "survey": _survey, "leave": _leave}


def _check(first: int, last: int) -> None:
    assert not Post.objects.filter(until__lte=F("since")).exists()
    posts = list(Post.objects.all())
    for n in range(first, last + 1):
        held = [p for p in posts if p.since <= day(n) and (p.until is None or p.until > day(n))]
        places = Counter((p.role, p.organisation_id, p.area_id) for p in held if p.role in SOLE)
        persons = Counter((p.person_id, p.role, p.organisation_id, p.area_id) for p in held)
        assert max([*places.values(), *persons.values(), 1]) == 1
    assert list(breaks()) == []


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_leaves_each_post_held_once(steps):
    try:
        with transaction.atomic():
            two_villages()
            Membership.objects.filter(organisation__number="X1").update(home=in_area(f"{GRID}001", on=day(0)).area)
            for n, (what, a, b, back) in enumerate(steps, start=1):
                try:
                    with transaction.atomic():
                        DEEDS[what](a, b, day(n - back), {"by": "test", "at": moment(n)})
                except Outdated as refusal:  # the sentence for a clash nobody foresaw: there is none
                    raise AssertionError(steps) from refusal
                except Refused:
                    pass
            _check(-12, len(steps) + 1)
            assert Person.objects.count() == 12
            raise _Undone
    except _Undone:
        pass
