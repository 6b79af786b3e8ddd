"""The figures the rules compare, worked out from small worlds: members away and on their way, grids, residents' committees, changes."""

from datetime import date, datetime, timedelta

import pytest

from tests.builders import (
    DISTRICT,
    GRID,
    MONDAY,
    TOWN,
    VILLAGE,
    a_user,
    a_village,
    divisions,
    grid,
    load,
    member,
    organisation,
    post,
    unit,
)
from tests.systems.organisation.moving import NOON, members_of, the, two_villages
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.rulebook.rules import Verdict
from weiduan.ground.territory.models import AreaVersion
from weiduan.systems.organisation.changes.actions import ask as ask_change
from weiduan.systems.organisation.changes.figures import broken_by_others_in
from weiduan.systems.organisation.changes.rules import ChangeKind
from weiduan.systems.organisation.coverage.queries import broken_in, standing_of
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.transfers.actions import ask
from weiduan.systems.organisation.transfers.away import contacted, go_away
from weiduan.systems.organisation.transfers.rules import Reason

pytestmark = pytest.mark.django_db
# By then every rule of the pack is in force, and no term of these worlds has run out.
ON = date(2021, 6, 1)


def at(on: date) -> datetime:
    return datetime.combine(on, NOON.timetz())


def broken(on: date, code: str = VILLAGE) -> dict[str, int]:
    return dict(broken_by_others_in(code, on=on))


@pytest.fixture
def villages():
    two_villages()


GRIDS = {
    "grid-worker": 1,
    "general-grid-least": 1,
}  # of the world as it is: no worker, three units of a hundred households at most


def of_members(on: date) -> dict[str, int]:
    return {rule: n for rule, n in broken(on).items() if rule.startswith("member")}


def test_whoever_is_away_for_half_a_year_should_be_transferred_and_spoken_to(villages):
    person, keeper = members_of("X1")[1], members_of("X1")[2]
    go_away(person, keeper, on=date(2020, 11, 5), by="test", at=at(date(2020, 11, 5)))

    assert of_members(date(2021, 5, 4)) == {}
    assert of_members(date(2021, 5, 5)) == {"member-away": 1, "member-no-contact": 1}
    contacted(person, on=date(2021, 5, 6), by="test", at=at(date(2021, 5, 6)))
    assert of_members(date(2021, 5, 7)) == {"member-away": 1}


def test_a_keeper_who_left_the_organisation_keeps_nobody(villages):
    person, keeper = members_of("X1")[1], members_of("X1")[2]
    go_away(person, keeper, on=date(2020, 11, 5), by="test", at=at(date(2020, 11, 5)))
    Membership.objects.filter(person=keeper).update(until=date(2021, 1, 1))

    assert "member-keeper" not in of_members(date(2021, 5, 4))  # away for less than six months: nobody is asked for
    assert of_members(date(2021, 5, 5))["member-keeper"] == 1


def test_a_letter_of_introduction_lasts_ninety_days(villages):
    ask(members_of("X1")[1], receiver=the("Y1"), reason=Reason.WORK, on=ON, by="test", at=at(ON))

    assert of_members(ON + timedelta(days=90)) == {}
    assert of_members(ON + timedelta(days=91)) == {"member-letter": 1}


def test_a_superior_decides_within_a_month(villages):
    by = a_user(Duty.KEEP_ORGANISATION)
    asked = {"kind": "group", "name": "新党小组", "parent": "Z1", "seat": VILLAGE, "covers": [f"{GRID}002"]}
    ask_change(ChangeKind.SET_UP, None, asked, on=date(2018, 11, 5), by=by, at=MONDAY)

    assert "change-answer" not in broken(date(2018, 11, 5) + timedelta(days=31))
    assert broken(date(2018, 11, 5) + timedelta(days=32))["change-answer"] == 1


def _grids(households: list[int], *, kind: str = "general", worker: bool = False) -> None:
    divisions()
    rows = a_village()
    rows["grids"] = [grid(kind=kind)]
    rows["units"] = [unit(f"{GRID}00{n}", households=each) for n, each in enumerate(households, 1)]
    rows["members"] = [row | {"home": None} for row in rows["members"]]
    if worker:
        rows["posts"].append(post(rows["members"][0]["number"], "grid_worker", area=GRID))
    load(rows)


