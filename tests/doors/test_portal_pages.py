"""Residents' pages asked by a test client: no account, no person, nothing of what is missing."""

import re

import pytest
from django.test import Client

from tests.builders import GRID, TOWN, VILLAGE, a_village, divisions, load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def village():
    divisions()
    load(a_village())


def text_of(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_unit_names_the_organisations_that_serve_it_and_no_person():
    told = text_of(f"/u/{GRID}001/")

    assert "X1 我们单元的党小组" in told
    assert "Z1 我们网格的党支部" in told
    assert "张P" not in told


def test_a_search_says_what_each_place_is_and_where_it_lies():
    assert "单元001001 物业小区 · 大弯街道 › 石家碾社区" in text_of("/?q=单元001")


def test_a_search_without_a_find_says_what_to_do():
    assert "没有叫“不在这里”的地方" in text_of("/?q=不在这里")


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [(f"/a/{GRID}001/", f"/u/{GRID}001/"), (f"/u/{VILLAGE}/", f"/a/{VILLAGE}/"), (f"/u/{TOWN}/", f"/a/{TOWN}/")],
)
def test_the_wrong_kind_of_page_leads_to_the_right_one(asked, leads_to):
    assert Client().get(asked)["Location"] == leads_to


@pytest.mark.parametrize("place", ["", "?lon=x&lat=1", "?lon=nan&lat=1", "?lon=104"])
def test_a_place_that_cannot_be_read_is_refused_with_the_way_on(place):
    answer = Client().get(f"/here{place}")

    assert answer.status_code in (400, 404)
    assert "请从列表里选" in answer.content.decode()


def test_the_map_of_a_unit_says_nothing_of_what_is_covered():
    features = Client().get(f"/u/{GRID}001/map.json").json()["features"]

    assert all("count" not in feature["properties"] for feature in features)
