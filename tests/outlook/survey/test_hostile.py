"""Hostile and mistaken files are refused in plain words, before or while they are read, and nothing breaks."""

import stat
import time
import zipfile

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weiduan.ground.base.errors import BadInput
from weiduan.outlook.survey.preflight import Limits, refuse_hostile_shapes, refuse_hostile_workbook
from weiduan.outlook.survey.reader import read_workbook

from . import hostile
from .world import write_good

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000)
SAVE_AS = "请用 Excel 或 WPS 打开，另存为 Excel 工作簿（.xlsx）。"
LAX = Limits(unpacked=10**12, ratio=10**9)  # lets a bomb through to the child


def refusal(path, read=refuse_hostile_workbook, **options) -> str:
    with pytest.raises(BadInput) as caught:
        read(path, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的（0 字节）。请重新保存后再选择。"),
        ("网格编码,网格名称\n510113002002001,01网格\n".encode(), f"这是 CSV 文件，只是名字叫 .xlsx。{SAVE_AS}"),
        (
            "网格编码,网格名称\n510113002002001,01网格\n".encode("gb18030"),
            f"这是 CSV 文件，只是名字叫 .xlsx。{SAVE_AS}",
        ),
        ("网格编码\t网格名称\n".encode("utf-16"), f"这是 CSV 文件，只是名字叫 .xlsx。{SAVE_AS}"),
        ("x编,码,\n".encode() * 1000, f"这是 CSV 文件，只是名字叫 .xlsx。{SAVE_AS}"),
        (b"\xef\xbb\xbf<html><table>", f"这是网页文件，只是名字叫 .xlsx。{SAVE_AS}"),
        (b'<?xml version="1.0"?><Workbook>', f"这是旧版 Excel 的 XML 表格。{SAVE_AS}"),
        (OLE + "Workbook".encode("utf-16-le"), f"这是旧版 Excel 文件（.xls）。{SAVE_AS}"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "工作簿设了打开密码。请用 Excel 打开，去掉密码后重新保存。"),
        (b"%PDF-1.7", "这是 PDF 文件，不能当表格读取。请填写模板，并保存为 .xlsx。"),
        (b"Rar!\x1a\x07\x01\x00", "这是压缩包。请解压后上传里面的 .xlsx。"),
        (b"\x89PNG\r\n\x1a\n", "这是图片。请填写模板，并保存为 .xlsx。"),
        (b"PK\x05\x06" + bytes(18), "这个文件是空的压缩包。请填写模板，并保存为 .xlsx。"),
        (b"PK\x03\x04" + bytes(100), f"文件已损坏，打不开。{SAVE_AS}"),
        (b"\x00\x01\x02\x03" * 100, "这不是 Excel 工作簿。请填写模板，并保存为 .xlsx。"),
    ],
)
def test_what_is_no_workbook_is_called_by_its_name(content, sentence, tmp_path):
    path = tmp_path / "survey.xlsx"
    path.write_bytes(content)

    assert refusal(path) == sentence


def test_a_zip_that_claims_ten_gigabytes_is_refused_at_once(tmp_path):
    path = hostile.claim_sizes(hostile.a_workbook(tmp_path / "bomb.xlsx"), 2**32 - 1000)
    start = time.process_time()

    assert refusal(path).startswith("文件解压后有 24.0 GB，最多读 2.0 GB，所以没有打开。")
    assert time.process_time() - start < 1


def test_a_zip_that_unpacks_to_a_hundred_times_its_size_is_refused(tmp_path):
    path = hostile.a_workbook(tmp_path / "bomb.xlsx", extra={"xl/media/image1.png": bytes(30 * 1024**2)})

    assert refusal(path).startswith("文件解压后超过原来的 100 倍，只有恶意文件才会这样，所以没有打开。")


def test_parts_that_share_bytes_are_refused(tmp_path):
    assert refusal(hostile.overlapping(tmp_path / "quine.xlsx")).startswith("文件的各部分互相重叠")


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("../../etc/passwd", {}, "文件里有指向外部的部分（../../etc/passwd），所以没有打开。"),
        ("..\\..\\evil.dll", {}, "文件里有指向外部的部分（../../evil.dll），所以没有打开。"),
        ("/etc/passwd", {}, "文件里有指向外部的部分（/etc/passwd），所以没有打开。"),
        ("C:\\evil", {}, "文件里有指向外部的部分（C:/evil），所以没有打开。"),
        ("xl/link", {"mode": stat.S_IFLNK | 0o777}, "文件里有指向别的文件的链接（xl/link），所以没有打开。"),
        ("xl/secret.xml", {"flag": 1}, "文件的一部分设了密码。请去掉密码后重新保存。"),
        ("xl/odd.xml", {"method": zipfile.ZIP_LZMA}, "文件的压缩方式不寻常，所以没有打开。"),
        ("xl/WORKBOOK.xml", {}, "文件里有两个同名的部分，所以没有打开。"),
        ("xl/more.zip", {}, "文件里还装着别的文件（xl/more.zip）。请取出后重新保存。"),
        ("xl/vbaProject.bin", {}, "工作簿里有宏。请另存为不带宏的 Excel 工作簿（.xlsx）。"),
        ("xl/externalLinks/externalLink1.xml", {}, "工作簿引用了别的文件。"),
        ("xl/embeddings/oleObject1.bin", {}, "工作簿里嵌入了别的文件或控件。请删除后重新保存。"),
    ],
)
def test_a_part_no_honest_workbook_has_is_refused(name, options, sentence, tmp_path):
    assert refusal(hostile.with_entry(tmp_path / "survey.xlsx", name, **options)).startswith(sentence)


