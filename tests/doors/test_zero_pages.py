"""The third and the fourth zero at the desk: which units, why, and the page on which the next step is done."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.outlook.insight.counted.folding import catch_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return answer.content.decode()


def test_each_reason_leads_to_where_its_next_step_is_done():
    desk = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    page = text_of(desk.get(f"/desk/area/{VILLAGE}/zero/governance/"))

    assert re.findall(r'data-unit="(\d+)"', page)[0] == UNIT
    assert re.findall(r'data-reason="(\w+)"', page)[:3] == ["no_body", "no_compact", "not_talked_over"]
    assert f"/desk/bodies/new/?area={UNIT}" in page and f"/desk/topics/new/?area={UNIT}" in page
    far = text_of(desk.get(f"/desk/area/{VILLAGE}/zero/services/?reason=no_service"))
    assert f"/desk/activities/new/?area={UNIT}" in far and f"/desk/satisfaction/new/?area={UNIT}&amp;about=unit" in far


def test_another_day_is_asked_for_and_nothing_else_is_a_zero():
    desk = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    assert 'data-reason="no_body"' in text_of(desk.get(f"/desk/area/{VILLAGE}/zero/governance/?on=2018-11-05"))
    assert desk.get(f"/desk/area/{VILLAGE}/zero/persons/").status_code == 404
    assert (
        signed_in(a_user(Duty.LOOK, area=OTHER_VILLAGE)).get(f"/desk/area/{VILLAGE}/zero/services/").status_code == 404
    )


def test_the_area_shows_all_four_with_few_queries_once_they_are_counted(django_assert_max_num_queries):
    desk = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    catch_up(at=timezone.now())
    desk.get(f"/desk/area/{VILLAGE}/")  # coverage is held from now on

    with django_assert_max_num_queries(13):
        page = text_of(desk.get(f"/desk/area/{VILLAGE}/"))
    assert f"/desk/area/{VILLAGE}/zero/governance/" in page and f"/desk/area/{VILLAGE}/zero/services/" in page
