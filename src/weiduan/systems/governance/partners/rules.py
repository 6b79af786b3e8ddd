"""What can be offered and needed, and the states of an agreement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_NAME, LONGEST_WHAT, LONGEST_WORDS = 60, 200, 1000


class PartnerKind(StrEnum):
    SOCIAL = "social"  # 社会组织
    ENTERPRISE = "enterprise"
    INSTITUTION = "institution"  # school, hospital, bank, station
    GROUP = "group"  # residents' own group


class Sort(StrEnum):
    ROOM = "room"
    HOURS = "hours"  # people's time
    SKILL = "skill"
    MONEY = "money"
    THINGS = "things"


class State(StrEnum):
    PROPOSED = "proposed"
    AGREED = "agreed"
    DONE = "done"  # what came of it is written down
    CALLED_OFF = "called_off"


NEXT: dict[State, tuple[State, ...]] = {
    State.PROPOSED: (State.AGREED, State.CALLED_OFF),
    State.AGREED: (State.DONE, State.CALLED_OFF),
    State.DONE: (),
    State.CALLED_OFF: (),
}
LONGEST_POST, LONGEST_TELEPHONE, MOST_CAPACITY = 40, 30, 1000


def may_become(before: State, after: State) -> bool:
    """Tell whether an agreement may go from one state to another."""
    return after in NEXT[before]


@dataclass(frozen=True)
class Span:
    """From a day until another, which is the first that no longer belongs to it; None: without end."""

    since: date
    until: date | None = None

    def meets(self, other: "Span") -> bool:
        """Tell whether both hold on some day."""
        return self._before_end_of(other) and other._before_end_of(self)

    def shared(self, other: "Span") -> "Span":
        """Return the days that lie in both; they meet."""
        ends = [end for end in (self.until, other.until) if end is not None]
        return Span(max(self.since, other.since), min(ends, default=None))

    def lies_in(self, other: "Span") -> bool:
        """Tell whether all of it lies in another."""
        return other.since <= self.since and (
            other.until is None or (self.until is not None and self.until <= other.until)
        )

    def _before_end_of(self, other: "Span") -> bool:
        return other.until is None or self.since < other.until


def most_at_once(spans: Iterable[Span], within: Span) -> int:
    """Return how many of some spans hold at once on the fullest day within another.

    The fullest day is one on which a span begins, or the first of `within`.
    """
    there = [span for span in spans if span.meets(within)]
    days = {max(span.since, within.since) for span in there}
    return max((sum(span.meets(Span(day, day + timedelta(days=1))) for span in there) for day in days), default=0)