def test_other_offices_zips_are_called_by_their_name(tmp_path):
    for name, sentence in [
        ("content.xml", "这是 OpenDocument 文件（.ods）。"),
        ("xl/workbook.bin", "这是二进制 Excel 工作簿（.xlsb）。"),
        ("word/document.xml", "这个压缩包不是 Excel 工作簿，里面没有工作表。"),
    ]:
        with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
            archive.writestr(name, "x")
        assert refusal(tmp_path / "other.xlsx").startswith(sentence)


def test_far_too_many_parts_are_refused_before_the_list_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "many.xlsx", "w") as archive:
        for number in range(2001):
            archive.writestr(f"xl/{number}.xml", b"")
    claimed = hostile.claim_directory(hostile.a_workbook(tmp_path / "claimed.xlsx"), 2**31)

    assert refusal(tmp_path / "many.xlsx").startswith("文件的组成部分太多")
    assert refusal(claimed).startswith("文件的组成部分太多")


def test_a_file_over_the_limit_on_disk_is_refused_unread(tmp_path):
    path = tmp_path / "big.xlsx"
    with path.open("wb") as file:
        file.truncate(201 * 1024**2)

    assert refusal(path) == "文件有 201 MB，最多读 200 MB。请按镇街或村（社区）拆开后分别上传。"


def test_entities_that_multiply_are_not_unfolded(tmp_path):
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>'
    in_sheet = hostile.a_workbook(tmp_path / "a.xlsx", hostile.LAUGHS + (hostile.SHEET % row).split("?>")[1])
    in_strings = hostile.a_workbook(
        tmp_path / "b.xlsx",
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
        hostile.LAUGHS + (hostile.STRINGS % "<si><t>&j;</t></si>").split("?>")[1],
    )
    for path in (in_sheet, in_strings):
        try:
            workbook = read_workbook(path, memory_mb=300, seconds=20)
        except BadInput as refused:
            assert str(refused).startswith("文件已损坏，读不出来。")
        else:
            assert "haha" not in str(workbook)


def test_xml_nested_a_million_deep_does_no_harm(tmp_path):
    path = hostile.a_workbook(tmp_path / "deep.xlsx", "<a>" * 1_000_000 + "</a>" * 1_000_000)

    try:
        workbook = read_workbook(path, memory_mb=400, seconds=20)
    except BadInput as refused:
        assert str(refused).startswith(("文件已损坏，读不出来。", "读取文件所需内存超过"))
    else:
        assert workbook.sheets["grids"].rows == []


def test_shared_strings_that_fill_the_memory_are_stopped_and_say_so(tmp_path):
    path = hostile.a_workbook(
        tmp_path / "strings.xlsx", strings="<si><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></si>" * 5_000_000
    )
    assert path.stat().st_size < 1024**2

    assert refusal(path).startswith("文件解压后超过原来的 100 倍")
    assert refusal(path, read_workbook, memory_mb=200, limits=LAX) == (
        "读取文件所需内存超过 200 MB，已停止。请按镇街或村（社区）拆开后分别上传。"
    )
    assert refusal(path, read_workbook, seconds=1, memory_mb=4000, limits=LAX) == (
        "读取文件超过 1 秒，已停止。请按镇街或村（社区）拆开后分别上传。"
    )


def test_one_cell_in_the_last_corner_of_a_sheet_is_no_way_to_fill_the_memory(tmp_path):
    corner = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = hostile.a_workbook(tmp_path / "corner.xlsx", corner)

    assert refusal(path, read_workbook, memory_mb=400).startswith(("读取文件所需内存超过", "“网格”页超过 64 列。"))


def test_a_part_that_is_larger_than_it_claims_is_stopped(tmp_path):
    path = hostile.a_workbook(
        tmp_path / "liar.xlsx", strings="<si><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></si>" * 3_000_000
    )
    hostile.claim_sizes(path, 1000)

    assert refusal(path, read_workbook, memory_mb=200).startswith(("读取文件所需内存超过", "文件已损坏"))


@pytest.mark.parametrize(
    ("sheets", "rows", "columns", "sentence"),
    [
        (21, 1, 1, "文件有 21 页，最多读 20 页。"),
        (1, 1, 65, "“页0”页超过 64 列。"),
    ],
)
def test_too_many_sheets_or_columns_are_refused(sheets, rows, columns, sentence, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "wide.xlsx") as file:
        for number in range(sheets):
            page = file.add_worksheet(f"页{number}")
            page.write_string(rows - 1, columns - 1, "x")

    assert refusal(tmp_path / "wide.xlsx", read_workbook).startswith(sentence)


def test_more_text_than_a_survey_has_is_refused(tmp_path):
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 12_000))
    path = hostile.a_workbook(tmp_path / "text.xlsx", cells, f"<si><t>{'字' * 4000}</t></si>")

    assert refusal(path, read_workbook).startswith("文件里的文字太多，不像一份调查表。")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"{", b"SQLite format 3\x00"]))
def test_random_bytes_are_refused_and_never_break_anything(tmp_path, content, head):
    path = tmp_path / "random"
    path.write_bytes(head + content)

    with pytest.raises(BadInput):
        refuse_hostile_workbook(path)
    try:
        assert refuse_hostile_shapes(path) in ("geojson", "geopackage")
    except BadInput as refused:
        assert str(refused)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_workbook_with_bytes_changed_is_read_or_refused_and_nothing_else(tmp_path, changes):
    good = tmp_path / "good.xlsx"
    if not good.exists():
        write_good(good)
    content = bytearray(good.read_bytes())
    for place, value in changes:
        content[int(place * len(content))] = value
    (tmp_path / "changed.xlsx").write_bytes(content)

    try:
        read_workbook(tmp_path / "changed.xlsx", memory_mb=300, seconds=20)
    except BadInput as refused:
        assert str(refused)
