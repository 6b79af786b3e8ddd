"""Receipts: the only key of whoever has no account. They are drawn at random, and only their hash is kept."""

import hashlib

from django.utils.translation import gettext_lazy as _

from .errors import BadInput

LEAST_RECEIPT = 22  # characters: of at least 128 bits, as base64 writes them


def receipt_hash(receipt: str) -> bytes:
    """Return what is kept of a receipt; it can't be guessed, so one round is enough."""
    return hashlib.sha256(receipt.encode()).digest()


def check_receipt(receipt: str) -> None:
    """Refuse what is too short for a receipt.

    :raises BadInput: it could be guessed
    """
    if len(receipt) < LEAST_RECEIPT:
        raise BadInput(_("A receipt is drawn at random and has at least %(n)s characters."), n=LEAST_RECEIPT)
