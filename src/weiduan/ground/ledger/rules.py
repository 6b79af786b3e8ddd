"""How an entry is hashed and which chain it goes to."""

import hashlib
import json
from datetime import UTC, datetime

CHAINS = 64
BEGINNING = "0" * 64
RESIDENT = "resident"  # how an author without an account is named
GROUND = "territory.area"  # how the entries about areas are kept: an index holds the last of each chain, for `state_of_ground`


def chain_of(kind: str, key: str) -> int:
    """Return the chain of a thing: all of its entries stand in one."""
    return hashlib.sha256(f"{kind}|{key}".encode()).digest()[0] % CHAINS


def hash_of(previous: str, entry: dict) -> str:
    """Hash an entry onto its predecessor; `entry` holds every kept field but the hash."""
    told = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{told}".encode()).hexdigest()


def told_time(at: datetime) -> str:
    """Write a moment the same way on every database."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
