"""Matters from the unit to the last word, everything done on pages: by residents on a phone, by staff of three levels at the desk."""

import re

import pytest

from .looking import follow
from .matters import UNIT, told_at
from .pages import VILLAGE
from .served import weiduan

NEIGHBOUR, PASSWORD = VILLAGE[:9] + "002", "the neighbours' long password"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_blocked_fire_lane_goes_up_to_the_town_is_disputed_solved_and_opened_again(readers, axe, script):
    page = readers.page(width=360, script=script)
    page.goto(f"/u/{UNIT}/")
    if script:
        axe.ready(page)
    told(page, "3号楼消防通道被面包车堵了", "09012", axe if script else None)
    receipt, number, due = page.url, page.inner_text("#number"), page.inner_text("#due")[:16]
    assert re.search(r"/r/[\w-]{24}/$", receipt) and sideways(page) <= 0
    assert state(page) == "filed" and "13800000000" not in page.content()
    page.goto(f"/u/{UNIT}/")
    assert page.locator("[data-figure=open]").count() == 1 and "3号楼" not in page.content()

    grid, village, town = (readers.page(who, script=script, width=360) for who in ("grid", "village", "town"))
    find(grid, number)
    move(grid, "accept")
    move(grid, "hand_up", words="要社区协调")
    assert grid.url.endswith("/desk/reports/") and grid.locator(f"[data-number='{number}']").count() == 0
    find(village, number)
    move(village, "hand_up", words="要街道执法")
    find(town, number)
    assert town.inner_text("#told") == "3号楼消防通道被面包车堵了" and due in town.inner_text("main")
    move(town, "accept")
    move(town, "give_task", to="物业公司", what="联系车主", until="2099-12-31")
    assert town.locator("#tasks [data-task]").count() == 1 and town.locator("[data-tasks-open='1']").count() == 1
    town.click("#tasks summary")
    town.fill("#tasks [name=words]", "联系上了")
    follow(town, "#tasks button")
    move(town, "answer", words="已请车主挪车。")
    assert not script or sideways(town) <= 0

    page.goto(receipt)
    assert state(page) == "answered" and "已请车主挪车。" in page.inner_text("#answer")
    assert "街道" in page.inner_text("#handler") and "物业公司" not in page.content()
    say(page, "晚上又停回来了")
    assert stands(page) == ("disputed", number, due)
    town.reload()
    move(town, "begin", words="安装隔离桩")
    move(town, "answer", words="隔离桩已装好。")
    page.reload()
    follow(page, "#word button[value=confirm]")
    assert (state(page), page.inner_text("#number")) == ("confirmed", number)
    say(page, "桩被拔了")
    assert stands(page) == ("disputed", number, due) and "街道" in page.inner_text("#handler")
    follow(page, "#contact button[value=erase]")
    assert page.locator("#contact button").count() == 0 and sideways(page) <= 0


def test_over_a_village_boundary_number_and_clock_go_along_and_the_resident_sees_it_all(readers, served, neighbour):
    page = readers.page(width=360)
    page.goto(f"/u/{UNIT}/")
    told(page, "路口的路灯整夜不亮", "C01", None)
    receipt, number, due = page.url, page.inner_text("#number"), page.inner_text("#due")[:16]

    here, there = readers.page("village"), readers.page("neighbour")
    there.goto(f"/desk/reports/?state=all&q={number}")
    assert there.locator(f"[data-number='{number}']").count() == 0
    find(here, number)
    record = here.url
    follow(here, "a[href^='?do=hand_over']")
    here.select_option("#moves [name=to]", NEIGHBOUR)
    here.fill("#moves [name=words]", "这盏灯在路那边")
    follow(here, "#moves button[type=submit]")
    assert here.goto(record).status == 404

    find(there, number)
    assert due in there.inner_text("main") and "这盏灯在路那边" in there.inner_text("#steps")
    page.goto(receipt)
    assert stands(page) == ("filed", number, due)
    name = page.inner_text("#handler")
    move(there, "accept")
    move(there, "answer", words="灯已修好。")
    page.reload()
    assert (state(page), page.inner_text("#number"), page.inner_text("#handler")) == ("answered", number, name)
    done = [step.get_attribute("data-what") for step in page.locator("#steps [data-what]").all()]
    assert done == ["told", "hand_over", "accept", "answer"] and "灯已修好。" in page.inner_text("#answer")


