"""Forty people decide about one change at once, each over a connection of their own: one of them does."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.builders import GRID, MONDAY, a_user, a_village, divisions, load
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.changes.actions import approve, ask, return_
from weiduan.systems.organisation.changes.models import Change
from weiduan.systems.organisation.changes.rules import ChangeKind
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.organisations.models import Organisation

CLICKS = 40


@pytest.mark.django_db(transaction=True)
def test_of_forty_who_approve_or_return_one_change_exactly_one_does():
    divisions()
    load(a_village(groups={"X1": [GRID + "001"], "X2": [GRID + "002"]}))
    by, superior, on = a_user(Duty.KEEP_ORGANISATION), a_user(Duty.KEEP_ORGANISATION), local_day(MONDAY)
    change = ask(ChangeKind.MERGE, Organisation.objects.get(number="X1"), {"other": "X2"}, on=on, by=by, at=MONDAY)

    def click(number: int) -> int:
        try:
            if number % 2:
                approve(change.pk, by=superior, at=MONDAY)
            else:
                return_(change.pk, "先补选组长", by=superior, at=MONDAY)
            return 1
        except Refused:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(CLICKS) as pool:
        took = sum(pool.map(click, range(CLICKS)))

    assert took == 1
    state = Change.objects.get(pk=change.pk).state
    merged = Membership.objects.filter(alive(on), organisation__number="X1").count() == 6
    assert (state, merged) in (("approved", True), ("returned", False))
    assert Entry.objects.filter(what__in=["change.approved", "change.returned"]).count() == 1
    assert list(breaks()) == []
