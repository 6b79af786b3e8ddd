"""A real installation for tests of faults: its own folder or PostgreSQL database, and child processes that work on it."""

import atexit
import hashlib
import json
import os
import pickle
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from tests import postgresql

ROOT = Path(__file__).parents[2]
OWNER = {"USER": "postgres"}  # makes, copies and damages databases, which the service's own role may not
ONE_ADDRESS = {"WEIDUAN_RATE_LIMITS": "off"}  # the load comes from one
WEIDUAN = Path(sys.executable).with_name("weiduan")
ON_POSTGRESQL = os.environ.get("WEIDUAN_TEST_DATABASE") == "postgresql"


@dataclass
class Installation:
    """One installation; `environment` is what its processes are started with."""

    home: Path
    environment: dict[str, str]

    def start(self, job: str, *arguments: object, **options: Any) -> subprocess.Popen:
        """Start a job of tests/faults/working.py; it prints a line when it begins, at each step, and at the end."""
        command = [sys.executable, "-u", "-m", "tests.faults.working", job, *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, **(pipes | options))

    def run(self, job: str, *arguments: object) -> list[str]:
        """Run a job to its end and return the lines it printed."""
        return finish(self.start(job, *arguments))

    def keep(self, name: str, rows: Any) -> Path:
        """Keep rows in a file for jobs to load."""
        path = self.home / name
        path.write_bytes(pickle.dumps(rows))
        return path

    def content(self) -> str:
        """Return a hash of everything in all tables."""
        digest = hashlib.sha256()
        for table, rows in self._tables():
            digest.update(f"{table}:{len(rows)}".encode())
            for row in sorted(map(repr, rows)):
                digest.update(row.encode())
        return digest.hexdigest()

    def all_bytes(self) -> bytes:
        """Return every value of every table."""
        values = (value for _table, rows in self._tables() for row in rows for value in row)
        return b"\n".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in values)

    def count(self, table: str) -> int:
        return next(len(rows) for name, rows in self._tables() if name == table)

    def _tables(self) -> Iterator[tuple[str, list[tuple]]]:
        with closing(self._connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1" if ON_POSTGRESQL
                else "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"
            )  # fmt: skip
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT * FROM "{table}"')
                yield table, cursor.fetchall()

    def _connect(self) -> Any:
        if ON_POSTGRESQL:
            own = self.environment
            server = {"HOST": own["WEIDUAN_DB_HOST"], "PORT": own["WEIDUAN_DB_PORT"], "USER": own["WEIDUAN_DB_USER"]}
            return psycopg.connect(**_connection(server, own["WEIDUAN_DB_NAME"]))
        return sqlite3.connect(self.home / "weiduan.sqlite3")


def finish(process: subprocess.Popen) -> list[str]:
    """Wait for a job, which must end well; return the lines it printed."""
    said, wrong = process.communicate(timeout=300)
    assert process.returncode == 0, wrong[-3000:]
    return said.split("\n")[:-1]


def new_installation(home: Path, server: dict[str, str] | None = None) -> Installation:
    """Set up an empty installation on the database this run of the tests is for, on PostgreSQL on the tests' or a given server.

    The tables are laid once and copied from then on.
    """
    home.mkdir()
    if not ON_POSTGRESQL:
        shutil.copy(_laid_on_sqlite() / "weiduan.sqlite3", home)
        return _embedded(home)
    if server is not None:
        installation = Installation(home, _production(home, server))
        installation.run("migrate")
        return installation
    server = postgresql.database() | OWNER
    return Installation(home, _production(home, server, f" TEMPLATE {_laid_on_postgresql(server['PORT'])}"))


def _embedded(home: Path) -> Installation:
    own = {"WEIDUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "weiduan.config.settings.embedded"}
    return Installation(home, os.environ | own | ONE_ADDRESS)


@cache
def _laid_on_sqlite() -> Path:
    home = Path(tempfile.mkdtemp(prefix="weiduan-laid-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    _embedded(home).run("migrate")
    return home


@cache
def _laid_on_postgresql(_port: str) -> str:
    home = Path(tempfile.mkdtemp(prefix="weiduan-laid-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    installation = Installation(home, _production(home, postgresql.database() | OWNER))
    installation.run("migrate")
    return installation.environment["WEIDUAN_DB_NAME"]


def _production(home: Path, server: dict[str, str], like: str = "") -> dict[str, str]:
    """Make a database of its own and return what production settings read from the environment."""
    name = f"faults_{secrets.token_hex(4)}"
    with psycopg.connect(**_connection(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{like}")  # type: ignore[call-overload]
    return os.environ | ONE_ADDRESS | {
        "WEIDUAN_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "weiduan.config.settings.production", "WEIDUAN_SECRET_KEY": "s" * 64,
        "WEIDUAN_SEALED_KEYS": json.dumps({"k1": "11" * 32}), "WEIDUAN_SEALED_KEY_IN_USE": "k1",
        "WEIDUAN_SEALED_INDEX_KEY": "22" * 32, "WEIDUAN_HOSTS": "localhost", "WEIDUAN_DB_NAME": name,
        "WEIDUAN_DB_USER": server["USER"], "WEIDUAN_DB_PASSWORD": "trusted", "WEIDUAN_DB_HOST": server["HOST"],
        "WEIDUAN_DB_PORT": server["PORT"],
    }  # fmt: skip


def _connection(server: dict[str, str], name: str) -> dict[str, Any]:
    return {"dbname": name, "user": server["USER"], "host": server["HOST"], "port": int(server["PORT"])}
