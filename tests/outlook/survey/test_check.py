"""Each wrong cell gets its own sentence at its own cell, and nothing else is complained of."""

from datetime import date, timedelta

import openpyxl
import pytest

from weiduan.outlook.survey.check import check, check_rows
from weiduan.outlook.survey.reader import read_workbook
from weiduan.outlook.survey.sheets import BY_KEY, COVER_TITLE
from weiduan.outlook.survey.workbook import write_marked, write_workbook

from .editing import cell_of, edit
from .world import FIRST, NOTHING, ON, TODAY, TOWN, changes, check_file, good_rows, known, write_good

NUMBERED = "编码被 Excel 变成了数字，可能丢了位数。请把这一列设为“文本”格式后重新填写。"

# what is typed where (sheet, row, column, value), the column that is blamed where it is another, the sentence
WRONG_CELLS = [
    # what a single cell holds
    ("grids", 4, "code", 510113002003001, "", NUMBERED),
    ("units", 3, "code", "5.10113E+20", "", NUMBERED),
    ("grids", 4, "code", "51011300200300", "", "“网格编码”应为 15 位数字，“51011300200300”是 14 位。"),
    ("units", 3, "code", "5101130020020010010", "", "“单元编码”应为 18 / 21 位数字，“5101130020020010010”是 19 位。"),
    ("grids", 4, "code", "51011300200300A", "", "“网格编码”只能是数字，“51011300200300A”不对。"),
    ("grids", 4, "code", None, "", "“网格编码”必须填写。"),
    ("grids", 2, "name", None, "", "“网格名称”必须填写。"),
    ("grids", 2, "name", "一" * 41, "", "太长：最多 40 个字符，这里有 41 个。"),
    ("grids", 2, "name", "01\n网格", "", "这里不能换行，也不能有制表符。请写成一行。"),
    ("grids", 2, "name", "01\u202e网格", "", "这里有看不见的字符（U+202E）。请清空单元格后重新填写。"),
    ("units", 3, "name", date(2024, 1, 1), "", "内容被 Excel 变成了日期。请把单元格设为“文本”格式后重新填写。"),
    ("members", 2, "contact", 1.380000000112345e15, "",
     "内容被 Excel 变成了数字，丢了位数。请把单元格设为“文本”格式后重新填写。"),
    ("grids", 2, "kind", "普通网格", "", "这里不能填“普通网格”。请从这些里选：一般网格、专属网格。"),
    ("units", 2, "households", "四百", "", "这里只填数字，不带文字和单位；“四百”不是数字。"),
    ("units", 2, "households", "412户", "", "这里只填数字，不带文字和单位；“412户”不是数字。"),
    ("units", 2, "households", 41.5, "", "“户数”要填整数，不能是 41.5。"),
    ("units", 2, "households", -1, "", "“户数”应在 0 到 100000 之间，不能是 -1。"),
    ("units", 2, "households", True, "", "这里要填数字。请把单元格设为“常规”格式后重新填写。"),
    ("units", 2, "households", "=400+12", "", "公式还没有算出结果。请用 Excel 打开并保存一次，或直接填写内容。"),
    ("units", 2, "population", "#N/A", "", "公式出错（#N/A）。请直接填写内容。"),
    ("units", 2, "lon", 30.8834, "", "“经度”应在 73 到 136 之间，不能是 30.8834。"),
    ("units", 2, "lat", None, "", "填了“经度”，没填“纬度”。请两个都填，或都不填。"),
    ("organisations", 4, "founded_on", "2017年6月", "", "“2017年6月”不是日期。请写成 2017-06-01 这样，写到日。"),
    ("organisations", 4, "founded_on", "2017-02-30", "", "没有“2017-02-30”这一天，请核对。"),
    ("organisations", 4, "founded_on", "0217-06-01", "", "年份 217 不对，请核对。"),
    ("organisations", 4, "number", "Z1（新）", "", "编码只能用字母、数字和短横，不能有“(”。"),
    ("premises", 2, "consent", "口头同意", "", "这里不能填“口头同意”。请从这些里选：同意、不同意、未征询。"),
    ("premises", 2, "area_m2", None, "", "“面积（㎡）”必须填写。"),
    # places
    ("grids", 4, "code", "510113002009001", "", "没有编码为 510113002009 的村（社区）。请改正前 12 位。"),
    ("grids", 4, "code", "510113002000001", "", "网格要设在村（社区）下，510113002000（大弯街道）不是村（社区）。"),
    ("grids", 4, "code", "510113001001001", "",
     "510113001001001 不在调查范围 510113002000（大弯街道）内。请改正，或删除这一行。"),
    ("grids", 4, "code", "510113002002001", "", "“510113002002001”与第 2 行重复。请删除其中一行，或改正编码。"),
    ("grids", 3, "name", "01网格", "", "“01网格”与第 2 行同地、同类、同名。请在名称上区分开。"),
    ("units", 5, "code", "510113002002009001", "",
     "“网格”页没有网格 510113002002009。请改正前 15 位，或补上这个网格。"),
    ("units", 3, "code", "510113002002001009001", "",
     "本页没有楼栋所在的小区 510113002002001009。请改正前 18 位，或补上这个小区。"),
    ("units", 3, "code", "510113002002001005", "", "楼栋编码是 21 位：小区 18 位加 3 位序号，这里是 18 位。"),
    ("units", 3, "kind", "自然院落", "", "21 位编码表示楼栋。请把类型选为“楼栋”，或改正编码。"),
    ("premises", 2, "area", "510113002002001009", "",
     "“基本单元”页没有 510113002002001009。请改正编码，或在那一页补上。"),
    ("premises", 3, "area", "510113002007", "", "没有编码为 510113002007 的镇街或村（社区）。请改正编码。"),
    ("premises", 3, "number", "F9", "", "“F9”已被别处的用房使用，请换一个编号。"),
    # organisations
    ("organisations", 5, "parent", "Z9", "", "没有编号为“Z9”的党组织。请改正编号，或在“党组织”页补上。"),
    ("organisations", 5, "parent", "B1", "", "上级组织不能是自己，请填写上级的编号。"),
    ("organisations", 2, "parent", "W2", "", "上下级绕成了一圈：W1 → W2 → W1。请改正其中一个上级。"),
    ("organisations", 6, "parent", "Z1", "", "“Z1”是党总支，党小组的上级只能是党支部。"),
    ("organisations", 5, "parent", "X1", "", "“X1”是党小组，党支部的上级只能是党总支或党委。"),
    ("organisations", 6, "parent", None, "", "党小组在党支部下面，请填写党支部的编号。"),
    ("organisations", 7, "number", "B9", "", "“B9”已被别处的党组织使用，请换一个编号。"),
    ("organisations", 7, "number", "B1", "", "“B1”与第 5 行重复。请删除其中一行，或改正编码。"),
    ("organisations", 7, "area", "510113002008", "", "没有编码为 510113002008 的镇街或村（社区）。请改正编码。"),
    ("organisations", 5, "covers", "510113002002001，510113002002007", "",
     "“网格”页没有 510113002002007。请改正编码，或在那一页补上。"),
    ("organisations", 6, "covers", "510113002002001", "", "党小组覆盖基本单元，510113002002001 是网格。请填单元编码。"),
    ("organisations", 7, "covers", "510113002002001", "", "510113002002001 已由第 5 行的党支部覆盖，不能重复。"),
    ("organisations", 7, "covers", "510113001001001", "",
     "510113001001001 不在调查范围 510113002000（大弯街道）内。请改正，或删除这一行。"),
    ("organisations", 7, "founded_on", "2018-08-02", "", "成立日期在调查日期（2018-08-01）之后，请核对。"),
    ("organisations", 5, "term_since", "2017/5/31", "", "本届开始早于成立日期（2017-06-01），请核对。"),
    ("organisations", 5, "term_since", "2018年9月1日", "", "本届开始在调查日期（2018-08-01）之后，请核对。"),
    ("organisations", 5, "term_due", "20170601", "", "本届届满不晚于本届开始（2017-06-01），请核对。"),
    ("organisations", 5, "term_due", None, "", "填了“本届开始”，也要填“本届届满”。"),
    ("organisations", 5, "term_since", None, "", "填了“本届届满”，也要填“本届开始”。"),
    # members
    ("members", 4, "number", "P1", "", "第 2 行“P1”已在 X1。一名党员只能在一个组织，请删除其中一行。"),
    ("members", 3, "number", "P1", "", "“P1”与第 2 行重复。请删除其中一行，或改正编码。"),
    ("members", 3, "number", "E1", "", "“E1”已是别处 B9 的党员。一名党员只能在一个组织，请先办转接。"),
    ("members", 3, "number", "51011319900101123X", "", "这像是身份证号。请换成自编的编号。"),
    ("members", 2, "organisation", "X9", "", "没有编号为“X9”的党组织。请改正编号，或在“党组织”页补上。"),
    ("members", 2, "organisation", "W1", "", "“W1”是党委，党员要填在党支部或党小组里。"),
    ("members", 2, "organisation", "B9", "", "党组织“B9”不在本次调查范围内，它的党员请填在它自己的调查表里。"),
    ("members", 2, "home", "510113002002001009", "",
     "没有编码为 510113002002001009 的单元。请改正编码，或在“基本单元”页补上。"),
    ("members", 2, "home", "510113009001001009", "",
     "没有编码为 510113009001001009 的单元。请改正编码，或在“基本单元”页补上。"),
    ("members", 2, "joined_on", "2018-08-02", "", "入党日期在调查日期（2018-08-01）之后，请核对。"),
    ("members", 2, "full_on", "2005-06-30", "", "转正日期早于入党日期（2005-07-01），请核对。"),
    ("members", 2, "full_on", "2018-08-02", "", "转正日期在调查日期（2018-08-01）之后。还没转正的请留空。"),
    # posts
    ("posts", 2, "organisation", None, "", "“党小组组长”要填“任职组织编号”。"),
    ("posts", 2, "area", FIRST, "", "“党小组组长”只填“任职组织编号”，“任职区域编码”请留空。"),
    ("posts", 4, "organisation", "B1", "", "“网格员”只填“任职区域编码”，“任职组织编号”请留空。"),
    ("posts", 4, "area", None, "", "“网格员”要填“任职区域编码”。"),
    ("posts", 4, "area", FIRST, "", "“网格员”要任在网格，510113002002 不是。"),
    ("posts", 5, "area", TOWN, "", "“村（居）民小组长”要任在村（社区）或网格或基本单元，510113002000 不是。"),
    ("posts", 6, "area", "510113002003001009", "", "“基本单元”页没有 510113002003001009。请改正编码，或在那一页补上。"),
    ("posts", 3, "role", "党小组组长", "", "党支部（B2）里没有“党小组组长”这个职务。"),
    ("posts", 2, "role", "书记", "", "党小组（X1）里没有“书记”这个职务。"),
    ("posts", 2, "organisation", "X9", "", "没有编号为“X9”的党组织。请改正编号，或在“党组织”页补上。"),
    ("posts", 3, "organisation", "B9", "", "党组织“B9”不在本次调查范围内，它的任职请填在它自己的调查表里。"),
    ("posts", 2, "person", "P9", "name", "“党员”页没有 P9。请改正编号；不是党员的请填姓名。"),
    ("posts", 5, "name", "钱五", "", "“姓名”与“任职”页第 4 行同一编号的不一致，请核对。"),
    ("posts", 2, "name", "张十", "", "“姓名”与“党员”页第 2 行同一编号的不一致，请核对。"),
    ("posts", 2, "since", "2018-08-02", "", "任职开始在调查日期（2018-08-01）之后，请核对。"),
    ("posts", 2, "due", "2017-05-31", "", "任期届满早于任职开始（2017-06-01），请核对。"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "row", "column", "value", "blamed", "sentence"), WRONG_CELLS)
