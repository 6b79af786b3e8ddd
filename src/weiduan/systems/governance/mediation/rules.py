"""The states of a mediation, and who may move it."""

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
