"""Dead corners and the use of places on the desk: figures, steps that lead somewhere, map, workbooks, and who may look."""

import io
import json

import openpyxl
import pytest
from django.test import Client

from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, SURVEYED, VILLAGE, a_user
from tests.systems.venues.places import a_place, a_room, a_wish
from tests.systems.venues.reaching import a_row, a_venue
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.micro_venues.rules import State

pytestmark = pytest.mark.django_db
PAGE = f"/desk/area/{VILLAGE}/dead-corners/"


@pytest.fixture
def village():
    """Unit 1 is served, 2 is near but not served, 3 is served from too far away, 4 could have a room."""
    a_row({1: 0, 2: 1, 3: 9, 4: 30}, {"F1": 0, "F4": 31})
    return a_venue("F1", [1, 3])


def signed_in(duty: Duty = Duty.LOOK, area: str = DISTRICT) -> Client:
    client = Client()
    client.force_login(a_user(duty, area=area))
    return client


def test_the_page_counts_names_each_unit_and_links_the_page_that_does_the_next_step(village):
    answer = signed_in().get(PAGE, {"on": str(SURVEYED)})
    text = answer.content.decode()
    assert '<dd data-figure="within">1 / 4</dd>' in text and '<dd data-figure="dead-corners">3</dd>' in text
    steps = {row["name"][-3:]: row["step_url"] for row in answer.context["rows"]}
    assert steps == {
        "002": f"/desk/venues/{village.facility_id}/",
        "003": f"/desk/area/{VILLAGE}/premises/",
        "004": "/desk/premises/F4/",
    }
    only = signed_in().get(PAGE, {"on": str(SURVEYED), "reason": "too_far"})
    assert [row["name"][-3:] for row in only.context["rows"]] == ["003"]
    assert [band["within"] for band in answer.context["bands"]] == [[(250, 203), (500, 203), (750, 203)]]


@pytest.mark.parametrize("code", [DISTRICT, VILLAGE, GRID, f"{GRID}002"])
def test_every_level_has_the_page_its_map_and_its_figure(village, code):
    client, on = signed_in(), {"on": str(SURVEYED)}
    assert client.get(f"/desk/area/{code}/dead-corners/", on).status_code == 200
    drawn = json.loads(client.get(f"/desk/area/{code}/dead-corners/map.json", on).content)["features"]
    assert [f["properties"]["name"] for f in drawn if f["properties"].get("role") == "room"] == (
        ["F1微阵地"] if len(code) < 15 else []
    )
    if len(code) < 18:
        assert client.get(f"/desk/area/{code}/", on).context["reached"]["dead_corners"] == 3


def test_a_unit_page_says_how_far_its_place_is_or_what_to_do(village):
    client, on = signed_in(), {"on": str(SURVEYED)}
    near = client.get(f"/desk/area/{GRID}001/", on).context["way"]
    assert (near["corner"], near["name"], near["limit"]) == (None, "F1微阵地", 650)
    far = client.get(f"/desk/area/{GRID}002/", on).context["way"]
    assert far["corner"]["step_url"] == f"/desk/venues/{village.facility_id}/"


def test_the_workbook_holds_what_the_page_shows(village):
    answer = signed_in().get(f"/desk/area/{VILLAGE}/dead-corners.xlsx", {"on": str(SURVEYED)})
    total, corners, reach = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    assert [cell.value for cell in total[3]][2:6] == [4, 410, 1, 3]
    assert [cell.value for cell in corners["A"]][2:] == [f"{GRID}00{n}" for n in (4, 3, 2)]  # most households first
    assert [cell.value for cell in reach[3]] == ["F1微阵地", 2, 203, 203, 203]


def test_the_rules_page_counts_dead_corners_as_breaking_the_rule(village):
    answer = signed_in().get(f"/desk/area/{VILLAGE}/rules/")
    rows = {row["id"]: row for _title, rows in answer.context["groups"] for row in rows}
    assert rows["unit-venue-walk"]["broken"] == 3


def test_who_may_not_look_learns_nothing(village):
    for path in ("dead-corners/", "dead-corners/map.json", "dead-corners.xlsx", "use/", "use.xlsx"):
        assert signed_in(area=OTHER_VILLAGE).get(f"/desk/area/{VILLAGE}/{path}").status_code == 404
        assert Client().get(f"/desk/area/{VILLAGE}/{path}").status_code == 302


def test_before_anything_is_known_the_page_says_how_to_begin(village):
    answer = signed_in().get(f"/desk/area/{OTHER_VILLAGE}/dead-corners/")
    assert answer.status_code == 200 and "/desk/survey/" in answer.content.decode()


def test_the_use_of_a_month_is_told_by_use_and_by_unit_and_never_by_whom():
    a_row({1: 0}, {"F1": 0})
    a_venue("F1", [1], state=State.PLANNED)  # never open, so not listed
    place = a_place(divided=True, quota_hours=None)
    home = area_by_code(f"{GRID}001", on=SURVEYED).area_id
    book(a_room(place), a_wish(group="不记名的小组", unit=home), by="test", at=MONDAY)
    answer = signed_in().get(f"/desk/area/{VILLAGE}/use/", {"month": "2018-11"})
    [row] = [row["it"] for row in answer.context["rows"]]
    assert (row.open_hours, row.used_hours, row.by_use, row.by_unit) == (360, 1, [("reading", 1)], [("单元001001", 1)])
    sheets = openpyxl.load_workbook(
        io.BytesIO(signed_in().get(f"/desk/area/{VILLAGE}/use.xlsx", {"month": "2018-11"}).content)
    ).worksheets
    assert [[cell.value for cell in sheet[3]] for sheet in sheets][2] == [place.name, "单元001001", 1]
    assert "不记名的小组" not in answer.content.decode()
    december = signed_in().get(f"/desk/area/{VILLAGE}/use/", {"month": "2018-12"})
    assert [row["it"].used_hours for row in december.context["rows"]] == [0]
    assert signed_in().get(f"/desk/area/{VILLAGE}/use/", {"month": "2018-13"}).status_code == 400


def test_today_shows_the_second_zero_of_ones_area(village):
    client = Client()
    client.force_login(a_user(area=VILLAGE))
    assert client.get("/desk/").context["reached"] == {"units": 4, "within": 1, "dead_corners": 3}