def test_a_wrong_cell_gets_its_sentence_and_nothing_else_is_said(sheet, row, column, value, blamed, sentence, tmp_path):
    good = write_good(tmp_path / "good.xlsx")
    typed = f"text:{value}" if isinstance(value, str) and value[0] not in "=#" else value
    wrong = edit(good, tmp_path / "wrong.xlsx", [(BY_KEY[sheet].title, cell_of(sheet, column, row), typed)])

    checked = check_file(wrong)

    expected = (BY_KEY[sheet].title, row, BY_KEY[sheet].column(blamed or column).title, sentence)
    assert [(fault.sheet, fault.row, fault.column, fault.message) for fault in checked.faults] == [expected]
    assert checked.faults[0].cell == cell_of(sheet, blamed or column, row)
    assert checked.diff is None


def test_the_table_has_at_least_thirty_kinds_of_wrong_cells():
    assert len({sentence for *_rest, sentence in WRONG_CELLS}) >= 30


@pytest.mark.parametrize(
    ("address", "value", "column", "sentence"),
    [
        ("B3", None, "调查范围（区域编码）", "“调查范围（区域编码）”必须填写。"),
        (
            "B3",
            "510113009000",
            "调查范围（区域编码）",
            "没有编码为 510113009000 的区划。请填区县、镇街或村（社区）的编码。",
        ),
        ("B4", None, "调查日期", "“调查日期”必须填写。"),
        ("B4", date(2018, 8, 21), "调查日期", "调查日期 2018-08-21 还没到，请核对。"),
        ("B5", "北京54", "坐标系", "这里不能填“北京54”。请从这些里选：WGS 84、CGCS2000、GCJ-02。"),
        ("B5", None, "坐标系", "“坐标系”必须填写。"),
    ],
)
def test_a_wrong_cover_is_said_on_the_cover(address, value, column, sentence, tmp_path):
    good = write_good(tmp_path / "good.xlsx")

    checked = check_file(edit(good, tmp_path / "wrong.xlsx", [(COVER_TITLE, address, value)]))

    fault = checked.faults[0]
    assert [(fault.sheet, fault.cell, fault.column, fault.message)] == [(COVER_TITLE, address, column, sentence)]
    assert checked.fault_count == 1


