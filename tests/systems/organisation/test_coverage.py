"""Which units are covered, and why not."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import (
    GRID,
    MONDAY,
    SURVEYED,
    VILLAGE,
    a_village,
    divisions,
    load,
    member,
    organisation,
    post,
    unit,
)
from weiduan.ground.territory.actions import found_divisions
from weiduan.ground.territory.rules import Level
from weiduan.outlook.demo.divisions import qingbaijiang
from weiduan.outlook.demo.generate import generate
from weiduan.outlook.survey.actions import load_survey
from weiduan.systems.organisation.coverage.queries import coverage_in
from weiduan.systems.organisation.coverage.rules import Form, form_of

pytestmark = pytest.mark.django_db
A, B, C = GRID + "001", GRID + "002", GRID + "003"


def _loaded(rows):
    divisions()
    load(rows)
    return {u.code: u for u in coverage_in(VILLAGE, on=SURVEYED).units}


def test_a_unit_with_a_sound_group_is_covered_and_one_without_any_is_not():
    units = _loaded(a_village(groups={"X1": [A, B]}))
    assert [(units[c].reason, units[c].organisations != ()) for c in (A, B, C)] == [
        ("", True),
        ("", True),
        ("no_group", False),
    ]


def test_a_branch_that_stands_on_the_unit_itself_covers_it():
    rows = a_village(groups={})
    rows["organisations"][1]["covers"] = f"{GRID}、{A}"
    assert _loaded(rows)[A].reason == ""


def test_a_group_without_a_full_member_is_no_cover():
    rows = a_village()
    for row in rows["members"]:
        if row["organisation"] == "X1":
            row["full_on"] = None
    found = _loaded(rows)[A]
    assert found.reason == "few_full_members"
    assert [(f.found, f.asked) for f in found.flaws] == [(0, 1)]


def test_a_group_of_two_is_no_cover():
    found = _loaded(a_village(members=2))[A]
    assert [(f.reason, f.found, f.asked) for f in found.flaws] == [("few_members", 2, 3)]


def test_suspended_members_do_not_count():
    rows = a_village()
    rows["members"][-1]["state"] = "suspended"
    assert _loaded(rows)[A].reason == "few_members"


def test_a_group_without_a_leader_is_no_cover():
    rows = a_village()
    rows["posts"] = [p for p in rows["posts"] if p["role"] != "group_leader"]
    assert _loaded(rows)[A].reason == "no_leader"


def test_a_term_ends_the_day_after_it_is_due():
    rows = a_village()
    rows["organisations"][-1]["term_due"] = SURVEYED
    divisions()
    load(rows)
    assert coverage_in(VILLAGE, on=SURVEYED).units[0].reason == ""
    later = coverage_in(VILLAGE, on=date(2018, 11, 3)).units[0]
    assert (later.reason, later.days) == ("term_over", 3)


def test_one_sound_organisation_is_enough():
    rows = a_village(groups={"X1": [A], "X2": [A]})
    rows["posts"] = [p for p in rows["posts"] if p["organisation"] != "X1"]
    assert _loaded(rows)[A].reason == ""


def test_a_branch_counts_the_members_of_its_groups():
    rows = a_village()
    rows["members"] = [m for m in rows["members"] if m["organisation"] != "Z1"]
    rows["posts"] = [post(rows["members"][0]["number"], "group_leader", organisation="X1"),
                     post(rows["members"][1]["number"], "secretary", organisation="Z1")]  # fmt: skip
    divisions()
    load(rows)
    coverage = coverage_in(VILLAGE, on=SURVEYED)
    assert next(s for s in coverage.standings.values() if s.number == "Z1").full_members == 3
    assert coverage.grids[0].reason == ""


def test_a_grid_without_a_branch_is_told_apart_from_units_without_a_group():
    rows = a_village()
    rows["organisations"][1]["covers"] = None
    divisions()
    load(rows)
    coverage = coverage_in(VILLAGE, on=SURVEYED)
    assert [g.reason for g in coverage.grids] == ["no_branch"]
    assert coverage.units[0].reason == ""


def test_the_four_forms_are_derived():
    divisions()
    rows = a_village(groups={"X1": [A], "X2": [B, C]})
    rows["grids"].append({"code": VILLAGE + "002", "name": "02网格", "kind": "general"})
    rows["organisations"][1]["covers"] = f"{GRID}、{VILLAGE}002"
    load(rows)
    standings = coverage_in(VILLAGE, on=SURVEYED).standings.values()
    assert {s.number: form_of(s) for s in standings} == {
        "W1": None, "Z1": Form.BRANCH_GRIDS, "X1": Form.GROUP_UNIT, "X2": Form.GROUP_UNITS,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change, step",
    [
        (lambda rows: None, ("join_group", "X1")),
        (lambda rows: rows["members"].extend(member("Z1", home=B) for _ in range(3)), ("found_group", "")),
        (lambda rows: [rows["posts"].clear(), [m.update(home=None) for m in rows["members"]]], ("ask_branch", "")),
    ],
)
def test_the_step_out_of_a_gap_is_the_shortest(change, step):
    rows = a_village()
    change(rows)
    found = _loaded(rows)[B].step
    assert (found.what, found.organisation) == step


def test_two_gaps_with_members_enough_may_found_a_group_together():
    rows = a_village(groups={})
    for row, home in zip(rows["members"], (A, A, B), strict=True):
        row["home"] = home
    step = _loaded(rows)[A].step
    assert (step.what, step.unit, step.people) == ("found_together", f"单元{B[12:]}", 3)


def test_a_group_is_asked_to_take_in_no_seventh_unit():
    divisions()
    rows = a_village(groups={"X1": [f"{GRID}{n:03d}" for n in range(1, 7)]})
    rows["units"] = [unit(f"{GRID}{n:03d}") for n in range(1, 8)]
    for row in rows["members"]:
        row["home"] = None
    load(rows)
    assert coverage_in(VILLAGE, on=SURVEYED).gaps[0].step.what == "ask_branch"


def test_another_village_is_not_counted():
    divisions()
    load(a_village())
    assert coverage_in("510113002003", on=SURVEYED).total["units"] == 0


def test_the_demo_is_found_to_be_just_what_was_modelled():
    district = qingbaijiang()
    demo = generate(district, scale=0.1)
    found_divisions(demo.divisions, edition="2018", on=demo.on, by="test", at=MONDAY)
    load_survey(demo.rows, area=district.code, on=demo.on, by="test", at=MONDAY)
    with CaptureQueriesContext(connection) as queries:
        coverage = coverage_in(district.code, on=demo.on)
    assert {u.code: u.reason for u in coverage.gaps} == demo.truth.units
    assert {g.code: g.reason for g in coverage.grids if g.reason} == demo.truth.grids
    assert len(queries) <= 8


def test_parts_add_up_to_the_whole():
    divisions()
    load(a_village())
    load(
        {"grids": [], "units": [], "organisations": [organisation("W9", "committee", area="510113002003")],
         "members": [], "posts": [], "premises": []},
        area="510113002003",
    )  # fmt: skip
    coverage = coverage_in("510113002000", on=SURVEYED)
    villages = coverage.figures(Level.VILLAGE).values()
    for key in ("units", "covered", "blind_spots", "grids", "organisations", "households"):
        assert sum(v[key] for v in villages) == coverage.total[key]
