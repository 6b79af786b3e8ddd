"""The year's plan against plans made by hand, and how many must come and agree, kind by kind."""

from dataclasses import replace
from datetime import date

import pytest

from weiduan.ground.rulebook.rules import Override, Verdict, rules_in_force
from weiduan.systems.services.meetings.plan import Body, Due, Standing, by_kind, plan_of, standing_of, usual_day
from weiduan.systems.services.meetings.rules import HEADINGS, Figures, Kind, passed, quorum

M, C, G, L, T, LIFE, A = Kind
FOUNDED = date(2017, 6, 1)
ALL_YEAR = frozenset(range(1, 13))


def rules(on, *overrides):
    return rules_in_force(area="510113", on=on, overrides=overrides)


def periods(body, year=2026, *overrides):
    """Return kind → the months in which its periods begin, for a plan is easier read so."""
    found: dict = {}
    for due in plan_of(body, year, lambda day: rules(day, *overrides)):
        found.setdefault(due.kind, []).append(due.since.month)
    return found


QUARTERS, MONTHS = [1, 4, 7, 10], list(range(1, 13))


def test_the_year_2026_of_a_branch_with_a_committee_is_this():
    plan = plan_of(Body("branch", FOUNDED, committee_in=ALL_YEAR), 2026, rules)

    first = {n: date(2026, n, 1) for n in MONTHS} | {13: date(2027, 1, 1)}
    assert [(due.kind, due.since, due.until, due.rule.id, due.needed) for due in plan] == [
        *((M, first[n], first[n + 3], "branch-plan-members", 1) for n in QUARTERS),
        *((C, first[n], first[n + 1], "branch-plan-committee", 1) for n in MONTHS),
        *((L, first[n], first[n + 3], "branch-plan-lecture", 1) for n in QUARTERS),
        *((T, first[n], first[n + 1], "branch-plan-theme-day", 1) for n in MONTHS),
        (LIFE, first[1], first[13], "branch-plan-life", 1),
        (A, first[1], first[13], "branch-plan-appraisal", 1),
    ]


@pytest.mark.parametrize(
    "body, plan",
    [
        (Body("branch", FOUNDED), {M: QUARTERS, L: QUARTERS, T: MONTHS, LIFE: [1], A: [1]}),
        # a committee elected in May and none before
        (
            Body("branch", FOUNDED, committee_in=frozenset(range(5, 13))),
            {M: QUARTERS, C: MONTHS[4:], L: QUARTERS, T: MONTHS, LIFE: [1], A: [1]},
        ),
        (Body("group", FOUNDED), {G: MONTHS}),
        (Body("general_branch", FOUNDED), {C: MONTHS}),
        (Body("committee", FOUNDED), {C: MONTHS, L: [1]}),
        # founded on 4 May: the second quarter and May count, and so does the year, of which it has 242 days
        (Body("branch", date(2026, 5, 4)), {M: [4, 7, 10], L: [4, 7, 10], T: MONTHS[4:], LIFE: [1], A: [1]}),
        # founded on 20 May: of May it has 12 days of 31, of the quarter 42 of 91: neither counts
        (Body("branch", date(2026, 5, 20)), {M: [7, 10], L: [7, 10], T: MONTHS[5:], LIFE: [1], A: [1]}),
        # dissolved on 10 September: 9 days of September don't count, 71 of the quarter and 252 of the year do
        (Body("branch", FOUNDED, date(2026, 9, 10)), {M: [1, 4, 7], L: [1, 4, 7], T: MONTHS[:8], LIFE: [1], A: [1]}),
        (Body("group", FOUNDED, date(2026, 9, 16)), {G: MONTHS[:9]}),
        (Body("branch", date(2026, 8, 1)), {M: [7, 10], L: [7, 10], T: MONTHS[7:]}),  # of the year fewer than half
        (Body("branch", date(2027, 1, 1)), {}),
        (Body("branch", FOUNDED, date(2026, 1, 1)), {}),
    ],
)  # fmt: skip
def test_the_plan_is_as_made_by_hand(body, plan):
    assert periods(body) == plan


def test_a_branch_without_groups_owes_no_group_meeting_and_one_with_groups_owes_none_itself():
    assert G not in periods(Body("branch", FOUNDED, committee_in=ALL_YEAR))
    assert set(periods(Body("group", FOUNDED))) == {G}


def test_a_districts_own_number_counts_from_its_day_on_and_nought_asks_for_nothing():
    two = Override("branch-plan-lecture", "510113", 2, "本地规定")
    none = Override("branch-plan-lecture", "510113", 0, "本地规定")
    must = Override("branch-plan-theme-day", "510113", 9, "本地规定")
    branch = Body("branch", FOUNDED)

    since_july = plan_of(branch, 2026, lambda day: rules(day, *([two] if day >= date(2026, 7, 1) else [])))
    assert [due.needed for due in since_july if due.kind is L] == [1, 1, 2, 2]
    assert L not in periods(branch, 2026, none)
    assert [due.needed for due in plan_of(branch, 2026, lambda day: rules(day, must)) if due.kind is T] == [1] * 12


def test_nothing_is_due_before_the_regulations():
    assert periods(Body("branch", FOUNDED), 2018) == {T: [11, 12]}, "the other periods had begun before they came"