def test_the_nearest_stand_first_without_anything_leaving_the_phone_and_a_place_is_put_right(readers, served, axe):
    far, near = told_at(served.env, ("09012", 0.0, 0.0004), ("B01", 0.0, 0.0))
    position = {"longitude": near["lon"], "latitude": near["lat"]}
    page = readers.page("grid", width=360, geolocation=position, permissions=["geolocation"])
    axe.ready(page)
    page.goto("/desk/reports/near/")
    rows = [row.get_attribute("data-number") for row in page.locator("#matters > li").all()]
    assert rows.index(far["number"]) < rows.index(near["number"])  # due first
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.click("[data-near] button")
    page.locator("[data-far]:not(:empty)").first.wait_for()
    rows = [row.get_attribute("data-number") for row in page.locator("#matters > li").all()]
    assert rows.index(near["number"]) < rows.index(far["number"]) and asked == []
    assert re.search(r"\d", page.inner_text(f"[data-number='{far['number']}'] [data-far]"))
    assert axe.faults(page) == [] and sideways(page) <= 0

    find(page, far["number"])
    follow(page, "a[href^='?do=move_pin']")
    page.click("[data-pin] [data-locate]")
    page.locator("[data-pin] [role=status]:not(:empty)").wait_for()
    assert page.input_value("#id_lon") == f"{near['lon']:.6f}" and page.input_value("#id_lat") == f"{near['lat']:.6f}"
    page.set_viewport_size({"width": 360, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.locator("figure[data-drawn]").wait_for()
    page.click("figure canvas")
    assert page.input_value("#id_lat") != f"{near['lat']:.6f}"
    assert axe.faults(page) == [] and sideways(page) <= 0
    page.fill("#id_lon", f"{near['lon']:.6f}")
    page.fill("#id_lat", f"{near['lat']:.6f}")
    follow(page, "[data-pin] button[type=submit]")
    assert page.evaluate("window.refusedByPolicy") == [] and f"{near['lat']:.5f}" in page.inner_text("main")


@pytest.fixture(scope="module")
def neighbour(served):
    """Give the next village an account that handles its matters."""
    weiduan(served.env, "user", "add", "neighbour", "--password", PASSWORD)
    weiduan(served.env, "mandate", "add", "neighbour", "handle_reports", "--area", NEIGHBOUR)
    served.passwords["neighbour"] = PASSWORD


def told(page, text: str, category: str, axe) -> None:
    """Go through the three steps; where axe looks, with a mistake on the way."""
    follow(page, "#tell")
    if axe:
        follow(page, "button[value=next]")
        assert page.locator(".wd-error a[href='#id_text']").count() == 1 and axe.faults(page) == []
    page.fill("#id_text", text)
    follow(page, "button[value=next]")
    assert not axe or axe.faults(page) == []
    page.check(f"[name=guess][value='{category}']")
    page.fill("#id_place", "3号楼东侧")
    assert sideways(page) <= 0
    follow(page, "#tell button[value=next]")
    assert not axe or axe.faults(page) == []
    page.check("[name=wish][value=handler_only]")
    page.fill("#id_contact", "１３８００００００００")
    assert sideways(page) <= 0
    follow(page, "button[value=send]")


def find(page, number: str) -> None:
    """Open a matter from the list of whoever has it in hand."""
    page.goto(f"/desk/reports/?q={number}")
    follow(page, f"[data-number='{number}'] a")


def move(page, do: str, **said: str) -> None:
    """Make a move on a matter's page; what needs words is unfolded first."""
    form = page.locator(f"#moves form[method=post]:has([name=do][value={do}])")
    if said:
        page.click(f"#moves details:has([name=do][value={do}]) summary")
    for name, words in said.items():
        form.locator(f"[name={name}]").fill(words)
    follow(page, form.locator("button"))


def say(page, words: str) -> None:
    """Say on the receipt's page that it isn't solved."""
    page.fill("#still", words)
    follow(page, "#word button[value=dispute]")


def stands(page) -> tuple[str, str, str]:
    return state(page), page.inner_text("#number"), page.inner_text("#due")[:16]


def state(page) -> str:
    return page.get_attribute("#state", "data-state")


def sideways(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
