"""Booking through the interface: without an account by a draft and a receipt, and a keeper's part."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import VILLAGE, a_user
from tests.doors.test_api import V1, Program
from tests.systems.venues.places import a_place, a_room
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.venues.bookings.models import Booking

pytestmark = pytest.mark.django_db


class Anybody:
    """A program without a key."""

    def __init__(self):
        self.client = Client(enforce_csrf_checks=True)

    def get(self, path, **query):
        return self.client.get(V1 + path, query)

    def post(self, path, body=None):
        return self.client.post(V1 + path, json.dumps(body or {}), content_type="application/json")

    def book(self, room, on, **more):
        said = {
            "draft": self.post("/booking-drafts").json()["draft"], "what": "读书会", "use": "reading", "who": "group",
            "group": "邻里读书会", "on": str(on), "opens": "09:00", "closes": "10:00",
        }  # fmt: skip
        return self.post(f"/rooms/{room.pk}/bookings", said | more)


@pytest.fixture
def room():
    return a_room(a_place(quota_hours=None), confirms=True)


@pytest.fixture
def tomorrow():
    return timezone.localdate() + timedelta(days=1)


def test_places_and_their_rooms_are_told_to_everybody(room):
    (listed,) = Anybody().get(f"/areas/{VILLAGE}/places").json()["items"]

    told = Anybody().get(f"/places/{listed['key']}").json()
    assert told["rooms"] == [
        {
            "key": room.pk,
            "name": "议事室",
            "use": "meeting",
            "area_m2": 40.0,
            "seats": None,
            "bookable": True,
            "confirms": True,
        }
    ]


def test_a_booking_takes_its_time_from_what_is_free_and_stands_on_the_timetable(room, tomorrow):
    anybody = Anybody()
    made = anybody.book(room, tomorrow, contact="13800000000")
    assert made.status_code == 201, made.json()

    free = anybody.get(f"/rooms/{room.pk}/free", on=tomorrow).json()
    assert [(f["since"][11:16], f["until"][11:16]) for f in free] in (
        [("08:00", "09:00"), ("10:00", "20:00")], [("00:00", "01:00"), ("02:00", "12:00")]  # in China, in UTC
    )  # fmt: skip
    (shown,) = anybody.get(f"/places/{room.facility_id}/timetable", on=tomorrow).json()
    assert (shown["what"], shown["confirmed"]) == ("读书会", False)
    assert "13800000000" not in made.content.decode()


def test_the_same_draft_books_once(room, tomorrow):
    anybody = Anybody()
    draft = anybody.post("/booking-drafts").json()["draft"]

    first, again = (anybody.book(room, tomorrow, draft=draft) for _n in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    assert Booking.objects.count() == 1
    assert anybody.book(room, tomorrow, draft="forged").status_code == 400


def test_busy_says_which_dates_and_when_it_is_free_next(room, tomorrow):
    anybody = Anybody()
    anybody.book(room, tomorrow)

    refused = anybody.book(room, tomorrow, group="别的")
    assert (refused.status_code, refused.json()["taken"], len(refused.json()["free"])) == (409, [str(tomorrow)], 3)
    rest = anybody.book(room, tomorrow, group="别的", repeat={"frequency": "weekly", "count": 2}, rest=True)
    assert [one["state"] for one in rest.json()["dates"]] == ["skipped", "held"]


def test_by_the_receipt_a_booking_is_followed_and_cancelled_and_by_no_other(room, tomorrow):
    anybody = Anybody()
    receipt = anybody.book(room, tomorrow, repeat={"frequency": "weekly", "count": 2}).json()["receipt"]

    assert anybody.post(f"/receipts/{receipt}/leave-out", {"on": str(tomorrow)}).status_code == 200
    assert [one["state"] for one in anybody.get(f"/receipts/{receipt}").json()["dates"]] == ["skipped", "held"]
    assert anybody.post(f"/receipts/{'x' * 24}/cancel").status_code == 404
    assert anybody.post(f"/receipts/{receipt}/cancel").json()["state"] == "cancelled"


def test_a_keeper_lists_confirms_and_hands_the_key_over_and_a_looker_only_lists(room, tomorrow):
    Anybody().book(room, tomorrow)
    keeper = Program(a_user(Duty.KEEP_VENUES, area=VILLAGE))
    looker = Program(a_user(Duty.LOOK, area=VILLAGE))
    (row,) = keeper.get(f"/areas/{VILLAGE}/bookings", state="asked").json()["items"]
    assert looker.get(f"/areas/{VILLAGE}/bookings").json()["count"] == 1

    assert looker.post(f"/bookings/{row['key']}/confirm", {}).status_code == 403
    assert keeper.post(f"/bookings/{row['key']}/confirm", {}).json()["state"] == "confirmed"
    assert keeper.post(f"/bookings/{row['key']}/key", {"back": True}).status_code == 409
    assert keeper.post(f"/bookings/{row['key']}/key", {"back": False}).status_code == 200
    assert Anybody().post(f"/bookings/{row['key']}/confirm").status_code == 401


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_days_no_calendar_reaches_are_refused(room, day):
    anybody = Anybody()

    assert anybody.book(room, day).status_code == 400
    assert anybody.get(f"/rooms/{room.pk}/free", on=day).status_code == 200
    assert anybody.get(f"/places/{room.facility_id}/timetable", on=day).status_code == 200