JANUARY = next(due for due in plan_of(Body("group", FOUNDED), 2026, rules) if due.since.month == 1)


def standing(on, needed=1, **counted):
    due = replace(JANUARY, rule=replace(JANUARY.rule, value=needed))
    return standing_of(due, {(*due.span, state): n for state, n in counted.items()}, on)


RUNNING, OVER = date(2026, 1, 31), date(2026, 2, 1)


@pytest.mark.parametrize(
    "on, needed, counted, expected",
    [
        (RUNNING, 1, {}, Standing(1, open=1)),
        (OVER, 1, {}, Standing(1, missing=1)),
        (RUNNING, 1, {"planned": 1}, Standing(1, open=1, planned=1)),
        (OVER, 1, {"planned": 1}, Standing(1, missing=1)),
        (OVER, 1, {"held": 1}, Standing(1, held=1)),
        (OVER, 1, {"held": 3, "excused": 1}, Standing(1, held=1, more=2)),
        (OVER, 2, {"held": 1, "excused": 1}, Standing(2, held=1, excused=1)),
        (OVER, 3, {"held": 1, "excused": 1, "cancelled": 5}, Standing(3, held=1, excused=1, missing=1)),
    ],
)
def test_a_duty_is_held_excused_missing_or_open(on, needed, counted, expected):
    assert standing(on, needed, **counted) == expected


def test_meetings_of_another_month_fulfil_nothing():
    other: Due = replace(JANUARY, since=date(2026, 2, 1), until=date(2026, 3, 1))
    assert standing_of(JANUARY, {(*other.span, "held"): 5}, OVER) == Standing(1, missing=1)


def test_the_usual_day_lies_in_its_period_whatever_is_asked():
    for body in (Body("branch", FOUNDED, committee_in=ALL_YEAR), Body("committee", FOUNDED)):
        for due in plan_of(body, 2026, rules):
            for nth in range(3):
                for day in (1, 15, 28):
                    assert due.since <= usual_day(due, day, nth) < due.until
    branch = plan_of(Body("branch", FOUNDED), 2026, rules)
    assert {due.kind: usual_day(due, 5) for due in branch if due.since.month == 1} == {
        M: date(2026, 2, 5), L: date(2026, 2, 5), T: date(2026, 1, 5), LIFE: date(2026, 11, 5), A: date(2026, 12, 5),
    }  # fmt: skip


def test_the_kinds_of_a_plan_add_up():
    dues = plan_of(Body("branch", FOUNDED), 2026, rules)
    sums = by_kind(dues, {(*dues[0].span, "held"): 2}, date(2026, 7, 1))
    assert sums[M] == Standing(4, held=1, missing=1, open=2, more=1)
    assert sums[T] == Standing(12, missing=6, open=6)


HOLDS, BROKEN = Verdict.HOLDS, Verdict.BROKEN
QUORUM = [  # kind, (members due, with a vote, came, with a vote, yes), enough came, passed, by which articles
    # Ten due, eight with a vote: four of them are half, and five yes are more than half of the eight due.
    (M, (10, 8, 6, 4, 4), [HOLDS], [BROKEN]), (M, (10, 8, 5, 3, 3), [BROKEN], [BROKEN]),
    (M, (10, 8, 7, 5, 5), [HOLDS], [HOLDS]), (M, (9, 7, 5, 4, 4), [HOLDS], [HOLDS]), (M, (9, 7, 5, 4, 3), [HOLDS], [BROKEN]),
    (M, (9, 7, 9, 3, 3), [BROKEN], [BROKEN]),  # all on probation came: they make no quorum
    # A committee counts its own members, and those present for a vote.
    (C, (5, 5, 3, 3, 2), [HOLDS], [HOLDS]), (C, (5, 5, 2, 2, 2), [BROKEN], [HOLDS]), (C, (4, 4, 2, 2, 1), [HOLDS], [BROKEN]),
    # For a group no article says how many must come.
    (G, (6, 5, 2, 2, 2), [], [HOLDS]), (G, (6, 5, 4, 4, 2), [], [BROKEN]),
    # Here nothing is voted on, and no number asked.
    (L, (10, 8, 1, 1, 1), [], []), (T, (10, 8, 1, 1, 1), [], []), (LIFE, (10, 8, 1, 1, 1), [], []), (A, (10, 8, 1, 1, 1), [], []),
]  # fmt: skip


@pytest.mark.parametrize("kind, figures, came, agreed", QUORUM)
def test_each_kind_counts_against_its_own_number(kind, figures, came, agreed):
    day = rules(date(2026, 5, 1))
    assert [one.verdict for one in quorum(kind, Figures(*figures), day)] == came
    assert [one.verdict for one in passed(kind, Figures(*figures), day)] == agreed


def test_a_verdict_names_its_article_and_numbers():
    [judged] = passed(M, Figures(10, 8, 6, 6, 4), rules(date(2026, 5, 1)))
    assert (judged.rule.article, judged.rule.value, judged.found) == ("第十一条", 1, 0)


def test_every_kind_has_headings_for_its_minutes():
    assert set(HEADINGS) == set(Kind)
    assert all(len(set(keys)) == len(keys) >= 4 for keys in HEADINGS.values())
