"""A drill: back up what runs, restore it somewhere else, and compare everything."""

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from . import chest, databases
from .archive import files_below
from .content import Content, content_of_postgresql, differences
from .restoring import newest, read_manifest
from .taking import BACKUP, back_up, back_up_keys

Hashes = dict[str, str]


@dataclass
class Drill:
    """What a drill found: `wrong` is empty where everything came back."""

    taken_at: datetime
    backup_s: float = 0.0
    restore_s: float = 0.0
    rows: int = 0
    files: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Apart:
    """An installation beside the one that runs: a folder, on PostgreSQL a database, and the environment its commands need."""

    home: Path
    database: str | None
    environment: dict[str, str]

    def weiduan(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command there."""
        command = [sys.executable, "-m", "weiduan", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)

    def content(self) -> Content:
        """Return what its database holds."""
        if self.database is None:
            return databases.content_in(self.home / "weiduan.sqlite3")
        with psycopg.connect(**databases.address(self.database)) as raw:
            return content_of_postgresql(raw)


def drill(place: Path, *, at: datetime, spoil: Any = None) -> Drill:
    """Do a drill in an empty folder.

    spoil  called with what was restored, and with what compares it: with it tests see whether a loss would be seen
    """
    private, public = place / "private.pem", place / "public.pem"
    chest.new_key(private, public)
    recipient, before = chest.read_public(public), hashes_below(settings.MEDIA_ROOT)
    found, begun = Drill(at), time.monotonic()
    archive = back_up(place, at=at, recipient=recipient)
    back_up_keys(place, at=at, recipient=recipient)
    found.backup_s = time.monotonic() - begun
    manifest = read_manifest(archive, chest.read_private(private))
    with _apart(place / "home") as apart:
        begun = time.monotonic()
        for words in (("restore-keys", str(place)), ("restore", str(place))):
            done = apart.weiduan(*words, "--key", str(private))
            if done.returncode:
                found.wrong.append(f"{words[0]}: {(done.stderr or done.stdout).strip()[-300:]}")
                return found
        found.restore_s = time.monotonic() - begun
        found.rows = sum(rows for rows, _hash in manifest["tables"].values())
        found.files = len(before)
        compare = partial(_compared, apart, manifest, before, place)
        found.wrong += compare()
        if spoil is not None:
            spoil(apart, compare)
    return found


def _compared(apart: Apart, manifest: dict[str, Any], before: Hashes, place: Path) -> Iterator[str]:
    yield from differences(manifest["tables"], apart.content())
    after = hashes_below(apart.home / "files")
    for name, digest in before.items():
        if (
            after.get(name) != digest and (Path(settings.MEDIA_ROOT).parent / name).exists()
        ):  # erased meanwhile is no loss
            yield f"{name}: {'changed' if name in after else 'missing'}"
    anchored = place / "anchor.json"
    anchored.write_text(json.dumps(manifest["anchor"]), encoding="utf-8")
    done = apart.weiduan("ledger", "verify", "--anchor", str(anchored))
    if done.returncode:
        yield f"ledger: {(done.stdout + done.stderr).strip()[-300:]}"


def hashes_below(folder: Path) -> Hashes:
    """Return name → SHA-256 of every file below a folder."""
    found = {}
    for name, path in files_below(Path(folder), "files"):
        with path.open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


@contextmanager
def _apart(home: Path) -> Iterator[Apart]:
    """Make an empty place beside, and take it away again."""
    home.mkdir(mode=0o700)
    own = {"WEIDUAN_HOME": str(home), "WEIDUAN_ERASURES": "", "WEIDUAN_BACKUPS_FOR": ""}
    database = None
    if connection.vendor == "postgresql":
        database = own["WEIDUAN_DB_NAME"] = f"weiduan_drill_{secrets.token_hex(4)}"
        databases.run("createdb", "--template=template0", database)
    try:
        yield Apart(home, database, os.environ | own)
    finally:
        if database is not None:
            databases.run("dropdb", "--force", database)
        shutil.rmtree(home, ignore_errors=True)


def age_of_newest(folder: Path, *, at: datetime) -> float:
    """Return how many seconds old the newest backup in a folder is: as much would be lost now.

    :raises NotFound: there is none
    """
    from .taking import moment_of

    return (at - moment_of(newest(folder, BACKUP))).total_seconds()
