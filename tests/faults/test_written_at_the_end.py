"""What long work records is written when it ends, in order, or not at all."""

import pytest
from django.db import transaction

from tests.builders import MONDAY
from weiduan.ground.ledger.actions import Deed, record_many, written_at_the_end
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks

pytestmark = pytest.mark.django_db


def note(*words: str) -> None:
    record_many([Deed(word, "test.thing", "1") for word in words], by="test", at=MONDAY)


def test_nothing_is_written_before_the_outermost_block_ends_and_then_everything_in_order():
    with written_at_the_end():
        note("first", "second")
        with written_at_the_end():
            note("third")
        assert Entry.objects.count() == 0

    assert list(Entry.objects.order_by("pos").values_list("what", flat=True)) == ["first", "second", "third"]
    assert list(breaks()) == []


def test_work_that_fails_leaves_nothing_and_what_comes_after_is_written_at_once():
    with pytest.raises(ZeroDivisionError), transaction.atomic(), written_at_the_end():
        note("lost")
        raise ZeroDivisionError

    note("kept")

    assert list(Entry.objects.values_list("what", flat=True)) == ["kept"]
    assert list(breaks()) == []
