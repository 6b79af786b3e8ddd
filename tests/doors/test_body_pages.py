"""Bodies through their pages: founded, elected, vacant, handed over; names only where they are public."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.compacting import a_keeper
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.bodies import rules
from weiduan.systems.governance.bodies.models import Body, BodyHandover, Officer

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def today():
    return local_day(timezone.now())


def founded(client: Client, **more) -> str:
    said = {"kind": "owners_committee", "name": "石家碾小区业主委员会", "since": today() - 900 * DAY} | more
    answer = client.post(f"/desk/bodies/new/?area={UNIT}", said)
    assert answer.status_code == 302
    return answer["Location"]


def elected(client: Client, page: str, **more):
    said = {
        "do": "elect",
        "since": today() - 400 * DAY,
        "seats": "5",
        "officers": "主任 王芳\n委员 李军",
        "words": "业主大会",
    }
    return client.post(page, said | more)


def test_from_its_founding_to_what_is_handed_over_after_the_next_election():
    desk = signed_in(a_keeper())
    found = desk.get("/desk/bodies/new/?look=单元").content.decode()
    assert f"?area={UNIT}" in found
    page = founded(desk)
    assert elected(desk, page).status_code == 302
    shown = desk.get(page).content.decode()
    assert "王芳" in shown and 'data-figure="vacancies">3<' in shown and 'id="fill"' in shown

    wrong = elected(desk, page, officers="王芳").content.decode()
    assert "wd-error" in wrong and "王芳</textarea>" in wrong  # what was typed stays
    assert elected(desk, page, officers="总经理 王芳").status_code == 400
    assert elected(desk, page, seats="x").status_code == 400

    fill = {"do": "fill", "office": "委员", "name": "赵敏", "person": "", "on": today() - 300 * DAY}
    assert desk.post(page, fill).status_code == 302
    assert desk.post(page, fill | {"person": "no-such-number"}).status_code == 400
    leaving = Officer.objects.get(name="李军")
    assert (
        desk.post(page, {"do": "leave", "officer": leaving.pk, "reason": "moved", "on": today() - DAY}).status_code
        == 302
    )
    assert 'data-figure="vacancies">3<' in desk.get(page).content.decode()

    assert elected(desk, page, since=today() - 10 * DAY).status_code == 302
    handover = BodyHandover.objects.get(what="印章")
    assert desk.post(page, {"do": "hand_over", "handover": handover.pk}).status_code == 302
    assert len(re.findall(r'name="handover"', desk.get(page).content.decode())) == len(rules.HANDED_OVER) - 1
    for wrong in ({"do": "hand_over", "handover": "x"}, {"do": "nonsense"}, {"do": "dissolve", "on": ""}):
        assert desk.post(page, wrong).status_code == 400
    assert desk.post(page, {"do": "dissolve", "on": today() - DAY}).status_code == 302
    assert desk.post(page, {"do": "dissolve", "on": today()}).status_code == 409
    assert desk.get("/desk/bodies/").status_code == desk.get("/desk/governance/").status_code == 200


def test_everyone_sees_offices_and_names_on_the_units_page_and_its_list():
    desk, resident = signed_in(a_keeper()), Client()
    for path in (f"/u/{UNIT}/", f"/a/{UNIT}/bodies/"):
        assert resident.get(path).status_code == 200  # nothing is there yet
    elected(desk, founded(desk))
    for path in (f"/u/{UNIT}/", f"/a/{UNIT}/bodies/", f"/a/{VILLAGE}/bodies/"):
        assert "主任 王芳" in resident.get(path).content.decode()
    assert "王芳" not in resident.get(f"/a/{OTHER_VILLAGE}/bodies/").content.decode()
    assert resident.get("/a/999999999999/bodies/").status_code == 404


def test_where_law_does_not_make_members_public_no_name_leaves_the_desk(monkeypatch):
    desk = signed_in(a_keeper())
    elected(desk, founded(desk))
    hidden = {code: replace(kind, members_public=False) for code, kind in rules.kinds().items()}
    monkeypatch.setattr("weiduan.systems.governance.bodies.queries.kinds", lambda: hidden)
    for path in (f"/u/{UNIT}/", f"/a/{UNIT}/bodies/"):
        page = Client().get(path).content.decode()
        assert "主任" in page and "王芳" not in page


def test_who_does_not_keep_it_sees_nothing_of_it_and_who_keeps_nothing_is_told_what_is_needed():
    page = founded(signed_in(a_keeper()))
    for stranger in (signed_in(a_keeper(OTHER_VILLAGE)), signed_in(a_user(Duty.LOOK, area=UNIT))):
        assert stranger.get(page).status_code == elected(stranger, page).status_code == 404
        assert page not in stranger.get("/desk/bodies/").content.decode()
    assert signed_in(a_user(Duty.LOOK, area=UNIT)).get("/desk/bodies/new/").status_code == 403
    said = {"kind": "council", "name": "议事会", "since": today()}
    assert signed_in(a_keeper(OTHER_VILLAGE)).post(f"/desk/bodies/new/?area={UNIT}", said).status_code == 404
    assert signed_in(a_keeper()).post(f"/desk/bodies/new/?area={UNIT}", said | {"kind": ""}).status_code == 400
    assert Body.objects.count() == 1
