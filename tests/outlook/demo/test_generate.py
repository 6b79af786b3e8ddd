"""The made-up survey: calibrated, the same each time, sound in itself, and wrong only where it says so."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date

import pytest

from weiduan.outlook.demo.calibration import figures
from weiduan.outlook.demo.divisions import invented, qingbaijiang
from weiduan.outlook.demo.generate import CUT_OFF, Demo, generate
from weiduan.outlook.survey.check import check_rows
from weiduan.outlook.survey.checks.survey import Known
from weiduan.outlook.survey.sheets import CHOICE, DATE, NUMBER, SHEETS, WHOLE

COUNTED = {"active", "mobile", "transferring"}


@pytest.fixture(scope="module")
def demo() -> Demo:
    return generate(qingbaijiang())


@pytest.fixture(scope="module")
def tiny() -> Demo:
    return generate(qingbaijiang(), scale=0.05)


def only_units(demo: Demo) -> list[dict]:
    return [row for row in demo.rows["units"] if len(row["code"]) == 18]


# Calibration


def test_qingbaijiang_has_its_census_population_and_the_articles_branches_and_groups(demo):
    kinds = Counter(row["kind"] for row in demo.rows["organisations"])

    assert sum(row["population"] for row in only_units(demo)) == 490_091
    assert (kinds["branch"], kinds["group"]) == (349, 832)
    assert len(only_units(demo)) == 1250
    assert 350 <= len(demo.rows["grids"]) <= 385


def test_three_in_four_live_in_town_as_the_census_says(demo):
    communities = {d["code"] for d in demo.divisions if d["kind"] == "community"}
    streets = {d["code"][:9] for d in demo.divisions if d["kind"] == "street"}
    urban = sum(
        row["population"]
        for row in only_units(demo)
        if row["code"][:12] in communities or row["code"][:9] in streets or row["kind"] == "new_community"
    )

    assert urban == pytest.approx(figures()["urban_population"], rel=0.05)


def test_every_village_has_6_to_14_members_for_100_households(demo):
    households, members = Counter(), Counter(row["number"][1:13] for row in demo.rows["members"])
    for row in only_units(demo):
        households[row["code"][:12]] += row["households"]

    rates = [100 * members[village] / households[village] for village in households]
    assert min(rates) >= 6 and max(rates) <= 14
    assert 14_000 <= len(demo.rows["members"]) <= 16_500


def test_a_grid_has_300_to_500_households_unless_it_is_a_small_village(demo):
    households, grids_of = Counter(), Counter(row["code"][:12] for row in demo.rows["grids"])
    for row in only_units(demo):
        households[row["code"][:15]] += row["households"]

    assert max(households.values()) <= 500
    assert all(count >= 300 for grid, count in households.items() if grids_of[grid[:12]] > 1)


def test_datong_comes_out_near_its_published_figures(demo):
    grids = sum(row["code"].startswith("510113103") for row in demo.rows["grids"])
    people = sum(row["population"] for row in only_units(demo) if row["code"].startswith("510113103"))

    assert grids == pytest.approx(figures()["datong_general_grids"], rel=0.4)
    assert people == pytest.approx(figures()["datong_population"], rel=0.45)


def test_people_per_household_and_kinds_of_unit_are_plausible(demo):
    units = only_units(demo)
    kinds = Counter(row["kind"] for row in units)

    assert 2.7 < sum(u["population"] for u in units) / sum(u["households"] for u in units) < 3.6
    assert set(kinds) == {"estate", "courtyard", "new_community", "settlement", "stockade"}
    assert kinds["courtyard"] > kinds["estate"] > kinds["stockade"] > 5
    buildings = [row for row in demo.rows["units"] if len(row["code"]) == 21]
    assert 0 < len({row["code"][:18] for row in buildings}) < 20


def test_mostly_one_branch_stands_on_one_grid_and_one_group_on_one_unit(demo):
    covers = defaultdict(Counter)
    for row in demo.rows["organisations"]:
        if row["covers"]:
            covers[row["kind"]][len(row["covers"].split("、"))] += 1

    assert covers["branch"][1] > 314 and 0 < covers["branch"][2] < 35
    assert covers["group"][1] > 500 and max(covers["group"]) <= 5


# Sameness


def test_the_same_seed_gives_the_same_district_and_another_seed_another(demo):
    again, other = generate(qingbaijiang()), generate(qingbaijiang(), seed=7)

    assert again.rows == demo.rows and again.truth == demo.truth
    assert {c: s.wkb for c, s in again.shapes.items()} == {c: s.wkb for c, s in demo.shapes.items()}
    assert other.rows["members"] != demo.rows["members"]


def test_it_does_not_hang_on_the_order_of_hashes():
    program = (
        "import hashlib;"
        "from weiduan.outlook.demo.divisions import invented;"
        "from weiduan.outlook.demo.generate import generate;"
        "d = generate(invented(20));"
        "text = repr(d.rows) + repr(sorted(d.truth.workers)) + ''.join(s.wkt for s in d.shapes.values());"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1


# Soundness


@pytest.mark.parametrize("scale", [1.0, 0.3, 0.05, 0.01])
def test_the_surveys_own_check_finds_nothing_wrong(scale):
    demo = generate(qingbaijiang(), scale=scale)
    known = Known(divisions={row["code"]: row["name"] for row in demo.divisions})

    checked = check_rows(demo.rows, known, area="510113000000", on=demo.on)

    assert (checked.fault_count, checked.faults) == (0, [])


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.key)
def test_rows_have_exactly_the_columns_of_their_sheet_and_what_these_may_hold(demo, sheet):
    types = {WHOLE: int, NUMBER: float, DATE: date}
    for row in demo.rows[sheet.key]:
        assert set(row) == {column.key for column in sheet.columns}
        for column in sheet.columns:
            value = row[column.key]
            if value is None:
                assert not column.required, (column.key, row)
                continue
            assert type(value) is types.get(column.kind, str), (column.key, value)
            assert column.kind != CHOICE or value in column.choices
            assert not isinstance(value, str) or 0 < len(value) <= column.length
            assert column.low is None or column.low <= value <= column.high
    identities = [tuple(row[key] for key in sheet.identity) for row in demo.rows[sheet.key]]
    assert len(set(identities)) == len(identities) > 0


def test_names_stay_within_their_columns_however_long_the_villages_name():
    district = invented(6)
    for town in district.towns:
        town.villages = [
            replace(village, name=f"{number}{'长' * 55}村") for number, village in enumerate(town.villages)
        ]
    demo = generate(district, scale=2.0)
    known = Known(divisions={row["code"]: row["name"] for row in demo.divisions})

    for sheet in SHEETS:
        for row in demo.rows[sheet.key]:
            assert all(len(row[c.key]) <= c.length for c in sheet.columns if isinstance(row[c.key], str)), row
    assert check_rows(demo.rows, known, area=district.code, on=demo.on).faults == []


def test_whatever_is_referred_to_is_there(demo):
    places = {d["code"] for d in demo.divisions} | {r["code"] for key in ("grids", "units") for r in demo.rows[key]}
    organisations = {row["number"] for row in demo.rows["organisations"]}
    members = {row["number"] for row in demo.rows["members"]}

    assert {row["code"][:-3] for row in demo.rows["units"] + demo.rows["grids"]} <= places
    assert {row["parent"] for row in demo.rows["organisations"]} - organisations == {None}
    assert {row["area"] for row in demo.rows["organisations"] + demo.rows["premises"]} <= places
    assert {row["organisation"] for row in demo.rows["members"]} <= organisations
    assert {row["home"] for row in demo.rows["members"]} - places <= {None}
    assert all(row["person"] in members or row["name"] for row in demo.rows["posts"])
    assert {row["organisation"] or row["area"] for row in demo.rows["posts"]} <= organisations | places


def test_dates_follow_each_other_up_to_the_day_of_the_survey(demo):
    for row in demo.rows["organisations"]:
        assert row["founded_on"] <= row["term_since"] < row["term_due"] and row["term_since"] < CUT_OFF
    for row in demo.rows["members"]:
        assert row["joined_on"] < (row["full_on"] or CUT_OFF) <= CUT_OFF
    begun = {row["number"]: row["founded_on"] for row in demo.rows["organisations"]}
    for row in demo.rows["posts"]:
        assert begun.get(row["organisation"], date.min) <= row["since"] <= CUT_OFF
        assert row["due"] is None or row["due"] > row["since"]


def test_members_belong_to_their_units_group_or_else_to_a_branch(demo):
    group_of = {
        u: r["number"] for r in demo.rows["organisations"] if r["kind"] == "group" for u in r["covers"].split("、")
    }
    for row in demo.rows["members"]:
        if row["home"] is not None:
            assert row["organisation"] == group_of.get(row["home"], row["organisation"])
            assert row["home"] in group_of or row["organisation"].startswith("Z")


def test_names_of_units_differ_within_a_village_and_telephones_belong_to_nobody(demo):
    names = [(row["code"][:12], row["name"]) for row in demo.rows["units"]]

    assert len(set(names)) == len(names)
    assert all(row["contact"].startswith("15400") and len(row["contact"]) == 11 for row in demo.rows["members"])


def test_a_tiny_district_keeps_a_grid_and_two_units_in_every_village(tiny):
    grids = Counter(row["code"][:12] for row in tiny.rows["grids"])
    units = Counter(row["code"][:12] for row in only_units(tiny))

    assert len(grids) == len(units) == 124
    assert min(units.values()) >= 2
    assert len(tiny.rows["members"]) < 1000


def test_a_district_can_be_asked_for_so_many_units_and_members():
    demo = generate(invented(50), units=2500, members=10_000)

    assert len(only_units(demo)) == 2500
    assert len(demo.rows["members"]) == pytest.approx(10_000, rel=0.01)


# The problem, and that it is exactly as modelled


def faults_of_groups(demo: Demo) -> dict[str, str]:
    """Judge every unit from the rows alone, the gravest fault first."""
    members, full = Counter(), Counter()
    for row in demo.rows["members"]:
        if row["state"] in COUNTED:
            members[row["organisation"]] += 1
            full[row["organisation"]] += row["full_on"] is not None
    led = {row["organisation"] for row in demo.rows["posts"] if row["role"] == "group_leader"}
    found = {row["code"]: "no_group" for row in only_units(demo)}
    for row in demo.rows["organisations"]:
        if row["kind"] == "group":
            number = row["number"]
            fault = (
                "few_full_members" if full[number] < 1
                else "few_members" if members[number] < 3
                else "no_leader" if number not in led
                else "term_over" if row["term_due"] < demo.on
                else ""
            )  # fmt: skip
            found |= dict.fromkeys(row["covers"].split("、"), fault)
    return {code: fault for code, fault in found.items() if fault}


def faults_of_branches(demo: Demo) -> dict[str, str]:
    parent = {row["number"]: row["parent"] for row in demo.rows["organisations"]}
    full = Counter()
    for row in demo.rows["members"]:
        if row["state"] in COUNTED and row["full_on"]:
            number = row["organisation"]
            full[number if number.startswith("Z") else parent[number]] += 1
    led = {row["organisation"] for row in demo.rows["posts"] if row["role"] == "secretary"}
    found = {row["code"]: "no_branch" for row in demo.rows["grids"]}
    for row in demo.rows["organisations"]:
        if row["kind"] == "branch":
            number = row["number"]
            few, headless = full[number] < 3, number not in led
            over = row["term_due"] < demo.on
            fault = "few_full_members" if few else "no_leader" if headless else "term_over" if over else ""
            found |= dict.fromkeys(row["covers"].split("、"), fault)
    return {code: fault for code, fault in found.items() if fault}


@pytest.mark.parametrize(("scale", "seed"), [(1.0, 2018), (1.0, 5), (0.2, 1), (0.05, 3)])
def test_what_is_missing_is_what_was_modelled_and_nothing_else(scale, seed):
    demo = generate(qingbaijiang(), scale=scale, seed=seed)

    assert faults_of_groups(demo) == demo.truth.units
    assert faults_of_branches(demo) == demo.truth.grids


def test_the_problem_is_as_large_as_meant(demo):
    units, grids = Counter(demo.truth.units.values()), Counter(demo.truth.grids.values())

    assert units == {"no_group": 75, "term_over": 38, "no_leader": 38, "few_members": 31, "few_full_members": 19}
    assert set(grids) == {"no_branch", "few_full_members", "no_leader", "term_over"}
    assert 15 <= sum(grids.values()) <= 30


def test_nearly_half_of_the_grid_workers_are_no_members(demo):
    members = {row["number"] for row in demo.rows["members"]}
    workers = {row["area"]: row["person"] for row in demo.rows["posts"] if row["role"] == "grid_worker"}

    assert set(workers) == {row["code"] for row in demo.rows["grids"]}
    assert {grid for grid, person in workers.items() if person not in members} == demo.truth.workers
    assert len(demo.truth.workers) / len(workers) == pytest.approx(0.45, abs=0.01)


def test_a_branch_with_seven_full_members_has_a_committee_of_three_to_five(demo):
    seats = Counter(
        row["organisation"]
        for row in demo.rows["posts"]
        if row["role"] in ("secretary", "deputy_secretary", "committee_member")
    )
    headless = {code for code, fault in demo.truth.grids.items() if fault == "no_leader"}
    for row in demo.rows["organisations"]:
        if row["kind"] == "branch" and not set(row["covers"].split("、")) & set(demo.truth.grids):
            assert 3 <= seats[row["number"]] <= 5
    assert headless


def test_many_hold_several_posts(demo):
    roles = defaultdict(set)
    for row in demo.rows["posts"]:
        roles[row["person"]].add(row["role"])

    assert sum({"group_leader", "residents_group_leader"} <= held for held in roles.values()) > 200
    assert sum({"secretary", "village_committee"} <= held for held in roles.values()) > 50
    assert sum("grid_worker" in held and len(held) > 1 for held in roles.values()) > 50


def test_another_day_moves_every_date_with_it():
    demo = generate(invented(12), on=date(2024, 2, 29))

    assert faults_of_groups(demo) == demo.truth.units
    assert max(row["since"] for row in demo.rows["posts"]) <= date(2024, 2, 29)
