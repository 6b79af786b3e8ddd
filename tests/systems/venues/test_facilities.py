"""A place: what it says of itself, its rooms through time, its photos and plates."""

import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PIL import Image

from tests.builders import MONDAY, SURVEYED, VILLAGE, a_user
from tests.systems.venues.places import CLERK, DAY, TUESDAY, a_place, a_room, a_wish
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.facilities.actions import (
    InUse,
    RoomFacts,
    add_room,
    change_room,
    describe,
    end_room,
    found_centre,
)
from weiduan.systems.venues.facilities.models import Plate, Room
from weiduan.systems.venues.facilities.queries import facilities_in, facility_by_plate, room_by_key, rooms_of
from weiduan.systems.venues.facilities.rules import Use
from weiduan.systems.venues.facilities.showing import Enough, add_photo, drop_photo, make_plate, revoke_plates

pytestmark = pytest.mark.django_db
MEETING = RoomFacts("议事室", Use.MEETING, Decimal("40"))


def _jpeg():
    target = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(target, "JPEG")
    return target.getvalue()


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_a_place_says_what_it_offers_and_unknown_or_impossible_things_are_refused():
    place = a_place()
    said = {
        "telephone": " 028-8360 0000 ",
        "access": ["step_free"],
        "equipment": ["water"],
        "lon": 104.25,
        "lat": 30.88,
    }
    place = describe(place.pk, said, **CLERK)
    assert (place.telephone, place.access, place.lat) == ("028-8360 0000", ["step_free"], 30.88)

    wrong = [{"name": " "}, {"access": ["wings"]}, {"access": ["lift", "lift"]}, {"lon": 200.0, "lat": 0.0}, {"lon": 104.0},
             {"lon": float("nan"), "lat": 30.0}, {"owner": "x"}, {"way": "路" * 201}]  # fmt: skip
    for facts in wrong:
        with pytest.raises(BadInput):
            describe(place.pk, facts, **CLERK)
    with pytest.raises(NotAllowed):
        describe(place.pk, {}, by=a_user(Duty.LOOK), at=MONDAY)
    with pytest.raises(NotFound):
        describe(place.pk, {}, by=a_user(Duty.KEEP_VENUES, area="510114000000"), at=MONDAY)


def test_a_place_is_in_its_area_from_the_day_it_opens():
    place = a_place()
    assert [f.pk for f in facilities_in(VILLAGE, on=SURVEYED)] == [place.pk]
    assert not facilities_in(VILLAGE, on=SURVEYED - DAY)
    with pytest.raises(BadInput):
        found_centre("", code=VILLAGE, address="", on=SURVEYED, **CLERK)


def test_a_room_that_changes_stays_known_as_it_was_and_keeps_its_bookings():
    place = a_place(quota_hours=None)
    room = add_room(place.pk, replace(MEETING, bookable=True, confirms=False), on=SURVEYED, **CLERK)
    booking = book(room, a_wish(), by="test", at=MONDAY)
    changed = change_room(
        place.pk, room.pk, replace(MEETING, use=Use.DANCE, area_m2=Decimal("45.5"), bookable=True), on=TUESDAY, **CLERK
    )

    assert [(r.use, r.area_m2) for r in rooms_of(place.pk, on=SURVEYED)] == [("meeting", Decimal("40"))]
    assert [(r.use, r.area_m2) for r in rooms_of(place.pk, on=TUESDAY)] == [("dance", Decimal("45.5"))]
    booking.refresh_from_db()
    assert booking.room_id == changed.pk == room.pk


def test_two_rooms_of_one_name_never_stand_at_once_but_one_may_follow_the_other():
    place = a_place()
    room = add_room(place.pk, MEETING, on=SURVEYED, **CLERK)
    with pytest.raises(InUse):
        add_room(place.pk, MEETING, on=SURVEYED, **CLERK)
    end_room(place.pk, room.pk, on=TUESDAY, **CLERK)
    add_room(place.pk, MEETING, on=TUESDAY, **CLERK)
    with pytest.raises(NotFound):
        room_by_key(room.pk, on=TUESDAY)
    assert Room.objects.count() == 2


def test_a_room_that_is_booked_does_not_end_before():
    room = a_room()
    book(room, a_wish(), by="test", at=MONDAY)
    with pytest.raises(InUse):
        end_room(room.facility_id, room.pk, on=TUESDAY, **CLERK)
    end_room(room.facility_id, room.pk, on=TUESDAY + DAY, **CLERK)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"area_m2": Decimal("0")}, {"area_m2": Decimal("NaN")}, {"area_m2": Decimal("1.234")}, {"seats": 0},
        {"use": Use.OFFICE, "bookable": True}, {"buffer_min": 241}, {"buffer_min": -1},
    ],
)  # fmt: skip
def test_a_room_that_cannot_be_is_refused(wrong):
    place = a_place()
    with pytest.raises(BadInput):
        add_room(place.pk, replace(MEETING, **wrong), on=SURVEYED, **CLERK)
    assert Room.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_photo_is_drawn_anew_described_and_gone_with_its_file(media):
    place = a_place()
    with pytest.raises(BadInput):
        add_photo(place.pk, _jpeg(), " ", **CLERK)
    photo = add_photo(place.pk, _jpeg(), "门前的坡道", **CLERK)
    assert (photo.width, photo.height, len(list(media.rglob("*.jpg")))) == (30, 20, 1)

    with pytest.raises(NotFound):
        drop_photo(a_place_elsewhere().pk, photo.pk, **CLERK)
    drop_photo(place.pk, photo.pk, **CLERK)
    assert list(media.rglob("*.jpg")) == []


def a_place_elsewhere():
    return found_centre("另一个", code=VILLAGE, address="", on=SURVEYED, **CLERK)


def test_a_place_shows_at_most_twelve_photos(media):
    place = a_place()
    for n in range(12):
        add_photo(place.pk, _jpeg(), f"{n}", **CLERK)
    with pytest.raises(Enough):
        add_photo(place.pk, _jpeg(), "x", **CLERK)


def test_a_plate_leads_to_its_place_until_it_is_revoked_and_is_kept_only_as_a_hash():
    place = a_place()
    token = make_plate(place.pk, **CLERK)
    assert len(token) == 22 and facility_by_plate(token) == place.pk
    assert token.encode() not in bytes(Plate.objects.get().token_hash)

    second = make_plate(place.pk, by="test", at=MONDAY + timedelta(hours=1))
    assert facility_by_plate(token) == facility_by_plate(second)
    assert revoke_plates(place.pk, by="test", at=MONDAY + timedelta(hours=2)) == 2
    for gone in (token, second, "", "x" * 22):
        with pytest.raises(NotFound):
            facility_by_plate(gone)
