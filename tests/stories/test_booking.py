"""A resident books a room by telephone, the keeper confirms, everybody sees it, the resident cancels by the receipt."""

import re
from datetime import date, timedelta

import pytest

from .looking import follow
from .places import VILLAGE


@pytest.mark.parametrize(("script", "days"), [(True, 3), (False, 4)], ids=["with script", "without script"])
def test_a_reading_circle_finds_a_room_books_it_and_cancels_by_the_receipt(readers, served, script, days):
    day = (date.today() + timedelta(days=days)).isoformat()
    place = served.coverage["venue"]["place"]
    page = readers.page(width=360, script=script)
    page.goto(f"/v/{place}/")
    follow(page, "a[href$='/book/']")
    follow(page, page.locator("main li a", has_text="读书室"))
    page.fill("#day", day)
    follow(page, "#free button")
    assert "08:00–20:00" in page.inner_text("#free")

    page.fill("#id_what", "邻里读书会")
    page.fill("#id_group", "凤凰苑读书小组")
    page.select_option("#id_opens", "19:00")
    page.select_option("#id_closes", "18:00")
    page.fill("#id_people", "１２")
    page.fill("#id_contact", "13800000000")
    follow(page, "#form button[type=submit]")
    assert page.locator(".wd-error a[href='#id_closes']").count() == 1
    assert page.input_value("#id_what") == "邻里读书会"
    page.select_option("#id_closes", "20:00")
    follow(page, "#form button[type=submit]")
    receipt = page.url
    assert re.search(r"/b/[\w-]{24}/$", receipt)
    assert sideways(page) <= 0

    confirmed_at_the_desk(readers, script, page.inner_text("#number"))

    everybody = readers.page(width=360, script=script)
    everybody.goto(f"/v/{place}/?from={day}")
    first = everybody.locator(".wd-days > li").first
    assert "19:00–20:00" in first.inner_text() and "邻里读书会" in first.inner_text()
    assert "凤凰苑读书小组" not in everybody.content() and "13800000000" not in everybody.content()
    assert sideways(everybody) <= 0

    page.goto(receipt)
    follow(page, "#contact button[value=erase]")
    follow(page, "#cancel button")
    assert page.locator("#dates li").get_attribute("data-state") == "freed"
    everybody.reload()
    assert "邻里读书会" not in everybody.inner_text("#timetable")


def confirmed_at_the_desk(readers, script: bool, number: str) -> None:
    keeper = readers.page("village", width=360, script=script)
    keeper.goto("/desk/")
    follow(keeper, keeper.locator(f"main a[href='/desk/area/{VILLAGE}/bookings/']").first)
    follow(keeper, keeper.locator("#waiting a", has_text="邻里读书会"))
    assert number in keeper.inner_text("main")
    assert "13800000000" not in keeper.content()
    follow(keeper, "#decide button[value=confirm]")
    assert keeper.locator("#decide").count() == 0
    assert sideways(keeper) <= 0


def sideways(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
