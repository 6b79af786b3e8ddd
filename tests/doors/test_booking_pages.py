"""A place's public page, booking without an account, the receipt, and the keeper's pages, by a test client."""

import re
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from PIL import Image

from tests.builders import GRID, VILLAGE, a_user, a_village, load
from tests.systems.venues.places import CLERK, a_place, a_room, a_wish
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.closing import change_date
from weiduan.systems.venues.bookings.models import Booking, Slot
from weiduan.systems.venues.bookings.queries import moment
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.facilities.showing import add_photo, make_plate, revoke_plates

pytestmark = pytest.mark.django_db
TELEPHONE = "13800000000"


@pytest.fixture
def room():
    return a_room(a_place(quota_hours=None), seats=12, confirms=True)


@pytest.fixture
def tomorrow():
    return timezone.localdate() + timedelta(days=1)


def form_of(room, client=None):
    """Open the form as a browser would; return what it carries hidden and where it goes."""
    client = client or Client()
    url = f"/v/{room.facility_id}/book/?room={room.pk}"
    answer = client.get(url)
    assert answer.status_code == 200
    draft = re.search(r'name="draft" value="([^"]+)"', answer.content.decode())[1]
    return SimpleNamespace(client=client, url=url, draft=draft)


def said(on, **more):
    return {
        "on": on.isoformat(), "opens": "09:00", "closes": "10:00", "what": "读书会", "use": "reading", "who": "group",
        "group": "邻里读书会",
    } | more  # fmt: skip


def send(form, on, **more):
    return form.client.post(form.url, {"draft": form.draft} | said(on, **more))


def a_booking(room, on, **more):
    answer = send(form_of(room), on, **more)
    assert answer.status_code == 302, re.findall(r'class="msg".*?</div>', answer.content.decode(), re.S)
    return Booking.objects.latest("made_at"), answer["Location"]


def test_a_resident_books_and_holds_a_receipt_that_nobody_keeps_or_lists(room, tomorrow):
    booking, receipt = a_booking(room, tomorrow)

    assert booking.state == "asked"
    page = Client().get(receipt)
    told = page.content.decode()
    assert (page["Cache-Control"], page["Referrer-Policy"], page["X-Robots-Tag"]) == (
        "no-store",
        "strict-origin",
        "noindex",
    )
    assert booking.pk.hex[:8].upper() in told and "读书会" in told
    assert len(receipt.split("/")[2]) >= 22
    assert receipt.split("/")[2].encode() not in bytes(booking.receipt_hash)


def test_a_form_sent_twice_books_once_and_gives_the_same_receipt(room, tomorrow):
    form = form_of(room)

    assert send(form, tomorrow)["Location"] == send(form, tomorrow)["Location"]
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("draft", ["", "forged", "WyJ4Il0:1abcde:xxxxxxxxxxxxxxxxxxxxxx"])
def test_a_form_that_is_not_ours_books_nothing(room, tomorrow, draft):
    form = form_of(room)
    form.draft = draft

    assert send(form, tomorrow).status_code == 400
    assert not Booking.objects.exists()


def test_mistakes_come_back_with_what_was_typed(room, tomorrow):
    answer = send(form_of(room), tomorrow, closes="08:45", people="不少", group="", what="邻里茶话")

    told = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="邻里茶话"' in told and 'value="不少"' in told
    assert all(f'href="#id_{name}"' in told for name in ("closes", "people", "group"))


def test_digits_of_full_width_are_digits_and_days_may_be_written_in_chinese(room, tomorrow):
    week = timedelta(days=7)
    skipped = tomorrow + week
    booking, _receipt = a_booking(
        room, tomorrow, people="１２", repeat="weekly", count="３",
        skip=f"{skipped.year}年{skipped.month}月{skipped.day}日",
    )  # fmt: skip

    assert booking.people == 12
    assert [slot.state for slot in booking.slots.order_by("since")] == ["held", "skipped", "held"]


