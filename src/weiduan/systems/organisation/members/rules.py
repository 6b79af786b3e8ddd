"""States of a membership, and when probation ends."""

from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta


class State(StrEnum):
    """Whoever has left has no open membership, so leaving is no state of one."""

    ACTIVE = "active"
    MOBILE = "mobile"
    TRANSFERRING = "transferring"
    SUSPENDED = "suspended"


class LookedAtFor(StrEnum):
    """Why somebody's telephone may be looked at: a word of this list stays in the ledger, never a story."""

    MEETING = "meeting"
    TRANSFER = "transfer"
    IN_TOUCH = "in_touch"
    CORRECTION = "correction"
    URGENT = "urgent"


PROBATION = relativedelta(years=1)
REMIND_BEFORE = timedelta(days=30)


def full_due(joined_on: date) -> date:
    """Return the day on which the year of probation ends (the party's constitution, article 7)."""
    return joined_on + PROBATION


def masked(contact: str) -> str:
    """Hide the middle of a telephone number: 138****0000; of a short one all but the last digit."""
    if len(contact) < 8:
        return "*" * max(len(contact) - 1, 0) + contact[-1:]
    return f"{contact[:3]}{'*' * (len(contact) - 7)}{contact[-4:]}"


# A suspended member keeps a place in the list but isn't counted for a rule.
COUNTED = (State.ACTIVE.value, State.MOBILE.value, State.TRANSFERRING.value)

# The first part of what seals a personal field to its place.
TABLE = "organisation_person"
