"""What an activity is, the states of it and of a place in it, and the limits."""

from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    PARTY_DAY = "party_day"  # 固定党日
    DEPUTIES = "deputies"  # 代表接待日
    SAY = "say"  # 我有话说
    BIRTHDAY = "birthday"  # 集体生日
    CULTURE = "culture"
    HEALTH = "health"
    LEARNING = "learning"
    CHILDREN = "children"
    ELDERS = "elders"
    VOLUNTEERS = "volunteers"
    OTHER = "other"


BRINGS = (Kind.DEPUTIES.value, Kind.SAY.value)  # what is said there becomes reports and topics


class State(StrEnum):
    PLANNED = "planned"  # written down, shown; nobody can sign up yet, or nobody needs to
    OPEN = "open"  # signing up
    CANCELLED = "cancelled"
    HELD = "held"


class PlaceState(StrEnum):
    SEATED = "seated"
    WAITING = "waiting"
    OFFERED = "offered"  # a place is kept for them until the offer expires
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # the offer was not taken up


HOLDS_A_SEAT = (PlaceState.SEATED.value, PlaceState.OFFERED.value)
LIVE = (*HOLDS_A_SEAT, PlaceState.WAITING.value)
OFFER_LASTS = timedelta(hours=24)  # less where it begins sooner
LEAST_OFFER = timedelta(hours=1)
CONTACT_KEPT = timedelta(days=30)  # after it is over
LONGEST_TITLE, LONGEST_WORDS, LONGEST_PLACE, LONGEST_NAME = 60, 2000, 100, 20
MOST_SEATS, MOST_WAITING, MOST_DATES = 5000, 1000, 60
LONGEST_HOST, LONGEST_REASON, LONGEST_CONTACT = 60, 200, 100
SIGN_UP_FORM = "weiduan.activity.sign_up"  # the drafts of forms that sign up
BRING_FORM = "weiduan.activity.bring"


class ReadFor(StrEnum):
    """Why a contact left with a sign-up may be read: a word of this list stays in the ledger, never a story."""

    QUESTION = "question"  # something is unclear
    CHANGE = "change"  # it changes or is called off, and a message can't reach them
    URGENT = "urgent"


def offer_until(at: datetime, starts_at: datetime) -> datetime | None:
    """Return until when a place that becomes free is kept for whoever waits first; None where that would be too short.

    It is kept a day, at most until an hour before it begins. With less than an hour to answer in, nobody could rely on it: the
    place stays free for whoever comes to the door.
    """
    until = min(at + OFFER_LASTS, starts_at - LEAST_OFFER)
    return until if until - at >= LEAST_OFFER else None
