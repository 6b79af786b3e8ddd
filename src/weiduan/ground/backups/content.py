"""What a database holds, as counts and hashes that are the same for the same rows: table → (rows, SHA-256 of them in order)."""

import hashlib
import sqlite3
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

Content = dict[str, list[Any]]

_KEYS_ON_POSTGRESQL = """
    SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(i.indkey, a.attnum))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
    WHERE c.relkind = 'r' GROUP BY 1 ORDER BY 1"""


def content_of_sqlite(connection: sqlite3.Connection) -> Content:
    """Read every table in the order it lies in."""
    found: Content = {}
    for name, made in connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall():
        if name.startswith("sqlite_") or is_left_out(name) or "VIRTUAL TABLE" in made.upper():
            continue
        order = "1" if "WITHOUT ROWID" in made.upper() else "rowid"
        digest, rows = hashlib.sha256(), 0
        for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY {order}'):
            digest.update(repr(row).encode())
            rows += 1
        found[name] = [rows, digest.hexdigest()]
    return found


def content_of_postgresql(connection: Any) -> Content:
    """Read every table in the order of its primary key; `connection` is psycopg's."""
    found: Content = {}
    for name, key in connection.execute(_KEYS_ON_POSTGRESQL).fetchall():
        if is_left_out(name):
            continue
        digest, rows = hashlib.sha256(), 0
        order = f" ORDER BY {key}" if key else ""
        with connection.cursor() as cursor, cursor.copy(f'COPY (SELECT * FROM "{name}"{order}) TO STDOUT') as lines:
            for piece in lines:
                digest.update(piece)
                rows += bytes(piece).count(b"\n")
        found[name] = [rows, digest.hexdigest()]
    return found


def content_of(database: BaseDatabaseWrapper) -> Content:
    """Read every table of a database as Django knows it, at one moment."""
    database.ensure_connection()
    raw: Any = database.connection
    return content_of_sqlite(raw) if database.vendor == "sqlite" else content_of_postgresql(raw)


def is_left_out(table: str) -> bool:
    """Tell whether backups leave the rows of a table out."""
    return table in settings.BACKUPS_LEAVE_OUT


def differences(before: Content, after: Content) -> list[str]:
    """Name each table that isn't the same, and how many rows it has."""
    return [
        f"{name}: {before.get(name, ['—'])[0]} → {after.get(name, ['—'])[0]}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
