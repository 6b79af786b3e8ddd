"""Whoever has waited long enough for another's long write is told so in a sentence, and can try again."""

import copy
from contextlib import closing

import pytest
from django.db import connections
from django.db.utils import ConnectionHandler

from weiduan.ground.base.sqlite.base import Busy


def two_connections(path) -> list:
    """Two connections to one file, as two processes have them, that wait a tenth of a second for each other."""
    ways = copy.deepcopy(connections.settings["default"]) | {
        "ENGINE": "weiduan.ground.base.sqlite", "NAME": path, "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 0.1},
    }  # fmt: skip
    return [ConnectionHandler({"default": ways})["default"] for _connection in range(2)]


@pytest.mark.django_db
def test_a_writer_who_has_waited_too_long_gets_a_sentence_and_can_try_again(tmp_path):
    loading, asking = two_connections(tmp_path / "database")
    with closing(loading), closing(asking):
        loading.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

        with pytest.raises(Busy, match="请稍后再试"):
            asking.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        assert asking.get_autocommit()

        loading.rollback()
        asking.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        asking.rollback()
