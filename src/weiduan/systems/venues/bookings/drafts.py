"""Forms that book: sent twice, they book once."""

from weiduan.ground.base import drafts
from weiduan.ground.base.drafts import LASTS_S

__all__ = ["LASTS_S", "new_draft", "receipt_of"]
SALT = "weiduan.booking"


def new_draft() -> str:
    """Return the draft of a form about to be filled in; it can be sent for a day."""
    return drafts.new_draft(SALT)


def receipt_of(draft: str) -> str:
    """Return the receipt a form leads to.

    :raises BadInput: the draft isn't one of ours, or is older than a day
    """
    return drafts.receipt_of(draft, SALT)
