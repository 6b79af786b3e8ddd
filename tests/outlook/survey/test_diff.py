"""A diff names exactly what differs, in plain words, and shows no one's name."""

from datetime import date

import pytest

from weiduan.outlook.survey.cells import Value
from weiduan.outlook.survey.diff import compare
from weiduan.outlook.survey.sheets import CHOICE, CODE, CODES, DATE, NUMBER, SHEETS, WHOLE, Column

from .world import good_rows

COLUMNS = [(sheet, column) for sheet in SHEETS for column in sheet.columns if column.key not in sheet.identity]
_OTHER: dict[str, Value] = {CODE: "Q", CODES: "510113002003009", DATE: date(2000, 2, 29), NUMBER: 77.5, WHOLE: 7}


def other_value(column: Column, value: Value) -> Value:
    """Return a value of the column's kind that is not `value`."""
    if column.kind == CHOICE:
        return next(key for key in column.choices if key != value)
    return _OTHER.get(column.kind, "别的")


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=lambda each: each.key)
def test_any_one_changed_cell_shows_as_exactly_that(sheet, column):
    after = good_rows()
    row = after[sheet.key][-1]
    before = row[column.key]
    if sheet.key == "posts" and column.personal:
        row = after["posts"][2]  # a member's name is not kept with the post
        before = row[column.key]
    row[column.key] = other_value(column, before)

    diff = compare(good_rows(), after)

    assert [change.columns for each in diff for change in each.changed] == [{column.key: (before, row[column.key])}]
    assert not any(each.new or each.gone for each in diff)


def test_a_new_row_and_one_that_is_gone_are_told_apart_by_their_identity():
    after = good_rows()
    gone = after["posts"].pop(1)
    after["posts"].append(gone | {"role": "committee_member"})

    diff = compare(good_rows(), after)

    assert diff.counts["posts"] == {"new": 1, "changed": 0, "gone": 1, "untouched": 4}
    assert diff.sheets["posts"].gone == [gone]
    assert diff.summary()[4] == "任职：新增 1，改动 0，消失 1，不变 4"


def test_what_means_the_same_is_no_change():
    before, after = good_rows(), good_rows()
    before["units"][1]["address"] = ""
    after["units"][0]["lon"] = 104.25120000001
    after["organisations"][3]["covers"] = "510113002002002、510113002002001"
    before["posts"][0]["name"] = "张一"

    assert compare(before, after).is_empty


def test_changes_are_told_in_plain_words_and_names_are_not():
    after = good_rows()
    after["units"][0] |= {"kind": "courtyard", "population": None, "lon": 104.3}
    after["members"][0] |= {"name": "张改", "contact": None}

    diff = compare(good_rows(), after)

    assert diff.sheets["units"].changed[0].lines() == [
        "单元类型：物业小区 → 自然院落",
        "人口：1120 → （空）",
        "经度：104.2512 → 104.3",
    ]
    assert diff.sheets["members"].changed[0].lines() == ["姓名已改", "联系电话已改"]
