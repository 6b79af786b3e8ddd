"""What was erased, noted outside the database: a backup that is restored brings it back, and by this list it is erased again.

One line of JSON each in `erasures.jsonl` of the installation's folder, or where WEIDUAN_ERASURES says: a moment, a kind of thing and
its key. No words, no person. It must outlive the database, so it lies apart from it and goes into every copy of the keys.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from .storage import sync

KEY_OF_A_CASE = "case-key"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One thing that was erased: its kind, and its key."""

    at: datetime
    kind: str
    key: str


def path() -> Path:
    """Return where the list lies."""
    named = getattr(settings, "ERASURES", "")
    return Path(named) if named else settings.HOME / "erasures.jsonl"


def note(kind: str, key: str) -> None:
    """Add a line, on the disk before anything is destroyed; of a line that a fault cut off nothing is read."""
    _append(Erasure(datetime.now(UTC), kind, key))


def _append(one: Erasure) -> None:
    line = json.dumps({"at": one.at.isoformat(), "kind": one.kind, "key": one.key})
    is_new = not path().exists()
    descriptor = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"\n{line}\n".encode())  # in one go, and never behind half a line
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync(path().parent)


def noted(file: Path | None = None) -> Iterator[Erasure]:
    """Yield what was erased, oldest first."""
    with suppress(FileNotFoundError), (file or path()).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                told = json.loads(line)
                yield Erasure(datetime.fromisoformat(told["at"]), str(told["kind"]), str(told["key"]))


def add_from(file: Path) -> int:
    """Add what another list holds and this one doesn't; return how many lines."""
    known = set(noted())
    more = [one for one in noted(file) if one not in known]
    for one in more:
        _append(one)
    return len(more)
