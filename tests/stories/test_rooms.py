"""From a plan's rooms on two maps to micro-venues that are planned."""

import re

from .looking import follow, wait_for_map


def test_a_town_adopts_all_rooms_but_one_and_that_one_later(readers, served):
    page = readers.page("town")
    page.goto(f"/desk/plans/{served.coverage['rooms']}/venues/")
    wait_for_map(page)
    assert page.locator("figure[data-drawn]").count() == 2
    boxes = page.locator("#rooms input[name=number]")
    many = boxes.count()
    assert f"再开 {many} 处" in page.inner_text("h1")

    last = boxes.last.get_attribute("value")
    boxes.last.uncheck()
    follow(page, "button[value=adopt_ticked]")
    assert re.search(rf"已规划 {many - 1} 处微阵地", page.inner_text("main"))
    assert [box.get_attribute("value") for box in page.locator("#rooms input[name=number]").all()] == [last]

    follow(page, "button[value=adopt]")
    assert page.locator("#rooms input[name=number], button[value=adopt]").count() == 0


def test_the_maps_count_as_the_table_does(readers, served):
    page = readers.page("district", script=False)
    page.goto(f"/desk/plans/{served.coverage['rooms']}/venues/")
    reached, units = map(int, page.locator(".wd-figures dd").first.inner_text().split("/"))
    drawn = page.request.get(f"/desk/plans/{served.coverage['rooms']}/venues/map.json?side=plan").json()["features"]
    states = [f["properties"]["state"] for f in drawn if "state" in f["properties"] and "role" not in f["properties"]]
    assert (states.count("covered"), len(states)) == (reached, units)
    assert page.locator("#units tbody tr").count() == min(units, 30)
