"""Write many rows at once: as fast as the database takes them, a batch of objects in memory at a time.

What the model says of its columns holds, and so do all constraints. The objects get no key
back; where keys are needed, Django's own bulk_create gives them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import AutoField, Model

SIZE = 2_000
ROOM_KB = 256 * 1024


def make_room() -> None:
    """Let a long transaction keep the pages it changes in memory; SQLite writes them out and in again otherwise."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{ROOM_KB}")


def insert_all(model: type[Model], objects: Iterable[Model]) -> int:
    """Insert new objects of a model; return how many there were. To be called within a transaction."""
    fields: list[Any] = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table, count, left = connection.ops.quote_name(model._meta.db_table), 0, iter(objects)
    while rows := list(_rows(islice(left, SIZE), fields)):
        (_copy if connection.vendor == "postgresql" else _insert)(table, columns, rows)
        count += len(rows)
    return count


def _rows(objects: Iterable[Model], fields: Sequence[Any]) -> Iterator[tuple]:
    names = [(field.attname, field.get_db_prep_save) for field in fields]
    for each in objects:
        yield tuple([prepare(getattr(each, name), connection) for name, prepare in names])


def _insert(table: str, columns: str, rows: list[tuple]) -> None:
    places = ", ".join(["%s"] * len(rows[0]))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)


def _copy(table: str, columns: str, rows: list[tuple]) -> None:
    """PostgreSQL takes a stream of rows several times faster than INSERTs."""
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def update_all(model: type[Model], objects: Iterable[Model], names: Sequence[str]) -> None:
    """Save some fields of objects that are there already. To be called within a transaction."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    key: Any = model._meta.pk
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    rows = list(_rows(objects, [*fields, key]))
    if rows:
        with connection.cursor() as cursor:
            statement = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(key.column)} = %s"
            cursor.executemany(statement, rows)
