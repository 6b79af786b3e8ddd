"""Take a backup: database and files into one chest, keys of cases into another that lives for days only."""

from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.conf import settings
from django.db import connection

from weiduan.ground.base import erasures
from weiduan.ground.ledger.queries import anchor

from .archive import files_below, workplace, write
from .chest import read_public
from .databases import copy_to, run

BACKUP, BASE, KEYS = "backup", "base", "keys"
OWN_KEYS = "secrets.json"


def public_key() -> Path:
    """Return where the half of the key that seals backups lies."""
    return Path(settings.BACKUPS_FOR) if settings.BACKUPS_FOR else settings.HOME / "backups.pem"


def back_up(folder: Path, *, at: datetime, recipient: X25519PublicKey | None = None) -> Path:
    """Write a backup of database and files; return its file.

    :raises Refused: no key, no room, no tools; then nothing is left in the folder
    """
    recipient = recipient or read_public(public_key())
    with workplace(settings.HOME) as place:
        copy = place / "database"
        head = anchor(at)  # before the copy, so that the copy holds it
        told = _told(BACKUP, at) | {"anchor": head, "database": connection.vendor, "tables": copy_to(copy)}
        return _written(
            folder, BACKUP, [("database", copy), *files_below(settings.MEDIA_ROOT, "files")], told, recipient, at
        )


def back_up_server(folder: Path, *, at: datetime, recipient: X25519PublicKey | None = None) -> Path:
    """Write a base backup of the whole PostgreSQL server, from which it is brought to any later moment with its log.

    :raises Refused: the role may not replicate, no key, no room
    """
    recipient = recipient or read_public(public_key())
    with workplace(settings.HOME) as place:
        run(
            "pg_basebackup",
            "--pgdata",
            str(place / "server"),
            "--format=tar",
            "--wal-method=fetch",
            "--checkpoint=fast",
            "--no-password",
        )
        (place / "server/backup_manifest").unlink(missing_ok=True)
        return _written(folder, BASE, list(files_below(place / "server", "server")), _told(BASE, at), recipient, at)


def back_up_keys(folder: Path, *, at: datetime, recipient: X25519PublicKey | None = None) -> Path:
    """Write the keys of cases, the keys of this installation, and what was erased; return the file."""
    recipient = recipient or read_public(public_key())
    parts = [*files_below(settings.HOME / "case-keys", "case-keys"), ("erasures.jsonl", erasures.path())]
    parts += [(OWN_KEYS, settings.HOME / OWN_KEYS)]
    with workplace(settings.HOME):
        return _written(folder, KEYS, parts, _told(KEYS, at), recipient, at)


def clear_away(folder: Path, kind: str, *, kept: timedelta, at: datetime) -> int:
    """Delete what is older than it may become, but never the newest; return how many."""
    old = [path for path in backups_in(folder, kind)[1:] if moment_of(path) < at - kept]
    for path in old:
        path.unlink()
    return len(old)


def backups_in(folder: Path, kind: str) -> list[Path]:
    """Return the whole backups of a kind in a folder, newest first."""
    return sorted(folder.glob(f"weiduan-{kind}-*.chest"), key=lambda path: path.name, reverse=True)


def moment_of(path: Path) -> datetime:
    """Return when a backup was taken, as its name says."""
    return datetime.strptime(path.stem.rsplit("-", 1)[1] + "+0000", "%Y%m%dT%H%M%S.%fZ%z")


def _told(kind: str, at: datetime) -> dict[str, Any]:
    return {"kind": kind, "at": at.isoformat(), "version": version("weiduan")}


def _written(
    folder: Path, kind: str, parts: list[tuple[str, Path]], told: dict[str, Any], recipient: X25519PublicKey, at: datetime
) -> Path:  # fmt: skip
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left_over in folder.glob(".weiduan-*.chest.*"):
        left_over.unlink(missing_ok=True)
    utc = (at - (at.utcoffset() or timedelta())).replace(tzinfo=None)
    target = folder / f"weiduan-{kind}-{utc:%Y%m%dT%H%M%S.%f}Z.chest"
    write(target, parts, told, recipient)
    return target
