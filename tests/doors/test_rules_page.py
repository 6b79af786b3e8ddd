"""The rules of an area on the desk: who breaks which, and a local value with its source."""

import re
from datetime import date

import pytest
from django.test import Client

from tests.builders import DISTRICT, GRID, OTHER_VILLAGE, VILLAGE, a_user, a_village, divisions, load
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.rulebook.queries import local_values

pytestmark = pytest.mark.django_db
PAGE = f"/desk/area/{VILLAGE}/rules/"


@pytest.fixture
def village():
    divisions()
    load(a_village(groups={"X1": [GRID + "001"], "X2": [GRID + "002"]}, members=2))


def signed_in(duty: Duty = Duty.LOOK, area: str = DISTRICT) -> Client:
    client = Client()
    client.force_login(a_user(duty, area=area))
    return client


def rows_of(client: Client) -> dict[str, dict]:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return {row["id"]: row for _title, rows in answer.context["groups"] for row in rows}


def test_each_rule_counts_and_links_the_organisations_that_break_it(village):
    rows = rows_of(signed_in())

    assert (rows["group-members"]["broken"], [n for n, _ in rows["group-members"]["links"]]) == (2, ["X1", "X2"])
    assert rows["group-full-members"]["broken"] == 0
    assert rows["branch-committee"]["broken"] == 1  # seven full members with its groups, and no committee


def test_a_local_value_is_set_with_its_source_and_counts_at_once(village):
    client = signed_in(Duty.SET_RULES)

    assert client.post(PAGE, {"rule": "group-members", "value": "2", "source": "区委〔2026〕1号"}).status_code == 302

    row = rows_of(client)["group-members"]
    assert (row["broken"], row["local"].value, row["source"]) == (0, 2, "区委〔2026〕1号")
    assert re.search(r"\d", row["set_by"])


def test_a_must_is_not_offered_and_nobody_sets_values_without_the_duty(village):
    must = {"rule": "branch-full-members", "value": "1", "source": "x"}
    assert signed_in(Duty.SET_RULES).post(PAGE, must).status_code == 400
    assert signed_in().post(PAGE, {"rule": "group-members", "value": "2", "source": "x"}).status_code == 403
    assert signed_in(area=OTHER_VILLAGE).get(PAGE).status_code == 404
    assert local_values(VILLAGE, on=date.today()) == {}
