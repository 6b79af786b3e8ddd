"""Whatever changes are approved one after another, nobody is lost and nothing stands on what is gone."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import GRID, MONDAY, a_village, divisions, load
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import Refused
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.changes.actions import approve, ask
from weiduan.systems.organisation.changes.rules import ChangeKind
from weiduan.systems.organisation.coverage.models import Coverage
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.organisations.models import Organisation

UNITS = [f"{GRID}00{n}" for n in (1, 2, 3)]
STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "dissolve", "split", "set_up", "join"]), st.integers(0, 9), st.integers(0, 9)),
    min_size=2, max_size=6,
)  # fmt: skip


class _Undone(Exception):
    """Ends one example."""


def _facts(kind: str, one: Organisation, other: Organisation, unit: str) -> tuple[Organisation | None, dict]:
    return {
        "merge": (one, {"other": other.number}), "dissolve": (one, {"members_to": other.number}),
        "split": (one, {"name": "新", "living_in": [unit], "covers": [unit]}), "join": (one, {"covers": [unit]}),
        "set_up": (None, {"name": "新", "kind": "group", "parent": one.number, "members_of": [other.number],
                          "covers": [unit], "living_in": [unit]}),
    }[kind]  # fmt: skip


def _check(people: set, first, last) -> None:
    day = first
    while day <= last:
        held = list(Membership.objects.filter(alive(day)).values_list("person", flat=True))
        assert (len(held), set(held)) == (len(people), people)  # everybody once, on every day
        gone = Organisation.objects.filter(dissolved_on__lte=day)
        for model in (Membership, Coverage, Post):
            assert not model.objects.filter(alive(day), organisation__in=gone).exists()
        leads = Post.objects.filter(alive(day), role__in=["secretary", "group_leader"]).values_list(
            "organisation", flat=True
        )
        assert len(leads) == len(set(leads))
        day += timedelta(days=1)
    assert list(breaks()) == []


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_of_approved_changes_keeps_everybody_in_exactly_one_organisation(steps):
    try:
        with transaction.atomic():
            divisions()
            rows = a_village(groups={f"X{n}": [unit] for n, unit in enumerate(UNITS)}, members=4)
            for number, row in enumerate(rows["members"]):
                row["home"] = UNITS[number % 3]
            load(rows)
            first, at = local_day(MONDAY), MONDAY
            people = set(Membership.objects.values_list("person", flat=True))
            for kind, a, b in steps:
                there = list(Organisation.objects.filter(dissolved_on=None).order_by("number"))
                about, facts = _facts(kind, there[a % len(there)], there[b % len(there)], UNITS[(a + b) % 3])
                try:
                    with transaction.atomic():
                        change = ask(ChangeKind(kind), about, facts, on=local_day(at), by="test", at=at)
                        approve(change.pk, reason="试一试", by="another", at=at)
                except Refused:
                    pass
                at += timedelta(days=1)
            _check(people, first, local_day(at))
            raise _Undone
    except _Undone:
        pass
