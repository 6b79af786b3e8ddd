"""A few rows of several tables go to the database together, and are then as if each had been saved by itself."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from tests.builders import MONDAY, a_user
from weiduan.ground.accounts.models import Mandate, User
from weiduan.ground.base.inserts import at_once, inserting, updating
from weiduan.ground.ledger.actions import FEW, Deed, record_many
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks

pytestmark = pytest.mark.django_db


def a_mandate(user: User, area: str) -> Mandate:
    return Mandate(user=user, duty="look", area=area, since=date(2018, 11, 5))


def test_rows_of_several_tables_and_changes_go_in_one_round_trip(django_assert_num_queries):
    user = a_user(name="before")
    user.username = "after"
    statements = [
        inserting(a_mandate(user, "5101%s;'")),
        inserting(a_mandate(user, "510114")),
        updating(user, ["username"]),
    ]

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        at_once(*statements)

    assert set(user.mandates.values_list("area", flat=True)) >= {"5101%s;'", "510114"}
    assert User.objects.get(pk=user.pk).username == "after"


def test_of_several_rows_one_that_breaks_a_rule_keeps_all_away():
    user = a_user()
    before = Mandate.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        at_once(inserting(a_mandate(user, "1")), inserting(a_mandate(user, "2")), inserting(a_mandate(user, "1")))
    assert Mandate.objects.count() == before


@pytest.mark.parametrize("many", [1, FEW, FEW + 1])
def test_few_entries_of_the_ledger_or_many_are_the_same_unbroken_chains(many):
    deeds = [Deed("x", "y", uuid.uuid4().hex, "510113", {"a": [1, "二"]}, None) for _deed in range(many)]
    record_many(deeds, by="test", at=MONDAY)

    assert list(breaks()) == [] and Entry.objects.count() == many
    entry = Entry.objects.get(key=deeds[0].key)
    assert (entry.what, entry.area, entry.before, entry.after, entry.at) == (
        "x",
        "510113",
        {"a": [1, "二"]},
        None,
        MONDAY,
    )
