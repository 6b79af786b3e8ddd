"""The page on which ground and organisations are brought back in step."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import (
    DISTRICT,
    GRID,
    MONDAY,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    a_user,
    a_village,
    divisions,
    load,
    unit,
)
from tests.systems.organisation.moving import the, two_villages
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.reform import plan_reform, reform
from weiduan.outlook.insight import organisation as insight
from weiduan.systems.organisation.coverage.models import Coverage

pytestmark = pytest.mark.django_db
PAGE = f"/desk/area/{VILLAGE}/in-step/"
ADDED = f"{GRID}004"


@pytest.fixture(autouse=True)
def nothing_held():
    insight._held.clear()


@pytest.fixture
def village():
    """A unit was added last month, and the second unit, on which X2 stands, ended then."""
    divisions()
    rows = a_village(groups={"X1": [GRID + "001"], "X2": [GRID + "002"]})
    load(rows)
    rows["units"] = [*(row for row in rows["units"] if row["code"] != GRID + "002"), unit(ADDED)]
    next(row for row in rows["organisations"] if row["number"] == "X2")["covers"] = None
    changed = timezone.localdate() - timedelta(days=30)
    load(rows, on=changed)
    Coverage.objects.filter(organisation=the("X2"), until=changed).update(
        until=None
    )  # as if the survey had not said so


def signed_in(user: User | None = None) -> Client:
    client = Client()
    client.force_login(user or a_user(Duty.KEEP_ORGANISATION))
    return client


def found(client: Client, page: str = PAGE) -> list[tuple[str, str]]:
    answer = client.get(page)
    assert answer.status_code == 200
    return re.findall(r'data-kind="(\w+)" data-code="(\d+)"', answer.content.decode())


def test_both_sides_are_listed_and_decided_on_one_page(village):
    client = signed_in()
    assert found(client) == [("gone", GRID + "002"), ("new", ADDED)]
    assert found(client, f"{PAGE}?kind=new") == [("new", ADDED)]
    assert found(client, f"{PAGE}?since={timezone.localdate() - timedelta(days=7)}") == [("gone", GRID + "002")]

    ended = str(AreaVersion.objects.get(code=GRID + "002").area_id)
    assert client.post(PAGE, {"do": "leave", "organisation": "X2", "area": ended}).status_code == 302
    assert client.post(PAGE, {"do": "cover", "to": "X2", "code": ADDED}).status_code == 302

    assert found(client) == []
    assert list(Coverage.objects.filter(organisation=the("X2"), until=None).values_list("since", flat=True)) == [
        timezone.localdate()
    ]


def test_a_refusal_is_shown_on_the_page_and_nothing_changes(village):
    client = signed_in()

    for wrong in ({"do": "nothing"}, {"do": "cover", "code": ADDED}):
        assert client.post(PAGE, wrong).status_code == 400
    assert client.post(PAGE, {"do": "cover", "to": "X1", "code": GRID}).status_code == 409
    assert client.post(PAGE, {"do": "cover", "to": "X9", "code": ADDED}).status_code == 404
    assert client.post(PAGE, {"do": "leave", "organisation": "X2", "area": "x"}).status_code == 404
    assert client.get(f"{PAGE}?since=2099-01-01").status_code == 400
    assert found(client) == [("gone", GRID + "002"), ("new", ADDED)]


def test_who_only_looks_on_gets_no_buttons_and_may_not_decide(village):
    client = signed_in(a_user(area=VILLAGE))

    assert '<button class="btn btn-quiet" name="do"' not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"do": "cover", "to": "X2", "code": ADDED}).status_code == 403
    assert signed_in(a_user(Duty.KEEP_ORGANISATION, area=OTHER_VILLAGE)).get(PAGE).status_code == 404


def test_what_waits_after_a_reform_is_named_with_the_organisations_that_wait_with_it():
    two_villages()
    edition = [{"code": code, "name": code, "kind": ""} for code in (DISTRICT, TOWN, VILLAGE)]
    reform(plan_reform(edition, [], edition="2020", on=timezone.localdate()), by="test", at=MONDAY)

    [(waiting, seated)] = signed_in().get(f"/desk/area/{DISTRICT}/in-step/").context["pending"]

    assert (waiting.old_code, seated) == (OTHER_VILLAGE, ["W2", "Y1", "Z2"])


def test_the_page_asks_as_much_of_a_large_area_as_of_a_small_one(village, django_assert_max_num_queries):
    client = signed_in()
    for code in (GRID, VILLAGE, DISTRICT):
        insight._held.clear()
        with django_assert_max_num_queries(27):
            assert client.get(f"/desk/area/{code}/in-step/").status_code == 200


def test_the_area_page_leads_there(village):
    assert PAGE in signed_in().get(f"/desk/area/{VILLAGE}/").content.decode()
