"""What stands on the pages of the demo is what a recount of everything says, on three days and at three levels."""

import json
import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from .pages import DISTRICT, TOWN, VILLAGE
from .served import ROOT

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
AREAS = (DISTRICT, TOWN, VILLAGE)


def counted(served, on: date) -> dict:
    command = [sys.executable, "-m", "tests.stories.recounting", on.isoformat(), *AREAS]
    done = subprocess.run(command, env=served.env, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def numbers(text: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", text)]


@pytest.mark.parametrize("days", [0, 20, 45])
def test_units_that_lack_the_third_and_the_fourth_zero(readers, served, days):
    page, on = readers.page("district", script=False), TODAY - timedelta(days=days)
    found = counted(served, on)
    for code in AREAS:
        for name, by_reason in found[code]["lacking"].items():
            page.goto(f"/desk/area/{code}/zero/{name}/" + (f"?on={on}" if days else ""))
            missing, units = sum(by_reason.values()), found[code]["units"]
            assert numbers(page.inner_text(".wd-head p"))[:2] == [units, missing], (code, name)
            if not missing:
                continue
            shown = {}
            for link in page.locator("#gaps nav a[href*='reason=']").all():
                shown[re.search(r"reason=(\w+)", link.get_attribute("href"))[1]] = numbers(link.inner_text())[-1]
            assert shown == by_reason, (code, name)


def test_the_area_the_screen_and_what_residents_see(readers, served):
    page, found = readers.page("district", script=False), counted(served, TODAY)
    for code in AREAS:
        here = found[code]
        page.goto(f"/desk/area/{code}/")
        zeros = [numbers(fig.inner_text())[0] for fig in page.locator("#zeros .fig").all()]
        assert zeros[2:4] == [sum(here["lacking"][name].values()) for name in ("governance", "services")], code
        page.goto(f"/desk/screen/{code}/")
        screen = {
            dd.get_attribute("data-figure"): numbers(dd.inner_text()) for dd in page.locator("dd[data-figure]").all()
        }
        assert screen["told"] == [here["months"]["told"]] and screen["confirmed"] == [here["months"]["confirmed"]], code
        late = page.locator("dt", has_text="按时答复").inner_text()
        assert numbers(late)[-2:] == [here["months"]["in_time"], here["months"]["answered"]], code
        page.goto(f"/a/{code}/reports/")
        shown = page.inner_text("[data-figure=open]")
        assert numbers(shown) == ([here["open"]] if here["open"] >= 5 or here["open"] == 0 else [5]), (code, shown)
