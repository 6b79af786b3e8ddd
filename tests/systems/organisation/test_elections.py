"""Elections: who is due, who may be elected with how many votes, and what begins and ends."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.builders import GRID, VILLAGE, a_user, a_village, divisions, load
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed
from weiduan.ground.rulebook.rules import Verdict, judge, pack
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.changes.elections import Elected, NotElected, hold_election
from weiduan.systems.organisation.changes.queries import elections_due
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.organisations.models import Organisation

pytestmark = pytest.mark.django_db
AT = datetime(2022, 6, 1, 2, 0, tzinfo=UTC)
ON = date(2022, 6, 1)


@pytest.fixture
def group():
    """A group of five full members whose term is due on 2022-06-01, as that of the branch above it is."""
    divisions()
    load(a_village(groups={"X1": [GRID + "001"]}, members=5))
    return Organisation.objects.get(number="X1")


def people(organisation):
    return list(
        Membership.objects.filter(organisation=organisation).order_by("person__number").values_list("person", flat=True)
    )


def elect(group, *, votes=3, voters=5, attended=4, by="test", on=ON, person=None, role=Role.GROUP_LEADER):
    chosen = [Elected(person or people(group)[1], role, votes)]
    return hold_election(group, chosen, voters=voters, attended=attended, on=on, by=by, at=AT)


def test_the_elected_takes_office_the_last_one_steps_down_and_a_term_of_five_years_begins(group):
    term = elect(group, by=a_user(Duty.KEEP_ORGANISATION))

    held = Post.objects.filter(alive(ON), organisation=group).values_list("person", "since", "due_on")
    assert list(held) == [(people(group)[1], ON, date(2027, 6, 1))]
    assert (term.since, term.due_on) == (ON, date(2027, 6, 1))
    day_before = Post.objects.filter(alive(ON - timedelta(days=1)), organisation=group).values_list("person", flat=True)
    assert list(day_before) == people(group)[:1]


@pytest.mark.parametrize("figures", [
    {"attended": 3, "votes": 3},  # three of five came: less than four fifths
    {"attended": 4, "votes": 2},  # half of those present is not more than half
    {"voters": 6, "attended": 6, "votes": 4},  # six are said to vote, there are five full members
])  # fmt: skip
def test_an_election_against_the_rules_elects_nobody(group, figures):
    with pytest.raises(NotElected):
        elect(group, **figures)
    assert group.terms.count() == 1


def test_a_committee_of_fewer_than_three_is_refused_where_there_are_seven_full_members(group):
    branch = Organisation.objects.get(number="Z1")
    with pytest.raises(NotElected, match="3"):
        elect(branch, voters=8, attended=8, votes=8, role=Role.SECRETARY)


def test_a_day_to_come_figures_that_cant_be_and_members_of_others_are_refused(group):
    for wrong in ({"on": ON + timedelta(days=1)}, {"attended": 6}, {"votes": 5}, {"role": Role.DEPUTY_SECRETARY},
                  {"person": people(Organisation.objects.get(number="Z1"))[0]}):  # fmt: skip
        with pytest.raises(BadInput):
            elect(group, **wrong)
    with pytest.raises(NotAllowed):
        elect(group, by=a_user())


@pytest.mark.parametrize("on, stage", [
    (date(2021, 11, 30), None), (date(2021, 12, 1), 6), (date(2022, 2, 28), 6), (date(2022, 3, 1), 3), (ON, 3), (date(2022, 6, 2), 0),
])  # fmt: skip
def test_an_election_is_named_six_and_three_months_before_and_when_it_is_late(group, on, stage):
    found = {row.number: row.stage for row in elections_due([VILLAGE], on=on)}

    assert found.get("X1") == stage
    assert elections_due(["510113002003"], on=on) == []


FIGURES = [  # rule, figures that hold, that break, that don't apply
    ("branch-term-other", {"term_years_elsewhere": 3, "has_term": 1}, {"term_years_elsewhere": 4, "has_term": 1}, {}),
    ("branch-committee-usual", {"full_members": 7, "committee_posts": 5}, {"full_members": 7, "committee_posts": 6}, {"full_members": 6}),
    ("branch-officers", {"officers": 2}, {"officers": 3}, {"officers": None}),
    ("branch-joint-grids", {"grids_covered": 5}, {"grids_covered": 6}, {"grids_covered": 1}),
    ("general-branch-most", {"members": 99}, {"members": 100}, {}),
    ("general-branch-secretary", {"leaders": 1}, {"leaders": 0}, {}),
    ("general-branch-term", {"days_overdue": 0, "has_term": 1}, {"days_overdue": 1, "has_term": 1}, {"days_overdue": None}),
    ("committee-secretary", {"leaders": 1}, {"leaders": 0}, {}),
    ("committee-term", {"days_overdue": 0, "has_term": 1}, {"days_overdue": 1, "has_term": 1}, {"days_overdue": None}),
    ("election-moved", {"months_moved": 12}, {"months_moved": 13}, {}),
    ("election-quorum", {"attended_percent": 80}, {"attended_percent": 79}, {}),
    ("election-votes", {"votes_beyond_half": 1}, {"votes_beyond_half": 0}, {}),
    ("election-voters", {"voters_beyond_full": 0}, {"voters_beyond_full": 1}, {}),
    ("member-away", {"months_away": 5}, {"months_away": 6}, {}),
    ("member-no-contact", {"months_without_contact": 5}, {"months_without_contact": 6}, {}),
    ("member-keeper", {"months_away": 6, "keepers": 1}, {"months_away": 6, "keepers": 0}, {"months_away": 5, "keepers": 0}),
    ("member-letter", {"days_transferring": 90}, {"days_transferring": 91}, {}),
    ("change-answer", {"days_waiting": 31}, {"days_waiting": 32}, {}),
    ("grid-worker", {"workers": 1}, {"workers": 0}, {}),
    ("general-grid-least", {"households": 300}, {"households": 299}, {}),
    ("general-grid-most", {"households": 500}, {"households": 501}, {}),
    ("residents-committee-least", {"committee_people": 5}, {"committee_people": 4}, {}),
    ("residents-committee-most", {"committee_people": 9}, {"committee_people": 10}, {}),
]  # fmt: skip


@pytest.mark.parametrize("rule, holds, breaks, silent", FIGURES, ids=[row[0] for row in FIGURES])
def test_each_rule_holds_is_broken_or_does_not_apply(rule, holds, breaks, silent):
    found = next(r for r in pack() if r.id == rule)
    verdicts = [judge(found, found.applies_to, figures).verdict for figures in (holds, breaks, silent)]
    assert verdicts == [Verdict.HOLDS, Verdict.BROKEN, Verdict.DOES_NOT_APPLY]
