"""The interface for programs: keys, sessions, the same refusals as the pages, nothing done twice."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import DISTRICT, GRID, MONDAY, VILLAGE, a_user
from tests.systems.organisation.moving import leader_of, members_of, secretaries, the, two_villages
from weiduan.ground.accounts.keys import end_keys, make_key
from weiduan.ground.accounts.models import ApiKey
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.outlook.insight import organisation as insight
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.transfers.models import Transfer

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture(autouse=True)
def nothing_held():
    """Coverage held from another test would be of another world."""
    insight._held.clear()


class Program:
    """A program that has a key and knows the addresses, nothing else."""

    def __init__(self, user, **lasts):
        self.key = make_key(user, lasts=timedelta(days=30), by="test", at=timezone.now())
        self.client = Client(enforce_csrf_checks=True)

    def get(self, path, **query):
        return self.client.get(V1 + path, query, headers={"Authorization": f"Bearer {self.key}"})

    def post(self, path, body, **headers):
        headers |= {"Authorization": f"Bearer {self.key}"}
        return self.client.post(V1 + path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def world():
    two_villages()


def number_of(person) -> str:
    return Person.objects.get(pk=person).number


def a_member_asked_for(world) -> dict:
    member = next(m for m in members_of("X1") if m != leader_of("X1"))
    return {"member": number_of(member), "receiver": "Y1", "reason": "residence"}


def test_a_key_is_kept_only_as_a_hash_and_ends(world):
    user = a_user()
    program = Program(user)
    assert program.get("/organisations").json()["count"] == 6

    kept = ApiKey.objects.get()
    assert program.key.encode() not in bytes(kept.key_hash) and program.key.startswith(kept.prefix)
    end_keys(user, by="test", at=timezone.now())
    refused = program.get("/organisations")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")


def test_a_key_lasts_a_year_at_most():
    with pytest.raises(BadInput):
        make_key(a_user(), lasts=timedelta(days=400), by="test", at=MONDAY)


def test_a_session_needs_the_token_against_forgery_to_write_but_not_to_read(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(secretaries()[0])

    assert client.get(f"{V1}/transfers").status_code == 200
    forged = client.post(f"{V1}/transfers", json.dumps(a_member_asked_for(world)), content_type="application/json")
    assert forged.status_code == 403
    assert set(forged.json()) == {"title", "detail", "do"}
    assert not Transfer.objects.exists()


def test_a_session_without_a_second_factor_is_refused_where_two_are_asked(world, settings):
    settings.TWO_FACTORS_REQUIRED = True
    client = Client()
    client.force_login(a_user())

    assert client.get(f"{V1}/organisations").status_code == 403


def test_coverage_and_record_say_what_the_pages_say(world):
    program = Program(a_user())

    told = program.get(f"/areas/{DISTRICT}/coverage", on="2018-12-31").json()
    assert (told["units"], told["covered"]) == (4, 2)
    record = program.get("/organisations/X1", on="2018-12-31").json()
    assert (record["full_members"], record["covers"]) == (3, [f"{GRID}001"])


def test_what_is_outside_ones_area_is_not_there_and_names_need_the_duty(world):
    looks, keeps = Program(a_user(area=VILLAGE)), Program(secretaries()[0])

    assert looks.get("/organisations/Y1").status_code == 404
    assert looks.get(f"/areas/{DISTRICT}/coverage").status_code == 404
    assert looks.get("/members").status_code == 403
    assert "张P" not in looks.get("/organisations/X1").content.decode()
    assert "张P" in keeps.get("/organisations/X1").content.decode()
    theirs = number_of(members_of("Y1")[0])
    assert keeps.get(f"/members/{theirs}").status_code == 404
    assert keeps.post(f"/members/{theirs}/leave", {"reason": "resigned"}).status_code == 404


def test_a_member_moves_from_one_village_to_another(world):
    here, there = (Program(secretary) for secretary in secretaries())
    asked = here.post("/transfers", a_member_asked_for(world))
    assert (asked.status_code, asked.json()["state"]) == (201, "asked")
    key = asked.json()["key"]

    assert [t["to_answer"] for t in there.get("/transfers").json()["items"]] == [True]
    assert here.post(f"/transfers/{key}/accept", {}).status_code == 404, "only the receiver accepts"
    assert there.post(f"/transfers/{key}/accept", {}).json() == {"key": key, "state": "accepted"}
    assert there.post(f"/transfers/{key}/accept", {}).status_code == 409
    assert (len(members_of("X1")), len(members_of("Y1"))) == (2, 4)


def test_the_same_request_twice_is_done_once(world):
    here = Program(secretaries()[0])
    newcomer = {"organisation": "X1", "name": "李新"}

    first = here.post("/members", newcomer, **{"Idempotency-Key": "one"})
    again = here.post("/members", newcomer, **{"Idempotency-Key": "one"})
    other = here.post("/members", newcomer | {"name": "李旧"}, **{"Idempotency-Key": "one"})

    assert (first.status_code, again.json(), other.status_code) == (201, first.json(), 409)
    assert len(members_of("X1")) == 4


def test_a_refused_request_may_be_tried_again_under_the_same_key(world):
    here = Program(secretaries()[0])
    body = a_member_asked_for(world)
    assert here.post("/transfers", body | {"receiver": "W2"}, **{"Idempotency-Key": "two"}).status_code == 400

    assert here.post("/transfers", body, **{"Idempotency-Key": "two"}).status_code == 201


def test_a_change_is_asked_for_and_approved_by_somebody_else(world):
    asks = Program(a_user(Duty.KEEP_ORGANISATION, area=VILLAGE))
    today = str(timezone.localdate())
    asked = asks.post(
        "/changes", {"kind": "dissolve", "organisation": "X1", "facts": {"members_to": "Z1"}, "on": today}
    )
    assert asked.status_code == 201, asked.json()
    key = asked.json()["key"]

    assert asks.get(f"/changes/{key}").json()["may_approve"] is False
    assert asks.post(f"/changes/{key}/approve", {}).status_code == 403
    decides = Program(a_user(Duty.KEEP_ORGANISATION, area=VILLAGE))
    assert [r["number"] for r in decides.get("/reminders").json() if r["kind"] == "change"] == [key]
    assert decides.post(f"/changes/{key}/approve", {}).json()["state"] == "approved"
    assert the("X1").dissolved_on is not None


def test_a_field_that_is_not_known_is_refused_not_ignored(world):
    here = Program(secretaries()[0])

    refused = here.post("/transfers", a_member_asked_for(world) | {"until": "2020-01-01"})
    assert refused.status_code == 422
    assert "until" in refused.json()["detail"]
