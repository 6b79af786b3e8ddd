"""The ledger shows every later change."""

import json
import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from tests.append_only import lifted
from tests.builders import MONDAY
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.ground.ledger.models import Chain, Entry
from weiduan.ground.ledger.queries import anchor, breaks, read_anchor
from weiduan.ground.ledger.rules import hash_of

pytestmark = pytest.mark.django_db


def _write(count: int = 200) -> None:
    record_many([Deed("thing.done", "test.thing", str(n), "510113") for n in range(count)], by="test", at=MONDAY)


def _as_superuser(sql: str, parameters: tuple = ()) -> None:
    """Change the table as somebody would who owns the database."""
    with lifted(connection, Entry), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _anchor_file(tmp_path):
    path = tmp_path / "anchor.json"
    path.write_text(json.dumps(anchor(MONDAY)))
    return path


def test_what_was_written_holds():
    _write()
    assert list(breaks()) == []


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses_to_change_an_entry(change):
    _write(1)
    with pytest.raises(IntegrityError, match="ledger_entries_are_only_added"), transaction.atomic():
        Entry.objects.update(what="x") if change == "update" else Entry.objects.all().delete()


def test_an_edited_entry_is_found():
    _write()
    entry = Entry.objects.filter(pos=2).first()
    _as_superuser("UPDATE ledger_entry SET what = 'thing.undone' WHERE id = %s", (entry.pk,))
    assert [(b.chain, b.pos) for b in breaks()] == [(entry.chain, 2)]


def test_an_edit_with_its_hash_made_anew_is_found_at_the_next_entry():
    _write()
    entry = Entry.objects.filter(pos=2, chain__in=Chain.objects.filter(pos__gte=3).values("number")).first()
    entry.what = "thing.undone"
    _as_superuser(
        "UPDATE ledger_entry SET what = %s, hash = %s WHERE id = %s",
        (entry.what, hash_of(entry.previous, entry.told()), entry.pk),
    )
    assert [(b.chain, b.pos) for b in breaks()] == [(entry.chain, 3)]


def test_a_deleted_entry_is_found():
    _write()
    entry = Entry.objects.filter(pos=2, chain__in=Chain.objects.filter(pos__gte=3).values("number")).first()
    _as_superuser("DELETE FROM ledger_entry WHERE id = %s", (entry.pk,))
    assert {b.chain for b in breaks()} == {entry.chain}


def test_a_cut_tail_is_found():
    _write()
    chain = Chain.objects.filter(pos__gte=3).first()
    _as_superuser("DELETE FROM ledger_entry WHERE chain = %s AND pos = %s", (chain.number, chain.pos))
    assert [b.chain for b in breaks()] == [chain.number]


def test_a_cut_tail_with_its_head_rewritten_is_found_by_the_anchor_alone(tmp_path):
    _write()
    anchored = read_anchor(_anchor_file(tmp_path))
    chain = Chain.objects.filter(pos__gte=3).first()
    last = Entry.objects.get(chain=chain.number, pos=chain.pos - 1)
    _as_superuser("DELETE FROM ledger_entry WHERE chain = %s AND pos = %s", (chain.number, chain.pos))
    Chain.objects.filter(pk=chain.pk).update(pos=last.pos, hash=last.hash)

    assert list(breaks()) == []
    assert [(b.chain, b.pos) for b in breaks(anchored)] == [(chain.number, chain.pos)]


def test_an_anchor_stays_true_while_the_ledger_grows(tmp_path):
    _write()
    anchored = read_anchor(_anchor_file(tmp_path))
    _write()
    assert list(breaks(anchored)) == []


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_leave_whole_chains():
    def writer() -> None:
        try:
            for _ in range(5):
                _write(20)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=writer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Entry.objects.count() == 8 * 5 * 20
    assert list(breaks()) == []
