"""States of a volunteer, a shift and a place in one."""

from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    ASKED = "asked"  # would like to join
    ACTIVE = "active"
    LEFT = "left"


class ShiftState(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"
    DONE = "done"  # hours are written down


class PlaceState(StrEnum):
    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    SERVED = "served"


AT_RISK_WITHIN = timedelta(days=7)
LONGEST_NAME, LONGEST_WORDS, LONGEST_WHAT, LONGEST_PLACE, LONGEST_POST = 60, 1000, 100, 100, 40
LONGEST_CALLED, LONGEST_CONTACT, LONGEST_TELEPHONE = 20, 40, 30
MOST_PLACES, MOST_MINUTES = 500, 24 * 60
JOIN_FORM = "weiduan.volunteer"
