"""One backup, one file: a tar in a chest, with what it must hold written at its end."""

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.utils.translation import gettext_lazy as _

from .chest import ChestBroken, Filling, Opening

MANIFEST = "manifest.json"
FORMAT = 1
LEAST_FREE = 64 * 1024 * 1024  # an archive that would fill the disk is left


def write(target: Path, parts: Iterable[tuple[str, Path]], told: dict[str, Any], recipient: X25519PublicKey) -> None:
    """Write files under their names, and last the manifest; under the name `target` it is there whole or not at all."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    held: dict[str, list[Any]] = {}
    try:
        with _created(draft) as file:
            with Filling(file, recipient) as chest, _packing(chest) as tar:
                for name, path in parts:
                    with suppress(FileNotFoundError):  # erased since it was listed
                        held[name] = _add(tar, name, path)
                _add_manifest(tar, told | {"format": FORMAT, "parts": held}, draft)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
        sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _packing(chest: Filling) -> Iterator[tarfile.TarFile]:
    packed = gzip.GzipFile(fileobj=chest, mode="wb", compresslevel=3)
    with packed, tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        yield tar


def _created(draft: Path) -> IO[bytes]:
    return os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _add(tar: tarfile.TarFile, name: str, path: Path) -> list[Any]:
    with path.open("rb") as source:
        digest = hashlib.sha256()
        member = tarfile.TarInfo(name)
        member.size, member.mode = os.fstat(source.fileno()).st_size, 0o600
        tar.addfile(member, cast(IO[bytes], _Hashing(source, digest)))
    return [member.size, digest.hexdigest()]


def _add_manifest(tar: tarfile.TarFile, manifest: dict[str, Any], beside: Path) -> None:
    written = beside.with_name(f"{beside.name}.manifest")
    try:
        written.write_text(json.dumps(manifest), encoding="utf-8")
        _add(tar, MANIFEST, written)
    finally:
        written.unlink(missing_ok=True)


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, source: IO[bytes], digest: Any) -> None:
        self._source, self._digest = source, digest

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        content = self._source.read(size)
        self._digest.update(content)
        return content


def unpack(archive: Path, folder: Path, key: X25519PrivateKey) -> dict[str, Any]:
    """Unpack into an empty folder and check every file; return the manifest.

    :raises ChestBroken: it is damaged, cut off, no backup, or holds what no backup of ours would
    """
    try:
        with archive.open("rb") as file, gzip.GzipFile(fileobj=Opening(file, key), mode="rb") as packed:
            found = _take_all_out(packed, folder)
            if packed.read().strip(b"\0"):  # a tar is filled up with zeros; reading on also checks the last piece
                raise ChestBroken(_("This backup is damaged or cut off; take another one."))
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found.pop(MANIFEST)
        if manifest["format"] != FORMAT or manifest["parts"] != found:
            raise ChestBroken(_("This backup doesn't hold what it says it holds; take another one."))
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise ChestBroken(_("This backup is damaged or cut off; take another one.")) from error
    return manifest


def _take_all_out(packed: gzip.GzipFile, folder: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    with tarfile.open(fileobj=packed, mode="r|") as tar:
        for member in tar:
            found[member.name] = _take_out(tar, member, folder)
    return found


def _take_out(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> list[Any]:
    """Take out a plain file with a plain name; anything else was put there by somebody else."""
    name = PurePosixPath(member.name)
    source = tar.extractfile(member) if member.isreg() else None
    target = folder.joinpath(*name.parts)
    if source is None or name.is_absolute() or ".." in name.parts or target.exists():
        raise ChestBroken(_("This backup doesn't hold what it says it holds; take another one."))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with _created(target) as file:
        while content := source.read(1024 * 1024):
            if shutil.disk_usage(folder).free < LEAST_FREE:
                raise ChestBroken(_("There is not enough room on the disk to unpack this backup."))
            digest.update(content)
            size += file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return [size, digest.hexdigest()]


def files_below(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """Yield name and path of every file of a folder, but drafts."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield f"{prefix}/{path.relative_to(folder).as_posix()}", path


def sync(folder: Path) -> None:
    """Write a folder itself to the disk: what was renamed into it stays."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def workplace(home: Path) -> Iterator[Path]:
    """Yield an empty folder of our own that is gone afterwards; what a killed run left there is cleared first."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".backups.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ChestBroken(
                _("Another backup or restore is under way here. Try again once it is through.")
            ) from error
        place = home / ".backups"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
