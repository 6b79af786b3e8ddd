"""Early signs at the desk: what one may look at, where each is looked at, and switching a kind off and on."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import UNIT, a_village, told
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.outlook.signs.models import SignSwitch
from weiduan.systems.governance.reports.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()
    report = told(at=timezone.now() - timedelta(days=1))
    Report.objects.filter(pk=report.pk).update(due_at=timezone.now() + timedelta(minutes=20))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def signs_on(answer) -> list[tuple[str, str]]:
    return re.findall(r'data-sign="(\w+)" data-area="(\d+)"', answer.content.decode())


def test_each_sees_the_signs_of_the_areas_one_looks_at():
    desk = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    page = desk.get("/desk/signs/")
    assert signs_on(page) == [("reports_due", UNIT)]
    assert f'href="/desk/area/{UNIT}/"' in page.content.decode()  # who handles no reports is led to the area
    assert "消防通道" not in page.content.decode() and "/desk/signs/off/" not in page.content.decode()
    assert signs_on(desk.get(f"/desk/signs/?area={UNIT}&kind=reports_due")) == [("reports_due", UNIT)]
    assert signs_on(desk.get("/desk/signs/?kind=weather")) == [("reports_due", UNIT)]

    stranger = signed_in(a_user(Duty.LOOK, area=OTHER_VILLAGE))
    assert signs_on(stranger.get("/desk/signs/")) == []
    assert stranger.get(f"/desk/signs/?area={VILLAGE}").status_code == 404
    assert stranger.get(f"/desk/signs/off/?kind=growth&area={VILLAGE}").status_code == 404


def test_who_handles_reports_is_led_to_them():
    page = signed_in(a_user(Duty.HANDLE_REPORTS, area=VILLAGE)).get("/desk/signs/").content.decode()
    assert f"/desk/reports/?area={UNIT}" in page


def test_the_page_of_today_leads_there():
    assert 'href="/desk/signs/"' in signed_in(a_user(Duty.LOOK, area=VILLAGE)).get("/desk/").content.decode()


def test_a_keeper_switches_a_kind_off_with_a_reason_and_on_again():
    keeper = a_user(Duty.KEEP_GOVERNANCE, area=VILLAGE)
    desk = signed_in(keeper)
    assert f"/desk/signs/off/?kind=reports_due&amp;area={UNIT}" in desk.get("/desk/signs/").content.decode()
    form = f"/desk/signs/off/?kind=reports_due&area={UNIT}"
    page = desk.get(form).content.decode()
    assert re.findall(r'<option value="(\d+)"', page) == [UNIT, UNIT[:15], VILLAGE]  # only where one keeps

    until = local_day(timezone.now()) + timedelta(days=9)
    assert desk.post(form, {"area": VILLAGE, "until": until, "reason": ""}).status_code == 400
    wrong = desk.post(form.replace("reports_due", "weather"), {"area": VILLAGE, "until": until, "reason": "换人"})
    assert wrong.status_code == 400 and not SignSwitch.objects.exists()
    assert desk.post(form, {"area": VILLAGE, "until": until, "reason": "窗口搬家"}).status_code == 302
    page = desk.get("/desk/signs/")
    assert signs_on(page) == [] and "窗口搬家" in page.content.decode()

    key = SignSwitch.objects.get().pk
    looks = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    assert "窗口搬家" in looks.get("/desk/signs/").content.decode()  # everyone who looks there reads why
    assert looks.post("/desk/signs/", {"on": key}).status_code == 403
    assert desk.post("/desk/signs/", {"on": key}).status_code == 302
    assert signs_on(desk.get("/desk/signs/")) == [("reports_due", UNIT)]
    assert desk.post("/desk/signs/", {"on": "x"}).status_code == 404


def test_an_area_that_lies_in_another_one_looks_at_is_told_once():
    user = a_user(Duty.LOOK, area=VILLAGE)
    give_mandate(user, Duty.LOOK, area=UNIT[:15], since=local_day(timezone.now()), by="test", at=timezone.now())
    assert signs_on(signed_in(user).get("/desk/signs/")) == [("reports_due", UNIT)]
    assert signs_on(signed_in(a_user(Duty.LOOK, area="")).get("/desk/signs/")) == [("reports_due", UNIT)]
