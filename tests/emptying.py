"""Empties the database after a test with transactions of its own.

Django would empty every table, put all rows of its migrations' signals back and, on the append-only tables, be refused. Most tests leave
rows in a few tables of more than a hundred, so only those are emptied.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.apps import apps
from django.db import connection, models, transaction
from django.test import TransactionTestCase

from tests.append_only import lifted

# What migrations put there, which no test changes.
LAID_ONCE = {"django_migrations", "django_content_type", "auth_permission"}
CHAINS = "ledger_chain"  # the heads of the 64 chains came with a migration too, but grow


@contextmanager
def emptied_after_tests() -> Iterator[None]:
    """Let tests with transactions of their own be emptied this way while the block runs."""
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", lambda _test: empty()):
        yield


def empty() -> None:
    """Take all rows away but those every test begins with."""
    filled = _tables_with_rows()
    found = [model for model in _models() if _table(model) in filled]
    with transaction.atomic(), connection.cursor() as cursor, lifted(connection, *found):
        for model in found:
            if _table(model) != CHAINS:
                cursor.execute(f'DELETE FROM "{_table(model)}"')
        cursor.execute(f"UPDATE {CHAINS} SET pos = 0, hash = %s WHERE pos > 0", ["0" * 64])


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


def _tables_with_rows() -> set[str]:
    """Ask all tables at once."""
    wanted = sorted({_table(model) for model in _models()} - LAID_ONCE)
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in wanted)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {name for (name,) in cursor.fetchall()}
