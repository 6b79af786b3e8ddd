"""Desk pages asked by a test client: who sees what, as of which day, with how many queries."""

import re
from datetime import date

import pytest
from django.test import Client

from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, TOWN, VILLAGE, a_user, a_village, divisions, load
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.rulebook.rules import Judgement, Verdict, pack
from weiduan.ground.territory.reform import plan_reform, reform
from weiduan.outlook.insight import organisation as insight
from weiduan.outlook.insight.words import judgement_rows

pytestmark = pytest.mark.django_db
ON = "?on=2018-12-31"
MOST_QUERIES, MOST_OF_A_UNIT = 12, 38  # a unit says why, and what to do, of all four zeros


@pytest.fixture(autouse=True)
def nothing_held():
    """Coverage held from another test would be of another world."""
    insight._held.clear()


@pytest.fixture
def village():
    divisions()
    rows = a_village()
    for unit in rows["units"]:
        unit |= {"lon": 104.25, "lat": 30.83}
    load(rows)


def signed_in(user: User | None = None) -> Client:
    client = Client()
    client.force_login(user or a_user())
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize("code", [DISTRICT, TOWN, VILLAGE, GRID, GRID + "001"])
def test_an_area_page_takes_no_more_than_its_queries_even_when_nothing_is_held(
    village, code, django_assert_max_num_queries
):
    client = signed_in()

    with django_assert_max_num_queries(MOST_OF_A_UNIT if len(code) == 18 else MOST_QUERIES):
        assert client.get(f"/desk/area/{code}/{ON}").status_code == 200


def test_the_district_says_how_many_units_are_blind_spots_and_why(village):
    told = text_of(signed_in(), f"/desk/area/{DISTRICT}/{ON}")

    assert "2 个单元没有合格的党小组" in told
    assert "已覆盖 1 / 3，33.3 %" in told
    assert "没有党小组 2" in told


def test_a_unit_says_the_same_step_on_its_own_page_as_on_its_district(village):
    client = signed_in()
    step = "并入“X1”"

    assert step in text_of(client, f"/desk/area/{DISTRICT}/{ON}")
    assert step in text_of(client, f"/desk/area/{GRID}002/{ON}")


def test_before_the_survey_the_page_says_how_to_begin(village):
    told = text_of(signed_in(), f"/desk/area/{OTHER_VILLAGE}/{ON}")

    assert "这一天这里还没有基本单元" in told
    assert "去摸底" in told


def test_a_building_leads_to_its_unit(village):
    answer = signed_in().get(f"/desk/area/{GRID}001001/{ON}")

    assert (answer.status_code, answer["Location"]) == (302, f"/desk/area/{GRID}001/{ON}")


def test_areas_above_ones_own_are_named_but_not_linked(village):
    page = signed_in(a_user(area=VILLAGE)).get(f"/desk/area/{GRID}/{ON}").content.decode()

    assert "<li>青白江区</li>" in page
    assert f'<a href="/desk/area/{VILLAGE}/{ON}">石家碾社区</a>' in page


def test_an_area_that_is_not_ones_own_is_not_there(village):
    client = signed_in(a_user(area=OTHER_VILLAGE))

    for path in ("", "map.json", "coverage.xlsx", "pending/"):
        assert client.get(f"/desk/area/{VILLAGE}/{path}").status_code == 404


def test_names_are_shown_only_to_those_who_keep_organisations(village):
    looks = text_of(signed_in(), f"/desk/organisations/X1/{ON}")
    keeps = text_of(signed_in(a_user(Duty.KEEP_ORGANISATION)), f"/desk/organisations/X1/{ON}")

    assert "张P" in keeps
    assert "张P" not in looks


def test_a_form_of_the_survey_keeps_what_was_chosen_and_says_what_is_missing(village):
    client = signed_in(a_user(Duty.SURVEY))

    answer = client.post("/desk/survey/", {"area": VILLAGE, "kind": "shapes"})

    assert answer.status_code == 400
    assert answer.context["form"].errors == {"coordinates": ["请选图形的坐标系。"], "file": ["请先选文件。"]}
    assert f'<option value="{VILLAGE}" selected>' in answer.content.decode()


def test_those_without_the_duty_get_no_form_of_the_survey(village):
    client = signed_in()

    assert "您没有“摸清底数”的职责" in text_of(client, "/desk/survey/")
    assert client.post("/desk/survey/", {"area": VILLAGE, "kind": "workbook"}).status_code == 400


def test_somebody_without_a_mandate_is_told_whom_to_ask(db):
    told = text_of(signed_in(User.objects.create_user("new", password="a password for tests")), "/desk/")

    assert "您还没有片区" in told


@pytest.fixture
def reformed(village):
    """石家碾 goes on under a new code; nobody knows what becomes of 大弯社区."""
    rows = [
        {"code": code, "name": name, "kind": kind}
        for code, name, kind in [
            (DISTRICT, "青白江区", ""),
            (TOWN, "大弯街道", ""),
            (VILLAGE, "石家碾社区", "community"),
        ]
    ]
    lineage = [{"old_code": OTHER_VILLAGE, "new_code": f"{VILLAGE}?", "kind": "", "basis": "名录未写明"}]
    plan = plan_reform(rows, lineage, edition="2020", on=date(2020, 1, 1))
    reform(plan, by="test", at=MONDAY)


def test_what_waits_after_a_reform_is_noted_and_settled_on_its_page(reformed):
    client = signed_in(a_user(Duty.KEEP_GROUND))
    assert "去向待定" in text_of(client, f"/desk/area/{DISTRICT}/")
    assert "为 1 个区划定去向" in text_of(client, "/desk/")
    page = f"/desk/area/{DISTRICT}/pending/"
    assert "名录未写明" in text_of(client, page)

    client.post(page, {"old": OTHER_VILLAGE, "into": VILLAGE})

    assert "没有待定的区划" in text_of(client, page)
    assert "去向待定" not in text_of(client, f"/desk/area/{DISTRICT}/")


def test_whoever_only_looks_on_gets_no_form_to_settle(reformed):
    page = signed_in().get(f"/desk/area/{DISTRICT}/pending/").content.decode()

    assert "您在这里只能查看" in page
    assert "<select" not in page


def test_every_rule_of_the_pack_can_be_said(village):
    """A rule somebody adds to the pack must not break the record of an organisation."""
    for rule in pack():
        [row] = judgement_rows([Judgement(rule, Verdict.HOLDS, rule.value)])
        assert row["rule"] and str(row["found"]) and rule.act in row["force"]
