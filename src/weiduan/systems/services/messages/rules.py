"""What a word may be about."""

from enum import StrEnum


class What(StrEnum):
    SEATED = "seated"
    WAITING = "waiting"
    OFFERED = "offered"
    EXPIRED = "expired"
    ACTIVITY_CHANGED = "activity_changed"
    ACTIVITY_CANCELLED = "activity_cancelled"
    SHIFT_CHANGED = "shift_changed"
    SHIFT_CANCELLED = "shift_cancelled"
    WISH_OPEN = "wish_open"
    WISH_CLAIMED = "wish_claimed"
    WISH_FULFILLED = "wish_fulfilled"
    WISH_DECLINED = "wish_declined"
