"""The way of a wish."""

from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    TOLD = "told"  # looked at before it is public, so that nobody is named
    OPEN = "open"
    CLAIMED = "claimed"
    FULFILLED = "fulfilled"
    THANKED = "thanked"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


NEXT: dict[State, tuple[State, ...]] = {
    State.TOLD: (State.OPEN, State.DECLINED, State.WITHDRAWN),
    State.OPEN: (State.CLAIMED, State.WITHDRAWN),
    State.CLAIMED: (State.FULFILLED, State.OPEN, State.WITHDRAWN),
    State.FULFILLED: (State.THANKED,),
    State.THANKED: (),
    State.DECLINED: (),
    State.WITHDRAWN: (),
}
CONTACT_KEPT = timedelta(days=30)  # after it is fulfilled, declined or withdrawn
CLAIM_LASTS = timedelta(days=30)
LONGEST_WISH, LONGEST_NAME, LONGEST_WHY, LONGEST_THANKS, LONGEST_CONTACT = 200, 60, 300, 300, 40
ENDED = (State.FULFILLED.value, State.THANKED.value, State.DECLINED.value, State.WITHDRAWN.value)
SHOWN = (State.OPEN.value, State.CLAIMED.value, State.FULFILLED.value, State.THANKED.value)
WISH_FORM, CLAIM_FORM = "weiduan.wish", "weiduan.wish-claim"


def may_become(before: State, after: State) -> bool:
    """Tell whether a wish may go from one state to another."""
    return after in NEXT[before]
