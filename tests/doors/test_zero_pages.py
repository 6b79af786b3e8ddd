"""The third and the fourth zero at the desk: which units, why, and the page on which the next step is done."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import GRID, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.past import look_back_whole

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

    with django_assert_max_num_queries(12):
        page = text_of(desk.get(f"/desk/area/{VILLAGE}/"))
    assert f"/desk/area/{VILLAGE}/zero/governance/" in page and f"/desk/area/{VILLAGE}/zero/services/" in page


def test_a_unit_says_why_it_lacks_each_zero_and_where_the_next_step_is_done():
    page = text_of(signed_in(a_user(Duty.LOOK, area=VILLAGE)).get(f"/desk/area/{UNIT}/"))
    gap = re.search(r'<section[^>]*id="governance".*?</section>', page, re.S)[0]
    assert 'data-reason="no_body"' in gap and f"/desk/bodies/new/?area={UNIT}" in gap
    far = re.search(r'<section[^>]*id="services".*?</section>', page, re.S)[0]
    assert f"/desk/activities/new/?area={UNIT}" in far


def test_parts_are_shown_beside_one_another_in_the_order_asked_for_and_the_year_behind_them():
    look_back_whole(at=timezone.now())
    desk = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    page = text_of(desk.get(f"/desk/area/{VILLAGE}/compare/"))
    assert re.findall(r'data-code="(\d+)"', page) == [GRID] and page.count("data-day=") == 13
    units = text_of(desk.get(f"/desk/area/{GRID}/compare/?by=governance"))
    assert sorted(re.findall(r'data-code="(\d+)"', units)) == [UNIT, NEXT_UNIT]
    assert desk.get(f"/desk/area/{GRID}/compare/?by=persons").status_code == 200
    assert signed_in(a_user(Duty.LOOK, area=OTHER_VILLAGE)).get(f"/desk/area/{VILLAGE}/compare/").status_code == 404


def test_the_area_draws_the_year_beside_each_zero():
    look_back_whole(at=timezone.now())
    page = text_of(signed_in(a_user(Duty.LOOK, area=VILLAGE)).get(f"/desk/area/{VILLAGE}/"))
    assert page.count('class="wd-spark"') == 4
