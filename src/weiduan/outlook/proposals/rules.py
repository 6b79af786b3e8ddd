"""States of a proposal, and which follow which."""

from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"
    PLANNING = "planning"
    READY = "ready"
    STOPPED = "stopped"  # by a person; what is planned so far can be adopted, and the rest asked for again
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


UNDER_WAY = (State.WAITING.value, State.PLANNING.value)
ADOPTABLE = (State.READY.value, State.STOPPED.value)
