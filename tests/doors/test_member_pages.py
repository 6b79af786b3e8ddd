"""The pages of members and transfers, and the member's own: who sees what, and what is refused in words."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.organisation.moving import HERE, members_of, the, two_villages
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.systems.organisation.members.daily import Newcomer, join
from weiduan.systems.organisation.members.models import Membership, Person
from weiduan.systems.organisation.transfers.models import Transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    two_villages()
    return signed_in(VILLAGE), signed_in(OTHER_VILLAGE)


def signed_in(area: str, duty: Duty = Duty.KEEP_ORGANISATION) -> Client:
    client = Client()
    client.force_login(a_user(duty, area=area))
    return client


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def record_of(person) -> str:
    return f"/desk/members/of/{Person.objects.get(pk=person).number}/"


def newcomer():
    today = timezone.localdate()
    return join(
        Newcomer("李新", contact="13812340000"), the("X1"), home=HERE, on=today, by="test", at=timezone.now()
    ).pk


def test_the_list_holds_one_s_own_members_with_masked_telephones(world):
    here, there = world
    newcomer()
    own, other = text_of(here.get("/desk/members/")), text_of(there.get("/desk/members/"))
    assert "李新" in own and "138****0000" in own and "13812340000" not in own
    assert "李新" not in other
    assert "李新" in text_of(here.get("/desk/members/?state=probationary&organisation=X1"))


@pytest.mark.parametrize(
    "words",
    ["李新", "新", "李", " 李 新 ", "13812340000", "138 1234 0000", "+86 138-1234-0000", "１３８１２３４００００"],
)
def test_a_member_is_found_by_name_number_or_whole_telephone_where_one_keeps_it(world, words):
    here, there = world
    newcomer()
    assert "李新" in text_of(here.post("/desk/members/", {"q": words}))
    assert "李新" in text_of(here.post("/desk/members/?state=probationary", {"q": words}))
    assert "李新" not in text_of(here.post("/desk/members/?state=suspended", {"q": words}))
    assert "李新" not in text_of(there.post("/desk/members/", {"q": words}))


@pytest.mark.parametrize("words", ["张三丰", "1381234", "13812340001", "'; --", "\x00"])
def test_what_fits_nobody_finds_nobody(world, words):
    newcomer()
    page = world[0].post("/desk/members/", {"q": words})
    assert page.status_code == 200 and "没有符合的党员" in text_of(page)


def test_by_number_a_member_is_found_and_no_address_holds_what_was_looked_for(world):
    number = Person.objects.get(pk=newcomer()).number
    page = world[0].post("/desk/members/", {"q": number})
    assert "李新" in text_of(page)
    assert f"q={number}" not in page.content.decode()


def test_without_the_duty_there_is_no_list_and_no_record(world):
    looker = signed_in(VILLAGE, Duty.LOOK)
    path = record_of(members_of("X1")[0])
    assert [looker.get(p).status_code for p in ("/desk/members/", "/desk/transfers/", path)] == [403, 403, 403]
    assert world[1].get(path).status_code == 404


def test_the_telephone_is_shown_for_a_reason_only_and_the_ledger_keeps_it(world):
    here, there = world
    path = record_of(newcomer())
    assert "13812340000" not in text_of(here.get(path))
    assert "13812340000" not in text_of(here.post(path, {"do": "reveal"}))
    assert there.post(path, {"do": "reveal", "reason": "meeting"}).status_code == 404
    shown = here.post(path, {"do": "reveal", "reason": "meeting"})
    assert "13812340000" in text_of(shown) and shown.headers["Cache-Control"] == "no-store"
    assert Entry.objects.filter(what="contact.revealed").count() == 1


def test_two_secretaries_move_a_member(world):
    here, there = world
    person, today = members_of("X1")[1], timezone.localdate()
    asked = {"do": "ask", "receiver": "Y1", "reason": "residence", "on": str(today)}
    assert here.post(record_of(person), asked).status_code == 302
    key = str(Transfer.objects.get().pk)
    assert there.get("/desk/").status_code == 200
    assert here.post("/desk/transfers/", {"do": "accept", "transfer": key}).status_code == 404
    assert there.post("/desk/transfers/", {"do": "return", "transfer": key, "answer": ""}).status_code == 400
    assert there.post("/desk/transfers/", {"do": "accept", "transfer": key}).status_code == 302
    assert Membership.objects.get(person=person, until=None).organisation.number == "Y1"
    assert here.post("/desk/transfers/", {"do": "withdraw", "transfer": key}).status_code == 409


def test_joining_by_the_form(world):
    here, _there = world
    today = str(timezone.localdate())
    said = {"organisation": "X1", "name": "李新", "home": HERE, "on": today}
    assert here.get("/desk/members/join/").status_code == 200
    assert here.post("/desk/members/join/", said).status_code == 302
    assert here.post("/desk/members/join/", said | {"organisation": "Y1"}).status_code == 400


def test_what_can_not_be_done_is_said_on_the_record(world):
    here, _there = world
    answer = here.post(record_of(newcomer()), {"do": "full", "on": str(timezone.localdate())})
    assert answer.status_code == 409 and "wd-refuse" in answer.content.decode()


def test_a_member_opens_the_own_page_once_and_gives_and_withdraws_the_card(world):
    here, _there = world
    path = record_of(newcomer())
    made = here.post(path, {"do": "link"})
    link = re.search(r"http://testserver(/me/[^/<]+/)", made.content.decode()).group(1)
    member, another = Client(enforce_csrf_checks=False), Client()

    assert member.get("/me/").status_code == 403
    for _time in range(2):  # looking beforehand does not use it up
        assert member.get(link).status_code == 200
    assert member.post(link).status_code == 302
    assert another.post(link).status_code == 404
    page = member.get("/me/")
    assert "李新" in text_of(page) and page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "strict-origin"

    card = {"do": "card", "unit": HERE, "shown_name": "小李", "pledge": "随叫随到"}
    assert member.post("/me/", card).status_code == 400
    assert member.post("/me/", card | {"consent": "yes"}).status_code == 302
    assert "随叫随到" in text_of(Client().get(f"/u/{HERE}/"))
    assert member.post("/me/", {"do": "withdraw"}).status_code == 302
    assert "随叫随到" not in text_of(Client().get(f"/u/{HERE}/"))

    assert member.post("/me/", {"do": "correct", "wish": "电话号码换了"}).status_code == 302
    assert "电话号码换了" in text_of(here.get(path))
    key = re.search(r'name="correction" value="([^"]+)"', here.get(path).content.decode()).group(1)
    assert here.post(path, {"do": "correction", "correction": key, "done": "yes", "answer": "已改"}).status_code == 302
    assert "已改" in text_of(member.get("/me/"))
    member.post("/me/", {"do": "leave"})
    assert member.get("/me/").status_code == 403


def test_the_link_stands_in_no_log_and_is_told_to_no_other_page(world, caplog):
    caplog.set_level("DEBUG")
    here, _there = world
    made = here.post(record_of(newcomer()), {"do": "link"})
    token = re.search(r"http://testserver/me/([^/<]+)/", made.content.decode()).group(1)
    member = Client()
    answers = [member.get(f"/me/{token}/"), member.post(f"/me/{token}/"), member.get("/me/")]
    assert [answer.headers["Referrer-Policy"] for answer in answers] == [
        "strict-origin"
    ] * 3  # the origin, never the path
    assert not any(token in str(value) for answer in answers for value in answer.headers.values())
    assert token not in caplog.text
    assert not any(token in str(entry.__dict__) for entry in Entry.objects.all())


def test_the_visit_ends_after_half_an_hour(world):
    here, _there = world
    made = here.post(record_of(newcomer()), {"do": "link"})
    link = re.search(r"http://testserver(/me/[^/<]+/)", made.content.decode()).group(1)
    member = Client()
    member.post(link)
    session = member.session
    session["me_until"] = timezone.now().isoformat()
    session.save()
    assert member.get("/me/").status_code == 403
