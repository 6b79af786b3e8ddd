"""weiduan migrate: beside people who work."""

import pytest
from django.db import connection

from weiduan.doors.console.migrating import migrate_beside

pytestmark = pytest.mark.django_db(transaction=True)


def test_bringing_up_to_date_gives_up_its_wait_and_tries_again(on_postgresql, monkeypatch):
    if not on_postgresql:
        pytest.skip("no lock to wait for there")
    tries = []

    def migrate(*_args, **_more):
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("2s",)
            if len(tries) < 3:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '55P03'; END $$")

    monkeypatch.setattr("weiduan.doors.console.migrating.call_command", migrate)
    monkeypatch.setattr("weiduan.doors.console.migrating.BETWEEN_TRIES_S", 0)
    migrate_beside()
    assert len(tries) == 3
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
