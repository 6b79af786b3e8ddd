"""A secret ballot against whoever has the whole database: order, time, numbers and logs lead from nobody to a vote."""

import logging
import random

import pytest
from django.db import connection

from tests.systems.governance.balloting import CLOSES, OPENS, opened
from tests.systems.governance.test_ballots import SECRET, households
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.closing import close
from weiduan.systems.governance.ballots.merkle import leaf_hash
from weiduan.systems.governance.ballots.models import Count, RightHolder, Turnout, Urn

pytestmark = pytest.mark.django_db(transaction=True)
VOTERS = 40


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def dump() -> dict[str, list[tuple]]:
    """Return every row of every table in the order in which the database keeps them, as a copy of it would."""
    tables = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            where = "ctid::text, " if connection.vendor == "postgresql" else ""
            cursor.execute(f"SELECT {where}* FROM {connection.ops.quote_name(table)}")
            tables[table] = list(cursor.fetchall())
    return tables


def test_a_vote_adds_no_row_anywhere_so_no_order_of_rows_is_the_order_of_votes():
    ballot, codes, _by = opened(households(VOTERS), **SECRET)
    before = {name: len(rows) for name, rows in dump().items()}
    order = random.Random(7).sample(range(1, VOTERS + 1), 30)
    for number in order:
        cast(ballot.pk, codes[number], "yes" if number % 2 else "no", at=OPENS)
    after = dump()
    grown = {name for name, rows in after.items() if len(rows) != before[name]}
    assert grown == set()
    assert Turnout.objects.count() == 1 and Urn.objects.count() == 16


def test_nothing_kept_of_a_right_holder_stands_with_a_vote_before_the_count_or_after():
    ballot, codes, by = opened(households(VOTERS), **SECRET)
    receipts = {
        number: cast(ballot.pk, codes[number], "yes" if number % 3 else "no", at=OPENS).receipt
        for number in range(1, 31)
    }
    close(ballot.pk, by=by, at=CLOSES)
    leaves = Count.objects.get().leaves
    for holder in RightHolder.objects.all():
        marks = {holder.commitment, str(holder.pk), bytes(holder.code_hash).hex(), codes[holder.number]}
        assert not any(mark in leaf for leaf in leaves for mark in marks if len(mark) > 4)
    assert all("number" not in leaf and "area" not in leaf for leaf in leaves)
    assert [leaf_hash(leaf.encode()) for leaf in leaves] == sorted(receipts.values())


def test_neither_the_order_of_the_votes_nor_that_of_the_rows_goes_with_the_order_of_the_voters():
    """Whoever pairs the n-th vote kept with the n-th who voted, or on the roll, is right no more often than by chance."""
    ballot, codes, by = opened(households(VOTERS), **SECRET)
    order = random.Random(11).sample(range(1, VOTERS + 1), VOTERS)
    receipts = [cast(ballot.pk, codes[number], "yes", at=OPENS).receipt for number in order]
    urns = [receipt for urn in Urn.objects.order_by("number") for receipt in urn.votes]
    close(ballot.pk, by=by, at=CLOSES)
    counted = [leaf_hash(leaf.encode()) for leaf in Count.objects.get().leaves]
    by_roll = [receipt for _number, receipt in sorted(zip(order, receipts, strict=True))]
    for kept in (urns, counted):
        for guess in (receipts, receipts[::-1], by_roll, by_roll[::-1]):
            assert sum(a == b for a, b in zip(kept, guess, strict=True)) <= 6


def test_no_log_and_no_entry_of_the_ledger_comes_with_a_vote(caplog):
    ballot, codes, _by = opened(households(5), **SECRET)
    before = {name: rows for name, rows in dump().items() if name.startswith("ledger")}
    with caplog.at_level(logging.DEBUG):
        cast(ballot.pk, codes[1], "yes", at=OPENS)
    assert {name: rows for name, rows in dump().items() if name.startswith("ledger")} == before
    shown = "".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert codes[1] not in shown and "yes" not in shown
