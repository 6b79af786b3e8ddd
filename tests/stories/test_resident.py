"""A resident finds the page of where he or she lives."""

import re

from .looking import follow

UNIT = "510113001001001001"


def test_by_name(readers, served):
    page = readers.page(width=360)
    page.goto(f"/u/{UNIT}/")
    name = page.inner_text("h1")

    page.goto("/")
    page.fill("#q", name)
    follow(page, "form[role=search] button")
    follow(page, page.locator("#found a", has_text="青江路社区").first)

    assert page.inner_text("h1") == name
    assert page.locator("h2").all_inner_texts()[:3] == ["近期活动", "我们的问题办得怎样", "谁在这里为我们办事"]


def test_from_the_list_down_to_the_unit(readers):
    page = readers.page(width=360)
    page.goto("/")
    for choice in ("红阳街道", "青江路社区", "01网格"):
        follow(page, page.locator("main li a", has_text=choice).first)
        assert page.inner_text("h1") == choice
    follow(page, page.locator("main li a").nth(-1))
    assert re.search(r"/u/510113001001001\d{3}/$", page.url)


def test_by_place_which_is_asked_for_only_on_touch(readers, served):
    page = readers.page(width=360, permissions=["geolocation"], geolocation={"longitude": 0, "latitude": 0})
    page.goto(f"/u/{UNIT}/")
    lon, lat = inside(page.request.get(f"/u/{UNIT}/map.json").json())
    page.context.set_geolocation({"longitude": lon, "latitude": lat})
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/")
    assert not any("/here?" in url for url in asked)
    page.click("text=用我的位置")
    page.wait_for_url(f"**/u/{UNIT}/")


def inside(features: dict) -> tuple[float, float]:
    """Return a point well inside the unit's own outline."""
    outline = next(f for f in features["features"] if f["properties"]["code"] == UNIT)["geometry"]["coordinates"][0]
    corners = outline[:-1]
    return tuple(sum(corner[axis] for corner in corners) / len(corners) for axis in (0, 1))


def test_no_page_for_residents_says_what_is_not_covered(readers, served):
    page = readers.page()
    page.goto(f"/u/{served.gap('no_group')['code']}/")

    assert "盲区" not in page.inner_text("main")
    assert "未覆盖" not in page.inner_text("main")


def test_elders_choose_larger_letters_for_every_page(readers):
    page = readers.page(width=360)
    page.goto("/")
    follow(page, "text=长辈版")
    page.goto(f"/u/{UNIT}/")

    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('main *')].filter((e) => e.innerText && e.offsetParent)"
        ".map((e) => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 18
