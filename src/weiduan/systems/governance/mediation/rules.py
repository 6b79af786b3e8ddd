"""The states of a mediation, and who may move it."""

from datetime import timedelta
from enum import StrEnum

LONGEST_WORDS, LONGEST_PARTY = 4000, 200


class State(StrEnum):
    ASKED = "asked"
    TAKEN = "taken"  # a mediator has it
    AGREED = "agreed"
    NOT_AGREED = "not_agreed"  # with where the parties may turn
    WITHDRAWN = "withdrawn"


NEXT: dict[State, tuple[State, ...]] = {
    State.ASKED: (State.TAKEN, State.WITHDRAWN),
    State.TAKEN: (State.AGREED, State.NOT_AGREED, State.WITHDRAWN),
    State.AGREED: (),
    State.NOT_AGREED: (),
    State.WITHDRAWN: (),
}
ENDED = tuple(state.value for state, following in NEXT.items() if not following)
LONGEST_PLACE = 100
MEDIATION_FORM = "weiduan.mediation"  # kind of form, whose draft leads to the receipt
KEPT = timedelta(days=365)  # the words, after the follow-up or the end
FOLLOW_UP_WITHIN = timedelta(days=365)


def may_become(before: State, after: State) -> bool:
    """Tell whether a mediation may go from one state to another."""
    return after in NEXT[before]
