"""The `weiduan` command, run as a shell would."""

import json
from datetime import date

import openpyxl
import pytest
from click import ClickException
from click.testing import CliRunner

from tests.builders import DISTRICT, GRID, VILLAGE, a_village, divisions, load
from weiduan.doors.console import main
from weiduan.ground.accounts.models import Mandate, User
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.organisation import coverage_report
from weiduan.outlook.insight.workbook import write_coverage

pytestmark = pytest.mark.django_db
main._register()


def weiduan(*words: str):
    done = CliRunner().invoke(main.weiduan, words, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


@pytest.fixture
def village():
    divisions()
    load(a_village())


def test_coverage_as_json_table_and_workbook_says_the_same(village, tmp_path):
    told = json.loads(weiduan("coverage", "--area", DISTRICT, "--on", "2018-12-31", "--format", "json"))
    assert (told["villages"], told["grids"], told["units"], told["covered"]) == (2, 1, 3, 1)
    assert told["blind_spots_by_reason"] == {"no_group": 2}
    assert (
        told["organisations"] == sum(t["organisations"] for t in told["towns_list"]) + told["organisations_above_towns"]
    )

    path = tmp_path / "out.xlsx"
    weiduan("coverage", "--area", DISTRICT, "--on", "2018-12-31", "--format", "xlsx", "--output", str(path))
    book = openpyxl.load_workbook(path)
    heads, row = ([cell.value for cell in line] for line in book.worksheets[0].iter_rows(min_row=2, max_row=3))
    figures = dict(zip(heads, row, strict=True))
    assert (figures["基本单元"], figures["已覆盖单元"], figures["盲区"]) == (3, 1, 2)
    assert [cell.value for cell in book.worksheets[3]["A"]][2:] == [f"{GRID}002", f"{GRID}003"]


def test_sums_over_towns_and_villages_agree_with_the_whole(village):
    told = json.loads(weiduan("coverage", "--on", "2018-12-31", "--format", "json"))
    for part in ("towns_list", "villages_list"):
        for key in ("grids", "units", "covered", "blind_spots", "households"):
            assert sum(row[key] for row in told[part]) == told[key]


def test_an_unknown_area_and_an_unknown_day_are_told_plainly(village):
    with pytest.raises(NotFound, match="510113009000"):
        weiduan("coverage", "--area", "510113009000")
    with pytest.raises(Exception, match="2018-10-31 的样子"):
        weiduan("coverage", "--on", "昨天")


def test_before_anything_is_loaded_it_says_how_to_begin():
    with pytest.raises(NotFound, match=r"演示|摸底"):
        weiduan("coverage")


def test_a_text_that_looks_like_a_formula_stays_a_text(village, tmp_path):
    rows = a_village()
    rows["units"][1]["name"] = '=HYPERLINK("http://x")'
    load(rows)
    path = tmp_path / "out.xlsx"
    write_coverage(path, coverage_report(VILLAGE, on=date(2018, 12, 31)), demo=True)
    cells = [cell for row in openpyxl.load_workbook(path).worksheets[3].iter_rows() for cell in row]
    assert [c.data_type for c in cells if str(c.value).startswith("=")] == ["s"]
    assert any("演示数据" in str(c.value) for c in cells)


def test_an_account_and_its_mandate():
    weiduan("user", "add", "wang", "--title", "社区书记", "--password", "a long enough password")
    weiduan("mandate", "add", "wang", "survey", "--area", VILLAGE, "--since", "2018-01-01", "--until", "2023-01-01")
    assert User.objects.get(username="wang").check_password("a long enough password")
    mandate = Mandate.objects.get()
    assert (mandate.duty, mandate.area, mandate.until) == (Duty.SURVEY, VILLAGE, date(2023, 1, 1))
    with pytest.raises(BadInput, match="wang"):
        weiduan("user", "add", "wang", "--password", "another password")
    with pytest.raises(NotFound, match="li"):
        weiduan("mandate", "add", "li", "look")


def test_the_ledger_is_anchored_and_verified(village, tmp_path):
    path = tmp_path / "anchor.json"
    weiduan("ledger", "anchor", str(path))
    assert "✓" in weiduan("ledger", "verify", "--anchor", str(path))
    path.write_text("{}")
    with pytest.raises(BadInput, match="anchor"):
        weiduan("ledger", "verify", "--anchor", str(path))


def test_a_survey_goes_out_is_checked_and_comes_in_again(village, tmp_path):
    path = str(tmp_path / "out.xlsx")
    weiduan("survey", "export", path, "--area", VILLAGE, "--on", "2018-10-31")
    assert "不变 3" in weiduan("survey", "check", path)
    assert "没有变化" in weiduan("survey", "load", path)


def test_a_faulty_survey_loads_nothing_and_comes_back_marked(village, tmp_path):
    path, marked = tmp_path / "out.xlsx", tmp_path / "marked.xlsx"
    weiduan("survey", "export", str(path), "--area", VILLAGE, "--on", "2018-10-31")
    book = openpyxl.load_workbook(path)
    book["基本单元"]["D2"] = "很多"
    book.save(path)
    done = CliRunner().invoke(
        main.weiduan, ["survey", "load", str(path), "--marked", str(marked)], standalone_mode=False
    )
    assert isinstance(done.exception, SystemExit) and done.exception.code == 1
    assert "基本单元 D2" in done.output + done.stderr
    assert "问题清单" in openpyxl.load_workbook(marked).sheetnames


def test_a_new_installation_begins_with_a_table_of_divisions(tmp_path):
    table = tmp_path / "divisions_2018.csv"
    table.write_text(
        f"code,name,level\n{DISTRICT},青白江区,3\n510113002000,大弯街道办事处,4\n{VILLAGE},石家碾社区居委会,5\n",
        encoding="gb18030",
    )
    assert "3 个区划" in weiduan("territory", "found", str(table))
    assert "0 个区划" in weiduan("territory", "found", str(table))
    told = json.loads(weiduan("coverage", "--on", "2018-12-31", "--format", "json"))
    assert (told["villages"], told["villages_list"][0]["name"]) == (1, "石家碾社区")
    table.write_text(f"code,name\n{DISTRICT},青白江区\n{VILLAGE},石家碾社区\n", encoding="utf-8")
    with pytest.raises(BadInput, match="510113002000"):
        weiduan("territory", "found", str(table))


def test_a_reform_is_tried_out_and_carried_out(village, tmp_path):
    edition, lineage = tmp_path / "divisions_2020.csv", tmp_path / "lineage.csv"
    edition.write_text(
        f"code,name\n{DISTRICT},青白江区\n510113002000,大弯街道\n510113002003,大弯社区\n", encoding="utf-8"
    )
    lineage.write_text("old_code,new_code,kind,basis\n", encoding="utf-8")
    words = ("territory", "reform", "--edition", str(edition), "--lineage", str(lineage))
    with pytest.raises(BadInput, match=r"lineage\.csv"):
        weiduan(*words)
    lineage.write_text(f"old_code,new_code,kind,basis\n{VILLAGE},,dissolved,无同名\n", encoding="utf-8")
    assert "没有改动" in weiduan(*words, "--check")
    assert "去向待定 1" in weiduan(*words)
    assert VILLAGE in weiduan("territory", "pending")
    assert "✓" in weiduan("territory", "settle", VILLAGE, "--into", "510113002003")
    assert "共 0 个" in weiduan("territory", "pending")


@pytest.mark.parametrize(
    "command", ["", "demo", "serve", "survey", "survey load", "coverage", "ledger verify", "territory reform"]
)
def test_help_is_in_both_languages(command):
    told = weiduan(*command.split(), "--help")
    assert any("一" <= letter <= "鿿" for letter in told)
    assert any(word in told for word in (" / ", "English", "load", "serve"))


def test_counts_are_checked_and_made_anew(village):
    assert "一致" in weiduan("insight", "check")
    UnitStanding.objects.update(services="", organisation="no_group")
    with pytest.raises(ClickException, match="insight rebuild"):
        weiduan("insight", "check")
    assert "十二" not in weiduan("insight", "rebuild") and "月末" in weiduan("insight", "rebuild", "--past")
    assert "一致" in weiduan("insight", "check")
