"""What an owner may say, and what may be noted of a room."""

from decimal import Decimal
from enum import StrEnum


class Consent(StrEnum):
    """What the owner says of a micro-venue in the room."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"


LONGEST_CONDITION = 100
MOST_RENT = Decimal(1_000_000)  # yuan a month


def is_rent(rent: Decimal) -> bool:
    """Tell whether it is an amount of yuan, to the fen."""
    return rent.is_finite() and 0 <= rent < MOST_RENT and rent == round(rent, 2)
