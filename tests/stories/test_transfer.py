"""A member moves to another village: both secretaries act, and the figures of both change on the day of acceptance."""

import re

from .looking import follow
from .served import weiduan

HERE, THERE = "510113001001", "510113001002"
PASSWORD = "another secretary's word"


def second_secretary(readers, served) -> str:
    """Somebody who keeps the organisations of the village next door."""
    if "second" not in served.passwords:
        weiduan(served.env, "user", "add", "second", "--password", PASSWORD)
        weiduan(served.env, "mandate", "add", "second", "keep_organisation", "--area", THERE)
        served.passwords["second"] = PASSWORD
    return "second"


def members_shown(page, number: str) -> list[str]:
    page.goto(f"/desk/members/?organisation={number}")
    return [a.get_attribute("href") for a in page.locator("tbody th a").all()]


def smallest_group(page) -> tuple[str, list[str]]:
    """The covered group of a village with the fewest members, and the addresses of their records."""
    page.goto(f"/desk/organisations/?kind=group&area={HERE}")
    numbers = page.locator("tbody th small").all_inner_texts()
    found = {number: members_shown(page, number) for number in numbers}
    return min(((n, m) for n, m in found.items() if len(m) >= 3), key=lambda one: len(one[1]))


def test_a_member_moves_to_another_village_and_the_old_group_falls_below_three(readers, served):
    here, there = readers.page("village"), readers.page(second_secretary(readers, served))
    there.goto(f"/desk/organisations/?kind=branch&area={THERE}")
    receiver = there.locator("tbody th small").first.inner_text()
    group, records = smallest_group(here)
    before = len(members_shown(there, receiver))
    moving = records[: len(records) - 2]

    for path in moving:
        assert there.goto(path).status == 404
        here.goto(path)
        here.locator("details:has(input[value=ask]) > summary").click()
        here.fill("#id_ask_receiver", receiver)
        follow(here, "details:has(input[value=ask]) button[type=submit]")
    assert len(members_shown(here, group)) == len(records)  # until it is accepted the sender stays responsible

    there.goto("/desk/transfers/")
    assert there.locator("#incoming li").count() == len(moving)
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", there.content())
    for _path in moving:
        follow(there, there.locator("#incoming button[value=accept]").first)
    assert there.locator("#incoming li").count() == 0

    assert len(members_shown(here, group)) == 2
    assert len(members_shown(there, receiver)) == before + len(moving)
    here.goto(f"/desk/organisations/{group}/")
    unit = here.locator(".wd-links a", has=here.locator("span.num")).first
    follow(here, unit)
    assert "未覆盖" in here.inner_text("main")
    assert here.locator("dt", has_text="下一步").locator("xpath=following-sibling::dd").first.inner_text().strip()


def test_nobody_without_the_duty_sees_a_member_or_a_telephone(readers, served):
    grid = readers.page("grid", width=360)
    assert grid.goto("/desk/members/").status == 403
    page = readers.page("village")
    page.goto("/desk/members/")
    record = page.locator("tbody th a").first.get_attribute("href")
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", page.inner_text("main"))
    assert grid.goto(record).status in (403, 404)


def test_a_member_opens_the_own_page_in_a_browser_and_shows_a_card(readers, served):
    page = readers.page("village")
    page.goto("/desk/members/")
    follow(page, page.locator("tbody th a").last)
    follow(page, "button[value=link]")
    link = page.inner_text("#link")

    own = readers.page(width=360)
    own.goto(link)
    follow(own, "main form button")
    assert own.locator("h1").count() == 1
    own.fill("#wish", "我的名字写错了")
    follow(own, "#correct form button")
    assert "我的名字写错了" in own.inner_text("#correct")
    own.goto(link)
    follow(own, "main form button")
    assert own.locator(".wd-refuse").count() == 1
