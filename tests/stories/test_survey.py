"""A survey from the workbook to the map, with a mistake on the way."""

import openpyxl

from .looking import follow
from .surveys import VILLAGE, change, export, send_in, wait


def test_a_mistake_is_shown_at_its_cell_and_the_corrected_copy_loads(readers, tmp_path):
    page = readers.page("village")
    path = export(page, tmp_path / "survey.xlsx")
    cell = change(path, "基本单元", "户数", "很多")

    send_in(page, path)
    assert page.inner_text("h2 >> nth=0") == "有 1 处要改"
    fault = page.locator("#run tbody tr")
    assert fault.count() == 1
    assert f"第 {cell[1:]} 行 · 户数" in fault.inner_text()
    sentence = fault.locator("td").inner_text()

    with page.expect_download() as download:
        page.click("a.btn >> text=下载标注的副本")
    marked = tmp_path / "marked.xlsx"
    download.value.save_as(marked)
    row = [str(c.value) for c in openpyxl.load_workbook(marked)["基本单元"][int(cell[1:])]]
    assert any(sentence in text for text in row)

    change(marked, "基本单元", "户数", 777)
    send_in(page, marked)
    counts = page.locator("#run tbody tr", has_text="基本单元").locator("td").all_inner_texts()
    assert counts[:3] == ["0", "1", "0"]
    assert "→ 777" in page.inner_text("#run")

    follow(page, "button[value=load]")
    wait(page)
    page.goto(f"/desk/area/{VILLAGE}001001/")
    assert "777 户" in page.inner_text("main")
    assert "户数：" in page.inner_text("main .wd-line")


def test_what_is_kept_loads_back_without_a_change(readers, tmp_path):
    page = readers.page("village")
    path = export(page, tmp_path / "survey.xlsx")

    send_in(page, path)
    assert page.inner_text("h2 >> nth=0") == "没有问题，也没有变化"
    assert page.locator("button[value=load]").count() == 0


def test_a_file_that_is_no_workbook_is_refused_with_what_to_do(readers, tmp_path):
    path = tmp_path / "survey.xlsx"
    path.write_text("编码,名称\n", encoding="utf-8")
    page = readers.page("village")

    send_in(page, path)
    assert page.inner_text("h2 >> nth=0") == "文件没有收下"
    assert page.locator(".wd-refuse p").inner_text()

    follow(page, "button[value=give_up]")
    assert page.inner_text("h2 >> nth=0") == "已放弃"


def test_a_form_sent_without_a_file_comes_back_with_what_was_chosen(readers):
    page = readers.page("town")
    page.goto("/desk/survey/")
    page.select_option("#id_area", VILLAGE)
    page.check("[name=kind][value=shapes]")
    follow(page, "form[enctype] button[type=submit]")

    said = page.locator(".wd-error li").all_inner_texts()
    assert said == ["图形的坐标系：请选图形的坐标系。", "文件：请先选文件。"] or len(said) == 2
    assert page.locator("#id_area").input_value() == VILLAGE
    assert page.locator("[name=kind][value=shapes]").is_checked()


def test_each_state_of_a_survey_can_be_read_by_everyone(readers, tmp_path, axe):
    page = readers.page("village", width=360)
    axe.ready(page)
    path = export(page, tmp_path / "survey.xlsx")
    change(path, "基本单元", "户数", 888)
    send_in(page, path)
    assert axe.faults(page) == []

    change(path, "党员", "状态", "好")
    send_in(page, path)
    assert axe.faults(page) == []

    path.write_bytes(b"PK no zip")
    send_in(page, path)
    assert axe.faults(page) == []

    page.goto("/desk/survey/")
    follow(page, "form[enctype] button[type=submit]")
    assert axe.faults(page) == []
