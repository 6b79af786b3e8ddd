"""Wishes through their pages: told without a name, looked at, taken up, brought together, thanked for."""

import re

import pytest
from django.test import Client

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import UNIT, a_village
from tests.systems.services.asking import a_keeper
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.systems.services.wishes.models import Wish

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


def draft_in(client, page: str) -> str:
    return re.search(r'name="draft" value="([^"]+)"', text_of(client.get(page)))[1]


def told(client, **more) -> str:
    page = f"/a/{UNIT}/wishes/tell/"
    said = {
        "text": "想借一套三年级的课外书（3栋张奶奶）",
        "contact": "13800000001",
        "draft": draft_in(client, page),
    } | more
    answer = client.post(page, said)
    assert answer.status_code == 302
    return answer["Location"]


def test_a_wish_from_end_to_end():
    wisher, school, desk = Client(), Client(), signed_in(a_keeper())
    own = told(wisher)
    assert 'data-state="told"' in text_of(wisher.get(own))
    wish = Wish.objects.get()
    assert text_of(Client().get(f"/a/{UNIT}/wishes/")).count("课外书") == 0
    assert Client().get(f"/wish/{wish.pk}/").status_code == 404

    page = f"/desk/wishes/{wish.pk}/"
    assert "张奶奶" in text_of(desk.get(page))  # offered to be put in other words
    assert desk.post(page, {"do": "publish", "text": "想借一套三年级的课外书"}).status_code == 302
    public = text_of(Client().get(f"/a/{VILLAGE}/wishes/"))
    assert "课外书" in public and "张奶奶" not in public and "13800000001" not in public

    claim = f"/wish/{wish.pk}/"
    draft = draft_in(school, claim)
    wrong = school.post(claim, {"name": "区第一小学", "contact": "", "draft": draft})
    assert wrong.status_code == 400 and "区第一小学" in text_of(wrong)
    taken = school.post(claim, {"name": "区第一小学", "contact": "028-83600001", "draft": draft})
    assert taken.status_code == 302
    late = Client()
    assert 'id="claim"' not in text_of(late.get(claim))

    assert "13800000001" not in text_of(desk.get(page))
    opened = text_of(desk.post(page, {"do": "contacts"}))
    assert "13800000001" in opened and "028-83600001" in opened
    assert Entry.objects.filter(what="wish.contacts_read").count() == 1

    assert school.post(taken["Location"], {"do": "fulfil"}).status_code == 302
    assert wisher.post(own, {"do": "thank", "words": ""}).status_code == 400
    assert wisher.post(own, {"do": "thank", "words": "谢谢老师"}).status_code == 302
    assert "谢谢老师" in text_of(Client().get(claim))
    assert wisher.post(own, {"do": "erase"}).status_code == 302
    assert school.post(taken["Location"], {"do": "thank", "words": "不是我"}).status_code in (404, 409)


def test_the_same_form_sent_twice_is_one_wish_and_an_old_one_asks_again():
    client = Client()
    page = f"/a/{UNIT}/wishes/tell/"
    said = {"text": "想学用手机", "contact": "", "draft": draft_in(client, page)}
    assert client.post(page, said)["Location"] == client.post(page, said)["Location"]
    assert Wish.objects.count() == 1
    forged = client.post(page, said | {"draft": "made-up"})
    assert forged.status_code == 400 and "想学用手机" in text_of(forged)


def test_others_see_nothing_of_it():
    told(Client())
    wish = Wish.objects.get()
    for user, status in ((a_keeper(OTHER_VILLAGE), 404), (a_user(Duty.LOOK, area=VILLAGE), 403)):
        desk = signed_in(user)
        assert desk.get(f"/desk/wishes/{wish.pk}/").status_code == status
        assert "课外书" not in text_of(desk.get("/desk/wishes/"))
        assert desk.post(f"/desk/wishes/{wish.pk}/", {"do": "contacts"}).status_code == status
    assert Client().get("/w/no-such-receipt-at-all-xx/").status_code == 404
