"""States of a transfer, and when what is due."""

from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta


class State(StrEnum):
    ASKED = "asked"  # the sender stays responsible
    ACCEPTED = "accepted"
    RETURNED = "returned"  # the receiver said why
    WITHDRAWN = "withdrawn"  # by the sender


class Reason(StrEnum):
    """Why a member asks to belong elsewhere: a word, never a story."""

    RESIDENCE = "residence"
    WORK = "work"
    OTHER = "other"


class Leaving(StrEnum):
    """Why a membership ends without a transfer."""

    DIED = "died"
    RESIGNED = "resigned"
    EXPELLED = "expelled"
    NOT_CONFIRMED = "not_confirmed"  # probation ended without full membership
    MISTAKE = "mistake"  # was never a member here


ANSWER_WITHIN = timedelta(days=30)
CONTACT_WITHIN = relativedelta(months=6)
REMIND_BEFORE = timedelta(days=30)


def answer_due(asked_on: date) -> date:
    """Return the day by which a transfer must be answered; later it shows as late at both ends."""
    return asked_on + ANSWER_WITHIN


def contact_due(last: date) -> date:
    """Return the day by which a member who is away must be spoken to again: half-yearly."""
    return last + CONTACT_WITHIN