@pytest.mark.parametrize("households, kind, worker, expected", [
    ([100, 100, 100], "general", True, {}),
    ([100, 100, 99], "general", True, {"general-grid-least": 1}),
    ([300, 200], "general", True, {}),
    ([300, 201], "general", True, {"general-grid-most": 1}),
    ([9, 9], "dedicated", True, {}),  # a grid of a market or factory is not measured by households
    ([9, 9], "dedicated", False, {"grid-worker": 1}),
])  # fmt: skip
def test_a_general_grid_has_three_to_five_hundred_households_and_every_grid_a_worker(
    households, kind, worker, expected
):
    _grids(households, kind=kind, worker=worker)

    assert broken(ON) == expected
    assert broken(ON, DISTRICT) == broken(ON, TOWN) == expected


def _committee(people: int, kind: str = "community") -> None:
    _grids([300], worker=True)
    AreaVersion.objects.filter(code=VILLAGE).update(kind=kind)
    rows = a_village()
    rows["units"] = [unit(f"{GRID}001", households=300)]
    rows["members"] = [member("Z1") for _ in range(12)]
    rows["organisations"] = rows["organisations"][:2]
    numbers = [row["number"] for row in rows["members"]]
    rows["posts"] = [post(number, "village_committee", area=VILLAGE) for number in numbers[:people]]
    rows["posts"].append(post(numbers[0], "grid_worker", area=GRID))
    load(rows)


@pytest.mark.parametrize("people, expected", [
    (0, {}),  # nobody is known to sit on it: nothing to compare
    (4, {"residents-committee-least": 1}), (5, {}), (9, {}), (10, {"residents-committee-most": 1}),
])  # fmt: skip
def test_a_residents_committee_has_five_to_nine_members(people, expected):
    _committee(people)

    assert broken(ON) == expected


def test_a_village_is_no_community_and_its_committee_is_not_measured_by_that_act():
    _committee(4, kind="village")

    assert broken(ON) == {}


def _verdicts(number: str, on: date = ON) -> dict[str, tuple[str, int | None]]:
    _standing, judged = standing_of(the(number), on=on)
    return {one.rule.id: (one.verdict.value, one.found) for one in judged}


def test_a_branch_counts_its_groups_and_whoever_leads_it():
    divisions()
    load(a_village(groups={"X1": [f"{GRID}001"], "X2": [f"{GRID}002"]}, members=2))  # with three of its own: seven

    told = _verdicts("Z1")
    assert told["branch-full-members"] == ("holds", 7)
    assert told["branch-size"] == ("holds", 7)
    assert told["branch-secretary"] == ("holds", 1)
    assert told["branch-committee"] == (
        "broken",
        1,
    )  # from seven on a committee of three, and there is a secretary only
    assert told["branch-officers"] == ("does_not_apply", None)
    assert told["branch-term-length"] == ("holds", 5)
    assert told["branch-joint-grids"] == ("does_not_apply", 1)
    told = _verdicts("X1")
    assert told["group-members"] == ("broken", 2)
    assert told["group-units"] == ("holds", 1)
    assert told["group-term"] == ("holds", 0)
    assert told["group-span"][0] == "does_not_apply"  # only a plan knows distances
    assert _verdicts("X1", date(2022, 6, 2))["group-term"] == ("broken", 1)


def test_committee_and_general_branch_are_measured_by_their_own_numbers():
    divisions()
    rows = a_village()
    rows["organisations"].append(organisation("B1", "general_branch", parent="W1", term_due=date(2023, 6, 2)))
    load(rows)

    committee, general = _verdicts("W1"), _verdicts("B1")
    assert (committee["committee-size"], committee["committee-secretary"]) == (("broken", 6), ("broken", 0))
    assert (general["general-branch-size"], general["general-branch-most"]) == (("broken", 0), ("holds", 0))
    assert {rule for rule in committee if not rule.startswith("committee")} == set()
    assert Verdict.BROKEN.value not in (committee["committee-term-length"][0], general["general-branch-term"][0])


def test_an_organisation_seated_above_the_villages_elects_every_three_years():
    divisions()
    rows = a_village()
    load(rows)
    branch = the("Z1")
    branch.area = AreaVersion.objects.get(code=TOWN).area
    branch.save(update_fields=["area"])

    assert _verdicts("Z1")["branch-term-other"] == ("broken", 5)
    assert "branch-term-other" in broken_in(TOWN, on=ON)
