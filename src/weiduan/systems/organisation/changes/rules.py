"""Which changes there are, and which state follows which."""

from enum import StrEnum


class ChangeKind(StrEnum):
    SET_UP = "set_up"
    SPLIT = "split"
    MERGE = "merge"
    JOIN = "join"  # a joint branch: it stands on what others can't cover by themselves
    DISSOLVE = "dissolve"
    ELECT_EARLY = "elect_early"
    ELECT_LATE = "elect_late"


class State(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"  # and carried out, in the same moment
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
