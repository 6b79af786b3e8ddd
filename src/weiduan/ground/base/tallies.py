"""Tallies: how often something was done lately, counted by all processes of one machine together.

They lie in a small file of their own, apart from the data: what is counted is a keyed hash that changes each day, nobody needs it
for longer than its span, and losing it in a power cut costs nothing. So nothing here waits for the disk.
"""

import hmac
import sqlite3
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings

KEPT_S = 24 * 3600  # no span is longer
SWEPT_EVERY = 500  # hits taken by this process between two sweeps of what is older
WAITS_S = 2.0
A_DAY_S = 24 * 3600

_opened = threading.local()
_TABLE = """
CREATE TABLE IF NOT EXISTS hit (number INTEGER PRIMARY KEY, what BLOB NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS hit_by_what ON hit (what, at);
"""
# One statement, so that of many at once no more get in than there is room for.
_TAKE = """
INSERT INTO hit (what, at) SELECT :what, :now
WHERE (SELECT count(*) FROM hit WHERE what = :what AND at > :since) < :most
"""


@dataclass(frozen=True)
class Taken:
    """A place that was taken; it may be given back."""

    number: int


@dataclass(frozen=True)
class Full:
    """No place is left; in `wait_s` seconds there is one again."""

    wait_s: int


def take(name: str, of: str, *, most: int, within: timedelta, now: float | None = None) -> Taken | Full:
    """Take one of `most` places that `of` has for `name` in any span of `within`.

    of   whatever is counted: an account, a device, an address; only a keyed hash of it is kept
    now  seconds since 1970; the machine's clock, if not given

    Raises sqlite3.Error where the file can't be written; what to do then is the caller's to decide.
    """
    now = time.time() if now is None else now
    file = _file()
    span_s = within.total_seconds()
    asked = {"what": _hashed(name, of, now), "now": now, "since": now - span_s, "most": most}
    with file:
        done = file.execute(_TAKE, asked)
        if done.rowcount:
            number = done.lastrowid or 0
            if number % SWEPT_EVERY == 0:
                file.execute("DELETE FROM hit WHERE at < ?", (now - KEPT_S,))
            return Taken(number)
        [oldest] = file.execute(
            "SELECT at FROM hit WHERE what = :what AND at > :since ORDER BY at DESC LIMIT 1 OFFSET :most - 1", asked
        ).fetchone() or [now]
    return Full(max(1, int(oldest + span_s - now) + 1))


def give_back(taken: Taken) -> None:
    """Let a place be free again: what it was taken for didn't come about."""
    with _file() as file:
        file.execute("DELETE FROM hit WHERE number = ?", (taken.number,))


def _hashed(name: str, of: str, now: float) -> bytes:
    """Return what is kept: of no use the day after, and to nobody without the key."""
    key = settings.SECRET_KEY.encode()
    return hmac.digest(key, f"tally|{int(now // A_DAY_S)}|{name}|{of}".encode(), "sha256")[:16]


def _file() -> sqlite3.Connection:
    """Return this thread's connection, opened once."""
    path: Path = settings.HOME / "tallies.sqlite3"
    held = getattr(_opened, "held", None)
    if held is None or held[0] != path:
        file = sqlite3.connect(path, timeout=WAITS_S)
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=OFF")
        file.executescript(_TABLE)
        _opened.held = held = (path, file)
    connection: sqlite3.Connection = held[1]
    return connection
