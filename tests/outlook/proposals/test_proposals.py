"""From gaps to a plan, and from the plan to no gap."""

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
    Stale,
    adopt,
    ask_for_proposal,
    plan_proposal,
    resume,
    stop,
    withdraw,
)
from weiduan.outlook.proposals.adoption import NoBranch
from weiduan.outlook.proposals.models import Proposal
from weiduan.outlook.proposals.queries import proposal_seen_by, totals
from weiduan.outlook.survey.actions import load_survey
from weiduan.planning.engines import HIGHS, Here
from weiduan.systems.organisation.coverage.queries import coverage_in

pytestmark = pytest.mark.django_db
A, B, C = (f"{GRID}00{n}" for n in (1, 2, 3))
HERE = Here(*HIGHS)


def _planned(area=VILLAGE, by="test"):
    proposal = ask_for_proposal(area, on=SURVEYED, by=by, at=MONDAY)
    return plan_proposal(proposal, engine=HERE)


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
    assert plan_proposal(proposal, engine=HERE).state == "stopped"
    resume(Proposal.objects.get(pk=proposal.pk), by="test", at=MONDAY)
    assert plan_proposal(proposal, engine=HERE).state == "ready"
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
