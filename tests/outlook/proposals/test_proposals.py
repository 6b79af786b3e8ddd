"""From gaps to a plan, and from the plan to no gap."""

import io
import json

import openpyxl
import pytest

from tests.builders import (
    DISTRICT,
    GRID,
    MONDAY,
    SURVEYED,
    VILLAGE,
    a_user,
    a_village,
    divisions,
    grid,
    load,
    member,
    survey,
    unit,
)
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.actions import found_divisions
from weiduan.outlook.demo.divisions import qingbaijiang
from weiduan.outlook.demo.generate import generate
from weiduan.outlook.proposals.actions import (
    NotNow,
    OtherRules,
    Stale,
    adopt,
    adopt_heads,
    ask_for_proposal,
    plan_proposal,
    resume,
    stop,
    withdraw,
)
from weiduan.outlook.proposals.adoption import NoBranch
from weiduan.outlook.proposals.export import features_of, whole, write_proposal
from weiduan.outlook.proposals.heads import propose_heads
from weiduan.outlook.proposals.models import Proposal
from weiduan.outlook.proposals.queries import compare, proposal_seen_by, totals
from weiduan.outlook.proposals.rules import Ask, Wishes
from weiduan.outlook.proposals.words import contradiction_sentence
from weiduan.outlook.survey.actions import load_survey
from weiduan.planning.executors import Here, Lost
from weiduan.systems.organisation.coverage.queries import coverage_in

pytestmark = pytest.mark.django_db
A, B, C = (f"{GRID}00{n}" for n in (1, 2, 3))
HERE = Here()


def _planned(area=VILLAGE, by="test"):
    proposal = ask_for_proposal(area, on=SURVEYED, by=by, at=MONDAY)
    return plan_proposal(proposal, executor=HERE)


def _adopted(proposal, by="test", **choice):
    return adopt(proposal, on=SURVEYED, by=by, at=MONDAY, **choice)


@pytest.fixture
def village():
    """A is covered; B has three members living there and no group; nobody lives in C."""
    divisions()
    rows = a_village(groups={"X1": [A]})
    for row in rows["members"]:
        row["home"] = B if row["organisation"] == "Z1" else A
    load(rows)


def test_the_plan_covers_what_can_be_covered_with_the_least_change(village):
    [plan] = _planned().plans.all()
    first = plan.plan["points"][0]
    assert (len(first["left_out"]), first["moves"]) == (0, 2)
    assert plan.plan["points"][-1]["count"] == 1


def test_adopting_it_leaves_no_blind_spot_and_a_whole_ledger(village):
    done = _adopted(_planned())
    assert done["villages"] == 1
    assert [u.reason for u in coverage_in(VILLAGE, on=SURVEYED).units] == ["", "", ""]
    assert list(breaks()) == []


def test_the_fewest_groups_can_be_adopted_instead(village):
    _adopted(_planned(), point=99)
    units = coverage_in(VILLAGE, on=SURVEYED).units
    assert len({u.organisations for u in units}) == 1 and not any(u.reason for u in units)


def test_planning_changes_nothing(village):
    before = coverage_in(VILLAGE, on=SURVEYED).total
    _planned()
    assert coverage_in(VILLAGE, on=SURVEYED).total == before


def test_what_changed_since_makes_it_stale_and_nothing_is_adopted(village):
    proposal = _planned()
    rows = a_village(groups={"X1": [A]})
    load(rows)
    before = coverage_in(VILLAGE, on=SURVEYED).total
    with pytest.raises(Stale):
        _adopted(proposal)
    assert coverage_in(VILLAGE, on=SURVEYED).total == before


def test_adopting_needs_the_duty_and_looking_needs_the_area(village):
    looker, stranger = a_user(Duty.LOOK), a_user(area="510114000000")
    proposal = _planned(by=looker)
    with pytest.raises(NotAllowed):
        _adopted(proposal, by=looker)
    with pytest.raises(NotFound):
        proposal_seen_by(proposal.pk, stranger, at=MONDAY)
    assert _adopted(proposal, by=a_user(Duty.KEEP_ORGANISATION))["villages"] == 1


def test_it_is_adopted_once(village):
    proposal = _planned()
    assert _adopted(proposal)["villages"] == 1
    assert _adopted(proposal)["villages"] == 0


