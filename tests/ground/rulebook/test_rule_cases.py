"""Every line of the pack, at its edge: the last figure that holds, the first that breaks it, and where it says nothing.

The figures are written down by hand from the articles, so a slip in the pack fails here; so does a new line without cases.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from weiduan.ground.rulebook.rules import Rule, Verdict, judge, pack, rules_in_force


def _room(use: str) -> str:
    return f"{use.replace('-', '_')}_rooms"


NOBODY: dict[str, int | None] = {}

# rule → (holds, broken, does not apply)
CASES: dict[str, tuple[dict, dict, dict]] = {
    # Branches, 支部工作条例 4–6 and chapter 6
    "branch-full-members": ({"full_members": 3}, {"full_members": 2}, NOBODY),
    "branch-size": ({"members": 50}, {"members": 51}, NOBODY),
    "branch-secretary": ({"leaders": 1}, {"leaders": 0}, NOBODY),
    "branch-term": ({"has_term": 1, "days_overdue": 0}, {"has_term": 1, "days_overdue": 1}, {"has_term": 0, "days_overdue": 9}),
    "branch-term-length": ({"has_term": 1, "term_years": 5}, {"has_term": 1, "term_years": 6}, {"has_term": 0, "term_years": 6}),
    "branch-term-other": (
        {"has_term": 1, "term_years_elsewhere": 3}, {"has_term": 1, "term_years_elsewhere": 4},
        {"has_term": 0, "term_years_elsewhere": 4},
    ),
    "branch-committee": (
        {"full_members": 7, "committee_posts": 3}, {"full_members": 7, "committee_posts": 2},
        {"full_members": 6, "committee_posts": 0},
    ),
    "branch-committee-size": (
        {"full_members": 7, "committee_posts": 7}, {"full_members": 7, "committee_posts": 8},
        {"full_members": 6, "committee_posts": 8},
    ),
    "branch-committee-usual": (
        {"full_members": 7, "committee_posts": 5}, {"full_members": 7, "committee_posts": 6},
        {"full_members": 6, "committee_posts": 6},
    ),
    "branch-officers": ({"officers": 2}, {"officers": 3}, {"officers": None}),
    "branch-joint-grids": ({"grids_covered": 5}, {"grids_covered": 6}, {"grids_covered": 1}),
    # Groups, article 13 and local practice
    "group-full-members": ({"full_members": 1}, {"full_members": 0}, NOBODY),
    "group-members": ({"members": 3}, {"members": 2}, NOBODY),
    "group-leader": ({"leaders": 1}, {"leaders": 0}, NOBODY),
    "group-term": ({"has_term": 1, "days_overdue": 0}, {"has_term": 1, "days_overdue": 1}, {"has_term": 0, "days_overdue": 1}),
    "group-size": ({"members": 30}, {"members": 31}, NOBODY),
    "group-units": ({"units_covered": 6}, {"units_covered": 7}, NOBODY),
    "group-span": ({"span_m": 500}, {"span_m": 501}, NOBODY),
    # General branches and committees
    "general-branch-size": ({"members": 50}, {"members": 49}, NOBODY),
    "general-branch-most": ({"members": 99}, {"members": 100}, NOBODY),
    "general-branch-secretary": ({"leaders": 1}, {"leaders": 0}, NOBODY),
    "general-branch-term": (
        {"has_term": 1, "days_overdue": 0}, {"has_term": 1, "days_overdue": 1}, {"has_term": 0, "days_overdue": 1},
    ),
    "committee-size": ({"members": 100}, {"members": 99}, NOBODY),
    "committee-secretary": ({"leaders": 1}, {"leaders": 0}, NOBODY),
    "committee-term": ({"has_term": 1, "days_overdue": 0}, {"has_term": 1, "days_overdue": 1}, {"has_term": 0, "days_overdue": 1}),
    "committee-term-length": ({"has_term": 1, "term_years": 5}, {"has_term": 1, "term_years": 6}, {"has_term": 0, "term_years": 6}),
    # Elections, 基层组织选举工作条例 3–5 and chapter 4
    "election-moved": ({"months_moved": 12}, {"months_moved": 13}, NOBODY),
    "election-quorum": ({"attended_percent": 80}, {"attended_percent": 79}, NOBODY),
    "election-votes": ({"votes_beyond_half": 1}, {"votes_beyond_half": 0}, NOBODY),
    "election-voters": ({"voters_beyond_full": 0}, {"voters_beyond_full": 1}, NOBODY),
    # Members, 党员教育管理工作条例 24–27
    "member-away": ({"months_away": 5}, {"months_away": 6}, NOBODY),
    "member-no-contact": ({"months_without_contact": 5}, {"months_without_contact": 6}, NOBODY),
    "member-keeper": ({"months_away": 6, "keepers": 1}, {"months_away": 6, "keepers": 0}, {"months_away": 5, "keepers": 0}),
    "member-letter": ({"days_transferring": 90}, {"days_transferring": 91}, NOBODY),
    "change-answer": ({"days_waiting": 31}, {"days_waiting": 32}, NOBODY),
    # Meetings of organisations: how many a month, quarter or year, 支部工作条例 11–13 and 16–18
    "branch-plan-members": ({"members_meetings_quarter": 1}, {"members_meetings_quarter": 0}, NOBODY),
    "branch-plan-committee": (
        {"has_committee": 1, "committee_meetings_month": 1}, {"has_committee": 1, "committee_meetings_month": 0},
        {"has_committee": 0, "committee_meetings_month": 0},
    ),
    "branch-plan-lecture": ({"lectures_quarter": 1}, {"lectures_quarter": 0}, NOBODY),
    "branch-plan-theme-day": ({"theme_days_month": 1}, {"theme_days_month": 0}, NOBODY),
    "branch-plan-life": ({"life_meetings_year": 1}, {"life_meetings_year": 0}, NOBODY),
    "branch-plan-appraisal": ({"appraisals_year": 1}, {"appraisals_year": 0}, NOBODY),
    "group-plan-group": ({"group_meetings_month": 1}, {"group_meetings_month": 0}, NOBODY),
    "general-branch-plan-committee": ({"committee_meetings_month": 1}, {"committee_meetings_month": 0}, NOBODY),
    "committee-plan-committee": ({"committee_meetings_month": 1}, {"committee_meetings_month": 0}, NOBODY),
    "committee-plan-lecture": ({"lectures_year": 1}, {"lectures_year": 0}, NOBODY),
    # Who must come to a meeting, and how many must agree: of those due, or of those who came
    "members-meeting-came": ({"voters_came_percent": 50}, {"voters_came_percent": 49}, NOBODY),
    "members-meeting-passed": ({"yes_beyond_half_of_due": 1}, {"yes_beyond_half_of_due": 0}, NOBODY),
    "committee-meeting-came": ({"voters_came_percent": 50}, {"voters_came_percent": 49}, NOBODY),
    "committee-meeting-passed": ({"yes_beyond_half_of_came": 1}, {"yes_beyond_half_of_came": 0}, NOBODY),
    "group-meeting-passed": ({"yes_beyond_half_of_came": 1}, {"yes_beyond_half_of_came": 0}, NOBODY),
    # Grids and residents' committees
    "grid-worker": ({"workers": 1}, {"workers": 0}, NOBODY),
    "general-grid-least": ({"households": 300}, {"households": 299}, NOBODY),
    "general-grid-most": ({"households": 500}, {"households": 501}, NOBODY),
    "residents-committee-least": ({"committee_people": 5}, {"committee_people": 4}, NOBODY),
    "residents-committee-most": ({"committee_people": 9}, {"committee_people": 10}, NOBODY),
    # Community service centres, local practice; the last four ask for nothing until a district sets 1
    "centre-office": ({"office_percent": Decimal("10.00")}, {"office_percent": Decimal("10.01")}, NOBODY),
    **{f"centre-{use}": ({f"{_room(use)}": 1}, {f"{_room(use)}": 0}, NOBODY) for use in ("partners", "dance", "training", "after-school")},
    **{f"centre-{use}": ({f"{_room(use)}": 0}, {f"{_room(use)}": -1}, NOBODY) for use in ("reading", "elderly", "children", "sport")},
    # Dead corners: 500 m as the crow flies, 1.3 times as far on foot
    "unit-venue-walk": ({"walk_m": 650}, {"walk_m": 651}, NOBODY),
    # The third and the fourth zero of a unit
    "unit-body": ({"bodies": 1}, {"bodies": 0}, NOBODY),
    "unit-body-term": ({"bodies": 1, "bodies_in_term": 1}, {"bodies": 1, "bodies_in_term": 0}, {"bodies": 0, "bodies_in_term": 0}),
    "unit-compact": ({"compacts_in_force": 1}, {"compacts_in_force": 0}, NOBODY),
    "unit-deliberation": ({"deliberations_year": 1}, {"deliberations_year": 0}, NOBODY),
    "unit-overdue": ({"reports_overdue": 0}, {"reports_overdue": 1}, NOBODY),
    "unit-service": ({"services_90_days": 1}, {"services_90_days": 0}, NOBODY),
    "unit-in-time": ({"in_time_percent": 90}, {"in_time_percent": 89}, {"in_time_percent": None}),
    "unit-asked": ({"asked_in_a_year": 1}, {"asked_in_a_year": 0}, NOBODY),
    "unit-content": ({"content_percent": 80}, {"content_percent": 79}, {"content_percent": None}),
}  # fmt: skip
RULES = rules_in_force(area="510113", on=date(2026, 1, 1))


def test_every_line_of_the_pack_has_its_cases_and_none_is_left_over():
    assert sorted(rule.id for rule in pack()) == sorted(CASES)


def test_every_line_of_the_pack_is_explained():
    explained = (Path(__file__).parents[3] / "docs/rules.md").read_text(encoding="utf-8")
    assert [rule.id for rule in pack() if f"`{rule.id}`" not in explained] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_it_holds_up_to_its_number_and_breaks_beyond(rule: Rule):
    holds, broken, _silent = CASES[rule.id]

    assert judge(rule, rule.applies_to, holds).verdict is Verdict.HOLDS
    assert judge(rule, rule.applies_to, broken).verdict is Verdict.BROKEN
    assert judge(rule, rule.applies_to, broken).found == broken[rule.measure]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_it_says_nothing_where_it_does_not_apply(rule: Rule):
    _holds, broken, silent = CASES[rule.id]

    assert judge(rule, rule.applies_to, silent).verdict is Verdict.DOES_NOT_APPLY
    assert judge(rule, "another kind", broken).verdict is Verdict.DOES_NOT_APPLY
    assert not rule.only_if or rule.measure in silent, "a condition needs a case in which only it fails"
