"""States of a membership."""

from enum import StrEnum


class State(StrEnum):
    """Whoever has left has no open membership, so leaving is no state of one."""

    ACTIVE = "active"
    MOBILE = "mobile"
    TRANSFERRING = "transferring"
    SUSPENDED = "suspended"


# A suspended member keeps a place in the list but isn't counted for a rule.
COUNTED = (State.ACTIVE.value, State.MOBILE.value, State.TRANSFERRING.value)

# The first part of what seals a personal field to its place.
TABLE = "organisation_person"
