"""A real installation for tests of faults: its own folder or PostgreSQL database, and child processes that work on it."""

import hashlib
import json
import os
import pickle
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests import postgresql

ROOT = Path(__file__).parents[2]
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
    """Set up an empty installation on the database this run of the tests is for, on PostgreSQL on the tests' or a given server."""
    home.mkdir()
    environment = os.environ | {
        "WEIDUAN_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "weiduan.config.settings.embedded",
        "WEIDUAN_RATE_LIMITS": "off",  # the load comes from one address
    }
    if ON_POSTGRESQL:
        environment |= _production(server or postgresql.database())
    installation = Installation(home, environment)
    installation.run("migrate")
    return installation


def _production(server: dict[str, str]) -> dict[str, str]:
    """Make a database of its own and return what production settings read from the environment."""
    name = f"faults_{secrets.token_hex(4)}"
    with psycopg.connect(**_connection(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return {
        "DJANGO_SETTINGS_MODULE": "weiduan.config.settings.production", "WEIDUAN_SECRET_KEY": "s" * 64,
        "WEIDUAN_SEALED_KEYS": json.dumps({"k1": "11" * 32}), "WEIDUAN_SEALED_KEY_IN_USE": "k1",
        "WEIDUAN_SEALED_INDEX_KEY": "22" * 32, "WEIDUAN_HOSTS": "localhost", "WEIDUAN_DB_NAME": name,
        "WEIDUAN_DB_USER": server["USER"], "WEIDUAN_DB_PASSWORD": "trusted", "WEIDUAN_DB_HOST": server["HOST"],
        "WEIDUAN_DB_PORT": server["PORT"],
    }  # fmt: skip


def _connection(server: dict[str, str], name: str) -> dict[str, Any]:
    return {"dbname": name, "user": server["USER"], "host": server["HOST"], "port": int(server["PORT"])}
