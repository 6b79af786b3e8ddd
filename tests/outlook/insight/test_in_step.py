"""In step: what changes of the ground and of organisations break, what puts it right, and with how many questions."""

from datetime import UTC, date, datetime

import pytest

from tests.builders import (
    DISTRICT,
    GRID,
    MONDAY,
    OTHER_VILLAGE,
    SURVEYED,
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
from tests.systems.organisation.moving import the, two_villages
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.territory.actions import close, successor
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import area_by_code
from weiduan.ground.territory.reform import open_successions, plan_reform, reform, settle_succession
from weiduan.outlook.insight import organisation as insight
from weiduan.outlook.insight.in_step import out_of_step, with_choices
from weiduan.outlook.insight.organisation import coverage_of
from weiduan.systems.organisation.coverage.actions import CannotCover, hand_over, leave, take_in
from weiduan.systems.organisation.coverage.models import Coverage
from weiduan.systems.organisation.coverage.queries import coverage_in
from weiduan.systems.organisation.organisations.actions import move_seat

pytestmark = pytest.mark.django_db
THEN, CHANGED, NOW = date(2018, 12, 1), date(2019, 3, 1), date(2019, 6, 1)
LATER = datetime(2019, 6, 1, 2, 0, tzinfo=UTC)
UNITS = [f"{GRID}00{n}" for n in (1, 2, 3, 4)]


@pytest.fixture(autouse=True)
def nothing_held():
    """Coverage held from another test would be of another world."""
    insight._held.clear()


@pytest.fixture
def village():
    """X1 stands on the first two units, X2 on the third: every unit is covered."""
    divisions()
    rows = a_village(groups={"X1": UNITS[:2], "X2": UNITS[2:3]})
    load(rows)
    return rows


def found(code: str = VILLAGE, *, on: date = NOW, since: date = THEN):
    """(kind, code, organisation, choices) of each finding."""
    coverage = coverage_of(code, on=on)
    findings = with_choices(out_of_step(code, coverage, since=since), coverage)
    return [(one.kind, one.code, one.number, tuple(c for c, _name in one.choices)) for one in findings]


def settled(code: str, on: date = NOW) -> str:
    """What keeps a unit or grid from being covered, "" if nothing does."""
    coverage = coverage_in(code[:12], on=on)
    return next(one.reason for one in [*coverage.grids, *coverage.units] if one.code == code)


def test_where_nothing_changed_everything_is_in_step_and_a_first_survey_is_no_change(village):
    assert found() == []
    assert found(since=date(2018, 1, 1)) == []  # before the survey nothing was known, so nothing is new


def test_a_unit_added_stands_under_nothing_until_a_group_of_its_grid_takes_it_in(village):
    village["units"].append(unit(UNITS[3]))
    load(village, on=CHANGED)

    assert found() == [("new", UNITS[3], "", ("X2", "X1", "Z1"))]  # the same grid, the fewest units first
    assert found(since=CHANGED) == []

    take_in(the("X2"), UNITS[3], on=NOW, by=a_user(Duty.KEEP_ORGANISATION, area=VILLAGE), at=MONDAY)

    assert (found(), settled(UNITS[3])) == ([], "")
    assert Entry.objects.filter(what="coverage.changed", area=UNITS[3], key=str(the("X2").pk)).count() == 1


def test_a_grid_split_leaves_covers_of_units_that_ended_and_a_grid_without_a_branch(village):
    """The third unit goes to a grid of its own: in a survey it ends there and begins here."""
    second = f"{VILLAGE}002"
    village["grids"].append(grid(second))
    village["units"][2] = unit(f"{second}001")
    for row in village["organisations"]:
        row["covers"] = row["covers"] if row["number"] != "X2" else UNITS[0]
    for row in village["members"]:
        row["home"] = None
    load(village, on=CHANGED)
    Coverage.objects.filter(organisation=the("X2"), until=CHANGED).update(
        until=None
    )  # as if the survey had not said so

    assert found() == [
        ("gone", UNITS[2], "X2", ()),
        ("new", second, "", ("Z1",)),
        ("new", f"{second}001", "", ("X2", "X1")),
    ]

    keeper = a_user(Duty.KEEP_ORGANISATION, area=VILLAGE)
    leave(the("X2"), AreaVersion.objects.get(code=UNITS[2]).area_id, on=NOW, by=keeper, at=MONDAY)
    take_in(the("Z1"), second, on=NOW, by=keeper, at=MONDAY)
    take_in(the("X2"), f"{second}001", on=NOW, by=keeper, at=MONDAY)

    assert (found(), settled(second), settled(f"{second}001")) == ([], "", "")


def test_a_group_dissolved_leaves_its_unit_uncovered_and_the_reason_says_so(village):
    gone = a_village(groups={"X1": UNITS[:2]})
    kept = {row["number"] for row in gone["organisations"]}
    village["organisations"] = [row for row in village["organisations"] if row["number"] in kept]
    village["members"] = [row for row in village["members"] if row["organisation"] != "X2"]
    village["posts"] = [row for row in village["posts"] if row["organisation"] != "X2"]
    load(village, on=CHANGED)

    assert found() == [("lost", UNITS[2], "", ("X1", "Z1"))]
    [finding] = out_of_step(VILLAGE, coverage_of(VILLAGE, on=NOW), since=THEN)
    assert (finding.on, len(finding.about)) == (CHANGED, 1)
    assert str(CHANGED) in finding.why[0] and "X2" in finding.why[0]

    take_in(the("X1"), UNITS[2], on=NOW, by="test", at=MONDAY)

    assert (found(), settled(UNITS[2])) == ([], "")


def test_a_group_that_fell_below_three_is_told_with_the_figures_and_an_old_term_is_not(village):
    leaving = next(row for row in village["members"] if row["organisation"] == "X2" and row not in village["posts"])
    village["members"] = [row for row in village["members"] if row is not leaving]
    village["posts"] = [row for row in village["posts"] if row["person"] != leaving["number"]]
    load(village, on=CHANGED)

    assert [(kind, code) for kind, code, *_ in found()] == [("lost", UNITS[2])]
    assert found(on=date(2022, 12, 1), since=date(2022, 5, 1)) == []  # since then only terms ran out


def _edition(*rows):
    return [
        {"code": code, "name": name, "kind": ""} for code, name in ((DISTRICT, "青白江区"), (TOWN, "大弯街道"), *rows)
    ]


def test_organisations_of_a_merged_village_are_seated_in_its_heir_by_who_keeps_it_now():
    two_villages()
    keeper = a_user(Duty.KEEP_ORGANISATION, area=OTHER_VILLAGE)
    lineage = [{"old_code": OTHER_VILLAGE, "new_code": VILLAGE, "kind": "merged", "basis": ""}]
    reform(plan_reform(_edition((VILLAGE, "石家碾社区")), lineage, edition="2019", on=CHANGED), by="test", at=MONDAY)

    seats = [row for row in found() if row[0] == "seat"]
    assert seats == [("seat", OTHER_VILLAGE, number, (VILLAGE,)) for number in ("W2", "Y1", "Z2")]

    with pytest.raises(NotFound):
        move_seat(the("Y1"), VILLAGE, on=NOW, by=a_user(Duty.KEEP_ORGANISATION, area="510113009000"), at=LATER)
    for number in ("W2", "Z2", "Y1"):
        move_seat(the(number), VILLAGE, on=NOW, by=keeper, at=LATER)

    assert [row for row in found() if row[0] == "seat"] == []
    assert the("Y1").area_id == area_by_code(VILLAGE, on=NOW).area_id


def test_what_waits_after_a_reform_is_no_finding_until_it_is_decided_and_then_the_seats_are():
    two_villages()
    reform(plan_reform(_edition((VILLAGE, "石家碾社区")), [], edition="2019", on=CHANGED), by="test", at=MONDAY)

    assert (len(open_successions(DISTRICT)), found(DISTRICT)) == (1, [])

    [waiting] = open_successions(DISTRICT)
    settle_succession(waiting, into=VILLAGE, on=NOW, by="test", at=MONDAY)

    assert [(kind, number) for kind, _code, number, _ in found(DISTRICT)] == [
        ("seat", "W2"),
        ("seat", "Y1"),
        ("seat", "Z2"),
    ]


def _moved(code: str, to: str) -> None:
    """Let one unit alone come under another code, as a correction of the boundary would."""
    version = area_by_code(code, on=CHANGED)
    close([version], CHANGED)
    successor(version, CHANGED, code=to).save()


def test_a_unit_that_went_over_a_boundary_is_handed_over_to_a_group_of_its_new_village():
    two_villages()
    take_in(the("X1"), UNITS[1], on=SURVEYED, by="test", at=MONDAY)
    _moved(UNITS[1], f"{OTHER_VILLAGE}001002")

    over = f"{OTHER_VILLAGE}001002"
    assert [row[:3] for row in found()] == [("moved", over, "X1")]
    assert found(OTHER_VILLAGE) == [("moved", over, "X1", ("Y1", "Z2"))]

    with pytest.raises(NotFound):
        keeper = a_user(Duty.KEEP_ORGANISATION, area=VILLAGE)
        hand_over(the("X1"), the("Y1"), over, on=NOW, by=keeper, at=MONDAY)
    assert Coverage.objects.filter(organisation=the("X1"), until=None).count() == 2  # nothing is half done
    hand_over(the("X1"), the("Y1"), over, on=NOW, by=a_user(Duty.KEEP_ORGANISATION), at=MONDAY)

    assert (found(), found(OTHER_VILLAGE), settled(over)) == ([], [], "")


def test_a_unit_in_a_grid_its_branch_does_not_stand_on_is_told(village):
    second = f"{VILLAGE}002"
    village["grids"].append(grid(second))
    village["organisations"].append(organisation("Z2", "branch", parent="W1", covers=second))
    others = [member("Z2") for _ in range(3)]
    village["members"] += others
    village["posts"].append(post(others[0]["number"], "secretary", organisation="Z2"))
    load(village, on=date(2018, 11, 15))
    _moved(UNITS[2], f"{second}001")

    assert [row[:3] for row in found()] == [("moved", f"{second}001", "X2")]


def test_only_what_fits_may_be_covered(village):
    keeper = a_user(Duty.KEEP_ORGANISATION, area=VILLAGE)
    when = {"on": NOW, "by": keeper, "at": MONDAY}
    for number, code in (("X1", GRID), ("W1", GRID), ("X1", UNITS[0])):
        with pytest.raises(CannotCover):
            take_in(the(number), code, **when)
    with pytest.raises(CannotCover):
        leave(the("X1"), area_by_code(UNITS[2], on=NOW).area_id, **when)
    with pytest.raises(NotAllowed):
        take_in(the("X2"), UNITS[0], on=NOW, by=a_user(area=VILLAGE), at=MONDAY)
    assert Coverage.objects.filter(since__gt=SURVEYED).count() == 0


def test_an_organisation_takes_nothing_in_beyond_its_village():
    two_villages()
    with pytest.raises(CannotCover):
        take_in(the("X1"), f"{OTHER_VILLAGE}001001", on=NOW, by="test", at=MONDAY)


def test_it_takes_the_same_number_of_questions_however_much_there_is(village, django_assert_num_queries):
    def ask(expected: int) -> None:
        insight._held.clear()
        with django_assert_num_queries(expected):
            coverage = coverage_of(VILLAGE, on=NOW)
            assert with_choices(out_of_step(VILLAGE, coverage, since=THEN), coverage)

    village["units"].append(unit(UNITS[3]))
    load(village, on=CHANGED)
    ask(18)
    village["units"] += [unit(f"{GRID}0{n}") for n in range(10, 40)]
    load(village, on=date(2019, 4, 1))
    ask(18)
