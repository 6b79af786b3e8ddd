"""A secretary's morning: from signing in to the organisation that must hold its election."""

import re

from .looking import follow


def test_from_today_to_the_organisation_behind_a_gap(readers, served):
    page = readers.page()
    readers.sign_in(page, "district")
    assert page.inner_text(".fig") == str(served.coverage["blind_spots"])

    follow(page, ".wd-nav >> text=片区")
    assert page.inner_text("h1") == "青白江区"
    assert f"已覆盖 {served.coverage['covered']} / {served.coverage['units']}" in page.inner_text("main")

    late = served.coverage["blind_spots_by_reason"]["term_over"]
    follow(page, f".wd-seg >> text=任期已过 {late}")
    rows = page.locator("#gaps tbody tr")
    assert rows.count() == late
    assert all("启动" in step for step in page.locator("#gaps .step").all_inner_texts())

    unit = rows.first.locator("th a").inner_text()
    follow(page, rows.first.locator("th a"))
    assert page.inner_text("h1") == unit
    assert "未覆盖" in page.inner_text("main")

    here = page.locator("section", has_text="建在这里的党组织")
    follow(page, here.locator("li", has_text="不合格").locator("a").first)
    verdict = page.locator("tr", has_text="任期没有过").inner_text()
    assert re.search(r"已过 \d+ 天", verdict)
    assert "不满足" in verdict


def test_the_parts_of_the_district_add_up_to_it(readers, served):
    page = readers.page("district")
    page.goto("/desk/area/510113000000/")

    blind, units = (
        sum(
            int(text.replace(",", ""))
            for text in page.locator(f".wd-mapfacts tbody td:nth-of-type({n})").all_inner_texts()
        )
        for n in (1, 2)
    )
    assert (blind, units) == (served.coverage["blind_spots"], served.coverage["units"])


def test_a_map_opens_the_page_of_what_is_touched(readers):
    page = readers.page("village")
    page.goto("/desk/area/510113001001/")
    page.locator("figure[data-drawn]").wait_for(timeout=60_000)
    page.locator(".wd-map-frame").scroll_into_view_if_needed()
    frame = page.locator(".wd-map-frame").bounding_box()
    page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)

    page.wait_for_url(re.compile(r"/desk/area/510113001001\d{6}/"))
    assert page.locator("h1").count() == 1


def test_a_grid_worker_sees_no_further_than_the_grid_and_no_name(readers):
    page = readers.page("grid", width=360)
    page.goto("/desk/organisations/Z510113001001001/")
    assert "您在这里只能查看，所以不显示姓名。" in page.inner_text("main")
    assert page.locator("h2", has_text="党员").count() == 0

    assert page.goto("/desk/area/510113000000/").status == 404
