"""Put a backup back: checked first, then in its place; what was erased since is marked to be erased again."""

import json
import os
import shutil
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base import erasures
from weiduan.ground.base.errors import NotFound, Refused

from . import databases
from .archive import sync, unpack, workplace
from .chest import ChestBroken
from .content import content_of_postgresql, differences
from .log import lay_out
from .taking import BACKUP, BASE, KEYS, OWN_KEYS, backups_in, moment_of

TO_ERASE = "erase-again"  # a file in HOME: a restored database waits for it to be done


class SomethingIsThere(Refused):
    """An installation is there, which a restore would overwrite."""


@dataclass(frozen=True)
class Restored:
    """What was put back: of when, how many rows and files."""

    at: datetime
    rows: int
    files: int
    anchor: dict[str, Any]


def newest(folder: Path, kind: str, *, until: datetime | None = None) -> Path:
    """Return the newest backup of a kind in a folder, or the newest of before a moment; a file is taken as it is.

    :raises NotFound: there is none
    """
    if folder.is_file():
        return folder
    for path in backups_in(folder, kind):
        if until is None or moment_of(path) <= until:
            return path
    raise NotFound(_("There is no backup of this kind in %(folder)s."), folder=folder)


def restore(folder: Path, key: X25519PrivateKey, *, replace: bool = False) -> Restored:
    """Restore database and files of the newest backup in a folder.

    replace  an embedded installation that is there is set aside, with the moment in its name; a database of PostgreSQL must be empty

    :raises SomethingIsThere: one is there, and replacing it wasn't asked for
    :raises ChestBroken: it is damaged, hostile or of another kind; then nothing was changed
    """
    archive = newest(folder, BACKUP)
    if not databases.is_empty() and not (replace and connection.vendor == "sqlite"):
        raise SomethingIsThere(
            _(
                "An installation is there already. Restore into an empty place; an embedded one is set aside with --replace."
            )
        )
    with workplace(settings.HOME) as place:
        manifest = unpack(archive, place, key)
        if manifest["kind"] != BACKUP or manifest["database"] != connection.vendor:
            raise ChestBroken(
                _("This is a backup of another kind: %(kind)s."), kind=f"{manifest['kind']} {manifest.get('database')}"
            )
        if connection.vendor == "sqlite":
            _check(manifest, databases.content_in(place / "database"))
            _set_aside()
        _files_back(place / "files")
        (settings.HOME / TO_ERASE).write_text(manifest["at"], encoding="utf-8")
        sync(settings.HOME)
        databases.put_back(place / "database")
        sync(settings.HOME)
    if connection.vendor == "postgresql":
        with psycopg.connect(**databases.address()) as raw:
            _check(manifest, content_of_postgresql(raw))
    rows = sum(rows for rows, _hash in manifest["tables"].values())
    return Restored(datetime.fromisoformat(manifest["at"]), rows, len(manifest["parts"]) - 1, manifest["anchor"])


def _check(manifest: dict[str, Any], found: dict[str, list[Any]]) -> None:
    """Emptied tables are left out of both."""
    if wrong := differences(manifest["tables"], found):
        raise ChestBroken(_("What was restored isn't what was backed up: %(tables)s"), tables="; ".join(wrong))


def _set_aside() -> None:
    """Rename a database that is there, with what SQLite keeps beside it; a stray log must not be read into another one."""
    database, moment = Path(databases.name_of_ours()), datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    connection.close()
    for ending in ("-wal", "-shm", ""):
        path = database.with_name(database.name + ending)
        if path.exists():
            os.replace(path, path.with_name(f"{database.name}.before-{moment}{ending}"))


def _files_back(source: Path) -> None:
    target = Path(settings.MEDIA_ROOT)
    for path in sorted(source.rglob("*")):
        if path.is_file():
            to = target / path.relative_to(source)
            to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(path, to)
            sync(to.parent)


