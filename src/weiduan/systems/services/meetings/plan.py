"""The year's plan of an organisation: which meetings its rules ask for in which month, quarter or year.

No database and no clock: what the organisation was and which rules held is given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from weiduan.ground.rulebook.rules import Rule, Verdict, judge

from .rules import Kind

# measure of the rule pack → (kind, months of its period)
MEASURES: dict[str, tuple[Kind, int]] = {
    "members_meetings_quarter": (Kind.MEMBERS, 3),
    "committee_meetings_month": (Kind.COMMITTEE, 1),
    "group_meetings_month": (Kind.GROUP, 1),
    "lectures_quarter": (Kind.LECTURE, 3),
    "lectures_year": (Kind.LECTURE, 12),
    "theme_days_month": (Kind.THEME_DAY, 1),
    "life_meetings_year": (Kind.LIFE, 12),
    "appraisals_year": (Kind.APPRAISAL, 12),
}
# In which month of the year a yearly one is usually held: organisation life in the last quarter (支部工作条例 17).
USUAL_MONTH = {Kind.LECTURE: 6, Kind.LIFE: 11, Kind.APPRAISAL: 12}
LAST_DAY = 28  # the latest day every month has


@dataclass(frozen=True)
class Body:
    """What the plan of an organisation looks at.

    committee_in  the months of the year, 1 to 12, in which it had a committee; only branches are asked for it
    """

    kind: str
    founded_on: date
    dissolved_on: date | None = None
    committee_in: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Due:
    """So many meetings of a kind, asked for by a rule, from `since` until the day before `until`."""

    kind: Kind
    since: date
    until: date
    rule: Rule

    @property
    def needed(self) -> int:
        return self.rule.value

    @property
    def span(self) -> tuple[Kind, date, date]:
        """What a meeting that fulfils it says of itself."""
        return self.kind, self.since, self.until


def plan_of(body: Body, year: int, rules: Callable[[date], Iterable[Rule]]) -> list[Due]:
    """Return what is due in a year, in order of kind and time.

    rules  day → the rules in force then; a period is judged by those of its first day, so that a local value set in July
           asks for nothing more in March
    """
    dues = []
    for month in range(1, 13):
        for rule in rules(date(year, month, 1)):
            kind, months = MEASURES.get(rule.measure, (None, 0))
            if kind is None or (month - 1) % months:
                continue
            since, until = date(year, month, 1), _first_of(year, month + months)
            nothing_held = {rule.measure: 0, "has_committee": int(month in body.committee_in)}
            asked = judge(rule, f"{body.kind}_plan", nothing_held).verdict is Verdict.BROKEN
            if asked and was_there(body, since, until):
                dues.append(Due(kind, since, until, rule))
    order = list(Kind)
    return sorted(dues, key=lambda due: (order.index(due.kind), due.since))


def was_there(body: Body, since: date, until: date) -> bool:
    """Tell whether an organisation existed for at least half of a period.

    The regulations say nothing of periods cut short. Half is where holding the meeting is as easy to ask as to waive: a
    branch founded on the 28th isn't late three days later, and one dissolved on the 30th owes its month.
    """
    there = min(body.dissolved_on or until, until) - max(body.founded_on, since)
    return 2 * there >= until - since


def _first_of(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def usual_day(due: Due, day: int, nth: int = 0) -> date:
    """Return the day on which the `nth` meeting of a duty is usually held: the branch's fixed day of the month.

    A quarter's falls into its middle month, a year's into its usual one; the next ones a month, within a month a fortnight later.
    """
    length = (due.until - due.since).days
    if length < 32:
        return due.since.replace(day=min(day + 14 * nth, LAST_DAY))
    first = USUAL_MONTH.get(due.kind, 6) if length > 100 else due.since.month + 1
    last = (due.until - timedelta(days=1)).month
    span = last - due.since.month + 1
    month = due.since.month + (first - due.since.month + nth) % span
    return date(due.since.year, month, min(day, LAST_DAY))


@dataclass(frozen=True)
class Standing:
    """How far a duty, or several, are fulfilled: needed = held + excused + missing + open.

    more     held beyond what is needed
    planned  dates set for what is open
    """

    needed: int = 0
    held: int = 0
    excused: int = 0
    missing: int = 0
    open: int = 0
    planned: int = 0
    more: int = 0

    def __add__(self, other: "Standing") -> "Standing":
        return Standing(
            self.needed + other.needed, self.held + other.held, self.excused + other.excused, self.missing + other.missing,
            self.open + other.open, self.planned + other.planned, self.more + other.more,
        )  # fmt: skip


Counted = Mapping[tuple[Kind, date, date, str], int]  # (kind, since, until, state) → how many meetings


def standing_of(due: Due, counted: Counted, on: date) -> Standing:
    """Say how far a duty is fulfilled by the meetings of its own span, and by no others."""
    held, excused, planned = (counted.get((*due.span, state), 0) for state in ("held", "excused", "planned"))
    counts = min(held, due.needed)
    waived = min(excused, due.needed - counts)
    left = due.needed - counts - waived
    is_over = due.until <= on
    return Standing(
        due.needed, counts, waived, left if is_over else 0, 0 if is_over else left,
        0 if is_over else planned, held - counts,
    )  # fmt: skip


def by_kind(dues: Sequence[Due], counted: Counted, on: date) -> dict[Kind, Standing]:
    """Sum up how far the duties of each kind are fulfilled."""
    sums: dict[Kind, Standing] = {}
    for due in dues:
        sums[due.kind] = sums.get(due.kind, Standing()) + standing_of(due, counted, on)
    return sums
