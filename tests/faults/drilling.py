"""Drills with something spoilt between restoring and comparing, as JSON; started as `python -m tests.faults.drilling FOLDER`."""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import django

django.setup()

import psycopg  # noqa: E402
from django.utils import timezone  # noqa: E402

from weiduan.ground.backups import databases  # noqa: E402
from weiduan.ground.backups.drill import Apart, drill  # noqa: E402


def run(apart: Apart, *statements: str) -> None:
    """Change the restored database behind everybody's back."""
    if apart.database is None:
        with closing(sqlite3.connect(apart.home / "weiduan.sqlite3", isolation_level=None)) as raw:
            for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f'DROP TRIGGER "{trigger}"')
            for statement in statements:
                raw.execute(statement)
    else:
        with psycopg.connect(**databases.address(apart.database)) as raw:
            raw.execute("SET session_replication_role = replica")  # as a superuser may
            for statement in statements:
                raw.execute(statement)  # type: ignore[call-overload]


def first_picture(apart: Apart) -> Path:
    return next(path for path in sorted((apart.home / "files").rglob("*")) if path.is_file())


SPOILT: dict[str, Callable[[Apart], object]] = {
    "row changed": lambda apart: run(apart, "UPDATE accounts_user SET title = 'x'"),
    "row gone": lambda apart: run(apart, "DELETE FROM accounts_user"),
    "picture changed": lambda apart: first_picture(apart).write_bytes(b"x"),
    "picture gone": lambda apart: first_picture(apart).unlink(),
    "ledger cut": lambda apart: run(apart, "DELETE FROM ledger_entry WHERE id = (SELECT max(id) FROM ledger_entry)"),
}
found: dict[str, list[str]] = {}


def spoil(apart: Apart, compare: Callable[[], Iterable[str]]) -> None:
    """Spoil one thing after the other; keep what the comparison says each time, up to where the ledger is walked."""
    for name, deed in SPOILT.items():
        deed(apart)
        said = iter(compare())
        found[name] = list(said) if name == "ledger cut" else [line for _n, line in zip(range(1), said, strict=False)]


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir()
    done = drill(place, at=timezone.now(), spoil=spoil)
    print(
        json.dumps(found | {"nothing": done.wrong, "rows": done.rows, "files": done.files, "restore_s": done.restore_s})
    )
