"""Keys of single cases, outside the database: destroying one makes what it sealed unreadable everywhere, in backups too.

They lie in `case-keys` of the installation's folder, one small file each, which backups of the database leave out. Without its
key a sealed value is noise. A case has two: one for what says who a person is, which is destroyed first, and one for the words.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from . import erasures
from .storage import sync, sync_up

NONCE_BYTES, KEY_BYTES = 12, 32


class Key(StrEnum):
    """What a key of a case seals."""

    PERSON = ""  # a contact, and notes in which one may stand
    WORDS = ".words"  # what was told


def seal_for(case: UUID, plain: str | bytes, key: Key = Key.PERSON) -> bytes:
    """Seal a text or a file for one case, with a key made for it on first use."""
    nonce, content = os.urandom(NONCE_BYTES), plain.encode() if isinstance(plain, str) else plain
    return nonce + AESGCM(_key(case, key) or _made(case, key)).encrypt(nonce, content, _bound_to(case, key))


def open_for(case: UUID, sealed: bytes | memoryview, key: Key = Key.PERSON) -> str | None:
    """Open a text that was sealed for a case; None where its key is destroyed, or it was changed."""
    opened = open_file_for(case, sealed, key)
    return None if opened is None else opened.decode()


def open_file_for(case: UUID, sealed: bytes | memoryview, key: Key = Key.PERSON) -> bytes | None:
    """Open what was sealed for a case, as `open_for`."""
    held = _held.get()
    if held is None:
        return _opener(case, key)(sealed)
    if (case, key) not in held:
        held[(case, key)] = _opener(case, key)
    return held[(case, key)](sealed)


Opener = Callable[[bytes | memoryview], bytes | None]
_held: ContextVar[dict[tuple[UUID, Key], Opener] | None] = ContextVar("held", default=None)


@contextmanager
def keys_read_once() -> Iterator[None]:
    """Within the block, read each key once: for a page that shows much and does nothing.

    Nothing is held beyond it, for what a destroyed key sealed must be gone at once.
    """
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def _opener(case: UUID, key: Key) -> Opener:
    known, bound = _key(case, key), _bound_to(case, key)
    cipher = AESGCM(known) if known is not None and len(known) == KEY_BYTES else None

    def opened(sealed: bytes | memoryview) -> bytes | None:
        content = bytes(sealed)
        try:
            return cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], bound) if cipher is not None else None
        except (InvalidTag, ValueError):
            return None

    return opened


def destroy_key(case: UUID, key: Key = Key.PERSON) -> bool:
    """Destroy a key of a case; tell whether there was one."""
    path = _path(case, key)
    if path.exists():  # noted first: what a backup brings back must be found again, whatever stops us here
        erasures.note(erasures.KEY_OF_A_CASE, path.name)
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return False
    sync(path.parent)
    return True


def _bound_to(case: UUID, key: Key) -> bytes:
    return case.bytes + key.value.encode()


def _path(case: UUID, key: Key) -> Path:
    folder: Path = settings.HOME / "case-keys"
    return folder / case.hex[:2] / f"{case.hex}{key.value}"


def _key(case: UUID, key: Key) -> bytes | None:
    hexadecimal = case.hex  # written out, for a list reads fifty keys
    try:
        file = os.open(f"{settings.HOME}/case-keys/{hexadecimal[:2]}/{hexadecimal}{key.value}", os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return os.read(file, KEY_BYTES)
    finally:
        os.close(file)


def _made(case: UUID, key: Key) -> bytes:
    """Make a key, whole and on the disk before anything is sealed with it; of two made in one moment the first counts."""
    path, made = _path(case, key), secrets.token_bytes(KEY_BYTES)
    if not path.parent.exists():  # a folder that isn't on the disk takes its keys with it
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_up(path.parent, path.parent.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, made)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        made = path.read_bytes()
    draft.unlink()
    sync(path.parent)
    return made