def restore_keys(folder: Path, key: X25519PrivateKey) -> int:
    """Put keys of cases back that aren't here, and this installation's own where it has none; return how many.

    What was erased after the copy is noted in the list; whoever calls this erases again afterwards.
    """
    archive, known = newest(folder, KEYS), 0
    with workplace(settings.HOME) as place:
        manifest = unpack(archive, place, key)
        if manifest["kind"] != KEYS:
            raise ChestBroken(_("This is a backup of another kind: %(kind)s."), kind=manifest["kind"])
        if (place / "erasures.jsonl").exists():
            erasures.add_from(place / "erasures.jsonl")
        taken = datetime.fromisoformat(manifest["at"])
        gone = {one.key for one in erasures.noted() if one.kind == erasures.KEY_OF_A_CASE and one.at >= taken}
        for path in sorted((place / "case-keys").rglob("*")):
            to = settings.HOME / path.relative_to(place)
            if path.is_file() and path.name not in gone and not to.exists():
                to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.replace(path, to)
                sync(to.parent)
                known += 1
        own = settings.HOME / OWN_KEYS
        if (place / OWN_KEYS).exists() and _may_take_over(own):
            os.replace(place / OWN_KEYS, own)
            sync(settings.HOME)
    return known


def _may_take_over(own: Path) -> bool:
    """A fresh place has just drawn keys with which nothing is sealed yet."""
    return not own.exists() or databases.is_empty()


def restore_server(folder: Path, key: X25519PrivateKey, into: Path, *, to: datetime | None, log: Path) -> Path:
    """Lay a PostgreSQL server's folder that, once started, comes to a moment by itself and then takes writes again.

    to   the moment; None: as late as the log goes
    log  where its log was kept by “weiduan follow-log”

    :raises SomethingIsThere: the folder isn't empty
    """
    if into.exists() and any(into.iterdir()):
        raise SomethingIsThere(_("%(folder)s isn't empty."), folder=into)
    archive, into = newest(folder, BASE, until=to), into.resolve()
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    with workplace(settings.HOME) as place:
        if (kind := unpack(archive, place, key)["kind"]) != BASE:
            raise ChestBroken(_("This is a backup of another kind: %(kind)s."), kind=kind)
        with tarfile.open(place / "server/base.tar") as base:
            base.extractall(into, filter="data")
    lay_out(log, into / "kept-log", key)
    (into / "recovery.signal").touch(mode=0o600)
    lines = [
        "restore_command = 'cp kept-log/%f \"%p\"'",
        "recovery_target_action = 'promote'",
    ]  # called in the server's folder
    if to is not None:
        lines.append(f"recovery_target_time = '{to.isoformat()}'")
    with (into / "postgresql.auto.conf").open("a", encoding="utf-8") as conf:
        conf.write("\n" + "\n".join(lines) + "\n")
    if os.geteuid() == 0:  # the server doesn't run as root
        for path in [into, *into.rglob("*")]:
            shutil.chown(path, "postgres", "postgres")
    into.chmod(0o700)
    return archive


def waits_to_erase() -> datetime | None:
    """Return of when the backup was that was restored here and in which nothing was erased again yet; None: none was."""
    try:
        return datetime.fromisoformat((settings.HOME / TO_ERASE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def has_erased() -> None:
    """Note that everything was erased again."""
    (settings.HOME / TO_ERASE).unlink(missing_ok=True)
    sync(settings.HOME)


def read_manifest(archive: Path, key: X25519PrivateKey) -> dict[str, Any]:
    """Check a backup from beginning to end and return what it says of itself."""
    with workplace(settings.HOME) as place:
        unpack(archive, place, key)
        return json.loads((place / "manifest.json").read_text(encoding="utf-8"))


def must_erase(since: datetime) -> None:
    """Note that a database of an earlier moment is here, in which nothing was erased again yet."""
    (settings.HOME / TO_ERASE).write_text(since.isoformat(), encoding="utf-8")
    sync(settings.HOME)
