"""A survey into the database and out again."""

import copy
import json
from datetime import date, timedelta

import pytest
from django.apps import apps

from tests.builders import (
    GRID,
    MONDAY,
    OTHER_VILLAGE,
    SURVEYED,
    VILLAGE,
    a_user,
    a_village,
    divisions,
    grid,
    load,
    member,
    organisation,
    post,
    survey,
    unit,
)
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.models import AreaVersion
from weiduan.outlook.survey.actions import export_survey, load_survey
from weiduan.outlook.survey.intake import take_workbook
from weiduan.outlook.survey.queries import rows_of
from weiduan.outlook.survey.sheets import SHEETS
from weiduan.systems.organisation.members.models import Membership, Person

pytestmark = pytest.mark.django_db
LATER = SURVEYED + timedelta(days=30)


def _full_village():
    """A village in which every column of every sheet is filled somewhere."""
    rows = a_village(groups={"X1": [GRID + "001", GRID + "002"]})
    rows["units"][0] |= {
        "population": 300,
        "management": "property",
        "address": "石家碾路1号",
        "lon": 104.25,
        "lat": 30.88,
    }
    rows["units"].append(unit(GRID + "001001", kind="building", name="1栋", households=40))
    rows["members"][0] |= {"contact": "15400000001", "home": GRID + "001"}
    rows["posts"].append(
        post("N1", "grid_worker", area=GRID, name="李网格", contact="15400000009", due=date(2020, 1, 1))
    )
    rows["premises"].append({
        "number": "F1", "name": "物管用房", "origin": "property_room", "area": GRID + "001", "address": "6栋旁", "area_m2": 86.5,
        "lon": 104.251, "lat": 30.881, "consent": "yes",
    })  # fmt: skip
    return rows


def _counts(diff):
    return {
        key: (c["new"], c["changed"], c["gone"])
        for key, c in diff.counts.items()
        if c["new"] or c["changed"] or c["gone"]
    }


@pytest.fixture
def village():
    divisions()
    rows = _full_village()
    load(rows)
    return rows


def test_what_goes_in_comes_out(village):
    out = rows_of(VILLAGE, on=SURVEYED)
    for sheet in SHEETS:
        key = lambda row, s=sheet: tuple(str(row[c]) for c in s.identity)  # noqa: E731
        assert sorted(out[sheet.key], key=key) == sorted(village[sheet.key], key=key)


def test_exported_and_loaded_again_nothing_changes(village, tmp_path):
    path = tmp_path / "out.xlsx"
    export_survey(path, area=VILLAGE, on=SURVEYED, by="test", at=MONDAY, demo=False)
    taken = take_workbook(path, area=VILLAGE, on=None, today=MONDAY.date())
    assert taken.checked.faults == []
    entries = Entry.objects.count()
    assert _counts(load(taken.checked.rows)) == {}
    assert set(Entry.objects.order_by("-id").values_list("what", flat=True)[: Entry.objects.count() - entries]) == {
        "survey.loaded"
    }


CHANGES = {
    ("grids", "name"): "新名", ("grids", "kind"): "dedicated",
    ("units", "name"): "新名", ("units", "kind"): "courtyard", ("units", "households"): 413, ("units", "population"): 301,
    ("units", "management"): "self", ("units", "address"): "2号", ("units", "lon"): 104.26, ("units", "lat"): 30.89,
    ("organisations", "name"): "新名", ("organisations", "covers"): GRID + "003", ("organisations", "founded_on"): date(2016, 1, 1),
    ("organisations", "term_since"): date(2018, 1, 1), ("organisations", "term_due"): date(2021, 1, 1),
    ("organisations", "area"): GRID,
    ("members", "name"): "新名", ("members", "contact"): "15400000002", ("members", "organisation"): "X1",
    ("members", "home"): GRID + "002", ("members", "joined_on"): date(2004, 1, 1), ("members", "full_on"): date(2006, 1, 1),
    ("members", "state"): "mobile",
    ("posts", "since"): date(2018, 1, 1), ("posts", "due"): date(2021, 1, 1),
    ("premises", "name"): "新名", ("premises", "origin"): "other", ("premises", "area"): GRID + "002", ("premises", "address"): "7栋",
    ("premises", "area_m2"): 90.0, ("premises", "lon"): 104.26, ("premises", "lat"): 30.89, ("premises", "consent"): "no",
}  # fmt: skip