def test_a_file_of_another_area_than_chosen_says_so_once(tmp_path):
    workbook = read_workbook(write_good(tmp_path / "good.xlsx"))

    checked = check(workbook, known(), area=FIRST, today=TODAY)

    assert [fault.message for fault in checked.faults] == [
        "这份文件是大弯街道（510113002000）的，选择的却是石家碾社区（510113002002）。请改选区域，或换成对应的文件。"
    ]


def test_a_file_of_another_day_than_chosen_says_so_once(tmp_path):
    workbook = read_workbook(write_good(tmp_path / "good.xlsx"))

    checked = check(workbook, known(), on=ON - timedelta(days=1), today=TODAY)

    assert [fault.message for fault in checked.faults if fault.sheet == COVER_TITLE] == [
        "文件里的调查日期是 2018-08-01，选择的却是 2018-07-31。请改成一致。"
    ]


def test_a_workbook_without_rows_says_so(tmp_path):
    write_workbook(tmp_path / "empty.xlsx", {}, area=TOWN, area_name="大弯街道", on=ON)

    assert [fault.message for fault in check_file(tmp_path / "empty.xlsx").faults] == [
        "文件里一行数据也没有。请填好各页后再上传。"
    ]


def _reshaped(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return [(fault.sheet, fault.cell, fault.message) for fault in check_file(path).faults]


def test_a_missing_sheet_a_strange_sheet_and_a_cover_gone_are_each_said_once(tmp_path):
    def missing(book):
        del book["网格"]

    def strange(book):
        book.create_sheet("网格2")["A1"] = "510113002002009"

    def uncovered(book):
        del book["说明"]

    good = tmp_path / "good.xlsx"
    assert _reshaped(write_good(good), missing) == [("网格", "", "缺少“网格”页。请从模板复制过来，不填内容也要保留。")]
    assert _reshaped(write_good(good), strange) == [
        ("网格2", "", "这一页不属于调查表，不会被读取。请改成正确的页名，或删除这一页。")
    ]
    assert _reshaped(write_good(good), uncovered) == [("说明", "", "缺少“说明”页。请从模板复制过来，并填写其中三项。")]


def test_strange_double_and_missing_columns_are_said_at_the_header(tmp_path):
    def strange(book):
        book["基本单元"]["J1"] = "楼长"

    def double(book):
        book["基本单元"]["J1"] = "户数"

    def missing(book):
        book["基本单元"].delete_cols(1)

    def optional(book):
        book["党组织"].delete_cols(6)

    def headless(book):
        book["网格"].delete_rows(1)

    good = tmp_path / "good.xlsx"
    assert _reshaped(write_good(good), strange) == [
        ("基本单元", "J1", "这一页没有“楼长”这一列。请改正标题，或删除这一列。")
    ]
    assert _reshaped(write_good(good), double) == [("基本单元", "J1", "“户数”这一列重复了，请删除其中一列。")]
    assert _reshaped(write_good(good), missing) == [
        ("基本单元", "", "缺少“单元编码”这一列。请补上，不填内容也要保留。")
    ]
    assert _reshaped(write_good(good), optional) == [
        ("党组织", "", "缺少“覆盖的网格或单元”这一列。请补上，不填内容也要保留。")
    ]
    assert _reshaped(write_good(good), headless) == [("网格", "", "缺少列标题那一行。请从模板复制过来。")]


def test_every_reference_to_nothing_is_said_when_no_code_can_explain_it():
    rows = good_rows()
    rows["members"][0]["home"], rows["members"][2]["home"] = "510113002002001008", "510113002002001009"
    rows["units"][3]["code"] = "510113002009002001"

    checked = check_rows(rows, known(), area=TOWN, on=ON)

    assert [(fault.sheet, fault.row) for fault in checked.faults] == [("基本单元", 5), ("党员", 2), ("党员", 4)]


def test_two_leaders_of_one_group_and_one_post_twice_are_refused():
    rows = good_rows()
    rows["posts"].append(rows["posts"][0] | {"person": "P2"})
    rows["posts"].append(dict(rows["posts"][2]))

    checked = check_rows(rows, known(), area=TOWN, on=ON)

    assert [(fault.row, fault.column, fault.message) for fault in checked.faults] == [
        (7, "职务", "X1 在第 2 行已有党小组组长，同一时间只能有一位。"),
        (8, "人员编号", "与第 4 行是同一个任职。请删除其中一行。"),
    ]


def test_two_heads_of_one_grid_are_refused_but_one_of_each_of_two_grids_is_not():
    rows = good_rows()
    head = rows["posts"][2] | {"person": "P1", "role": "grid_head", "name": None, "contact": None}
    rows["posts"] += [head, head | {"area": "510113002002002"}, head | {"person": "P2"}]

    checked = check_rows(rows, known(), area=TOWN, on=ON)

    assert [(fault.row, fault.column, fault.message) for fault in checked.faults] == [
        (9, "职务", "510113002002001 在第 7 行已有网格长，同一时间只能有一位。")
    ]


def test_one_person_under_two_numbers_is_refused():
    rows = good_rows()
    rows["members"].append(rows["members"][0] | {"number": "P4"})

    checked = check_rows(rows, known(), area=TOWN, on=ON)

    assert [(fault.row, fault.column, fault.message) for fault in checked.faults] == [
        (5, "人员编号", "与第 2 行姓名、电话都相同。同一个人只能有一个编号、在一个组织。")
    ]


def test_a_name_told_on_one_post_of_a_person_serves_for_all(tmp_path):
    rows = good_rows()
    rows["posts"][2]["name"] = rows["posts"][3]["contact"] = None

    checked = check_rows(rows, known(good_rows()), area=TOWN, on=ON)

    assert changes(checked) == NOTHING


def test_points_in_gcj02_come_out_in_wgs84(tmp_path):
    good = write_good(tmp_path / "good.xlsx")

    checked = check_file(edit(good, tmp_path / "gcj.xlsx", [(COVER_TITLE, "B5", "GCJ-02")]))

    unit = checked.rows["units"][0]
    assert checked.coordinates == "wgs84"
    assert 100 < (104.2512 - unit["lon"]) * 95_600 < 700
    assert unit["lon"] == round(unit["lon"], 6)


def test_what_was_loaded_once_changes_nothing_the_second_time(tmp_path):
    checked = check_file(write_good(tmp_path / "good.xlsx"), good_rows())

    assert changes(checked) == NOTHING


def test_many_faults_are_counted_and_the_first_5000_listed():
    rows = good_rows()
    rows["units"] += [
        {**rows["units"][2], "code": f"510113002002009{number:03}", "name": f"{number}"} for number in range(999)
    ] * 6

    checked = check_rows(rows, known(), area=TOWN, on=ON)

    assert len(checked.faults) == 5000
    assert checked.fault_count == 999 * 6


def test_the_marked_workbook_reads_as_before_and_loads_once_corrected(tmp_path):
    good = write_good(tmp_path / "good.xlsx")
    edits = [("网格", "A4", "text:51011300200300"), ("党员", "D2", "text:X9"), ("任职", "G2", "text:2017年")]
    workbook = read_workbook(edit(good, tmp_path / "wrong.xlsx", edits))
    faults = check(workbook, known(), today=TODAY).faults
    assert [(fault.sheet, fault.cell) for fault in faults] == [("网格", "A4"), ("党员", "D2"), ("任职", "G2")]

    write_marked(tmp_path / "marked.xlsx", workbook, faults)
    again = check_file(tmp_path / "marked.xlsx").faults
    right = [("网格", "A4", "text:510113002003001"), ("党员", "D2", "text:X1"), ("任职", "G2", "text:2017-06-01")]
    corrected = check_file(edit(tmp_path / "marked.xlsx", tmp_path / "right.xlsx", right), good_rows())

    assert again == faults
    assert changes(corrected) == NOTHING
