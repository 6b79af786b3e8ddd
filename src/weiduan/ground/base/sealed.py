"""Sealed fields: personal text kept so that a copy of the database alone can't be read.

A sealed value is bytes:
    1 byte    format and cipher (0x11 AES-256-GCM, 0x12 SM4-GCM)
    1 byte    length of the key id, then the key id
    12 bytes  random nonce
    the rest  ciphertext and 16 bytes of tag
It is bound to its place, `table|pk|field`: moved to another row or field it no longer opens.
Old rows open with the key and cipher they name, whatever is in use now.
"""

import hmac
import json
import os
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from .errors import Refused

CIPHERS = {"AES-256-GCM": 0x11, "SM4-GCM": 0x12}
NONCE_BYTES, TAG_BYTES, INDEX_BYTES = 12, 16, 16

Box = tuple[Callable[[bytes, bytes, bytes], bytes], Callable[[bytes, bytes, bytes], bytes]]


class SealBroken(Refused):
    """A sealed value was changed, moved, cut, or its key is not here."""


def seal(plain: str, *, table: str, pk: str, field: str) -> bytes:
    """Seal `plain` for this one place; empty text stays empty."""
    if not plain:
        return b""
    _read_again_if_changed()
    cipher, key_id = CIPHERS[settings.SEALED_CIPHER], settings.SEALED_KEY_IN_USE
    encrypt, _decrypt = _box(cipher, settings.SEALED_KEYS[key_id])
    nonce = os.urandom(NONCE_BYTES)
    return _header(cipher, key_id) + nonce + encrypt(nonce, plain.encode(), _place(table, pk, field))


def unseal(sealed: bytes | memoryview, *, table: str, pk: str, field: str) -> str:
    """Open what `seal` made for this very place.

    :raises SealBroken: it was changed or moved here from elsewhere, or its key is unknown
    """
    if not sealed:
        return ""
    cipher, key_id, nonce, body = _take_apart(bytes(sealed))
    if key_id not in settings.SEALED_KEYS:
        _read_again_if_changed()
    if key_id not in settings.SEALED_KEYS:
        raise SealBroken(_("A protected value can't be opened: its key “%(key)s” is not installed."), key=key_id)
    _encrypt, decrypt = _box(cipher, settings.SEALED_KEYS[key_id])
    try:
        return decrypt(nonce, body, _place(table, pk, field)).decode()
    except InvalidTag as error:
        raise SealBroken(_("A protected value can't be opened: it was changed or moved.")) from error


def key_id_of(sealed: bytes) -> str:
    """Return the name of the key that a value says it is sealed with."""
    return sealed[2 : 2 + sealed[1]].decode(errors="replace")


def head_in_use() -> bytes:
    """Return how everything begins that is sealed as it is sealed now."""
    _read_again_if_changed()
    return _header(CIPHERS[settings.SEALED_CIPHER], settings.SEALED_KEY_IN_USE)


def _read_again_if_changed() -> None:
    """Where the keys lie in a file, take new ones up without a restart: another process may be changing the key just now."""
    file = getattr(settings, "SEALED_KEYS_FILE", None)
    if file is None or (stamp := os.stat(file).st_mtime_ns) == settings.SEALED_KEYS_STAMP:
        return
    said = json.loads(file.read_text())
    settings.SEALED_KEYS, settings.SEALED_KEY_IN_USE = said["seal"], next(reversed(said["seal"]))
    settings.SEALED_INDEX_KEY = said["index"]
    settings.SEALED_KEYS_STAMP = stamp


def blind_index(value: str, *, purpose: str) -> bytes:
    """Return 16 bytes that are equal for equal values, to find a sealed value without opening it.

    Full-width forms and spaces make no difference; for the purpose "phone" only the digits count,
    without +86 or 0086. Indexes of different purposes can't be compared. Empty stays empty.
    """
    plain = _normal(value, purpose)
    if not plain:
        return b""
    _read_again_if_changed()
    key = bytes.fromhex(settings.SEALED_INDEX_KEY)
    return hmac.digest(key, f"{purpose}|{plain}".encode(), "sha256")[:INDEX_BYTES]


def _normal(value: str, purpose: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", value).split())
    if purpose != "phone":
        return plain
    digits = re.sub(r"[^\d+]", "", plain)
    return re.sub(r"\D", "", re.sub(r"^(?:\+|00)86", "", digits))


def _place(table: str, pk: str, field: str) -> bytes:
    return f"{table}|{pk}|{field}".encode()


@lru_cache(maxsize=16)
def _header(cipher: int, key_id: str) -> bytes:
    name = key_id.encode()
    if not 0 < len(name) < 256:
        raise ImproperlyConfigured("SEALED_KEYS: a key id has 1 to 255 bytes.")
    return bytes([cipher, len(name)]) + name


def _take_apart(sealed: bytes) -> tuple[int, str, bytes, bytes]:
    """Return cipher, key id, nonce and body."""
    start = 2 + sealed[1] if len(sealed) > 1 else 2
    body = sealed[start + NONCE_BYTES :]
    if sealed[0] not in CIPHERS.values() or len(body) <= TAG_BYTES:
        raise SealBroken(_("A protected value can't be opened: it is damaged."))
    key_id = sealed[2:start].decode(errors="replace")
    return sealed[0], key_id, sealed[start : start + NONCE_BYTES], body


@lru_cache(maxsize=16)
def _box(cipher: int, key_hex: str) -> Box:
    """Return encrypt and decrypt (nonce, text, place) for a key; kept, because seals come by the hundred thousand."""
    key = bytes.fromhex(key_hex)
    if len(key) != 32:
        raise ImproperlyConfigured("SEALED_KEYS: each key is 32 bytes, written as 64 hexadecimal digits.")
    return _aes_box(key) if cipher == CIPHERS["AES-256-GCM"] else _sm4_box(key)


def _aes_box(key: bytes) -> Box:
    aes = AESGCM(key)
    return aes.encrypt, aes.decrypt


def _sm4_box(key: bytes) -> Box:
    """SM4 takes 16 bytes; deriving them keeps one key from serving two ciphers."""
    sm4 = algorithms.SM4(HKDF(SHA256(), 16, salt=None, info=b"weiduan sealed SM4-GCM").derive(key))

    def encrypt(nonce: bytes, plain: bytes, place: bytes) -> bytes:
        run = Cipher(sm4, modes.GCM(nonce)).encryptor()
        run.authenticate_additional_data(place)
        return run.update(plain) + run.finalize() + run.tag

    def decrypt(nonce: bytes, body: bytes, place: bytes) -> bytes:
        run = Cipher(sm4, modes.GCM(nonce, body[-TAG_BYTES:])).decryptor()
        run.authenticate_additional_data(place)
        return run.update(body[:-TAG_BYTES]) + run.finalize()

    return encrypt, decrypt