def test_a_taken_time_is_refused_with_free_ones_that_can_be_taken_without_typing_again(room, tomorrow):
    a_booking(room, tomorrow)
    form = form_of(room)
    refused = send(form, tomorrow, group="别的", what="舞蹈队")
    told = refused.content.decode()
    assert refused.status_code == 409 and 'value="舞蹈队"' in told
    taking = re.findall(r'name="take" value="([^"]+)"', told)[0]

    answer = send(form, tomorrow, group="别的", what="舞蹈队", take=taking)
    assert answer.status_code == 302
    assert Booking.objects.get(what="舞蹈队").slots.get().state == "held"


def test_whoever_finds_it_taken_may_wait_or_book_the_other_days(room, tomorrow):
    a_booking(room, tomorrow)

    waiting, _receipt = a_booking(room, tomorrow, group="别的", what="甲", do="wait")
    rest, _receipt = a_booking(room, tomorrow, group="又一个", what="乙", repeat="weekly", count="3", do="rest")
    assert waiting.state == "waiting"
    assert [slot.state for slot in rest.slots.order_by("since")] == ["skipped", "held", "held"]


def test_by_the_receipt_a_day_is_left_out_and_taken_in_and_the_whole_cancelled(room, tomorrow):
    booking, receipt = a_booking(room, tomorrow, repeat="weekly", count="2", contact=TELEPHONE)
    client = Client()

    def states():
        return [slot.state for slot in Slot.objects.filter(booking=booking).order_by("since")]

    for do, expected in (("leave_out", ["skipped", "held"]), ("take_in", ["held", "held"])):
        assert client.post(receipt, {"do": do, "on": tomorrow.isoformat()}).status_code == 302
        assert states() == expected
    client.post(receipt, {"do": "erase"})
    client.post(receipt, {"do": "cancel"})
    booking.refresh_from_db()
    assert (booking.state, bytes(booking.contact), states()) == ("cancelled", b"", ["freed", "freed"])
    assert client.post(receipt, {"do": "cancel"}).status_code == 409


def test_another_receipt_or_a_broken_one_finds_nothing(room, tomorrow):
    _booking, receipt = a_booking(room, tomorrow)

    assert Client().get(receipt[:-2] + "/").status_code == 404
    assert Client().post("/b/" + "x" * 24 + "/", {"do": "cancel"}).status_code == 404


def test_the_timetable_shows_what_is_on_and_neither_who_nor_a_telephone(room, tomorrow):
    a_booking(room, tomorrow, contact=TELEPHONE)

    told = Client().get(f"/v/{room.facility_id}/").content.decode()
    assert "读书会" in told and "09:00–10:00" in told
    assert TELEPHONE not in told and "邻里读书会" not in told


def test_the_calendar_parses_and_is_not_sent_again_while_nothing_changes(room, tomorrow):
    booking, _receipt = a_booking(room, tomorrow)
    url = f"/v/{room.facility_id}/calendar.ics"
    answer = Client().get(url)

    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert (event["UID"], event["STATUS"]) == (f"{booking.pk}@weiduan", "TENTATIVE")
    assert event["DTSTART"].dt.isoformat() == f"{tomorrow}T09:00:00+08:00"
    assert Client().get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_plate_leads_to_its_place_until_it_is_revoked(room):
    token = make_plate(room.facility_id, **CLERK)

    assert Client().get(f"/q/{token}/")["Location"] == f"/v/{room.facility_id}/"
    revoke_plates(room.facility_id, **CLERK)
    assert Client().get(f"/q/{token}/").status_code == 404
    assert Client().get("/q/never-made/").status_code == 404


def test_a_photo_is_a_jpeg_and_taken_for_nothing_else(room):
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "green").save(drawn, "PNG")
    photo = add_photo(room.facility_id, drawn.getvalue(), "大门朝南", **CLERK)

    answer = Client().get(f"/v/photo/{photo.pk}.jpg")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    assert "大门朝南" in Client().get(f"/v/{room.facility_id}/").content.decode()
    default_storage.delete(photo.file.name)


