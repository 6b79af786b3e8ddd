"""Copies of a database as it was at one moment, made while others write; and back."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import Refused

from .content import Content, content_of_postgresql, content_of_sqlite


class CannotCopy(Refused):
    """The database can't be copied, or not be put there."""

    status = 503


def copy_to(file: Path) -> Content:
    """Copy the database to a file, without the rows that backups leave out; return what it holds."""
    return _copy_sqlite(file) if connection.vendor == "sqlite" else _dump(file)


def _copy_sqlite(file: Path) -> Content:
    """One read transaction serves both, so the copy is of the very moment the content is of; writers aren't held up."""
    with closing(sqlite3.connect(name_of_ours(), timeout=30, isolation_level=None)) as source:
        source.execute("BEGIN")
        content = content_of_sqlite(source)
        with closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
    with closing(sqlite3.connect(file, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete = ON")  # what is taken out is overwritten, not only let go
        names = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "governance_searchwords" in names:
            copy.execute("DELETE FROM governance_searchwords")  # its triggers take the rows out of the index too
            copy.execute("INSERT INTO governance_search(governance_search) VALUES ('rebuild')")
        if "django_session" in names:
            copy.execute("DELETE FROM django_session")
        copy.execute("PRAGMA journal_mode = DELETE")
    return content


def _dump(file: Path) -> Content:
    """A snapshot is handed to pg_dump, so the copy is of the very moment the content is of."""
    left_out = [f"--exclude-table-data=public.{name}" for name in settings.BACKUPS_LEAVE_OUT]
    with snapshot() as (raw, name):
        content = content_of_postgresql(raw)
        run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--enable-row-security",  # without a limit the second lock leaves nothing out, and the copy is compared row by row
            f"--snapshot={name}",
            "--file",
            str(file),
            *left_out,
        )
    return content


@contextmanager
def snapshot() -> Iterator[tuple[Any, str]]:
    """Hold the database of the settings at one moment; yield a connection of psycopg's, and the moment's name."""
    with psycopg.connect(**address()) as raw:
        raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        raw.read_only = True
        [name] = raw.execute("SELECT pg_export_snapshot()").fetchone() or [""]
        yield raw, name


def name_of_ours() -> str:
    """Return the name of the settings' database; of SQLite its file."""
    return str(settings.DATABASES["default"]["NAME"])


def address(name: str | None = None) -> dict[str, Any]:
    """Return how psycopg reaches the database of the settings, or another one on the same server."""
    own = settings.DATABASES["default"]
    return {"dbname": name or own["NAME"], "user": own["USER"], "password": own.get("PASSWORD", ""), "host": own["HOST"],
            "port": own["PORT"], "target_session_attrs": "read-write"}  # fmt: skip


def run(program: str, *arguments: str, database: str | None = None) -> None:
    """Run a program of PostgreSQL's on the database of the settings.

    :raises CannotCopy: it isn't there, or it failed; with what it said
    """
    command, environment = server_command(program, database)
    done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise CannotCopy(_("%(program)s failed: %(said)s"), program=program, said=done.stderr.strip()[-500:])


def server_command(program: str, database: str | None = None) -> tuple[list[str], dict[str, str]]:
    """Return how a program of PostgreSQL's is called, and the environment that tells it where the server is."""
    own = address(database)
    return [program_path(program)], os.environ | {
        "PGDATABASE": own["dbname"], "PGUSER": own["user"], "PGPASSWORD": own["password"], "PGHOST": own["host"],
        "PGPORT": str(own["port"]), "PGTARGETSESSIONATTRS": "read-write",
    }  # fmt: skip


def program_path(program: str) -> str:
    """Find a program of PostgreSQL's; Debian keeps some off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(program)
    if path is None:
        raise CannotCopy(_("%(program)s is not installed; it comes with PostgreSQL's client."), program=program)
    return path


def is_empty() -> bool:
    """Tell whether nothing is there yet."""
    if connection.vendor == "sqlite":
        return not Path(name_of_ours()).exists()
    with psycopg.connect(**address()) as raw:
        return raw.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone() is None


def content_in(file: Path) -> Content:
    """Return what a copied SQLite file holds."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
        return content_of_sqlite(copy)


def put_back(file: Path) -> None:
    """Put a copy in the place of the settings' database, which is empty: there whole, or not at all."""
    if connection.vendor == "sqlite":
        os.replace(file, name_of_ours())
    else:
        run("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname",
            name_of_ours(), str(file))  # fmt: skip
