"""Activities over the interface: what is on, one sign-up a draft, what the receipt may do; functions of rooms."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from tests.systems.governance.matters import UNIT, a_village
from tests.systems.services.active import MAIL, NAME, a_plan
from weiduan.ground.accounts.queries import local_day
from weiduan.systems.services.activities.models import SignUp
from weiduan.systems.services.activities.planning import plan
from weiduan.systems.services.functions.actions import Facts, add_function
from weiduan.systems.venues.facilities.actions import RoomFacts, add_room, found_centre
from weiduan.systems.venues.facilities.rules import Use
from weiduan.systems.venues.hours.actions import set_week

pytestmark = pytest.mark.django_db(transaction=True)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path
    a_village()


def an_activity(**facts):
    begins = timezone.now() + 5 * DAY
    wanted = a_plan(starts_at=begins, ends_at=begins + HOUR, capacity=1, waiting_capacity=1, **facts)
    return plan(UNIT, wanted, opens=True, by="test", at=timezone.now())


def asked(path: str):
    answer = Client().get(f"/api/v1{path}")
    return answer.status_code, answer.json()


def posted(path: str, **body):
    answer = Client().post(f"/api/v1{path}", body, content_type="application/json")
    return answer.status_code, answer.json()


def sign_up(activity, **left):
    draft = posted("/sign-up-drafts")[1]["draft"]
    return posted(f"/activities/{activity.pk}/sign-ups", draft=draft, **left)


def test_listed_read_signed_up_for_given_up_and_taken_up():
    activity = an_activity()
    status, listed = asked(f"/areas/{UNIT}/activities")
    assert status == 200 and listed["count"] == 1 and listed["items"][0]["free"] == 1
    _status, first = sign_up(activity)
    status, second = sign_up(activity, name=NAME, contact=MAIL)
    assert status == 201 and (first["state"], second["state"], second["ahead"]) == ("seated", "waiting", 0)
    assert NAME not in repr(second) and MAIL not in repr(second)
    status, full = sign_up(activity)
    assert status == 409 and full["detail"]
    assert asked(f"/activities/{activity.pk}")[1]["may_sign_up"] is False
    assert posted(f"/sign-ups/{first['receipt']}/give-up")[1]["state"] == "cancelled"
    assert asked(f"/sign-ups/{second['receipt']}")[1]["state"] == "offered"
    assert posted(f"/sign-ups/{second['receipt']}/accept")[1]["state"] == "seated"
    assert posted(f"/sign-ups/{second['receipt']}/erase")[0] == 200
    assert bytes(SignUp.objects.get(number=2).sealed_contact) == b""


def test_the_same_draft_is_one_sign_up_and_one_made_up_is_refused():
    activity = an_activity()
    draft = posted("/sign-up-drafts")[1]["draft"]
    receipts = {posted(f"/activities/{activity.pk}/sign-ups", draft=draft)[1]["receipt"] for _twice in range(2)}
    assert len(receipts) == 1 and SignUp.objects.count() == 1
    assert posted(f"/activities/{activity.pk}/sign-ups", draft="made-up")[0] == 400
    assert posted(f"/activities/{activity.pk}/sign-ups", draft=draft, phone=MAIL)[0] == 422
    assert asked("/sign-ups/nobody-has-such-a-receipt")[0] == 404


def test_what_took_place_is_asked_for_apart():
    activity = an_activity()
    type(activity).objects.update(starts_at=timezone.now() - 2 * HOUR, ends_at=timezone.now() - HOUR)
    assert asked(f"/areas/{UNIT}/activities")[1]["count"] == 0
    assert asked(f"/areas/{UNIT}/activities?when=over")[1]["count"] == 1
    assert asked("/areas/999999999999/activities")[0] == 404


def test_what_the_rooms_of_a_place_are_for_every_week():
    at = timezone.now()
    how = {"by": "test", "at": at}
    place = found_centre("党群服务中心", code=UNIT[:12], address="中路1号", on=local_day(at), **how)
    set_week(place.pk, {day: [(480, 1200)] for day in range(8)}, on=local_day(at), **how)
    room = add_room(place.pk, RoomFacts("影院", use=Use.CINEMA, area_m2=Decimal("40")), on=local_day(at), **how)
    day = (local_day(at) + 2 * DAY).weekday()
    facts = Facts("cinema", "邻里影院", "文化站", "全体居民", (day,), 1140, 1200, local_day(at))
    add_function(room.pk, facts, **how)
    status, told = asked(f"/places/{place.pk}/functions")
    assert status == 200 and told["items"][0]["opens"] == "19:00" and len(told["items"][0]["dates"]) == 4
