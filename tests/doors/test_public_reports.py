"""The reports of an area for everyone: counts that add up, shares with what they are of, released words, and no single place."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import GRID, VILLAGE
from tests.systems.governance.matters import INSIDE, NEXT_UNIT, UNIT, a_handler, a_village, told
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.published.quarters import publish_quarters
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def village(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village(drawn=True)


def receipt(n: int) -> str:
    return f"receipt-of-a-resident-{n:02d}"


def figures(page: str) -> dict[str, str]:
    return {name: text.strip() for name, text in re.findall(r'data-figure="(\w+)">([^<]+)<', page)}


def some() -> dict[str, Report]:
    """Tell six: open, answered, solved, not solved, joined, and one in confidence."""
    now, by = timezone.now() - timedelta(hours=1), a_handler()
    names = ("open", "answered", "solved", "disputed", "joined", "secret")
    made = {
        name: told(
            receipt(n),
            at=now,
            area=NEXT_UNIT if name == "open" else UNIT,
            text=f"话{n}",
            in_confidence=name == "secret",
        )
        for n, name in enumerate(names)
    }
    for name in ("answered", "solved", "disputed"):
        handling.begin(made[name].pk, by=by, at=now)
        handling.answer(made[name].pk, "已处理", by=by, at=now)
    reporting.confirm(receipt(2), at=now)
    reporting.dispute(receipt(3), "还在", at=now)
    handling.join(made["joined"].pk, made["open"].pk, by=by, at=now)
    handling.release(made["open"].pk, "消防通道正在清理", by=by, at=now)
    handling.release(made["solved"].pk, "路灯已修好", by=by, at=now)
    return made


def test_the_page_tells_what_is_seen_to_and_released_words_and_none_of_the_told():
    some()
    page = Client().get(f"/a/{VILLAGE}/reports/").content.decode()
    assert figures(page) == {"open": "不足 5 件"}
    for n in range(10, 14):
        told(receipt(n), at=timezone.now(), area=NEXT_UNIT)
    page = Client().get(f"/a/{VILLAGE}/reports/").content.decode()
    assert figures(page) == {"open": "6"} and f"/a/{GRID}/reports/" in page
    unit = Client().get(f"/a/{UNIT}/reports/").content.decode()
    assert figures(unit) == {"open": "连同邻处共 6 件"}
    assert "消防通道正在清理" in page and "路灯已修好" in page and not re.search(r"话\d", page)
    closed = Client().get(f"/a/{UNIT}/reports/?state=closed").content.decode()
    assert "路灯已修好" in closed and "消防通道正在清理" not in closed
    assert "路灯已修好" not in Client().get(f"/a/{UNIT}/reports/?category=C").content.decode()
    assert Client().get(f"/a/{UNIT}/reports/?state=x&category=x&page=x").status_code == 200
    assert Client().get("/a/999999999999/reports/").status_code == 404


def test_the_page_shows_quarters_as_they_were_published():
    at = timezone.now() - timedelta(days=100)
    for n in range(7):
        told(receipt(n), at=at, area=UNIT)
    assert publish_quarters(at=timezone.now()) == 4
    page = Client().get(f"/a/{UNIT}/reports/").content.decode()
    [quarter] = re.findall(r"data-quarter.*?</details>", page, re.S)
    assert "反映 7 件" in quarter and re.search(r"尚未答复</dt><dd>7</dd>", quarter) and "四类常见乱象" in quarter


def test_the_map_says_which_parts_have_one_and_never_where_exactly():
    some()
    told(receipt(9), lon=INSIDE[0], lat=INSIDE[1])
    data = json.loads(Client().get(f"/a/{VILLAGE}/reports/map.json").content)
    found = {f["properties"]["code"]: (f["properties"]["state"], f["properties"]["count"]) for f in data["features"]}
    assert found == {UNIT: ("covered", 1), NEXT_UNIT: ("covered", 1)}
    assert {f["geometry"]["type"] for f in data["features"]} == {"Polygon"} and str(INSIDE[0]) not in json.dumps(data)


def test_queries_do_not_grow_with_what_is_shown(django_assert_max_num_queries):
    some()
    catch_up(at=timezone.now())
    with django_assert_max_num_queries(12):
        Client().get(f"/a/{VILLAGE}/reports/")
