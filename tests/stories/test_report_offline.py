"""Telling a matter where there is no network, and finding again what wasn't finished: what a phone keeps, and what it doesn't."""

import re
import time

import pytest
from PIL import Image

from .looking import follow
from .matters import UNIT, handled

TYPED = "2号楼消防通道堵了"
LATER = f"/report/later/?unit={UNIT}"


@pytest.fixture
def page(readers):
    """A phone on which the page was opened once with network."""
    page = readers.page(width=360)
    page.goto(LATER)
    page.evaluate(LOOKED_AFTER)
    page.wait_for_selector("#write:enabled")
    return page


def write(page, text: str) -> None:
    page.fill("#id_text", text)
    page.select_option("#id_category", "09012")
    page.fill("#id_place", "地下车库负二层")
    page.click("#write")


def test_written_without_network_it_waits_and_is_sent_once_when_there_is_some(page, axe, served, tmp_path):
    axe.ready(page)
    page.goto(f"/u/{UNIT}/")
    page.goto(LATER)
    page.context.set_offline(True)
    page.reload()
    assert page.input_value("#id_area") == UNIT
    page.set_input_files("#id_photos", a_photo(tmp_path))
    page.check("[name=wish][value=handler_only]")
    page.fill("#id_contact", "13800000000")
    write(page, "负二层消防通道堆满纸箱")
    page.wait_for_selector("#waiting li[data-state=waits]")
    page.reload()
    page.wait_for_selector("#waiting li")
    assert "负二层消防通道堆满纸箱" in page.inner_text("#waiting") and page.input_value("#id_text") == ""
    assert axe.faults(page) == [] and sideways(page) <= 0
    add(page, "第二天还在")
    page.wait_for_selector("#waiting li:nth-child(2)")

    page.context.set_offline(False)
    page.wait_for_selector("#waiting", state="hidden")
    receipt = page.get_attribute("#mine a[data-address]", "href")
    assert re.fullmatch(r"/r/[\w-]{24}/", receipt) and axe.faults(page) == []
    number = page.inner_text("#mine .m")
    page.reload()
    page.wait_for_selector("#write:enabled")
    assert page.locator("#mine li").count() == 1 and page.locator("#waiting li").count() == 0

    follow(page, "#mine a[data-address]")
    assert page.inner_text("#number") == number and page.locator("#told img").count() == 1
    assert page.locator("#steps li").evaluate_all("(rows) => rows.map((row) => row.dataset.what)") == ["told", "added"]
    assert "负二层消防通道堆满纸箱" in page.inner_text("#told") and page.locator("#contact button").count() == 1
    assert "13800000000" not in page.content()
    handled(served.env, receipt.split("/")[2], ("accept",))  # it is there, for staff too


def test_what_is_refused_stays_with_the_reason_until_it_is_corrected_or_thrown_away(page):
    page.evaluate("document.querySelector('#id_text').removeAttribute('required')")
    write(page, "   ")
    page.wait_for_selector("#waiting li[data-state=refused]")
    page.reload()
    page.click("#waiting [data-do=correct]")
    page.fill("#id_text", "车库灯不亮")
    page.click("#write")
    page.wait_for_selector("#mine a[data-address]")

    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#mine [data-do=forget]")
    page.wait_for_selector("#mine", state="hidden")


def test_nothing_of_anybody_is_kept_but_the_page_itself(page, readers):
    page.goto("/report/")
    page.goto(f"/u/{UNIT}/")
    paths = page.evaluate(
        "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>"
        " (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat())"
    )
    assert [path for path in paths if not path.startswith("/static/")] == ["/report/later/"]

    page.context.set_offline(True)
    page.goto("/report/")
    assert page.url.endswith("/report/later/")


def test_what_was_typed_and_not_sent_is_offered_again_and_gone_once_it_is_sent(readers):
    page = readers.page(width=360)
    page.goto(f"/report/?unit={UNIT}")
    page.fill("#id_text", TYPED)
    to_the_last_step(page)
    page.check("[name=wish][value=handler_only]")
    page.fill("#id_contact", "13800000000")

    page.goto("/report/")
    page.click("#draft_on")
    assert page.input_value("#id_text") == TYPED and "13800000000" not in page.evaluate(DRAFTS)
    follow(page, "#tell button[value=next]")
    assert page.input_value("#id_place") == "2号楼东侧" and page.is_checked(f"[name=unit][value='{UNIT}']")
    follow(page, "#tell button[value=next]")
    follow(page, "button[value=send]")
    kept(page, "[]")

    page.goto("/report/")
    page.fill("#id_text", "又一件")
    kept(page, "又一件")
    page.reload()
    page.click("#draft_off")
    kept(page, "[]")
    assert not page.is_visible("#draft")


def to_the_last_step(page) -> None:
    follow(page, "#tell button[value=next]")
    page.check("[name=guess][value='09012']")
    page.fill("#id_place", "2号楼东侧")
    follow(page, "#tell button[value=next]")


LOOKED_AFTER = """new Promise((resolve) => {
  const look = () => navigator.serviceWorker.controller && resolve(null);
  navigator.serviceWorker.addEventListener("controllerchange", look);
  look();
})"""
DRAFTS = """new Promise((resolve) => {
  const opened = indexedDB.open("weiduan", 1);
  opened.onerror = () => resolve("");
  opened.onsuccess = () => {
    const rows = opened.result.transaction("drafts").objectStore("drafts").getAll();
    rows.onsuccess = () => resolve(JSON.stringify(rows.result));
  };
})"""


def kept(page, words: str) -> None:
    """Wait until the drafts of the browser hold some words."""
    until = time.monotonic() + 20
    while words not in page.evaluate(DRAFTS):
        assert time.monotonic() < until
        page.wait_for_timeout(50)


def add(page, words: str) -> None:
    page.click("#mine summary")
    page.fill("#mine textarea", words)
    page.click("#mine form button")


def a_photo(folder) -> str:
    path = folder / "IMG_1.jpg"
    Image.new("RGB", (30, 20), "red").save(path)
    return str(path)


def sideways(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
