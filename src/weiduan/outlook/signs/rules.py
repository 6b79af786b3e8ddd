"""What is a sign: the kinds, how far ahead each looks, and when a number is more than chance.

Two counts of things that happen by themselves are compared as Przyborowski & Wilenski (1940) do: if nothing has changed, each of all
that was told falls into the later span with its share of the time. That asks for more the less is known of the past, and needs no
mean to be right.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import exp, lgamma, log


class Kind(StrEnum):
    """The kinds, in the order of their urgency."""

    REPORTS_DUE = "reports_due"
    SHIFT = "shift"
    DECISION_TASK = "decision_task"
    MEETING_TASK = "meeting_task"
    MILESTONE = "milestone"
    AGREEMENT = "agreement"
    TERM = "term"
    GROWTH = "growth"
    SILENT = "silent"


REPORTS_WITHIN = timedelta(hours=14)  # of working time: two working days
# How many days ahead a promise is looked for.
AHEAD = {Kind.SHIFT: 7, Kind.DECISION_TASK: 7, Kind.MEETING_TASK: 7, Kind.MILESTONE: 14, Kind.AGREEMENT: 14, Kind.TERM: 30}  # fmt: skip

BY_CHANCE = (
    0.02  # no more often a unit may raise a sign in a month in which nothing has changed; shared by its categories
)
SILENT_BY_CHANCE = 0.01
LEAST_MORE = 3  # a sign of growth is at least so many more than expected
LEAST_MONTHS, MOST_MONTHS = 3, 12  # of the past a month is compared with
STEADY = 10  # so many reports are added to both months of a unit's like, for a few say little
QUARTERS = 4  # before the quarter in which nothing came
LONGEST_REASON, LONGEST_OFF_DAYS = 200, 366


@dataclass(frozen=True)
class Grown:
    """What was told of one category in one month, beside the past of the unit and beside its like.

    told, before   in the month; in all the `months` before it
    likes_told     by all other units of its kind in its town in the same month; likes_before in the months before
    households     of the unit; likes_households of those others
    asked          how many categories were looked at in this unit: each of them may be high by chance
    """

    told: int
    before: int
    months: int
    likes_told: int
    likes_before: int
    households: int
    likes_households: int
    asked: int

    @property
    def usual(self) -> float:
        """How many a month there were before."""
        return self.before / self.months

    @property
    def season(self) -> float:
        """How many times more its like was told than before, at least 1: what grows everywhere is no sign of one unit."""
        usual = self.likes_before / self.months
        return max(1.0, (self.likes_told + STEADY) / (usual + STEADY))

    @property
    def rate(self) -> float | None:
        """How many in the month for each hundred households."""
        return 100 * self.told / self.households if self.households else None

    @property
    def likes_rate(self) -> float | None:
        """The same of its like."""
        return 100 * self.likes_told / self.likes_households if self.likes_households else None

    @property
    def is_sign(self) -> bool:
        """Tell whether it is more than chance, more than its like, and enough to speak of."""
        if self.months < LEAST_MONTHS or self.told < self.season * self.usual + LEAST_MORE:
            return False
        if self.rate is not None and self.likes_rate is not None and self.rate <= self.likes_rate:
            return False
        share = self.season / (self.season + self.months)
        return chance_of(self.told, self.told + self.before, share) <= BY_CHANCE / max(1, self.asked)


def chance_of(least: int, of: int, share: float) -> float:
    """Return how likely at least so many `of` all fall into a span that is their `share` of the time.

    share  above 0 and below 1
    """
    into, beside = log(share), log(1 - share)
    known = lgamma(of + 1)
    terms = (
        exp(known - lgamma(n + 1) - lgamma(of - n + 1) + n * into + (of - n) * beside) for n in range(least, of + 1)
    )
    return min(1.0, sum(terms))


def is_silent(before: int, now: int) -> bool:
    """Tell whether a quarter without anything is more than chance, after so many in the four quarters before."""
    return now == 0 and (QUARTERS / (QUARTERS + 1)) ** before <= SILENT_BY_CHANCE


def month_before(month: date, n: int = 1) -> date:
    """Return the first day of the month so many before one."""
    count = month.year * 12 + month.month - 1 - n
    return date(count // 12, count % 12 + 1, 1)
