"""Pages on which a change is asked for, judged and decided."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import GRID, OTHER_VILLAGE, VILLAGE, a_user, a_village, divisions, load
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.organisation.changes.models import Change
from weiduan.systems.organisation.organisations.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    divisions()
    load(a_village(groups={"X1": [GRID + "001"], "X2": [GRID + "002"]}))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


ASK = "/desk/organisations/X1/ask/merge/"


def test_the_rules_are_shown_before_it_is_asked_for_and_nothing_is_kept_by_looking(village):
    client = signed_in(a_user(Duty.KEEP_ORGANISATION))

    answer = client.post(ASK, {"other": "X2", "do": "judge"})

    assert answer.status_code == 200
    assert "6" in text_of(answer) and dict(answer.context["verdicts"])["X1"]
    assert not Change.objects.exists()


def test_a_change_is_asked_for_and_another_of_the_superior_carries_it_out(village):
    asker, superior = signed_in(a_user(Duty.KEEP_ORGANISATION)), signed_in(a_user(Duty.KEEP_ORGANISATION))

    page = asker.post(ASK, {"other": "X2", "do": "ask"})["Location"]

    assert 'value="approve"' not in asker.get(page).content.decode()
    assert 'value="approve"' in superior.get(page).content.decode()
    assert "X1" in text_of(superior.get("/desk/changes/"))
    assert superior.post(page, {"do": "approve", "answer": ""}).status_code == 302
    assert Organisation.objects.get(number="X2").dissolved_on == timezone.localdate()
    assert "X2" in text_of(superior.get(page))


def test_who_asked_and_approves_all_the_same_is_refused(village):
    client = signed_in(a_user(Duty.KEEP_ORGANISATION))
    page = client.post(ASK, {"other": "X2", "do": "ask"})["Location"]

    assert client.post(page, {"do": "approve"}).status_code == 403
    assert client.post(page, {"do": "return", "answer": ""}).status_code == 400
    assert client.post(page, {"do": "withdraw"}).status_code == 302
    assert Change.objects.get().state == "withdrawn"


def test_a_change_against_what_holds_normally_asks_the_superior_why(village):
    asker, superior = signed_in(a_user(Duty.KEEP_ORGANISATION)), signed_in(a_user(Duty.KEEP_ORGANISATION))
    new = {"name": "新组", "kind": "group", "seat": GRID + "003", "covers": [GRID + "003"], "do": "ask"}
    page = asker.post("/desk/organisations/Z1/ask/set_up/", new)["Location"]

    assert "required" in re.search(r'<input[^>]* name="answer"[^>]*>', superior.get(page).content.decode()).group()
    assert superior.post(page, {"do": "approve", "answer": " "}).status_code == 400
    assert Change.objects.get().state == "asked"
    assert superior.post(page, {"do": "approve", "answer": "先设组，再转入党员"}).status_code == 302
    assert Change.objects.get().answer == "先设组，再转入党员"


def test_what_cant_be_is_said_on_the_form(village):
    client = signed_in(a_user(Duty.KEEP_ORGANISATION))

    assert client.post("/desk/organisations/X1/ask/dissolve/", {"members_to": "", "do": "judge"}).status_code == 400
    assert client.post(ASK, {"do": "judge"}).status_code == 400
    assert client.get("/desk/organisations/X1/ask/nonsense/").status_code == 404


def test_a_change_is_not_there_for_others_and_not_for_them_to_ask_who_look_on(village):
    page = signed_in(a_user(Duty.KEEP_ORGANISATION)).post(ASK, {"other": "X2", "do": "ask"})["Location"]
    elsewhere, looking = signed_in(a_user(Duty.KEEP_ORGANISATION, area=OTHER_VILLAGE)), signed_in(a_user(area=VILLAGE))

    assert (elsewhere.get(page).status_code, elsewhere.get(ASK).status_code) == (404, 404)
    assert (looking.get(page).status_code, looking.get(ASK).status_code) == (200, 403)
    assert (elsewhere.post(page, {"do": "return", "answer": "x"}).status_code) == 404
    assert (looking.post(page, {"do": "return", "answer": "x"}).status_code) == 403


@pytest.mark.parametrize("number, kind", [
    ("Z1", "set_up"), ("W1", "set_up"), ("W1", "join_new"), ("X1", "split"), ("Z1", "join"), ("X1", "elect_early"), ("X1", "elect_late"),
])  # fmt: skip
def test_every_form_opens_and_is_offered_on_the_record(village, number, kind):
    client = signed_in(a_user(Duty.KEEP_ORGANISATION))

    assert f"/desk/organisations/{number}/ask/{kind}/" in client.get(f"/desk/organisations/{number}/").content.decode()
    assert client.get(f"/desk/organisations/{number}/ask/{kind}/").status_code == 200


def test_today_names_what_is_to_be_decided_and_the_elections_due(village):
    asker, superior = signed_in(a_user(Duty.KEEP_ORGANISATION)), signed_in(a_user(Duty.KEEP_ORGANISATION))
    asker.post(ASK, {"other": "X2", "do": "ask"})

    page = superior.get("/desk/").content.decode()

    assert 'href="/desk/changes/"' in page
    assert 'href="/desk/elections/"' in page  # the terms of this world ended in 2022
    assert "X1" in text_of(superior.get("/desk/elections/"))
