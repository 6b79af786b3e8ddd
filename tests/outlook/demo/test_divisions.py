"""Tables of divisions: the shipped one, anybody's, and what is wrong with a table."""

from pathlib import Path

import pytest

from weiduan.ground.base.errors import BadInput
from weiduan.ground.base.geo import area_m2
from weiduan.outlook.demo.divisions import DIVISIONS_2018, Division, invented, qingbaijiang, read

TABLE = """\
code,name,level,parent_code
330100000000,杭州市,2,330000000000
330102000000,上城区,3,330100000000
330102001000,清波街道办事处,4,330102000000
330102001051,清河坊社区居委会,5,330102001000
330102100000,某镇,4,330102000000
330102100200,某村村委会,5,330102100000
330103000000,下城区,3,330100000000
330103001000,长庆街道办事处,4,330103000000
330103001001,王马社区居民委员会,5,330103001000
"""


def a_table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "divisions.csv"
    path.write_bytes(text.encode(encoding))
    return path


def sentence(tmp_path: Path, text: str) -> str:
    with pytest.raises(BadInput) as refused:
        read(a_table(tmp_path, text))
    return str(refused.value)


def test_qingbaijiang_has_11_towns_and_124_villages_in_its_real_outline():
    district = qingbaijiang()

    assert (district.code, district.division.name) == ("510113000000", "青白江区")
    assert len(district.towns) == 11
    assert len(district.villages) == 124
    assert sum(village.kind == "community" for village in district.villages) == 32
    assert area_m2(district.boundary) / 1e6 == pytest.approx(380.66, abs=0.01)


def test_only_rows_of_qingbaijiang_are_shipped():
    codes = [line.split(",")[0] for line in DIVISIONS_2018.read_text(encoding="utf-8").splitlines()[1:]]

    assert len(codes) == 136
    assert {code[:6] for code in codes} == {"510113"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_as_spreadsheets_write_it(tmp_path, encoding):
    upper, lower = read(a_table(tmp_path, TABLE, encoding))

    assert [town.division.name for town in upper.towns] == ["清波街道办事处", "某镇"]
    assert [village.code for village in upper.villages] == ["330102001051", "330102100200"]
    assert [division.name for division in upper.above] == ["杭州市"]
    assert (upper.place, lower.place) == (0, 1)


def test_parents_need_not_be_given_and_rows_may_come_in_any_order(tmp_path):
    lines = [line.rsplit(",", 1)[0] for line in TABLE.splitlines()]
    shuffled = "\n".join([lines[0], *reversed(lines[1:])])

    assert [d.code for d in read(a_table(tmp_path, shuffled))] == ["330102000000", "330103000000"]


def test_the_towns_of_a_city_without_districts_lie_in_the_city(tmp_path):
    table = """code,name,level
441900000000,东莞市,2
441900003000,东城街道办事处,4
441900003001,岗贝社区居委会,5
"""
    [city] = read(a_table(tmp_path, table))

    assert (city.code, city.above) == ("441900000000", [])
    assert [village.name for village in city.villages] == ["岗贝社区居委会"]


def test_districts_without_villages_are_left_out(tmp_path):
    table = TABLE + "330104000000,江干区,3,330100000000\n"

    assert len(read(a_table(tmp_path, table))) == 2


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("石家碾社区居民委员会", "石家碾社区"),
        ("多福巷社区居委会", "多福巷社区"),
        ("大夫村村民委员会", "大夫村"),
        ("大弯街道办事处", "大弯街道"),
        ("弥牟镇", "弥牟镇"),
        ("办事处", "办事处"),
    ],
)
def test_people_use_a_shorter_name(name, short):
    assert Division("510113002002", name, 5, "510113002000", None, None).short == short


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t: "", "空的"),
        (lambda t: t.splitlines()[0], "空的"),
        (lambda t: t.replace("code,name,level", "代码,name,级别"), "code、level"),
        (lambda t: t.replace("330102001051", "3301020010"), "第 5 行：“3301020010”不是 12 位"),
        (lambda t: t.replace("330102001051", "33010200105X"), "不是 12 位"),
        (lambda t: t.replace("居委会,5", "居委会,村"), "第 5 行：级别"),
        (lambda t: t.replace("居委会,5", "居委会,4"), "不是 4 级"),
        (lambda t: t.replace("330102001051", "330102001000"), "不是 5 级"),
        (lambda t: t.replace("清河坊社区居委会", ""), "第 5 行：名称"),
        (lambda t: t.replace("清河坊社区居委会", "坊" * 61), "1 至 60 个字"),
        (lambda t: t + t.splitlines()[4] + "\n", "330102001051 重复"),
        (lambda t: t.replace("5,330102001000", "5,330102009000"), "第 5 行：330102001051 的上级 330102009000"),
        (lambda t: "\n".join(line for line in t.splitlines() if ",5," not in line), "没有带村"),
        (lambda t: t.replace("上城区", '"上城区'), "CSV"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_line(tmp_path, change, expected):
    assert expected in sentence(tmp_path, change(TABLE))


@pytest.mark.parametrize(("lon", "lat"), [("30.8", "104.2"), ("abc", "30"), ("104", "nan"), ("104", "inf")])
def test_a_place_must_be_longitude_and_latitude(tmp_path, lon, lat):
    table = f"code,name,level,lon,lat\n330102000000,上城区,3,{lon},{lat}\n"

    assert "度之间" in sentence(tmp_path, table)


def test_a_workbook_renamed_to_csv_and_a_missing_file_are_told_apart(tmp_path):
    path = tmp_path / "divisions.csv"
    path.write_bytes(b"PK\x03\x04 a workbook")

    with pytest.raises(BadInput, match="不是 CSV"):
        read(path)
    with pytest.raises(BadInput, match="读不出来"):
        read(tmp_path / "other.csv")
    path.write_bytes(b"code,name,level\n\xff\xff\xff")
    with pytest.raises(BadInput, match="编码"):
        read(path)


def test_a_made_up_district_has_as_many_villages_as_asked():
    district = invented(1000)

    assert len(district.villages) == 1000
    assert len({village.code for village in district.villages}) == 1000
    assert 0.25 < sum(village.kind == "community" for village in district.villages) / 1000 < 0.35
    assert all(village.parent == town.division.code for town in district.towns for village in town.villages)
    with pytest.raises(BadInput, match="99 个镇街"):
        invented(3, towns=4)