def test_a_place_that_is_only_planned_is_not_shown(room):
    Facility.objects.filter(pk=room.facility_id).update(open_since=None)

    for path in ("", "book/", "calendar.ics", "map.json"):
        assert Client().get(f"/v/{room.facility_id}/{path}").status_code == 404


def test_a_room_nobody_books_is_not_offered():
    room = a_room(a_place(quota_hours=None), bookable=False)

    told = Client().get(f"/v/{room.facility_id}/book/?room={room.pk}").content.decode()
    assert 'name="draft"' not in told and f"?room={room.pk}" not in told


def test_on_a_closed_day_the_next_free_times_are_offered(room, tomorrow):
    change_date(room.facility_id, tomorrow, [], reason="盘点", **CLERK)

    told = Client().get(f"/v/{room.facility_id}/book/?room={room.pk}&on={tomorrow}").content.decode()
    assert len(re.findall(r"&amp;from=\d\d:\d\d&amp;to=", told)) == 3


def keeper(duty=Duty.KEEP_VENUES):
    client = Client()
    client.force_login(a_user(duty, area=VILLAGE))
    return client


def test_a_keeper_confirms_at_the_desk_hands_the_key_over_and_refuses_with_a_reason(room, tomorrow):
    booking, receipt = a_booking(room, tomorrow)
    other, other_receipt = a_booking(room, tomorrow, opens="14:00", closes="15:00", group="别的", what="舞蹈队")
    desk = keeper()

    assert "读书会" in desk.get(f"/desk/area/{VILLAGE}/bookings/?on={tomorrow}").content.decode()
    for do in ("confirm", "key_out", "key_back"):
        assert desk.post(f"/desk/bookings/{booking.pk}/", {"do": do}).status_code == 302
    booking.refresh_from_db()
    assert booking.state == "confirmed" and booking.key_back_at >= booking.key_out_at

    assert desk.post(f"/desk/bookings/{other.pk}/", {"do": "refuse", "answer": " "}).status_code == 400
    desk.post(f"/desk/bookings/{other.pk}/", {"do": "refuse", "answer": "地面在修"})
    assert "地面在修" in Client().get(other_receipt).content.decode()
    assert desk.post(f"/desk/bookings/{other.pk}/", {"do": "confirm"}).status_code == 409
    assert "地面在修" not in Client().get(receipt).content.decode()


def test_the_telephone_is_read_only_for_a_reason_and_whoever_left_it_sees_that(room, tomorrow):
    booking, receipt = a_booking(room, tomorrow, contact=TELEPHONE)
    desk, url = keeper(), f"/desk/bookings/{booking.pk}/"

    assert TELEPHONE not in desk.get(url).content.decode()
    assert desk.post(url, {"do": "read", "reason": "curious"}).status_code == 400
    assert TELEPHONE in desk.post(url, {"do": "read", "reason": "key"}).content.decode()
    entry = Entry.objects.get(what="booking.contact_read")
    assert (entry.after, TELEPHONE in str(entry.before)) == ({"reason": "key"}, False)
    assert f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M}" in Client().get(receipt).content.decode()


def test_who_only_looks_decides_nothing_and_others_find_nothing(room, tomorrow):
    booking, _receipt = a_booking(room, tomorrow, contact=TELEPHONE)
    url = f"/desk/bookings/{booking.pk}/"
    looker, stranger = keeper(Duty.LOOK), Client()
    stranger.force_login(a_user(Duty.KEEP_VENUES, area="510113002003"))

    assert looker.get(url).status_code == 200
    for do in ({"do": "confirm"}, {"do": "read", "reason": "key"}, {"do": "cancel"}):
        assert looker.post(url, do).status_code == 403
        assert stranger.post(url, do).status_code == 404
    assert stranger.get(url).status_code == 404
    assert stranger.get(f"/desk/area/{VILLAGE}/bookings/").status_code == 404


