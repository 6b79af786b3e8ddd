"""A sealed stream: whoever has the public half of a key can fill a chest, only the private half opens it.

A key of the file alone is wrapped by HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM). Then come pieces of 64 KiB under AES-256-GCM; the
nonce of each counts them and marks the last one (the STREAM construction), so that pieces can't be left out, doubled, moved or cut off.
"""

import io
import os
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import Refused

MAGIC = b"weiduan chest 1\n"
PIECE, TAG_BYTES, WRAPPED_BYTES = 64 * 1024, 16, 80
SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class ChestBroken(Refused):
    """A chest is damaged, cut off, no chest at all, or this key doesn't open it."""


def new_key(private: Path, public: Path) -> None:
    """Draw a pair of keys: the private half to be kept elsewhere, the public half stays here."""
    public.parent.mkdir(parents=True, exist_ok=True)  # else only the half that opens would be there
    key = X25519PrivateKey.generate()
    _write(private, key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    _write(public, key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ))  # fmt: skip


def read_public(file: Path) -> X25519PublicKey:
    """Read the half that seals.

    :raises ChestBroken: there is none, or it is something else
    """
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ChestBroken(_("There is no key to seal backups with. Make one: weiduan backup-key FILE")) from error
    if not isinstance(key, X25519PublicKey):
        raise ChestBroken(_("This is not a key for backups."))
    return key


def read_private(file: Path) -> X25519PrivateKey:
    """Read the half that opens.

    :raises ChestBroken: it is something else
    """
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ChestBroken(_("This is not a key for backups.")) from error
    if not isinstance(key, X25519PrivateKey):
        raise ChestBroken(_("This is not a key for backups."))
    return key


class Filling(io.RawIOBase):
    """Write into a chest; only `close` makes it whole."""

    def __init__(self, file: IO[bytes], recipient: X25519PublicKey) -> None:
        key = os.urandom(32)
        self._file, self._aes, self._count, self._waiting = file, AESGCM(key), 0, bytearray()
        file.write(MAGIC + SUITE.encrypt(key, recipient, info=MAGIC))

    def writable(self) -> bool:
        return True

    def write(self, content) -> int:
        """Take some more; a piece is written once something follows it."""
        self._waiting += content
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(content)

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._aes.encrypt(_nonce(self._count, last), piece, None))
        self._count += 1

    def close(self) -> None:
        """Write the last piece, which says that it is the last."""
        if not self.closed:
            self._put(bytes(self._waiting), last=True)
        super().close()


class Opening(io.RawIOBase):
    """Read from a chest, piece by piece; nothing is handed on that wasn't checked.

    :raises ChestBroken: at the first piece that isn't as it was written
    """

    def __init__(self, file: IO[bytes], key: X25519PrivateKey) -> None:
        self._file, self._count, self._ready, self._ended = file, 0, b"", False
        if file.read(len(MAGIC)) != MAGIC:
            raise ChestBroken(_("This file is not a backup of this system."))
        try:
            self._aes = AESGCM(SUITE.decrypt(file.read(WRAPPED_BYTES), key, info=MAGIC))
        except (InvalidTag, ValueError) as error:
            raise ChestBroken(_("This key doesn't open this backup.")) from error
        self._next = file.read(PIECE + TAG_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        """Hand on what is checked."""
        while not self._ready and not self._ended:
            self._ready = self._piece()
        given = min(len(buffer), len(self._ready))
        buffer[:given], self._ready = self._ready[:given], self._ready[given:]
        return given

    def _piece(self) -> bytes:
        piece, self._next = self._next, self._file.read(PIECE + TAG_BYTES)
        self._ended = not self._next
        try:
            opened = self._aes.decrypt(_nonce(self._count, self._ended), piece, None)
        except (InvalidTag, ValueError) as error:
            raise ChestBroken(_("This backup is damaged or cut off; take another one.")) from error
        self._count += 1
        return opened


def _nonce(count: int, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
