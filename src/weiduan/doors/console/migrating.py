"""weiduan migrate: the database is brought up to date while people work."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
from django.core.management import call_command
from django.db import Error, OperationalError, connection

from weiduan.systems.governance.categories.actions import ensure_categories

from .setting_up import CONSOLE, now

LOCK_WAIT = "2s"  # whoever comes after a change that waits for its lock waits too, so it gives up and tries again
MOST_TRIES = 60
BETWEEN_TRIES_S = 2.0


@click.command("migrate")
def migrate() -> None:
    """更新数据库结构，不打断使用 / bring the database up to date while people work."""
    migrate_beside()
    ensure_categories(by=CONSOLE, at=now())


def migrate_beside(*, tries: int = MOST_TRIES) -> None:
    """Run what is missing; where a table is in use, let those who use it go first and try again."""
    for left in range(tries - 1, -1, -1):
        try:
            with _waiting_no_longer_than_a_moment():
                call_command("migrate", verbosity=1)
        except OperationalError as error:
            if not _gave_up_waiting(error):
                raise
            if not left:
                raise click.ClickException(
                    "一直有人在用要改的表，结构没有改完；已改的保留，请稍后再运行 weiduan migrate。 "
                    "A table stayed in use; what is done is kept, run “weiduan migrate” again."
                ) from error
            time.sleep(BETWEEN_TRIES_S)
        else:
            return


@contextmanager
def _waiting_no_longer_than_a_moment() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    _set_lock_timeout(f"'{LOCK_WAIT}'")
    try:
        yield
    finally:
        with suppress(Error):
            _set_lock_timeout("DEFAULT")


def _set_lock_timeout(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {value}")


def _gave_up_waiting(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == "55P03"  # lock_not_available


COMMANDS = [migrate]
