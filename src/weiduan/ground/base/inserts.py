"""Write many rows at once: as fast as the database takes them, a batch of objects in memory at a time.

What the model says of its columns holds, and so do all constraints. The objects get no key
back; where keys are needed, Django's own bulk_create gives them. A few rows of several tables
go in one round trip (`at_once`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import AutoField, Model

from .constraints import OnlyInScope

SIZE = 2_000
ROOM_KB = 256 * 1024


def make_room() -> None:
    """Let a long transaction keep the pages it changes in memory; SQLite writes them out and in again otherwise."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{ROOM_KB}")


def insert_all(model: type[Model], objects: Iterable[Model]) -> int:
    """Insert new objects of a model; return how many there were. To be called within a transaction."""
    (fields, columns), count, left = _columns(model), 0, iter(objects)
    while rows := list(_rows(islice(left, SIZE), fields)):
        _way_in(model)(_table(model), columns, rows)
        count += len(rows)
    return count


@cache
def _way_in(model: type[Model]) -> Callable[[str, str, list[tuple]], None]:
    if connection.vendor != "postgresql":
        return _insert
    is_guarded = any(isinstance(one, OnlyInScope) for one in model._meta.constraints)
    return _copy_beside if is_guarded else _copy


@cache
def _columns(model: type[Model]) -> tuple[list[Any], str]:
    """Return the fields of a new row, and their columns as SQL names them."""
    fields: list[Any] = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    return fields, ", ".join(connection.ops.quote_name(field.column) for field in fields)


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


Statement = tuple[str, tuple]  # SQL and its values


def at_once(*statements: Statement) -> None:
    """Run a few statements one after the other; PostgreSQL takes them in one round trip. To be called within a transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "; ".join(sql for sql, _values in statements), [v for _sql, values in statements for v in values]
            )
        else:
            for sql, values in statements:
                cursor.execute(sql, values)


def inserting(each: Model) -> Statement:
    """Return the statement that inserts a new object, which then counts as kept."""
    fields, columns = _columns(type(each))
    (row,) = _rows([each], fields)
    each._state.adding, each._state.db = False, connection.alias
    return f"INSERT INTO {_table(type(each))} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})", row


def updating(each: Model, names: Sequence[str]) -> Statement:
    """Return the statement that saves some fields of an object that is there already."""
    statement, fields = _update(type(each), names)
    return statement, next(_rows([each], fields))


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


def _copy_beside(table: str, columns: str, rows: list[tuple]) -> None:
    """Into a table that gives out rows only where they lie nothing can be streamed: they go through one beside it."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE streamed ON COMMIT DROP AS SELECT {columns} FROM {table} WHERE false")
        _copy("streamed", columns, rows)
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM streamed; DROP TABLE streamed")


def update_all(model: type[Model], objects: Iterable[Model], names: Sequence[str]) -> None:
    """Save some fields of objects that are there already. To be called within a transaction."""
    statement, fields = _update(model, names)
    rows = list(_rows(objects, fields))
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def _update(model: type[Model], names: Sequence[str]) -> tuple[str, list[Any]]:
    """Return the statement that saves some fields of a row, and the fields its values are taken from."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    key: Any = model._meta.pk
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {_table(model)} SET {changes} WHERE {quote(key.column)} = %s", [*fields, key]
