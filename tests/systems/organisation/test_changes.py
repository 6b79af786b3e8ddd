"""Changes of organisations: judged before they are asked for, approved by another, carried out whole."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.builders import (
    GRID,
    MONDAY,
    OTHER_VILLAGE,
    SURVEYED,
    VILLAGE,
    a_user,
    a_village,
    divisions,
    load,
    member,
    post,
)
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.changes.actions import (
    Decided,
    RuleInTheWay,
    approve,
    ask,
    judge_change,
    return_,
    withdraw,
)
from weiduan.systems.organisation.changes.carrying import CantBe
from weiduan.systems.organisation.changes.models import Change
from weiduan.systems.organisation.changes.rules import ChangeKind, State, plain_facts
from weiduan.systems.organisation.coverage.models import Coverage
from weiduan.systems.organisation.coverage.queries import areas_covered, coverage_in
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.organisations.models import Organisation, Term

pytestmark = pytest.mark.django_db
A, B, C = GRID + "001", GRID + "002", GRID + "003"
TODAY = local_day(MONDAY)
LATER = datetime(2020, 9, 1, 2, 0, tzinfo=UTC)  # the rules of elections hold since 2020-07-13


@pytest.fixture
def village():
    """A branch with three members and two groups, X1 of six members (three living in each of its units) and X2 of four."""
    divisions()
    rows = a_village(groups={"X1": [A, B], "X2": [C]}, members=0)
    homes = [("X1", A)] * 4 + [("X1", B)] * 3 + [("X2", C)] * 4
    people = [member(group, home=home) for group, home in homes]
    rows["members"] += people
    rows["posts"] += [
        post(people[0]["number"], "group_leader", organisation="X1"),
        post(people[7]["number"], "group_leader", organisation="X2"),
    ]
    load(rows)


@pytest.fixture
def keeper():
    return a_user(Duty.KEEP_ORGANISATION)


@pytest.fixture
def superior():
    return a_user(Duty.KEEP_ORGANISATION)


def named(number: str) -> Organisation:
    return Organisation.objects.get(number=number)


def members(number: str, on: date = TODAY) -> int:
    return Membership.objects.filter(alive(on), organisation__number=number).count()


def asked(kind: ChangeKind, number: str | None, by, at: datetime = MONDAY, /, **facts) -> Change:
    organisation = named(number) if number else None
    return ask(kind, organisation, facts, on=local_day(at), by=by, at=at)


NEW_GROUP = {"name": "乙党小组", "kind": "group", "parent": "Z1", "seat": B, "covers": [B], "members_of": ["X1"],
             "living_in": [B], "number": "X9"}  # fmt: skip


def broken(rows) -> set[tuple[str, str]]:
    return {
        (row["organisation"], row["rule"]) for row in rows if row["verdict"] == "broken" and row["before"] != "broken"
    }


def test_a_change_is_judged_as_things_would_be_and_nothing_of_it_stays(village, keeper):
    before = Entry.objects.count()

    rows = judge_change(ChangeKind.SET_UP, None, NEW_GROUP, on=TODAY, by=keeper, at=MONDAY)

    found = {(r["organisation"], r["rule"]): (r["verdict"], r["found"]) for r in rows}
    assert found["X9", "group-members"] == ("holds", 3)
    assert found["X9", "group-leader"] == ("does_not_apply", None)
    assert found["X1", "group-members"] == ("holds", 4)
    assert broken(rows) == set()
    assert not Organisation.objects.filter(number="X9").exists()
    assert (members("X1"), Entry.objects.count()) == (7, before)


def test_an_approved_group_is_set_up_with_its_members_seat_cover_and_term(village, keeper, superior):
    change = asked(ChangeKind.SET_UP, None, keeper, **NEW_GROUP)

    approve(change.pk, by=superior, at=MONDAY)

    made = named("X9")
    assert (made.parent.number, made.founded_on, members("X9"), members("X1")) == ("Z1", TODAY, 3, 4)
    assert set(areas_covered(made.pk, on=TODAY)) == {B}
    assert set(areas_covered(named("X1").pk, on=TODAY)) == {A}
    assert set(areas_covered(named("X1").pk, on=TODAY - timedelta(days=1))) == {A, B}
    assert list(Term.objects.filter(organisation=made).values_list("since", "due_on")) == [(TODAY, date(2023, 11, 5))]
    change.refresh_from_db()
    assert (change.state, change.decided_by) == (State.APPROVED.value, superior)
    assert list(breaks()) == []


def test_who_asked_does_not_approve(village, keeper):
    change = asked(ChangeKind.SET_UP, None, keeper, **NEW_GROUP)

    with pytest.raises(NotAllowed):
        approve(change.pk, by=keeper, at=MONDAY)
    assert not Organisation.objects.filter(number="X9").exists()


def test_only_the_keeper_of_the_superiors_seat_decides_and_elsewhere_it_is_not_there(village, keeper):
    change = asked(ChangeKind.SET_UP, None, keeper, **NEW_GROUP)

    for by, error in [
        (a_user(Duty.KEEP_ORGANISATION, area=OTHER_VILLAGE), NotFound),
        (a_user(area=VILLAGE), NotAllowed),
    ]:
        with pytest.raises(error):
            approve(change.pk, by=by, at=MONDAY)
        with pytest.raises(error):
            asked(ChangeKind.DISSOLVE, "X2", by, members_to="X1")


def test_a_broken_must_rule_is_in_the_way_and_the_refusal_says_what_would_allow_it(village, keeper, superior):
    """All members of X1 live in its units; with them goes the leader, and none is left in X1."""
    change = asked(ChangeKind.SPLIT, "X1", keeper, name="甲党小组", living_in=[A], covers=[A])
    assert ("X1", "group-leader") in broken(change.judged)

    with pytest.raises(RuleInTheWay, match="X1"):
        approve(change.pk, by=superior, at=MONDAY)

    assert members("X1") == 7
    change.refresh_from_db()
    assert change.state == State.ASKED.value


def test_a_rule_that_holds_only_locally_may_be_broken_with_a_reason(village, keeper, superior):
    Membership.objects.filter(organisation__number="X1", home__versions__code=B).first().delete()
    change = asked(ChangeKind.SPLIT, "X1", keeper, name="乙党小组", number="X9", living_in=[B], covers=[B])
    assert broken(change.judged) == {("X9", "group-members")}

    with pytest.raises(BadInput):
        approve(change.pk, reason=" ", by=superior, at=MONDAY)
    assert members("X9") == 0
    approve(change.pk, reason="年内再接收一名党员", by=superior, at=MONDAY)

    change.refresh_from_db()
    assert (members("X9"), change.answer) == (2, "年内再接收一名党员")


def test_what_broke_since_it_was_asked_for_is_found_at_approval(village, keeper, superior):
    """A branch of three parts with its members: a joint branch needs three full members of its own."""
    facts = {
        "name": "联合支部",
        "number": "Z9",
        "parent": "W1",
        "seat": VILLAGE,
        "covers": [GRID],
        "members_of": ["X2"],
    }
    change = asked(ChangeKind.JOIN, None, keeper, **facts)
    assert ("Z9", "branch-full-members") not in broken(change.judged)
    Membership.objects.filter(organisation__number="X2").update(full_on=None)

    with pytest.raises(RuleInTheWay, match="联合支部"):
        approve(change.pk, by=superior, at=MONDAY)


def test_a_merged_group_leaves_its_members_units_and_nothing_else(village, keeper, superior):
    change = asked(ChangeKind.MERGE, "X1", keeper, other="X2")

    approve(change.pk, by=superior, at=MONDAY)

    gone = named("X2")
    assert (members("X1"), members("X2"), gone.dissolved_on) == (11, 0, TODAY)
    assert set(areas_covered(named("X1").pk, on=TODAY)) == {A, B, C}
    assert not Coverage.objects.filter(alive(TODAY), organisation=gone).exists()
    assert not Post.objects.filter(alive(TODAY), organisation=gone).exists()
    assert members("X2", TODAY - timedelta(days=1)) == 4
    assert [u.reason for u in coverage_in(VILLAGE, on=TODAY).units] == ["", "", ""]


def test_a_merged_branch_hands_its_groups_over_too(village, keeper, superior):
    Organisation.objects.create(
        number="Z9", name="二支部", kind="branch", parent=named("W1"), area=named("Z1").area, founded_on=SURVEYED
    )

    approve(asked(ChangeKind.MERGE, "Z9", keeper, other="Z1").pk, by=superior, at=MONDAY)

    assert {named("X1").parent.number, named("X2").parent.number} == {"Z9"}
    assert (members("Z9"), set(areas_covered(named("Z9").pk, on=TODAY))) == (3, {GRID})


def test_a_dissolved_organisation_says_where_its_members_go(village, keeper, superior):
    with pytest.raises(CantBe, match="X2"):
        asked(ChangeKind.DISSOLVE, "X2", keeper)
    change = asked(ChangeKind.DISSOLVE, "X2", keeper, members_to="Z1")

    approve(change.pk, by=superior, at=MONDAY)

    assert (members("Z1"), named("X2").dissolved_on) == (7, TODAY)
    assert coverage_in(VILLAGE, on=TODAY).units[2].reason == "no_group"


def test_a_joint_branch_stands_on_what_it_had_and_more(village, keeper, superior):
    approve(asked(ChangeKind.JOIN, "Z1", keeper, covers=[C]).pk, by=superior, at=MONDAY)

    assert set(areas_covered(named("Z1").pk, on=TODAY)) == {GRID, C}


@pytest.mark.parametrize("kind, due, allowed", [
    (ChangeKind.ELECT_LATE, date(2023, 6, 1), True),
    (ChangeKind.ELECT_LATE, date(2023, 6, 2), False),
    (ChangeKind.ELECT_EARLY, date(2021, 6, 1), True),
    (ChangeKind.ELECT_EARLY, date(2021, 5, 31), False),
])  # fmt: skip
def test_an_election_is_moved_a_year_at_most(village, keeper, superior, kind, due, allowed):
    change = asked(kind, "X1", keeper, LATER, due=str(due))
    if allowed:
        approve(change.pk, by=superior, at=LATER)
    else:
        with pytest.raises(RuleInTheWay, match="12"):
            approve(change.pk, by=superior, at=LATER)
    assert named("X1").terms.get().due_on == (due if allowed else date(2022, 6, 1))


def test_an_election_moved_twice_is_measured_from_the_day_by_rule(village, keeper, superior):
    approve(asked(ChangeKind.ELECT_LATE, "X1", keeper, LATER, due="2023-03-01").pk, by=superior, at=LATER)

    change = asked(ChangeKind.ELECT_LATE, "X1", keeper, LATER, due="2023-12-01")

    with pytest.raises(RuleInTheWay):
        approve(change.pk, by=superior, at=LATER)


def test_a_change_is_decided_once_and_the_same_is_asked_for_once(village, keeper, superior):
    change = asked(ChangeKind.MERGE, "X1", keeper, other="X2")
    with pytest.raises(CantBe):
        asked(ChangeKind.MERGE, "X1", keeper, other="X2")
    with pytest.raises(BadInput):
        return_(change.pk, " ", by=superior, at=MONDAY)

    return_(change.pk, "先补选书记", by=superior, at=MONDAY)

    for act in (lambda: approve(change.pk, by=superior, at=MONDAY), lambda: withdraw(change.pk, by=keeper, at=MONDAY)):
        with pytest.raises(Decided):
            act()
    withdraw(asked(ChangeKind.MERGE, "X1", keeper, other="X2").pk, by=keeper, at=MONDAY)
    assert members("X2") == 4


def test_what_was_merged_meanwhile_can_no_longer_be_dissolved(village, keeper, superior):
    dissolving = asked(ChangeKind.DISSOLVE, "X2", keeper, members_to="Z1")
    approve(asked(ChangeKind.MERGE, "X1", keeper, other="X2").pk, by=superior, at=MONDAY)

    with pytest.raises(CantBe, match="X2"):
        approve(dissolving.pk, by=superior, at=MONDAY)


def test_facts_hold_no_persons(village, keeper):
    with pytest.raises(ValueError, match="persons"):
        plain_facts("merge", {"other": "X2", "persons": ["x"]})
    with pytest.raises(BadInput):
        asked(ChangeKind.MERGE, "X1", keeper, other="X2", persons=["x"])
    change = asked(ChangeKind.SET_UP, None, keeper, **NEW_GROUP)
    assert not set(str(change.facts)) & set("张")


def test_a_change_can_not_hold_before_what_already_changed(village, keeper, superior):
    change = asked(ChangeKind.MERGE, "X1", keeper, other="X2")
    held = Membership.objects.filter(organisation__number="X2").first()
    Membership.objects.filter(pk=held.pk).update(until=TODAY + timedelta(days=3))

    with pytest.raises(CantBe, match="2018-11-08"):
        approve(change.pk, by=superior, at=MONDAY)
