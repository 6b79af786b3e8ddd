"""The reports of an area for everyone: counts that add up, shares with what they are of, released words, and no single place."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import DISTRICT, GRID, OTHER_VILLAGE, VILLAGE
from tests.systems.governance.matters import INSIDE, NEXT_UNIT, UNIT, a_handler, a_village, told
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.public import Counts, counts_by_area, counts_in, rates_of

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


def test_counts_add_up_over_levels_and_leave_out_what_was_told_in_confidence():
    some()
    at = timezone.now()
    found = counts_by_area(DISTRICT, at=at)
    assert found == {UNIT: Counts(1, 1, 2, 1), NEXT_UNIT: Counts(1, 0, 0, 1)}
    whole = Counts(2, 1, 2, 2)
    assert [counts_in(code, found) for code in (DISTRICT, VILLAGE, GRID)] == [whole] * 3
    assert counts_in(UNIT, found) == Counts(1, 1, 2, 1) and counts_in(OTHER_VILLAGE, found) == Counts()
    rates = rates_of(DISTRICT, at=at)
    assert (rates.in_time, rates.answered, rates.solved, rates.disputed, rates.no_word, rates.left_out) == (
        3,
        3,
        1,
        1,
        0,
        1,
    )


def test_the_page_shows_figures_parts_and_released_words_and_none_of_the_told():
    some()
    page = Client().get(f"/a/{VILLAGE}/reports/").content.decode()
    shown = figures(page)
    assert (shown["open"], shown["answered"], shown["closed"], shown["solved"], shown["disputed"]) == (
        "2",
        "1",
        "2",
        "1",
        "1",
    )
    assert f'data-code="{GRID}"' in page
    assert "消防通道正在清理" in page and "路灯已修好" in page and not re.search(r"话\d", page)
    closed = Client().get(f"/a/{UNIT}/reports/?state=closed").content.decode()
    assert "路灯已修好" in closed and "消防通道正在清理" not in closed
    assert "路灯已修好" not in Client().get(f"/a/{UNIT}/reports/?category=C").content.decode()
    assert Client().get(f"/a/{UNIT}/reports/?state=x&category=x&page=x").status_code == 200
    assert Client().get("/a/999999999999/reports/").status_code == 404


def test_the_map_says_which_parts_have_one_and_never_where_exactly():
    some()
    told(receipt(9), lon=INSIDE[0], lat=INSIDE[1])
    data = json.loads(Client().get(f"/a/{VILLAGE}/reports/map.json").content)
    found = {f["properties"]["code"]: (f["properties"]["state"], f["properties"]["count"]) for f in data["features"]}
    assert found == {UNIT: ("covered", 1), NEXT_UNIT: ("covered", 1)}
    assert {f["geometry"]["type"] for f in data["features"]} == {"Polygon"} and str(INSIDE[0]) not in json.dumps(data)


def test_queries_do_not_grow_with_what_is_shown(django_assert_max_num_queries):
    some()
    with django_assert_max_num_queries(12):
        Client().get(f"/a/{VILLAGE}/reports/")


def test_an_area_whose_own_code_ends_in_zero_counts_none_of_its_neighbours():
    """The villages 510113002010 and …011, the towns 510113010000 and …011000: a zero at the end isn't always filling."""
    found = {
        "510113002011001001": Counts(1, 0, 0, 0),
        "510113002010001001": Counts(0, 1, 0, 0),
        "510113011001": Counts(0, 0, 1, 0),
    }
    assert counts_in("510113002010", found) == Counts(0, 1, 0, 0)
    assert counts_in("510113010000", found) == Counts()
    assert counts_in("510113000000", found) == Counts(1, 1, 1, 0)
