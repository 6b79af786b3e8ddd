"""A courtyard votes: prepared at the desk, voted on a phone without an account, counted, and counted again by a resident."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from .looking import follow
from .pages import GRID
from .served import weiduan
from .votes import let_its_time_be_over, open_it

UNIT = f"{GRID}001"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_courtyard_votes_in_secret_and_a_resident_counts_again(readers, served, tmp_path, script):
    desk = readers.page("village", width=1280, script=script)
    desk.goto(f"/desk/ballots/new/?area={UNIT}")
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    desk.fill("#id_title", "图书角还是健身区")
    desk.select_option("#id_procedure", "households_unit")
    desk.fill("#id_options", "图书角\n健身区")
    desk.check("#id_is_secret")
    desk.fill("#id_opens_at", f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    desk.fill("#id_closes_at", f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}")
    follow(desk, "main form[method=post] button[type=submit]")
    missing = [one.get_attribute("data-blocker") for one in desk.locator("#blockers li").all()]
    assert missing == ["no_text", "no_roll"]
    desk.fill("#id_text", "公共收益用来做什么。")
    follow(desk, "#draft button[value=redraft]")
    desk.set_input_files("#roll input[type=file]", a_roll(tmp_path))
    follow(desk, "#roll button[value=roll]")
    assert desk.locator("#blockers button[value=open]").count() == 1
    key = desk.url.rstrip("/").split("/")[-1]
    codes = open_it(served.env, key)

    page = readers.page(width=360, script=script)
    page.goto(f"/u/{UNIT}/")
    follow(page, "#votes")
    follow(page, page.locator("#ballots a", has_text="图书角还是健身区").first)
    receipt = voted(page, codes[1], 1)
    assert voted(page, codes[1], 2) == receipt
    voted(page, codes[2], 2)
    voted(page, codes[3], 2)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    desk.reload()
    assert desk.locator("#turnout [data-basis=heads]").get_attribute("data-part") == "3"

    let_its_time_be_over(served.env, key)
    desk.reload()
    follow(desk, "#close button[value=close]")
    page.goto(f"/vote/{key}/")
    rows = page.locator("#result [data-choice]").all()
    counted = {row.get_attribute("data-choice"): row.get_attribute("data-heads") for row in rows}
    assert counted == {"图书角": "1", "健身区": "2", "弃权": "0"}
    with page.expect_download() as download:
        page.click("#file")
    file = tmp_path / "votes.json"
    download.value.save_as(file)
    assert len(json.loads(file.read_text(encoding="utf-8"))["votes"]) == 3
    assert "3 票" in weiduan(
        served.env, "ballot", "verify", str(file), "--receipt", receipt, "--root", page.inner_text("#root")
    )


def a_roll(folder) -> str:
    path = folder / "roll.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("户号", "户主"), *((f"{n}户", f"户主{n}") for n in range(1, 5))]):
            sheet.write_row(number, 0, row)
    return str(path)


def voted(page, code: str, choice: int) -> str:
    """Vote on the page that is open; return the receipt shown."""
    page.goto(page.url)
    page.check(f"#choice-{choice}")
    page.fill("#code", f"{code[:4]} {code[4:8]} {code[8:]}".lower())
    follow(page, "#vote button[type=submit]")
    return page.inner_text("#receipt")
