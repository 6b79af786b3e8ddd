"""Workbooks read back as they were written; the template guides, the marked copy points."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from weiduan.outlook.survey import workbook as workbooks
from weiduan.outlook.survey.faults import Fault, Faults
from weiduan.outlook.survey.reader import read_workbook
from weiduan.outlook.survey.rows import read_rows
from weiduan.outlook.survey.sheets import (
    CHOICE,
    CODE,
    CODES,
    COVER_TITLE,
    DATE,
    NUMBER,
    SHEETS,
    WHOLE,
    Column,
)
from weiduan.outlook.survey.workbook import write_marked, write_template, write_workbook

from .editing import edit
from .world import NOTHING, ON, TOWN, changes, check_file, good_rows, write_good


def read_back(path: Path) -> tuple[dict, Faults]:
    faults = Faults()
    return read_rows(read_workbook(path), faults).rows, faults


def cells(column: Column) -> st.SearchStrategy:
    """Return a strategy of values a column may hold."""
    values: st.SearchStrategy[Any]
    if column.kind == CHOICE:
        values = st.sampled_from(list(column.choices))
    elif column.kind in (WHOLE, NUMBER):
        low, high = int(column.low or 0), int(column.high or 0)
        values = st.integers(low, high)
        if column.kind == NUMBER:
            values = st.integers(low * 10**6, high * 10**6).map(lambda number: number / 10**6)
    elif column.kind == DATE:
        values = st.dates(date(1901, 1, 1), date(2100, 12, 31))
    elif column.digits:
        one = st.sampled_from(column.digits).flatmap(
            lambda count: st.text("0123456789", min_size=count, max_size=count)
        )
        values = one if column.kind == CODE else st.lists(one, min_size=1, max_size=5, unique=True).map("、".join)
    elif column.kind in (CODE, CODES):
        values = st.from_regex(r"[A-Z][0-9A-Za-z-]{0,29}", fullmatch=True)
    else:
        letters = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
        start = st.sampled_from(["", "=1+", "+86", "-", "@", "'", "_x0041_", "{=", "http://"])
        text = st.builds(
            lambda a, b: (a + b).strip()[: column.length].strip(), start, st.text(letters, max_size=column.length)
        )
        values = text.filter(lambda written: written and not any(ord(letter) & 0xFFFE == 0xFFFE for letter in written))
    return values if column.required else st.none() | values


ROWS = st.fixed_dictionaries(
    {
        sheet.key: st.lists(st.fixed_dictionaries({column.key: cells(column) for column in sheet.columns}), max_size=4)
        for sheet in SHEETS
    }
)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_what_is_written_reads_back_exactly(rows):
    with TemporaryDirectory() as folder:
        path = Path(folder, "out.xlsx")
        write_workbook(path, rows, area=TOWN, area_name="大弯街道", on=ON)
        back, faults = read_back(path)

    assert faults.found == []
    assert back == rows


def test_a_large_workbook_written_row_by_row_reads_back_too(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MANY_ROWS", 3)
    write_good(tmp_path / "good.xlsx")
    workbook = read_workbook(tmp_path / "good.xlsx")
    write_marked(
        tmp_path / "marked.xlsx",
        workbook,
        [Fault("网格", 3, "网格名称", "错", "B"), Fault(COVER_TITLE, 4, "调查日期", "错", "B")],
    )

    assert read_back(tmp_path / "good.xlsx")[0] == good_rows()
    assert read_back(tmp_path / "marked.xlsx")[0] == good_rows()
    assert read_workbook(tmp_path / "marked.xlsx").cover == workbook.cover


def test_names_that_look_like_formulas_stay_names(tmp_path):
    rows = good_rows()
    names = ["=1+1", "+8613800000000", "@SUM(A1)", "-1", '=HYPERLINK("http://x","y")']
    for row, name in zip(rows["units"], names, strict=True):
        row["name"] = name
    write_workbook(tmp_path / "out.xlsx", rows, area=TOWN, area_name="大弯街道", on=ON)

    page = openpyxl.load_workbook(tmp_path / "out.xlsx")["基本单元"]
    assert [page.cell(row, 2).data_type for row in range(2, 7)] == ["s"] * 5
    assert [row["name"] for row in read_back(tmp_path / "out.xlsx")[0]["units"]] == names


def test_the_template_is_empty_to_the_reader_and_guides_whoever_fills_it_in(tmp_path):
    write_template(tmp_path / "template.xlsx", area=TOWN, area_name="大弯街道", on=ON)

    assert [fault.message for fault in check_file(tmp_path / "template.xlsx").faults] == [
        "文件里一行数据也没有。请填好各页后再上传。"
    ]
    book = openpyxl.load_workbook(tmp_path / "template.xlsx")
    assert book.sheetnames == ["说明", "网格", "基本单元", "党组织", "党员", "任职", "候选用房"]
    assert [book["说明"].cell(row, 2).value for row in (3, 4, 5)] == [TOWN, book["说明"]["B4"].value, "WGS 84"]
    page = book["网格"]
    assert [cell.value for cell in page[1]] == ["提示", "网格编码＊", "网格名称＊", "网格类型＊"]
    assert [cell.value for cell in page[2]] == ["示例", "510113002002001", "01网格", "一般网格"]
    assert page["B1"].comment.text == "必填\n15 位：村（社区）12 位编码 + 3 位序号\n例：510113002002001"
    assert page.column_dimensions["B"].number_format == "@"
    assert [rule.formula1 for rule in page.data_validations.dataValidation if rule.type == "list"] == [
        '"一般网格,专属网格"'
    ]
    assert page.freeze_panes == "A2"


def test_the_example_row_is_skipped_until_someone_types_over_it(tmp_path):
    write_template(tmp_path / "template.xlsx", area=TOWN, area_name="大弯街道", on=ON)

    over = edit(tmp_path / "template.xlsx", tmp_path / "over.xlsx", [("网格", "C2", "我的网格")])
    own = edit(tmp_path / "template.xlsx", tmp_path / "own.xlsx", [("网格", "A2", None)])

    faults = check_file(over).faults
    assert [(fault.sheet, fault.cell, fault.message) for fault in faults] == [
        ("网格", "A2", "这一行还标着“示例”。是您填的内容，请删掉“示例”两个字；不是，请删掉这一行。")
    ]
    assert check_file(own).rows["grids"] == [{"code": "510113002002001", "name": "01网格", "kind": "general"}]


def test_columns_in_any_order_under_a_heading_and_after_empty_rows_are_found(tmp_path):
    book = openpyxl.load_workbook(write_good(tmp_path / "good.xlsx"))
    page = book["网格"]
    rows = [[cell.value for cell in row] for row in page.rows]
    page.delete_rows(1, 10)
    page["A1"] = "2018 年网格一览"
    for number, (code, name, kind) in enumerate(rows, 3):
        for place, value in enumerate((" 网格 类型*" if number == 3 else kind, code, name), 2):
            page.cell(number + (number > 4), place, value)
    book.save(tmp_path / "moved.xlsx")

    workbook = read_workbook(tmp_path / "moved.xlsx")

    assert workbook.faults == []
    assert workbook.sheets["grids"].numbers == [4, 6, 7]
    assert read_back(tmp_path / "moved.xlsx")[0]["grids"] == good_rows()["grids"]


def test_the_marked_copy_shows_each_fault_at_its_cell_in_its_row_and_in_the_list(tmp_path):
    workbook = read_workbook(write_good(tmp_path / "good.xlsx"))
    faults = [
        Fault("党员", 3, "联系电话", "不对", "C"),
        Fault("党员", 3, "状态", "也不对", "H"),
        Fault("网格", 0, "", "全错"),
    ]

    write_marked(tmp_path / "marked.xlsx", workbook, faults)

    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    page, listed = book["党员"], book["问题清单"]
    assert page["I1"].value == "问题"
    assert page["I3"].value == "联系电话：不对 状态：也不对"
    assert (page["C3"].comment.text, page["H3"].comment.text) == ("不对", "也不对")
    assert page["C3"].fill.start_color.rgb == "FFFFCDD2"
    assert page["C2"].comment is None
    assert [[cell.value for cell in row] for row in listed.rows] == [
        ["工作表", "行", "列", "问题", "转到"],
        ["党员", 3, "联系电话", "不对", "C3"],
        ["党员", 3, "状态", "也不对", "H3"],
        ["网格", None, None, "全错", None],
    ]
    assert listed["E2"].hyperlink.location == "'党员'!C3"


def test_the_marked_copy_keeps_what_is_not_ours(tmp_path):
    book = openpyxl.load_workbook(write_good(tmp_path / "good.xlsx"))
    book["网格"]["D1"], book["网格"]["D3"] = "备注", "看河边"
    book.create_sheet("草稿")["B2"] = "记一下"
    book.save(tmp_path / "more.xlsx")
    workbook = read_workbook(tmp_path / "more.xlsx")

    write_marked(tmp_path / "marked.xlsx", workbook, workbook.faults)

    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    assert (marked["网格"]["D1"].value, marked["网格"]["D3"].value) == ("备注", "看河边")
    assert marked["网格"]["D1"].comment.text == "这一页没有“备注”这一列。请改正标题，或删除这一列。"
    assert marked["草稿"]["B2"].value == "记一下"
    assert read_workbook(tmp_path / "marked.xlsx").faults == workbook.faults


def test_a_sheet_whose_title_excel_would_not_allow_is_still_marked(tmp_path):
    workbook = read_workbook(write_good(tmp_path / "good.xlsx"))
    for title in ("a/b?" * 20, "a/b!" * 20, "a:b?" * 20, "[网格]", "网格"):
        workbook.strangers[title] = [(1, ["x"])]

    write_marked(tmp_path / "marked.xlsx", workbook, [])

    assert len(read_workbook(tmp_path / "marked.xlsx").strangers) == 5


def test_demo_data_says_so_on_the_cover(tmp_path):
    write_workbook(tmp_path / "demo.xlsx", good_rows(), area=TOWN, area_name="大弯街道", on=ON, demo=True)

    assert openpyxl.load_workbook(tmp_path / "demo.xlsx")[COVER_TITLE]["A2"].value == "演示数据"
    assert changes(check_file(tmp_path / "demo.xlsx", good_rows())) == NOTHING


def test_reading_tells_how_far_it_is(tmp_path):
    told = []

    read_workbook(
        write_good(tmp_path / "good.xlsx"), progress=lambda done, total, what: told.append((done, total, what))
    )

    assert (6, 6, "基本单元") in told