def test_a_withdrawn_one_can_not_be_adopted_and_a_stopped_one_goes_on(village):
    proposal = ask_for_proposal(VILLAGE, on=SURVEYED, by="test", at=MONDAY)
    stop(proposal, by="test", at=MONDAY)
    assert plan_proposal(proposal, executor=HERE).state == "stopped"
    resume(Proposal.objects.get(pk=proposal.pk), by="test", at=MONDAY)
    assert plan_proposal(proposal, executor=HERE).state == "ready"
    withdraw(proposal, by="test", at=MONDAY)
    with pytest.raises(NotNow):
        _adopted(proposal)


def test_what_can_not_be_covered_is_named_with_what_would_open_it():
    divisions()
    load(
        survey(
            grids=[grid()],
            units=[unit(A)],
            organisations=a_village()["organisations"][:2],
            members=[member("Z1", home=A)],
        )
    )
    [plan] = _planned().plans.all()
    [left] = plan.plan["points"][0]["left_out"]
    assert (left["why"]["members"], left["why"]["needed"]) == (1, 3)
    assert [o["rule"] for o in left["why"]["openings"]] == ["least_members"]


def test_a_village_without_any_branch_says_so_when_adopted():
    divisions()
    rows = a_village(groups={})
    rows["organisations"][1]["covers"] = None
    for row in rows["members"]:
        row["home"] = A
    load(rows)
    with pytest.raises(NoBranch, match="石家碾社区"):
        _adopted(_planned())


def test_an_area_without_units_has_nothing_to_plan():
    divisions()
    with pytest.raises(BadInput):
        ask_for_proposal(VILLAGE, on=SURVEYED, by="test", at=MONDAY)


def test_a_whole_district_planned_and_adopted_has_only_the_gaps_the_plan_named():
    district = qingbaijiang()
    demo = generate(district, scale=0.15)
    found_divisions(demo.divisions, edition="2018", on=demo.on, by="test", at=MONDAY)
    load_survey(demo.rows, area=DISTRICT, on=demo.on, by="test", at=MONDAY)
    proposal = _planned(DISTRICT)
    told = totals(proposal)
    assert told["planned"] == told["proved"] == 124

    named = {
        plan.plan["units"][left["unit"]]["code"]
        for plan in proposal.plans.all()
        for left in plan.plan["points"][0]["left_out"]
    }
    _adopted(proposal)
    gaps = coverage_in(DISTRICT, on=SURVEYED).gaps
    assert {g.code for g in gaps if g.reason != "term_over"} <= named
    elect = {number for plan in proposal.plans.all() for number in plan.plan["points"][0]["elections"]}
    standings = coverage_in(DISTRICT, on=SURVEYED).standings.values()
    assert {s.number for s in standings if s.kind == "group" and (s.days_overdue or 0) > 0} == elect
    assert list(breaks()) == []


def test_a_looser_rule_is_a_what_if_that_can_be_looked_at_not_adopted():
    _two_members_in_one_unit()
    proposal = ask_for_proposal(VILLAGE, wishes=Wishes({"group-members": 2}), on=SURVEYED, by="test", at=MONDAY)
    [plan] = plan_proposal(proposal, executor=HERE).plans.all()
    assert plan.plan["points"][0]["left_out"] == [] and plan.plan["rules"]["least_members"] == 2
    with pytest.raises(OtherRules):
        _adopted(proposal)


def _two_members_in_one_unit():
    divisions()
    rows = a_village(groups={}, members=0)
    load(
        survey(grids=[grid()], units=[unit(A)], organisations=rows["organisations"][:2],
               members=[member("Z1", home=A), member("Z1", home=A)])
    )  # fmt: skip


def test_a_group_kept_stays_as_it_is_and_the_rest_is_planned_around_it(village):
    proposal = ask_for_proposal(VILLAGE, wishes=Wishes({}, keep=("X1",)), on=SURVEYED, by="test", at=MONDAY)
    [plan] = plan_proposal(proposal, executor=HERE).plans.all()
    for point in plan.plan["points"]:
        assert point["bodies"][point["labels"].index(0)] == [0]
    assert _adopted(proposal)["villages"] == 1


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes({"group-members": 0}), Wishes({"no-such-rule": 3}), Wishes({}, keep=("X9",)), Wishes({}, keep=(C,)),
        Wishes({}, reach_m=0.0), Wishes({}, budget=-1), Wishes({}, keep_rooms=("Y1",), drop_rooms=("Y1",)),
    ],
)  # fmt: skip
def test_wishes_that_make_no_sense_are_refused_before_anything_is_planned(village, wishes):
    with pytest.raises(BadInput):
        ask_for_proposal(VILLAGE, wishes=wishes, on=SURVEYED, by="test", at=MONDAY)
    assert not Proposal.objects.exists()


