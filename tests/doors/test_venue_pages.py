"""Places on the desk: found, plan, move on, rooms, hours, units, photos, plate; who may, and what is refused in words."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.builders import (
    DISTRICT,
    GRID,
    OTHER_VILLAGE,
    VILLAGE,
    a_user,
    divisions,
    grid,
    load,
    member,
    post,
    survey,
    unit,
)
from tests.builders import organisation as an_organisation
from tests.systems.venues.places import CLERK, SURVEYED, a_place, a_room
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.venues.bookings.actions import Wish, book
from weiduan.systems.venues.bookings.models import Slot
from weiduan.systems.venues.bookings.rules import Who
from weiduan.systems.venues.facilities.models import Facility, Photo, Plate, Room
from weiduan.systems.venues.facilities.rules import Use, hash_of
from weiduan.systems.venues.hours.models import HoursException, WeeklyHours
from weiduan.systems.venues.micro_venues.actions import plan_venue
from weiduan.systems.venues.micro_venues.models import MicroVenue
from weiduan.systems.venues.premises.models import Premises

pytestmark = pytest.mark.django_db
A, B, C = (f"{GRID}00{n}" for n in (1, 2, 3))
LIST = f"/desk/area/{VILLAGE}/venues/"


def signed_in(duty: Duty = Duty.KEEP_VENUES, area: str = DISTRICT) -> Client:
    client = Client()
    client.force_login(a_user(duty, area=area))
    return client


def at(place: Facility, page: str = "") -> str:
    return f"/desk/venues/{place.pk}/{page}"


def today() -> date:
    return timezone.localdate()


@pytest.fixture
def village():
    """Three units one grid, one 130 metres further north than the other; a room in the first; a keeper."""
    divisions()
    rooms = [
        {
            "number": "F1", "name": "物管用房", "origin": "property_room", "area": A, "address": "6栋旁", "area_m2": 60.0,
            "lon": 104.25, "lat": 30.83, "consent": "yes",
        }
    ]  # fmt: skip
    units = [unit(code, lon=104.25, lat=30.83 + n / 1000) for n, code in enumerate((A, B, C))]
    people = [member("Z1")]
    load(
        survey(
            grids=[grid()], units=units, premises=rooms, organisations=[an_organisation("Z1", "branch", covers=GRID)],
            members=people, posts=[post(people[0]["number"], "venue_keeper", area=VILLAGE)],
        )
    )  # fmt: skip


@pytest.fixture
def venue(village) -> MicroVenue:
    room = Premises.objects.get(number="F1")
    return plan_venue(room, name="红邻小屋", serves={}, seat=A, on=SURVEYED, **CLERK)


def test_a_centre_is_founded_and_stands_in_the_list_with_its_office_share():
    divisions()
    client = signed_in()
    said = {"name": "石家碾党群服务中心", "address": "中路1号", "on": "2018-10-31"}

    assert client.post(LIST, said).status_code == 302
    place = Facility.objects.get()
    a_room(place, "办公室", use=Use.OFFICE, area_m2=Decimal(100), bookable=False)
    a_room(place, "多功能厅", area_m2=Decimal(900))

    [row] = client.get(LIST).context["rows"]
    assert (row["it"].facility.name, row["it"].state, row["it"].rooms) == ("石家碾党群服务中心", "open", 2)
    assert (str(row["share"]), str(row["to_change"])) == ("11.12", "9.10")  # (100 * 100 - 10 * 900) / 110
    assert client.get(f"/desk/area/{OTHER_VILLAGE}/venues/").context["rows"] == []


def test_who_only_looks_founds_nothing_and_elsewhere_there_is_nothing():
    divisions()
    said = {"name": "x", "address": "", "on": "2018-10-31"}
    assert signed_in(Duty.LOOK).post(LIST, said).status_code == 403
    assert signed_in(area=OTHER_VILLAGE).get(LIST).status_code == 404
    assert not Facility.objects.exists()


def test_the_list_narrows_by_kind_and_state(venue):
    client = signed_in()
    assert [row["it"].state for row in client.get(LIST).context["rows"]] == ["planned"]
    assert client.get(f"{LIST}?kind=centre").context["rows"] == []
    assert client.get(f"{LIST}?state=open").context["rows"] == []
    assert client.get(f"{LIST}?state=closed").context["rows"] == []


def test_a_micro_venue_is_planned_in_premises_and_moved_on_until_it_closes(village):
    client = signed_in()
    page = "/desk/premises/F1/"
    assert [code for code, _title in client.get(page).context["plan"].fields["serves"].choices] == [A, B, C]

    answer = client.post(page, {"do": "plan", "name": "红邻小屋", "serves": [A, B], "on": "2018-11-01"})
    place = Facility.objects.get()
    assert answer.headers["Location"] == at(place)
    assert client.get(page).context["venue"] == place

    for to, on in (("fitting_out", "2018-11-10"), ("open", "2018-11-20"), ("closed", "2018-12-01")):
        assert client.post(at(place), {"to": to, "on": on}).status_code == 302
    shown = client.get(at(place)).context
    assert [(step["note"][:10], step["done"]) for step in shown["life"]] == [
        ("2018-11-01", True), ("2018-11-10", True), ("2018-11-20", True), ("2018-12-01", True),
    ]  # fmt: skip
    assert (shown["row"].state, shown["form"].fields["to"].choices) == ("closed", [])
    assert client.post(at(place), {"to": "open", "on": "2018-12-02"}).status_code == 400


def test_a_plan_is_given_up_and_a_day_too_early_is_refused_in_the_form(venue):
    client, place = signed_in(), venue.facility
    assert client.post(at(place), {"to": "fitting_out", "on": "2018-01-01"}).status_code == 400
    assert client.post(at(place), {"to": "give_up", "on": "2018-11-02"}).status_code == 302
    venue.refresh_from_db()
    assert (venue.state, venue.opened_on) == ("closed", None)
    assert client.get(LIST).context["rows"] == []
    assert [row["it"].state for row in client.get(f"{LIST}?state=closed").context["rows"]] == ["closed"]


def test_units_are_ticked_the_nearest_first_and_the_form_is_derived(venue):
    client, page = signed_in(), at(venue.facility, "units/")
    units = client.get(page).context["units"]  # a thousandth of a degree is 110.86 m here; on foot 1.3 times as far
    assert [(u.code, u.metres) for u in units] == [(A, 0), (B, 144), (C, 288)]

    assert client.post(page, {"serves": [A], "on": "2018-11-01"}).status_code == 302
    assert client.get(at(venue.facility)).context["row"].form == "one_unit"
    assert client.post(page, {"serves": [A, C], "on": "2018-11-02"}).status_code == 302
    assert client.get(at(venue.facility)).context["row"].form == "units"
    assert client.post(page, {"serves": [f"{OTHER_VILLAGE}001001"], "on": "2018-11-03"}).status_code == 400


def test_rooms_are_added_changed_and_ended_and_the_picture_is_to_scale():
    place, client = a_place(), signed_in()
    page = at(place, "rooms/")
    facts = {"name": "舞蹈室", "use": "dance", "area_m2": "75.5", "seats": "", "bookable": "on", "buffer_min": "15"}

    assert client.post(page, facts | {"on": "2018-11-01"}).status_code == 302
    room = Room.objects.get()
    assert (room.name, str(room.area_m2), room.bookable, room.confirms, room.buffer_min) == (
        "舞蹈室",
        "75.50",
        True,
        False,
        15,
    )
    again = facts | {"area_m2": "80", "on": "2018-11-05"}
    assert client.post(f"{page}?room={room.pk}", again).status_code == 302
    a_room(place, "办公室", use=Use.OFFICE, area_m2=Decimal(20), bookable=False)

    office, dance = sorted(client.get(page).context["picture"], key=lambda one: one["room"].area_m2)
    assert (office["kind"], dance["kind"]) == ("office", "function")
    assert office["at"].width * office["at"].height * 4 == pytest.approx(dance["at"].width * dance["at"].height)
    assert client.post(f"{page}?room={room.pk}", {"do": "end", "on": "2018-12-01"}).status_code == 302
    assert [one["room"].name for one in client.get(page).context["rooms"]] == ["办公室"]
    assert client.post(page, facts | {"area_m2": "0", "on": "2018-11-01"}).status_code == 400
    assert client.get(f"{page}?room={room.pk + 99}").status_code == 404


def week_said(**times: str) -> dict[str, str]:
    return {"do": "week", "on": str(today())} | times


def test_the_hours_of_a_week_are_set_in_two_spans_a_day():
    place, client = a_place(week={}), signed_in()
    page = at(place, "hours/")
    said = week_said(d0_0_0="08:30", d0_0_1="12:00", d0_1_0="14:00", d0_1_1="00:00", d7_0_0="10:00", d7_0_1="16:00")

    assert client.get(page).context["is_set"] is False
    assert client.post(page, said).status_code == 302

    rows = WeeklyHours.objects.order_by("day", "opens").values_list("day", "opens", "closes")
    assert list(rows) == [(0, 510, 720), (0, 840, 1440), (7, 600, 960)]
    assert client.post(page, week_said(d1_0_0="12:00", d1_0_1="08:00")).status_code == 400
    assert client.post(page, week_said(d1_0_0="12:00")).status_code == 400


def booked(place: Facility, on: date) -> None:
    room = a_room(place)
    book(room, Wish("读书会", Use.READING, Who.GROUP, on, 540, 600, group="读书会"), by="test", at=timezone.now())


def test_before_a_day_is_closed_it_is_said_how_many_booked_dates_would_be_lost():
    place, client, on = a_place(), signed_in(), today() + timedelta(days=3)
    booked(place, on)
    page, said = at(place, "hours/"), {"do": "date", "on": str(on), "room": "", "reason": "停电检修"}

    answer = client.post(page, said)
    assert (answer.status_code, answer.context["lost"]) == (200, 1)
    assert (HoursException.objects.count(), Slot.objects.get().state) == (0, "held")

    assert client.post(page, said | {"known": "1"}).status_code == 302
    assert (HoursException.objects.get().on, Slot.objects.get().state) == (on, "skipped")
    key = f"{on}/"
    assert [one["key"] for one in client.get(page).context["exceptions"]] == [key]
    assert client.post(page, {"do": "as_usual", "when": key}).status_code == 302
    assert not HoursException.objects.exists()


def test_usual_hours_again_free_what_was_booked_outside_them():
    place, client, on = a_place(week={}), signed_in(), today() + timedelta(days=3)
    page = at(place, "hours/")
    said = {"do": "date", "on": str(on), "room": "", "reason": "开放日", "other_0_0": "08:00", "other_0_1": "20:00"}
    assert client.post(page, said).status_code == 302
    booked(place, on)

    assert client.post(page, {"do": "as_usual", "when": f"{on}/"}).context["lost"] == 1
    assert client.post(page, {"do": "as_usual", "when": f"{on}/", "known": "1"}).status_code == 302
    assert Slot.objects.get().state == "skipped"


def test_a_centre_closes_once_it_was_said_how_many_dates_are_cancelled():
    place, client, on = a_place(), signed_in(), today() + timedelta(days=3)
    booked(place, on)
    said = {"to": "closed", "on": str(today() + timedelta(days=1))}

    assert client.post(at(place), said).context["lost"] == 1
    assert client.post(at(place), said | {"known": "1"}).status_code == 302
    place.refresh_from_db()
    assert (str(place.open_until), Slot.objects.get().state) == (said["on"], "skipped")
    assert client.post(at(place), said).status_code == 400


def test_facts_are_written_down_and_what_cannot_be_is_refused():
    place, client = a_place(), signed_in()
    facts = {
        "name": "新名称", "address": "中路2号", "way": "东门进", "telephone": "028-83610000", "lon": "104.25", "lat": "30.88",
        "access": ["step_free"], "equipment": ["wifi", "water"], "quota_hours": "",
    }  # fmt: skip
    assert client.post(at(place, "facts/"), facts).status_code == 302
    place.refresh_from_db()
    assert (place.name, place.lon, place.access, place.quota_hours) == ("新名称", 104.25, ["step_free"], None)
    assert client.post(at(place, "facts/"), facts | {"lat": ""}).status_code == 400


def a_picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG")
    file.seek(0)
    file.name = "door.jpg"
    return file


def test_photos_are_shown_with_words_and_taken_away(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    place, client = a_place(), signed_in()
    page = at(place, "photos/")
    assert client.post(page, {"file": a_picture(), "words": ""}).status_code == 400
    assert client.post(page, {"file": a_picture(), "words": "正门"}).status_code == 302
    photo = Photo.objects.get()

    answer = client.get(f"{page}{photo.pk}.jpg")
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer.content[:2] == b"\xff\xd8"
    assert client.post(page, {"drop": str(photo.pk)}).status_code == 302
    assert not Photo.objects.exists()


def test_a_plate_is_a_pdf_whose_code_leads_to_the_place_until_it_is_revoked(monkeypatch):
    place, client = a_place(), signed_in()
    led = []
    monkeypatch.setattr(
        "weiduan.doors.desk.prints.segno.make", lambda address, **how: led.append(address) or _code(address)
    )

    answer = client.post(at(place, "plate.pdf"))
    assert (answer.headers["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    [address] = led
    token = address.rstrip("/").rsplit("/", 1)[1]
    assert bytes(Plate.objects.get().token_hash) == hash_of(token)
    assert len(client.get(at(place)).context["plates"]) == 1

    assert client.post(at(place), {"do": "revoke"}).status_code == 302
    assert client.get(at(place)).context["plates"] == []


def _code(address: str):
    import segno

    return segno.QRCode(segno.encoder.encode(address, error="m", micro=False))


def test_only_who_keeps_the_venues_changes_anything():
    place = a_place()
    looking = signed_in(Duty.LOOK)
    for page in ("facts/", "hours/", "rooms/", "photos/"):
        assert looking.get(at(place, page)).status_code == 403
    assert looking.post(at(place, "plate.pdf")).status_code == 403
    assert looking.post(at(place), {"do": "revoke"}).status_code == 403
    assert looking.post(at(place), {"to": "closed", "on": str(today())}).status_code == 403
    assert signed_in(area=OTHER_VILLAGE).get(at(place)).status_code == 404
    assert not Plate.objects.exists()


def test_the_keeper_is_named_only_to_who_keeps_organisations_in_the_village(venue):
    def keepers(duty: Duty, area: str):
        return [one.name for one in signed_in(duty, area).get(at(venue.facility)).context["keepers"]]

    [name] = keepers(Duty.KEEP_ORGANISATION, VILLAGE)
    assert name.startswith("张")
    assert keepers(Duty.KEEP_VENUES, VILLAGE) == [None]
    assert keepers(Duty.KEEP_ORGANISATION, A) == [None]  # the post is the village's


def test_what_is_missing_is_listed_with_the_page_that_puts_it_right(venue):
    client, place = signed_in(), venue.facility
    urls = [url for _words, url in client.get(at(place)).context["missing"]]
    assert urls == [at(place, "hours/"), at(place, "units/"), at(place, "facts/"), "#plate"]


def test_premises_are_listed_and_what_was_found_there_is_noted(village):
    client = signed_in()
    page = f"/desk/area/{VILLAGE}/premises/"
    said = {"do": "visit", "consent": "not_asked", "rent": "800.50", "condition": "通水通电"}

    assert client.post("/desk/premises/F1/", said).status_code == 302
    [row] = client.get(f"{page}?consent=not_asked").context["rows"]
    assert (row["room"].number, str(row["room"].rent), row["venue"]) == ("F1", "800.50", None)
    assert client.get(f"{page}?consent=no").context["rows"] == []
    assert client.post("/desk/premises/F1/", said | {"rent": "-1"}).status_code == 400
    assert signed_in(Duty.LOOK).post("/desk/premises/F1/", said).status_code == 403
    assert signed_in(area=OTHER_VILLAGE).get("/desk/premises/F1/").status_code == 404


def test_the_survey_sheet_is_a_pdf_and_there_is_none_of_nothing(village):
    client = signed_in(Duty.LOOK)
    sheet = client.get(f"/desk/area/{VILLAGE}/premises/sheet.pdf?number=F1")
    assert sheet.content[:5] == b"%PDF-"
    assert client.get(f"/desk/area/{OTHER_VILLAGE}/premises/sheet.pdf").status_code == 404
