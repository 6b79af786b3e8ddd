"""A blocked fire lane on a phone: told without an account, handed up to the town, disputed, solved; number and clock stay."""

import re

import pytest

from .looking import follow
from .matters import UNIT, handled


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_blocked_fire_lane_from_the_unit_to_the_last_word_of_whoever_told_it(readers, served, axe, script):
    page = readers.page(width=360, script=script)
    if script:
        axe.ready(page)
    page.goto(f"/u/{UNIT}/")
    before = page.inner_text("[data-figure=open]")
    told(page, axe if script else None)
    receipt, number, due = page.url, page.inner_text("#number"), page.inner_text("#due")[:16]
    assert re.search(r"/r/[\w-]{24}/$", receipt) and sideways(page) <= 0
    assert state(page) == "filed" and "13800000000" not in page.content()
    page.goto(f"/u/{UNIT}/")
    assert int(page.inner_text("[data-figure=open]")) == int(before) + 1 and "3号楼" not in page.content()

    secret = receipt.split("/")[-2]
    handled(served.env, secret, ("accept",), ("hand_up", "要社区协调"), ("hand_up", "要街道执法"), ("accept",))
    page.goto(receipt)
    assert "街道" in page.inner_text("#handler")
    assert (page.inner_text("#number"), page.inner_text("#due")[:16]) == (number, due)

    handled(served.env, secret, ("answer", "已请车主挪车。"))
    page.reload()
    assert state(page) == "answered" and "已请车主挪车。" in page.inner_text("#answer")
    page.fill("#still", "晚上又停回来了")
    follow(page, "#word button[value=dispute]")
    assert (state(page), page.inner_text("#number"), page.inner_text("#due")[:16]) == ("disputed", number, due)

    handled(served.env, secret, ("begin", "安装隔离桩"), ("answer", "隔离桩已装好。"))
    page.reload()
    follow(page, "#word button[value=confirm]")
    assert (state(page), page.inner_text("#number")) == ("confirmed", number)
    follow(page, "#contact button[value=erase]")
    assert page.locator("#contact button").count() == 0 and sideways(page) <= 0


def told(page, axe) -> None:
    """Go through the three steps, with a mistake on the way; with script axe looks at each."""
    follow(page, "#tell")
    follow(page, "button[value=next]")
    assert page.locator(".wd-error a[href='#id_text']").count() == 1
    assert not axe or axe.faults(page) == []
    page.fill("#id_text", "3号楼消防通道被面包车堵了")
    follow(page, "button[value=next]")
    assert not axe or axe.faults(page) == []
    page.check("[name=guess][value='09012']")
    page.fill("#id_place", "3号楼东侧")
    assert sideways(page) <= 0
    follow(page, "#tell button[value=next]")
    assert not axe or axe.faults(page) == []
    page.check("[name=wish][value=handler_only]")
    page.fill("#id_contact", "１３８００００００００")
    assert sideways(page) <= 0
    follow(page, "button[value=send]")


def state(page) -> str:
    return page.get_attribute("#state", "data-state")


def sideways(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