@pytest.mark.parametrize("sheet, column", CHANGES, ids=lambda value: value)
@pytest.mark.parametrize("on", [SURVEYED, LATER], ids=["corrected the same day", "changed later"])
def test_one_changed_cell_is_just_that_and_stays(village, sheet, column, on):
    rows = copy.deepcopy(village)
    row = rows[sheet][-1 if sheet == "organisations" else 0]
    row[column] = CHANGES[sheet, column]

    diff = load(rows, on=on)

    assert _counts(diff) == {sheet: (0, 1, 0)}
    assert list(diff.sheets[sheet].changed[0].columns) == [column]
    assert _counts(load(rows, on=on)) == {}
    changed = next(
        r for r in rows_of(VILLAGE, on=on)[sheet] if all(r[c] == row[c] for c in diff.sheets[sheet].sheet.identity)
    )
    assert changed == row


@pytest.mark.parametrize("sheet", ["grids", "units", "organisations", "members", "posts", "premises"])
def test_a_row_that_is_gone_is_ended_and_its_past_stays(village, sheet):
    rows = copy.deepcopy(village)
    if sheet == "grids":  # a grid goes with all that is in it
        rows["grids"], rows["units"], rows["premises"] = [], [], []
        for r in rows["organisations"]:
            r["covers"] = None
        for r in rows["members"]:
            r["home"] = None
        rows["posts"] = [p for p in rows["posts"] if p["area"] is None]
    elif sheet == "organisations":
        gone = rows["organisations"].pop()["number"]
        rows["members"] = [m for m in rows["members"] if m["organisation"] != gone]
        rows["posts"] = [p for p in rows["posts"] if p["organisation"] != gone]
    else:
        rows[sheet].pop()
    load(rows, on=LATER)
    assert len(rows_of(VILLAGE, on=LATER)[sheet]) < len(village[sheet])
    assert len(rows_of(VILLAGE, on=SURVEYED)[sheet]) == len(village[sheet])
    assert _counts(load(rows, on=LATER)) == {}


def test_a_survey_of_one_village_leaves_the_next_alone(village):
    load(
        survey(
            grids=[grid(OTHER_VILLAGE + "001")], organisations=[organisation("W2", "committee", area=OTHER_VILLAGE)]
        ),
        area=OTHER_VILLAGE,
    )
    before = rows_of(OTHER_VILLAGE, on=SURVEYED)
    load(survey())
    assert rows_of(OTHER_VILLAGE, on=SURVEYED) == before


def test_a_member_who_comes_back_keeps_the_record(village):
    rows = copy.deepcopy(village)
    away = rows["members"].pop(1)
    load(rows, on=LATER)
    load(village, on=LATER + timedelta(days=30))
    assert Person.objects.filter(number=away["number"]).count() == 1
    assert Membership.objects.filter(person__number=away["number"]).count() == 2


def test_a_survey_older_than_what_is_kept_is_refused(village):
    load(_with_a_new_unit(village), on=LATER)
    with pytest.raises(BadInput, match=str(LATER)):
        load(village, on=SURVEYED)


def _with_a_new_unit(rows):
    rows = copy.deepcopy(rows)
    rows["units"].append(unit(GRID + "009"))
    return rows


def test_it_needs_the_duty_there(village):
    for user, refusal in ((a_user(Duty.LOOK), NotAllowed), (a_user(Duty.SURVEY, area=OTHER_VILLAGE), NotFound)):
        with pytest.raises(refusal):
            load_survey(_with_a_new_unit(village), area=VILLAGE, on=LATER, by=user, at=MONDAY)
    assert not AreaVersion.objects.filter(code=GRID + "009").exists()


def test_a_fault_in_the_last_sheet_undoes_the_first(village):
    rows = _with_a_new_unit(village)
    rows["premises"].append(dict(rows["premises"][0], number="F2", area_m2=-1.0))
    with pytest.raises(Refused):
        load(rows, on=LATER)
    assert not AreaVersion.objects.filter(code=GRID + "009").exists()


def test_no_name_and_no_telephone_stands_anywhere_in_the_clear(village):
    rows = copy.deepcopy(village)
    rows["members"][0] |= {"name": "标记甲", "contact": "15400007777"}
    rows["members"].append(member("Z1", name="标记乙", contact="15400008888"))
    load(rows, on=LATER)
    kept = json.dumps(
        [list(model.objects.values()) for model in apps.get_models() if model.__module__.startswith("weiduan.")],
        default=lambda value: (
            bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
        ),
        ensure_ascii=False,
    )
    for marker in ("标记甲", "标记乙", "15400007777", "15400008888", "李网格", "张P"):
        assert marker not in kept
    assert list(breaks()) == []
