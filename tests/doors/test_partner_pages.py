"""Partners through their pages: written down, matched with a need, agreed on and done; for everyone posts, never persons."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.balloting import a_keeper
from tests.systems.governance.matters import UNIT, a_village
from tests.systems.governance.talking import BENCHES
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.deliberation.raising import TakingUp, propose_topic, take_up
from weiduan.systems.governance.partners.models import Agreement, Need, Offer, Partner

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


def today() -> str:
    return str(local_day(timezone.now()))


def offered(answer) -> set[str]:
    return set(re.findall(r'id="deed-(\w+)"', text_of(answer)))


def a_partner(desk, **more) -> str:
    said = {
        "name": "区第一小学",
        "kind": "institution",
        "post": "办公室主任",
        "telephone": "028-1234",
        "since": today(),
    }
    answer = desk.post(f"/desk/partners/new/?area={VILLAGE}", said | more)
    assert answer.status_code == 302
    return answer["Location"]


def an_offer(desk, page: str, **more):
    said = {
        "do": "offer",
        "sort": "room",
        "what": "周末借用多功能厅",
        "area": VILLAGE,
        "since": today(),
        "capacity": "1",
    }
    return desk.post(page, said | more)


def a_need(desk, **more) -> str:
    said = {"sort": "room", "what": "议事会没有地方开", "since": today()}
    answer = desk.post(f"/desk/needs/new/?area={UNIT}", said | more)
    assert answer.status_code == 302
    return answer["Location"]


def test_from_a_need_to_what_came_of_it():
    desk = signed_in(a_keeper(VILLAGE))
    page, need = a_partner(desk), a_need(desk)
    assert offered(desk.get(need)) == set()
    assert an_offer(desk, page).status_code == 302
    assert offered(desk.get(page)) == {"offer", "withdraw", "change", "end"}
    offer = str(Offer.objects.get().pk)
    assert f'data-offer="{offer}"' in text_of(desk.get(need)) and offered(desk.get(need)) == {"propose"}
    assert desk.post(need, {"do": "propose", "offer": offer}).status_code == 302
    assert offered(desk.get(need)) == {"agree", "call_off"}
    key = str(Agreement.objects.get().pk)
    assert desk.post(need, {"do": "agree", "agreement": key}).status_code == 302
    other = a_need(desk)
    assert desk.post(other, {"do": "propose", "offer": offer}).status_code == 400  # it is used up, so it isn't offered
    assert desk.post(page, {"do": "withdraw", "offer": offer, "on": today()}).status_code == 409
    assert desk.post(need, {"do": "done", "agreement": key, "outcome": ""}).status_code == 400
    assert desk.post(need, {"do": "done", "agreement": key, "outcome": "开了三次议事会"}).status_code == 302
    shown = text_of(desk.get(need))
    assert "开了三次议事会" in shown and offered(desk.get(need)) == set() and 'data-state="done"' in shown
    assert "开了三次议事会" in text_of(desk.get(page))
    assert desk.post(page, {"do": "withdraw", "offer": offer, "on": today()}).status_code == 302


def test_everyone_sees_the_post_and_the_office_and_what_reaches_their_area():
    desk = signed_in(a_keeper(VILLAGE))
    page = a_partner(desk)
    an_offer(desk, page)
    for code in (UNIT, VILLAGE):
        shown = text_of(Client().get(f"/a/{code}/partners/"))
        assert all(words in shown for words in ("区第一小学", "办公室主任", "028-1234", "周末借用多功能厅"))
    assert "区第一小学" not in text_of(Client().get(f"/a/{OTHER_VILLAGE}/partners/"))
    [told] = Client().get(f"/api/v1/areas/{UNIT}/partners").json()["items"]
    assert told["post"] == "办公室主任" and [one["what"] for one in told["offers"]] == ["周末借用多功能厅"]
    assert f"/a/{UNIT}/partners/" in text_of(Client().get(f"/u/{UNIT}/"))
    assert Client().get("/a/999999999999/partners/").status_code == 404


def test_what_is_wrong_is_told_and_a_partner_changes_and_ends():
    desk = signed_in(a_keeper(VILLAGE))
    page = a_partner(desk)
    said = {"name": "区第一小学", "kind": "institution", "post": "主任", "since": today()}
    assert desk.post(f"/desk/partners/new/?area={VILLAGE}", said).status_code == 409
    assert desk.post(f"/desk/partners/new/?area={VILLAGE}", said | {"post": ""}).status_code == 400
    assert an_offer(desk, page, capacity="0").status_code == 400
    assert an_offer(desk, page, area="999999999999999999").status_code == 404
    assert an_offer(desk, page, until=today()).status_code == 400
    assert desk.post(page, said | {"do": "change", "post": "工会主席"}).status_code == 302
    assert "工会主席" in text_of(desk.get(page))
    assert desk.post(page, {"do": "end", "on": today()}).status_code == 400  # it begins today
    Partner.objects.update(since="2018-11-01")
    assert desk.post(page, {"do": "end", "on": today()}).status_code == 302
    assert offered(desk.get(page)) == {"change"}
    assert "区第一小学" not in text_of(Client().get(f"/a/{UNIT}/partners/"))


def test_a_need_comes_out_of_a_topic():
    by = a_keeper(VILLAGE)
    desk = signed_in(by)
    topic = propose_topic(UNIT, BENCHES, by=by, at=timezone.now())
    take_up(topic.pk, TakingUp("standard"), by=by, at=timezone.now())
    form = text_of(desk.get(f"/desk/needs/new/?area={UNIT}&topic={topic.pk}"))
    assert f'value="{topic.pk}" selected' in form
    need = a_need(desk, topic=str(topic.pk))
    assert BENCHES.title in text_of(desk.get(need)) and Need.objects.get().topic == topic
    wrong = {"sort": "room", "what": "x", "since": today(), "report": "12345678901234"}
    assert desk.post(f"/desk/needs/new/?area={UNIT}", wrong).status_code == 400


def test_who_does_not_keep_it_sees_nothing():
    desk = signed_in(a_keeper(VILLAGE))
    addresses = [a_partner(desk), a_need(desk)]
    listed = text_of(desk.get("/desk/partners/"))
    assert all(address in listed for address in addresses) and "/desk/partners/" in text_of(
        desk.get("/desk/governance/")
    )
    for who in (a_keeper(OTHER_VILLAGE), a_user(Duty.LOOK, area=VILLAGE)):
        client = signed_in(who)
        shown = text_of(client.get("/desk/partners/"))
        for address in addresses:
            assert client.get(address).status_code == 404 and address not in shown
    looking = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    assert looking.get("/desk/partners/new/").status_code == looking.get("/desk/needs/new/").status_code == 403
    assert desk.get("/desk/needs/new/?look=院").status_code == 200