def test_wishes_that_contradict_are_named_and_nothing_is_adopted():
    divisions()
    rows = a_village(groups={"X1": [A], "X2": [B]})
    for row in rows["members"]:
        row["home"] = A if row["organisation"] == "X1" else B
    rows["members"] = [r for r in rows["members"] if r["organisation"] == "Z1"] + [
        next(r for r in rows["members"] if r["organisation"] == group) for group in ("X1", "X2")
    ]
    rows["posts"] = []
    load(rows)
    proposal = ask_for_proposal(VILLAGE, wishes=Wishes({}, keep=(A, B)), on=SURVEYED, by="test", at=MONDAY)
    [plan] = plan_proposal(proposal, executor=HERE).plans.all()
    assert plan.plan["points"] == []
    assert "单元" in contradiction_sentence(plan.plan)
    assert _adopted(proposal)["villages"] == 0


def test_two_plans_are_compared_village_by_village(village):
    one = _planned()
    other = ask_for_proposal(VILLAGE, wishes=Wishes({}, keep=("X1",)), after=one, on=SURVEYED, by="test", at=MONDAY)
    plan_proposal(other, executor=HERE)
    [row] = compare(one, other)
    mine, theirs = (p.plans.get().plan["points"][0]["bodies"] for p in (one, other))
    assert (row["code"], row["differ"] > 0) == (VILLAGE, sorted(map(sorted, mine)) != sorted(map(sorted, theirs)))
    assert compare(one, one)[0]["differ"] == 0


def test_a_plan_taken_away_says_what_the_page_says(village):
    proposal = _planned()
    plan = proposal.plans.get().plan
    file = io.BytesIO()
    write_proposal(file, proposal)
    book = openpyxl.load_workbook(file)
    sheets = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)] for sheet in book}
    moved = [row for row in sheets["单元"] if row[5] == "是"]
    assert len(moved) == plan["points"][0]["moves"] == sheets["村（社区）"][0][5]
    assert {row[2] for row in sheets["单元"]} == {unit["name"] for unit in plan["units"]}
    assert [row[3] for row in sheets["证明"]] == [level["bound"] for level in plan["points"][0]["levels"]]

    units = features_of(proposal)["features"]
    assert [f["properties"]["moves"] for f in units].count(True) == plan["points"][0]["moves"]
    assert json.loads(json.dumps(whole(proposal)))["villages"] == [plan]


def test_a_branch_takes_on_the_grid_next_to_it_that_has_none():
    divisions()
    rows = a_village(groups={"X1": [A]})
    rows["grids"].append(grid(f"{VILLAGE}002"))
    rows["units"].append(unit(f"{VILLAGE}002001"))
    for row in rows["members"]:
        row["home"] = A
    load(rows)
    proposal = _planned()
    branches = proposal.plans.get().plan["branches"]
    assert (branches["points"][0]["moves"], branches["points"][0]["count"]) == (1, 1)
    assert _adopted(proposal)["grids_joined"] == 1
    assert [g.reason for g in coverage_in(VILLAGE, on=SURVEYED).grids] == ["", ""]


def test_a_worker_that_dies_leaves_a_proposal_that_says_so(village):
    class Dying:
        name = "dying"

        def run(self, target, tasks, *, seconds):
            next(iter(tasks))
            raise Lost("task 0")
            yield

    proposal = ask_for_proposal(VILLAGE, on=SURVEYED, by="test", at=MONDAY)
    assert plan_proposal(proposal, executor=Dying()).state == "failed"
    assert "0" in Proposal.objects.get().note


def test_heads_alone_can_be_asked_for_and_appointed():
    divisions()
    rows = a_village(groups={"X1": [A]})
    for row in rows["members"]:
        row["home"] = A
    load(rows)
    proposal = ask_for_proposal(VILLAGE, asks=[Ask.HEADS], on=SURVEYED, by="test", at=MONDAY)
    plan = plan_proposal(proposal, executor=HERE).plans.get().plan
    assert [(head["grid"], head["proposed"]) for head in plan["heads"]] == [(GRID, True)]
    assert "P0" not in json.dumps(plan)  # persons only as how many
    assert adopt_heads(proposal, on=SURVEYED, by="test", at=MONDAY) == 1
    assert propose_heads(VILLAGE, on=SURVEYED) == []
    with pytest.raises(BadInput):
        adopt_heads(proposal, chosen={GRID: rows["members"][0]["number"]}, on=SURVEYED, by="test", at=MONDAY)
