"""What a program does from day to day: homes, states, being away, telephones, links, corrections, guests, rosters, elections."""

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import VILLAGE, a_user
from tests.doors.test_api import Program, number_of
from tests.systems.organisation.moving import HERE, leader_of, members_of, secretaries, the, two_villages
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.own.actions import ask_correction
from weiduan.systems.organisation.transfers.models import Away, Guest

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    two_villages()
    return Program(secretaries()[0])


@pytest.fixture
def elsewhere(here):
    return Program(a_user(Duty.KEEP_ORGANISATION, area="510113002003"))


def ours() -> tuple[str, str]:
    """Numbers of two members of X1, neither of them its leader."""
    one, other = (number_of(person) for person in members_of("X1") if person != leader_of("X1"))
    return one, other


def held(number: str) -> Membership:
    return Membership.objects.get(person__number=number, until=None)


def test_home_and_state_change_and_nobody_elsewhere_changes_them(here, elsewhere):
    number, _other = ours()
    assert here.post(f"/members/{number}/home", {"home": HERE}).json() == {"key": number, "state": "changed"}
    assert here.post(f"/members/{number}/state", {"state": "suspended"}).json()["state"] == "suspended"
    assert here.post(f"/members/{number}/state", {"state": "suspended"}).status_code == 409
    assert here.post(f"/members/{number}/state", {"state": "active"}).json()["state"] == "active"
    assert held(number).home.versions.get().code == HERE

    assert elsewhere.post(f"/members/{number}/home", {"home": None}).status_code == 404
    assert here.post(f"/members/{number}/state", {"state": "mobile"}).status_code == 422


def test_a_member_goes_away_is_spoken_to_and_comes_back(here):
    number, keeper = ours()
    assert here.post(f"/members/{number}/contacted", {}).status_code == 409

    away = {"Idempotency-Key": "away"}
    first, again = (here.post(f"/members/{number}/away", {"keeper": keeper}, **away) for _ in range(2))
    assert (first.json(), again.json()) == ({"key": number, "state": "mobile"},) * 2
    assert Entry.objects.filter(what="member.away").count() == Away.objects.count() == 1
    assert here.post(f"/members/{number}/contacted", {}).status_code == 200
    assert here.post(f"/members/{number}/back", {}).json()["state"] == "back"
    assert held(number).state == "active"


def test_a_telephone_is_opened_for_a_reason_and_each_time_is_in_the_ledger(here, elsewhere):
    number, _other = ours()
    for _ in range(2):
        assert here.post(f"/members/{number}/contact", {"reason": "urgent"}).json() == {"contact": ""}
    assert here.post(f"/members/{number}/contact", {"reason": "curious"}).status_code == 422
    assert elsewhere.post(f"/members/{number}/contact", {"reason": "urgent"}).status_code == 404
    assert Entry.objects.filter(what="contact.revealed").count() == 2


def test_a_link_lets_the_member_in(here):
    answer = here.post(f"/members/{ours()[0]}/link", {})
    assert answer.status_code == 201
    path = answer.json()["url"].removeprefix("http://testserver")
    assert Client().get(path).status_code == 200


def test_a_correction_is_read_and_answered_once(here, elsewhere):
    person = members_of("X1")[1]
    ask_correction(person, "电话换了", at=timezone.now())

    [row] = here.get("/corrections").json()
    assert (row["number"], row["organisation"], row["wish"]) == (number_of(person), "X1", "电话换了")
    assert elsewhere.get("/corrections").json() == []
    assert Program(a_user(area=VILLAGE)).get("/corrections").status_code == 403
    path = f"/corrections/{row['key']}/answer"
    assert elsewhere.post(path, {"done": True}).status_code == 404
    assert here.post(path, {"done": False}).status_code == 400
    assert here.post(path, {"done": True}).json()["state"] == "done"
    assert here.post(path, {"done": True}).status_code == 409
    assert here.get("/corrections").json() == []


def test_a_guest_is_registered_listed_and_leaves(here, elsewhere):
    guest = {"name": "王在职", "belongs_to": "市某局机关支部"}
    made = here.post(f"/areas/{HERE}/guests", guest)
    assert made.status_code == 201

    listed = here.get(f"/areas/{VILLAGE}/guests").json()
    assert [(g["name"], g["unit"], g["belongs_to"]) for g in listed["items"]] == [("王在职", HERE, "市某局机关支部")]
    assert elsewhere.get(f"/areas/{VILLAGE}/guests").status_code == 404
    assert Program(a_user(area=VILLAGE)).get(f"/areas/{VILLAGE}/guests").status_code == 403
    key = made.json()["key"]
    assert elsewhere.post(f"/guests/{key}/end", {}).status_code == 404
    assert here.post(f"/guests/{key}/end", {}).json() == {"key": key, "state": "ended"}
    assert not Guest.objects.filter(until=None).exists()


def test_a_roster_is_given_out_and_written_down(here, elsewhere):
    number, _other = ours()
    here.post(f"/members/{number}/home", {"home": HERE})

    whole = here.post("/organisations/X1/roster", {}).json()
    assert (len(whole["items"]), {row["contact"] for row in whole["items"]}) == (3, {None})
    living = here.post(f"/areas/{HERE}/roster", {"contacts_for": "meeting"}).json()
    assert [(row["number"], row["contact"]) for row in living["items"]] == [(number, "")]
    assert elsewhere.post("/organisations/X1/roster", {}).status_code == 404
    assert Program(a_user(area=VILLAGE)).post("/organisations/X1/roster", {}).status_code == 403
    assert Entry.objects.filter(what="roster.exported").count() == 2
    assert Entry.objects.filter(what="contact.revealed").count() == 1


def test_an_election_that_is_due_is_held_once(here, elsewhere):
    due = {row["number"]: row["stage"] for row in here.get("/elections").json()["items"]}
    assert due == {"W1": 0, "Z1": 0, "X1": 0}, "their terms ended in 2022"
    number, _other = ours()
    body = {"voters": 3, "attended": 3, "elected": [{"member": number, "role": "group_leader", "votes": 1}]}
    path = "/organisations/X1/elections"
    assert here.post(path, body).status_code == 409, "one of three votes"
    assert elsewhere.post(path, body).status_code == 404

    body["elected"][0]["votes"] = 3
    first, again = (here.post(path, body, **{"Idempotency-Key": "election"}) for _ in range(2))
    assert (first.status_code, first.json()) == (201, {"key": str(timezone.localdate()), "state": "begun"})
    assert again.json() == first.json()
    assert (the("X1").terms.count(), number_of(leader_of("X1"))) == (2, number)
    assert "X1" not in {row["number"] for row in here.get("/elections").json()["items"]}
