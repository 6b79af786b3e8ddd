"""When a unit counts as covered, which form its cover has, and the shortest way out of a gap."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.rulebook.rules import Rule, Verdict, judge

NO_GROUP = "no_group"
NO_BRANCH = "no_branch"
# In the order in which a gap is named where several reasons hold.
REASONS = (NO_GROUP, NO_BRANCH, "few_full_members", "few_members", "no_leader", "term_over")
MOST_UNITS_A_GROUP = 6
VILLAGE_DIGITS, GRID_DIGITS, UNIT_DIGITS = 12, 15, 18
# Which digits of an area's code a kind may stand on.
MAY_STAND_ON = {"group": (UNIT_DIGITS,), "branch": (GRID_DIGITS, UNIT_DIGITS)}
COMMITTEE_FROM = 7  # full members; below, a secretary and at most one deputy


class Form(StrEnum):
    """The article's four forms; derived, never typed in."""

    BRANCH_GRID = "branch_grid"  # 一支部一网格
    BRANCH_GRIDS = "branch_grids"  # 一支部多网格
    GROUP_UNIT = "group_unit"  # 一党小组一基本单元
    GROUP_UNITS = "group_units"  # 一党小组多基本单元


@dataclass(slots=True)
class Standing:
    """An organisation on one day: what the rules look at."""

    id: int
    number: str
    name: str
    kind: str
    parent: int | None
    seat: str  # area code
    members: int = 0
    full_members: int = 0
    leaders: int = 0
    committee_posts: int | None = None
    term_years: int | None = None
    days_overdue: int | None = None  # > 0 where the term is over
    covers: list[str] = field(default_factory=list)  # area codes

    def figures(self) -> dict[str, int | None]:
        """Name the figures as the rule pack does."""
        return {
            "members": self.members,
            "full_members": self.full_members,
            "leaders": self.leaders,
            "committee_posts": self.committee_posts,
            "term_years": self.term_years,
            "days_overdue": None if self.days_overdue is None else max(self.days_overdue, 0),
            "has_term": int(self.days_overdue is not None),
        }

    def all_figures(self) -> dict[str, int | None]:
        """Add what the rules look at that make no blind spot; those of a committee only where posts were counted."""
        small = self.committee_posts is not None and self.full_members < COMMITTEE_FROM
        return self.figures() | {
            "officers": self.committee_posts if small else None,
            "grids_covered": sum(len(code) == GRID_DIGITS for code in self.covers),
            "units_covered": sum(len(code) == UNIT_DIGITS for code in self.covers),
            "term_years_elsewhere": None if len(prefix_of(self.seat)) >= VILLAGE_DIGITS else self.term_years,
        }


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why an organisation doesn't count as cover: the rule, what was found, what it asks."""

    reason: str
    rule: str
    found: int
    asked: int


@dataclass(frozen=True, slots=True)
class Step:
    """The shortest way out of a gap: `what` is a key, the rest fills its sentence."""

    what: str
    organisation: str = ""
    unit: str = ""
    people: int = 0


@dataclass(slots=True)
class Covered:
    """A unit or grid on one day: what stands on it, and what is wrong with that."""

    area: int
    code: str
    name: str
    kind: str
    households: int
    organisations: tuple[int, ...]
    reason: str = ""  # the gravest, "" where it is covered
    flaws: tuple[Flaw, ...] = ()
    step: Step | None = None
    days: int | None = None  # how long a term has been over


def form_of(standing: Standing) -> Form | None:
    """Derive the form from what an organisation covers: grids count for a branch, units for a group."""
    if standing.kind == "branch":
        grids = sum(len(code) == 15 for code in standing.covers)
        return None if not grids else Form.BRANCH_GRID if grids == 1 else Form.BRANCH_GRIDS
    if standing.kind == "group" and standing.covers:
        return Form.GROUP_UNIT if len(standing.covers) == 1 else Form.GROUP_UNITS
    return None


def flaws_of(standing: Standing, rules: Iterable[Rule]) -> tuple[Flaw, ...]:
    """Return what keeps an organisation from counting as cover, gravest first."""
    figures = standing.figures()
    found = []
    for rule in rules:
        if rule.reason and rule.applies_to == standing.kind:
            judgement = judge(rule, standing.kind, figures)
            if judgement.verdict is Verdict.BROKEN:
                found.append(Flaw(rule.reason, rule.id, int(judgement.found or 0), rule.value))
    return tuple(found)


def judge_cover(
    area: Covered, standings: Mapping[int, Standing], flaws: Mapping[int, tuple[Flaw, ...]], *, kinds: tuple[str, ...]
) -> None:
    """Settle whether an area is covered: one sound organisation of these kinds is enough."""
    standing_here = [standings[i] for i in area.organisations if i in standings and standings[i].kind in kinds]
    if not standing_here:
        area.reason = NO_GROUP if "group" in kinds else NO_BRANCH
        return
    if any(not flaws[s.id] for s in standing_here):
        return
    best = min(standing_here, key=lambda s: (len(flaws[s.id]), -s.full_members, s.number))
    area.flaws = flaws[best.id]
    area.reason = min((f.reason for f in area.flaws), key=REASONS.index)
    area.days = best.days_overdue if area.reason == "term_over" else None
