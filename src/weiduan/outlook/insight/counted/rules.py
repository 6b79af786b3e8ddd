"""What a report counts for, month by month."""

from dataclasses import dataclass
from datetime import date, datetime

MEASURES = ("told", "answered", "in_time", "confirmed", "no_word", "left_out", "open", "waiting")
ZEROS = ("organisation", "venues", "governance", "services")


@dataclass(frozen=True)
class Counted:
    """What one report counts for: where, under which category, in which months, and how it stands.

    told, answered, closed  the first day of the month in which that happened; None: it hasn't
    in_time                 it was answered before its time was over
    outcome                 confirmed, no_word, or left_out (joined to another, not ours, withdrawn); empty: not closed
    standing                open: to be handled; waiting: answered, its teller's word is awaited; empty: closed
    """

    area: int
    category: int
    told: date
    answered: date | None
    in_time: bool
    closed: date | None
    outcome: str
    standing: str

    def cells(self) -> list[tuple[date, str]]:
        """Return (month, measure) of everything it adds one to."""
        found = [(self.told, "told")]
        if self.answered is not None:
            found += [(self.answered, "answered")] + ([(self.answered, "in_time")] if self.in_time else [])
        if self.closed is not None and self.outcome:
            found.append((self.closed, self.outcome))
        if self.standing:
            found.append((self.told, self.standing))
        return found


def month_of(day: date | datetime) -> date:
    """Return the first day of a day's month."""
    return date(day.year, day.month, 1)


OUTCOMES = {
    "confirmed": "confirmed",
    "no_word": "no_word",
    "joined": "left_out",
    "not_ours": "left_out",
    "withdrawn": "left_out",
}