def test_the_calendar_of_an_area_shows_a_week_or_a_day_of_all_rooms_or_one_place(room, tomorrow):
    book(room, a_wish(tomorrow), by="test", at=timezone.now())
    url, desk = f"/desk/area/{VILLAGE}/bookings/", keeper()

    def days(query):
        told = desk.get(url + query).content.decode()
        return told.count('class="num nb"'), told.count("/desk/bookings/")

    assert days(f"?on={tomorrow}") == (7, 1)
    assert days(f"?on={tomorrow}&view=day&place={room.facility_id}") == (1, 1)
    assert days(f"?on={tomorrow + timedelta(days=7)}&view=day") == (1, 0)


def test_at_the_desk_a_keeper_books_for_a_body_and_it_is_confirmed_at_once(room, tomorrow):
    desk, url = keeper(), f"/desk/venues/{room.facility_id}/book/?room={room.pk}"
    assert desk.get(url).status_code == 200
    taken = said(tomorrow, who="body", group="凤凰苑业委会", what="业委会例会", use="meeting")

    answer = desk.post(url, taken)
    booking = Booking.objects.get()
    assert answer["Location"] == f"/desk/bookings/{booking.pk}/"
    assert (booking.state, booking.who, booking.receipt_hash) == ("confirmed", "body", None)
    assert desk.post(url, taken | {"group": "别的"}).status_code == 409


def test_a_secretary_books_for_the_own_organisation_and_a_looker_for_nobody(room, tomorrow):
    load(a_village())
    url = f"/desk/venues/{room.facility_id}/book/?room={room.pk}"
    secretary, looker = keeper(Duty.KEEP_ORGANISATION), keeper(Duty.LOOK)

    assert looker.get(url).status_code == 403
    said_by_it = said(tomorrow, who="organisation", organisation="X1", what="党员大会", use="members_home", group="")
    assert secretary.post(url, said_by_it | {"who": "group", "group": "别的"}).status_code == 400
    secretary.post(url, said_by_it)
    booking = Booking.objects.get()
    assert (booking.organisation.number, booking.state) == ("X1", "asked")
    assert secretary.post(f"/desk/bookings/{booking.pk}/", {"do": "confirm"}).status_code == 403
    assert secretary.post(f"/desk/bookings/{booking.pk}/", {"do": "cancel"}).status_code == 302


def test_a_unit_shows_its_places_with_metres_and_what_is_on_today(room):
    rows = a_village()
    rows["units"][0] |= {"lon": 104.25, "lat": 30.88}
    load(rows)
    book(room, a_wish(timezone.localdate(), opens=480, closes=1200), by="test", at=moment(timezone.localdate(), 0))
    Facility.objects.filter(pk=room.facility_id).update(lon=104.25, lat=30.881)

    told = Client().get(f"/u/{GRID}001/").content.decode()
    assert f"/v/{room.facility_id}/" in told
    assert re.search(r"14[3-5] ", told)  # 110.9 m north, times 1.3
    assert ("读书会" in told) == (timezone.now() < moment(timezone.localdate(), 1200))
    assert f"/v/{room.facility_id}/" in Client().get(f"/a/{VILLAGE}/").content.decode()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2018-02-30", "x"])
def test_days_no_calendar_reaches_are_no_accident(room, tomorrow, day):
    url = f"/v/{room.facility_id}/"
    assert Client().get(f"{url}?from={day}").status_code == 200
    assert Client().get(f"{url}book/?room={room.pk}&on={day}").status_code == 200
    form = form_of(room)
    assert form.client.post(form.url, {"draft": form.draft} | said(tomorrow) | {"on": day}).status_code == 400
    assert keeper().get(f"/desk/area/{VILLAGE}/bookings/?on={day}").status_code in (200, 400)
