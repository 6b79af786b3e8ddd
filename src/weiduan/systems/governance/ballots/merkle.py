"""A root that stands for a set of votes: one changed, added or taken out gives another.

Leaves are in order of their hashes, so the order says nothing of who voted when. A leaf is hashed with 0 before it and a pair with
1, so that no pair can pass for a leaf (RFC 6962, 2.1); what is left over at the end of a row goes up as it is.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").hexdigest()


def leaf_hash(content: bytes) -> str:
    """Return the hash of a leaf, as 64 hexadecimal digits."""
    return hashlib.sha256(b"\0" + content).hexdigest()


def root_of(leaves: Iterable[str]) -> str:
    """Return the root of leaves given by their hashes, in whatever order."""
    row = [bytes.fromhex(leaf) for leaf in sorted(leaves)]
    if not row:
        return EMPTY
    while len(row) > 1:
        row = [_pair(row[i : i + 2]) for i in range(0, len(row), 2)]
    return row[0].hex()


def _pair(two: Sequence[bytes]) -> bytes:
    return hashlib.sha256(b"\1" + two[0] + two[1]).digest() if len(two) == 2 else two[0]
