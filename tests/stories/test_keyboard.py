"""Journeys by keyboard alone: every stop is seen, and nothing keeps one from going on."""

import re

from .matters import UNIT, told_at

FOCUS = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const box = one.getBoundingClientRect();
  const label = one.labels?.length ? one.labels[0].innerText : one.innerText || one.value || "";
  return { tag: one.tagName, name: one.name || "", id: one.id, words: label.trim(), value: one.value ?? "",
           href: one.getAttribute("href") ?? "", drawn,
           inside: box.bottom > 0 && box.top < innerHeight };
}"""
MOST_STOPS = 90


def at(page) -> dict:
    return page.evaluate(FOCUS)


def to(page, **wanted: str) -> dict:
    """Press Tab until what is wanted has the focus; every stop on the way must be seen."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = at(page)
        if here["tag"] == "BODY":
            continue
        assert here["drawn"] and (here["inside"] or comes_into_view(page)), here
        if all(re.search(value, here[key]) for key, value in wanted.items()):
            return here
    raise AssertionError(f"never reached: {wanted}")


def comes_into_view(page) -> bool:
    """Whether the page scrolls to what has the focus, within a second."""
    page.wait_for_timeout(1000)
    return at(page)["inside"]


def enter(page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_resident_finds_the_unit_and_tells_a_matter(readers, served):
    page = readers.page(width=360, reduced_motion="reduce")
    page.goto(f"/u/{UNIT}/")
    name = page.inner_text("h1")

    page.goto("/")
    page.keyboard.press("Tab")
    assert at(page)["words"] == "跳到正文"  # first of all a way past the head of the page
    page.keyboard.press("Enter")
    assert at(page)["id"] == "main"
    to(page, id="^q$")
    page.keyboard.type(name)
    enter(page)
    to(page, tag="^A$", words=re.escape(name))
    enter(page)
    to(page, id="^tell$")
    enter(page)

    to(page, id="^id_text$")
    page.keyboard.type("楼道灯不亮，晚上看不见")
    to(page, tag="^BUTTON$", words="^下一步$")
    enter(page)
    guess = to(page, name="^guess$")
    page.keyboard.press("Space")
    assert page.locator("[name=guess]:checked").count() == 1 and guess["tag"] == "INPUT"
    to(page, id="^id_place$")
    page.keyboard.type("2单元")
    to(page, tag="^BUTTON$", words="^下一步$")
    enter(page)
    to(page, name="^wish$")
    page.keyboard.press("Space")
    to(page, tag="^BUTTON$", words="^提交$")
    enter(page)

    assert re.search(r"/r/[\w-]{24}/$", page.url)
    assert page.evaluate("window.refusedByPolicy") == []


def test_a_mistake_takes_the_focus_to_its_summary_and_from_there_to_the_field(readers):
    page = readers.page(width=360, reduced_motion="reduce")
    page.goto("/report/")
    to(page, tag="^BUTTON$", words="^下一步$")
    enter(page)

    page.wait_for_function("() => document.activeElement.closest('.wd-error') !== null")
    to(page, tag="^A$", words=".")
    page.keyboard.press("Enter")
    assert at(page)["id"] == "id_text"


def test_a_grid_worker_signs_in_takes_a_matter_and_answers_it(readers, served):
    [fresh] = told_at(served.env, ("B01", 0.0, 0.0))
    page = readers.page(reduced_motion="reduce")
    page.goto("/accounts/login/?next=/desk/reports/")
    to(page, name="^login$")
    page.keyboard.type("grid")
    to(page, name="^password$")
    page.keyboard.type(served.passwords["grid"])
    enter(page)
    page.wait_for_url("**/desk/reports/")

    page.goto(f"/desk/reports/?q={fresh['number']}")
    to(page, href=page.locator(f"[data-number='{fresh['number']}'] a").get_attribute("href"))
    enter(page)
    to(page, tag="^BUTTON$", words="^受理$")
    enter(page)
    to(page, tag="^SUMMARY$", words="^答复")
    page.keyboard.press("Enter")
    to(page, tag="^TEXTAREA$")
    page.keyboard.type("灯已换好，请看看")
    to(page, tag="^BUTTON$")
    enter(page)
    assert "灯已换好，请看看" in page.inner_text("main")
