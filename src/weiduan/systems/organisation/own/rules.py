"""How long a link and the visit it opens last, and how its token is kept."""

import hashlib
from datetime import timedelta

LINK_LASTS = timedelta(hours=24)
VISIT_LASTS = timedelta(minutes=30)
LINK_KEPT = timedelta(days=30)  # after it ran out
CORRECTION_KEPT = timedelta(days=365)  # what was asked for, after it was answered
TOKEN_BYTES = 16  # 128 bits
LONGEST_NAME, LONGEST_PLEDGE, LONGEST_WISH = 20, 100, 500

# The first part of what seals a personal field to its place.
CORRECTION_TABLE, CARD_TABLE = "organisation_correction", "organisation_publiccard"


def hash_of(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
