"""What residents are asked, the ways of asking, who is drawn, and the margin of what they said."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt


class About(StrEnum):
    REPORT = "report"
    ACTIVITY = "activity"
    BOOKING = "booking"
    PROJECT = "project"
    UNIT = "unit"  # once a year


class Way(StrEnum):
    AFTER = "after"  # whoever holds a receipt is asked once it is over
    SAMPLE = "sample"  # households drawn by lot, a code each
    OPEN = "open"  # codes handed to whoever wants one


class State(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


HAS_RECEIPTS = (About.REPORT, About.ACTIVITY, About.BOOKING)
CANT_SAY = 0
ANSWERS = (1, 2, 3, 4, 5, CANT_SAY)  # 1 very content … 5 not at all content
CONTENT = (1, 2)
LONGEST_TITLE, LONGEST_QUESTION, MOST_QUESTIONS, MOST_CODES = 60, 80, 8, 20_000
LONGEST_DAYS, CODES_KEPT_DAYS = 366, 365
LEAST_SHOWN = 5  # answers; below, nothing is shown, so that nobody can be told from the others
Z = 1.96  # nineteen times in twenty
ANSWER_FORM = "weiduan.answer"


@dataclass(frozen=True)
class Share:
    """How many of those who could say are content, per cent; `low` and `high` bound the whole where a lot was drawn."""

    content: int
    of: int
    percent: float
    low: float | None = None
    high: float | None = None


def share_of(content: int, of: int, *, households: int | None = None) -> Share | None:
    """Return the share of the content; None where nobody could say.

    content, of  how many are content, of how many who could say
    households   how many the sample was drawn from; None: nobody was drawn, so no margin can be told

    Source of the bounds: Wilson's score interval (1927), with the correction for a finite whole.
    """
    if of == 0:
        return None
    share = content / of
    if households is None:
        return Share(content, of, 100 * share)
    if of >= households:
        return Share(content, of, 100 * share, 100 * share, 100 * share)
    n = of * (households - 1) / (households - of)
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return Share(content, of, 100 * share, 100 * max(middle - half, 0), 100 * min(middle + half, 1))


def drawn_by(lot: str, households: int, many: int) -> list[int]:
    """Return the numbers of the households a lot draws, rising, from 1; whoever knows the lot draws the same.

    Those come whose hash of lot and number is smallest.
    """
    hashes = sorted((hashlib.sha256(f"{lot}:{n}".encode()).digest(), n) for n in range(1, households + 1))
    return sorted(number for _hash, number in hashes[:many])
