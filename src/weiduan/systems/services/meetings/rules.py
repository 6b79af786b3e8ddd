"""Kinds of meetings, who has a vote in each, and how many must come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from weiduan.ground.rulebook.rules import Judgement, Rule, Verdict, judge


class Kind(StrEnum):
    MEMBERS = "members"  # 党员大会
    COMMITTEE = "committee"  # 支部委员会
    GROUP = "group"  # 党小组会
    LECTURE = "lecture"  # 党课
    THEME_DAY = "theme_day"  # 主题党日
    LIFE = "life"  # 组织生活会
    APPRAISAL = "appraisal"  # 民主评议党员


class State(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    EXCUSED = "excused"  # could not be held; why is written down
    CANCELLED = "cancelled"  # a planned date fell out; the duty stays


class Presence(StrEnum):
    CAME = "came"
    ON_LEAVE = "on_leave"
    ABSENT = "absent"


@dataclass(frozen=True)
class Figures:
    """How many were due and came, all and with a vote, and how many said yes."""

    members_due: int
    voters_due: int
    members_came: int
    voters_came: int
    yes: int = 0


LONGEST_TITLE, LONGEST_WHAT, LONGEST_AGENDA, LONGEST_MINUTES, LONGEST_WHY = 60, 300, 2000, 20_000, 300
LONGEST_PLACE, LONGEST_POST, LONGEST_EVIDENCE = 100, 60, 500
MOST_SCANS, MOST_VOTES, MOST_GUESTS = 20, 5, 10_000
AMEND_WITHIN = timedelta(days=7)  # counted from when it was written down

# What is put to the vote is put to one of these; what is said of single members is never counted here.
DECIDES = {Kind.MEMBERS, Kind.COMMITTEE, Kind.GROUP}
# The rules of the pack for a kind; it has none for lectures, theme days, organisation-life meetings and appraisals.
JUDGED_AS = {Kind.MEMBERS: "members_meeting", Kind.COMMITTEE: "committee_meeting", Kind.GROUP: "group_meeting"}
CAME, PASSED_OF_DUE, PASSED_OF_CAME = "voters_came_percent", "yes_beyond_half_of_due", "yes_beyond_half_of_came"
PASSED = {PASSED_OF_DUE, PASSED_OF_CAME}

# The headings of the minutes of each kind, in order; the words are in outlook/insight/meeting_words.py.
HEADINGS: dict[Kind, tuple[str, ...]] = {
    Kind.MEMBERS: ("agenda", "reports", "discussion", "votes", "resolved", "tasks"),
    Kind.COMMITTEE: ("agenda", "discussion", "votes", "resolved", "tasks"),
    Kind.GROUP: ("agenda", "studied", "discussion", "resolved", "tasks"),
    Kind.LECTURE: ("topic", "lecturer", "content", "discussion"),
    Kind.THEME_DAY: ("topic", "studied", "life", "deliberated", "volunteered"),
    Kind.LIFE: ("topic", "prepared", "committee_checks", "criticism", "to_mend", "tasks"),
    Kind.APPRAISAL: ("topic", "prepared", "carried_out", "committee_says", "to_mend"),
}


def quorum(kind: Kind, figures: Figures, rules: Iterable[Rule]) -> list[Judgement]:
    """Say whether enough came: of those with a vote, against those with a vote who were due."""
    return _judged(kind, figures, rules, {CAME})


def passed(kind: Kind, figures: Figures, rules: Iterable[Rule]) -> list[Judgement]:
    """Say whether a question is answered with yes.

    A members' meeting counts against those due to vote, whether they came or not (支部工作条例 11); a committee or group
    against those who came.
    """
    return _judged(kind, figures, rules, PASSED)


def _judged(kind: Kind, figures: Figures, rules: Iterable[Rule], measures: set[str]) -> list[Judgement]:
    applies_to, found = JUDGED_AS.get(kind, ""), _measured(figures)
    return [
        judge(rule, applies_to, found) for rule in rules if rule.applies_to == applies_to and rule.measure in measures
    ]


def _measured(figures: Figures) -> dict[str, int | None]:
    due, came = figures.voters_due, figures.voters_came
    return {
        CAME: 100 * came // due if due else 0,
        PASSED_OF_DUE: 2 * figures.yes - due, PASSED_OF_CAME: 2 * figures.yes - came,
    }  # fmt: skip


def is_broken(judgements: Iterable[Judgement]) -> bool:
    """Tell whether one of the rules doesn't hold."""
    return any(one.verdict is Verdict.BROKEN for one in judgements)
