"""What the stories do with survey workbooks: take one out, spoil a cell, hand it in, wait."""

import re
import time
from pathlib import Path

import openpyxl
from playwright.sync_api import Page

from .looking import follow

VILLAGE = "510113001001"
ENDED = ("待改正", "可以载入", "已载入", "未收下")


def export(page: Page, to: Path) -> Path:
    """Download the village's workbook as it is kept."""
    page.goto("/desk/survey/")
    page.select_option("#export-area", VILLAGE)
    with page.expect_download() as download:
        page.click("form[action$='export.xlsx'] button")
    download.value.save_as(to)
    return to


def dated_later(path: Path, day: str) -> None:
    """Put another survey day on the cover sheet."""
    change(path, "说明", "调查日期", day)


def change(path: Path, sheet: str, heading: str, value: object) -> str:
    """Write `value` in the first row of data under (or, on the cover, beside) a heading; return the cell's address."""
    book = openpyxl.load_workbook(path)
    for row in book[sheet].iter_rows():
        for cell in row:
            if str(cell.value or "").strip(" *＊") == heading:
                target = cell.offset(0, 1) if sheet == "说明" else _first_below(book[sheet], cell)
                target.value = value
                book.save(path)
                return target.coordinate
    raise AssertionError(f"{sheet} has no {heading}")


def _first_below(sheet, heading):
    """Skip what only explains: a row of data has a code or number in its first column."""
    row = heading.row + 1
    while not re.fullmatch(r"[A-Z]?\d[\d-]+", str(sheet.cell(row, 1).value or "")):
        row += 1
    return sheet.cell(row, heading.column)


def send_in(page: Page, path: Path, kind: str = "workbook") -> None:
    """Upload a file of the village and wait until it was looked at; reload by hand, for readers without script."""
    page.goto("/desk/survey/")
    page.select_option("#id_area", VILLAGE)
    page.check(f"[name=kind][value={kind}]")
    if kind == "shapes":
        page.select_option("#id_coordinates", "wgs84")
    page.set_input_files("#id_file", path)
    follow(page, "form[enctype] button[type=submit]")
    wait(page)


def wait(page: Page, seconds: int = 60) -> None:
    """Wait until a run has come to rest."""
    until = time.monotonic() + seconds
    while not any(word in page.inner_text("#run .wd-tag") for word in ENDED):
        assert time.monotonic() < until, page.inner_text("main")
        page.wait_for_timeout(500)
        page.reload()
