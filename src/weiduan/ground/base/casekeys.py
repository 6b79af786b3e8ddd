"""Keys of single cases, outside the database: destroying one makes what it sealed unreadable everywhere, in backups too.

They lie in `case-keys` of the installation's folder, one small file each, which backups of the database leave out. Without its
key a sealed value is noise.
"""

import os
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES, KEY_BYTES = 12, 32


def seal_for(case: UUID, plain: str) -> bytes:
    """Seal a text for one case, with a key made for it on first use."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_key(case) or _made(case)).encrypt(nonce, plain.encode(), case.bytes)


def open_for(case: UUID, sealed: bytes | memoryview) -> str | None:
    """Open what was sealed for a case; None where its key is destroyed, or it was changed."""
    key, content = _key(case), bytes(sealed)
    if key is None:
        return None
    try:
        return AESGCM(key).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], case.bytes).decode()
    except InvalidTag:
        return None


def destroy_key(case: UUID) -> bool:
    """Destroy the key of a case; tell whether there was one."""
    path = _path(case)
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return False
    _sync(path.parent)
    return True


def _path(case: UUID) -> Path:
    folder: Path = settings.HOME / "case-keys"
    return folder / case.hex[:2] / case.hex


def _key(case: UUID) -> bytes | None:
    try:
        return _path(case).read_bytes()
    except FileNotFoundError:
        return None


def _made(case: UUID) -> bytes:
    """Make a key, on the disk before anything is sealed with it."""
    path, key = _path(case), secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, key)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync(path.parent)
    return key


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
