"""Operations open to everybody: places, what is on, when rooms are free, booking one and looking after it by the receipt.

Booking needs no account. Ask for a draft first; the same draft sent twice books once and gives the same receipt.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Query, Schema
from pydantic import Field, StringConstraints

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.venues.bookings import deciding
from weiduan.systems.venues.bookings.actions import Wish, book
from weiduan.systems.venues.bookings.queries import booking_by_receipt, moment, number_of, timetable
from weiduan.systems.venues.bookings.rules import BOOKING_FORM, LONGEST_WHAT, MOST_DATES, Frequency, Repeat, Who
from weiduan.systems.venues.bookings.showing import dates_shown, free_of
from weiduan.systems.venues.facilities.queries import facilities_in, facility_by_key, room_by_key, rooms_of
from weiduan.systems.venues.facilities.rules import LONGEST_NAME, Use
from weiduan.systems.venues.hours.rules import minutes_of

from .asking import Page, Size, router
from .shapes import NO_ZERO, AreaCode, Asked, Done, Text

RoomKey = Annotated[int, Path(ge=1, le=2**63 - 1)]
Receipt = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{22,64}$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


class RoomRow(Schema):
    key: int
    name: str
    use: str
    area_m2: float
    seats: int | None
    bookable: bool
    confirms: bool


class PlaceRow(Schema):
    key: UUID
    kind: str
    name: str
    address: str
    telephone: str
    lon: float | None
    lat: float | None
    access: list[str]
    equipment: list[str]


class Places(Schema):
    count: int
    items: list[PlaceRow]


class PlaceRecord(PlaceRow):
    rooms: list[RoomRow]


class OnRow(Schema):
    room: str
    room_key: int
    what: str
    use: str
    since: datetime
    until: datetime
    confirmed: bool


class Free(Schema):
    """From `since` until `until` the room can be booked."""

    since: datetime
    until: datetime


class Draft(Schema):
    draft: str


class Repeating(Asked):
    frequency: Frequency
    interval: Annotated[int, Field(ge=1, le=12)] = 1
    count: Annotated[int, Field(ge=2, le=MOST_DATES)]


class AskBooking(Asked):
    """`rest`: book the other dates where some are taken or closed; `wait`: wait where it is taken.

    `group` is counted, not kept; `contact` is sealed, and erased 30 days after the last date.
    """

    draft: Text
    what: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WHAT, pattern=NO_ZERO)]
    use: Use
    who: Literal["group", "resident"]
    on: date
    opens: Clock
    closes: Clock
    group: Annotated[str, StringConstraints(max_length=LONGEST_NAME, pattern=NO_ZERO)] = ""
    people: Annotated[int, Field(ge=1, le=5000)] | None = None
    repeat: Repeating | None = None
    skip: Annotated[list[date], Field(max_length=MOST_DATES)] = []
    contact: Annotated[str, StringConstraints(max_length=40, pattern=NO_ZERO)] = ""
    rest: bool = False
    wait: bool = False


class DateRow(Schema):
    on: date
    since: datetime
    until: datetime
    state: str


class BookingRecord(Schema):
    receipt: str
    number: str
    place: UUID
    room: str
    what: str
    use: str
    state: str
    answer: str
    dates: list[DateRow]


class OnDate(Asked):
    on: date


@router.get("/areas/{code}/places", response=Places, auth=None)
def places(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Places open to everybody in an area today."""
    on = local_day(timezone.now())
    area_by_code(code, on=on)
    rows = facilities_in(code, on=on)
    return {"count": rows.count(), "items": [_place(f) for f in rows[(page - 1) * size : page * size]]}


def _place(facility: Any) -> dict[str, Any]:
    fields = ("kind", "name", "address", "telephone", "lon", "lat", "access", "equipment")
    return {"key": facility.pk} | {name: getattr(facility, name) for name in fields}


@router.get("/places/{uuid:key}", response=PlaceRecord, auth=None)
def place(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One place with its rooms."""
    facility = _public(key)
    return _place(facility) | {"rooms": [_room(r) for r in rooms_of(key, on=local_day(timezone.now()))]}


def _public(key: UUID) -> Any:
    facility = facility_by_key(key)
    if facility.open_since is None:
        raise NotFound(_("There is no such place. Look for it by name, or choose it from the list."))
    return facility


def _room(room: Any) -> dict[str, Any]:
    return {
        "key": room.pk, "name": room.name, "use": room.use, "area_m2": float(room.area_m2), "seats": room.seats,
        "bookable": room.bookable, "confirms": room.confirms,
    }  # fmt: skip


@router.get("/places/{uuid:key}/timetable", response=list[OnRow], auth=None)
def what_is_on(
    request: HttpRequest, key: UUID, on: date | None = None, days: Annotated[int, Query(ge=1, le=31)] = 7
) -> list[Any]:  # fmt: skip
    """What is on in a place from a day on, without anybody."""
    _public(key)
    first = _in_range(on or local_day(timezone.now()))
    return timetable([key], since=moment(first, 0), until=moment(first, days * 1440))


def _in_range(on: date) -> date:
    """Keep a day where a calendar can count on from."""
    return min(max(on, date(1900, 1, 1)), date(9000, 1, 1))


@router.get("/rooms/{room}/free", response=list[Free], auth=None)
def free(request: HttpRequest, room: RoomKey, on: date | None = None) -> list[Any]:
    """When a room can still be booked on a day."""
    at = timezone.now()
    day = _in_range(on or local_day(at))
    found = _bookable(room, at)
    return [{"since": moment(day, opens), "until": moment(day, closes)} for opens, closes in free_of(found, day, at=at)]


def _bookable(room: int, at: datetime) -> Any:
    found = room_by_key(room, on=local_day(at))
    if not found.bookable or found.facility.open_since is None:
        raise NotFound(_("There is no such room here."))
    return found


@router.post("/booking-drafts", response={201: Draft}, auth=None)
def draft(request: HttpRequest) -> Any:
    """A draft to send along with a booking within a day; nothing is kept yet."""
    return 201, {"draft": new_draft(BOOKING_FORM)}


@router.post("/rooms/{room}/bookings", response={201: BookingRecord}, auth=None)
def book_room(request: HttpRequest, room: RoomKey, body: AskBooking) -> Any:
    """Book a room without an account; keep the receipt, it is told only here."""
    at = timezone.now()
    receipt = receipt_of(body.draft, BOOKING_FORM)
    book(_bookable(room, at), _wish(body), receipt=receipt, rest=body.rest, wait=body.wait, by=None, at=at)
    return 201, _record(receipt, at)


def _wish(body: AskBooking) -> Wish:
    asked = body.repeat
    repeat = Repeat(asked.frequency, asked.interval, asked.count) if asked else None
    return Wish(
        what=body.what, use=body.use, who=Who(body.who), on=body.on, opens=minutes_of(body.opens), closes=minutes_of(body.closes),
        group=body.group, people=body.people, repeat=repeat, skip=frozenset(body.skip), contact=body.contact,
    )  # fmt: skip


def _record(receipt: str, at: datetime) -> dict[str, Any]:
    found = booking_by_receipt(receipt)
    return {
        "receipt": receipt, "number": number_of(found), "place": found.room.facility_id, "room": found.room.name,
        "what": found.what, "use": found.use, "state": found.state, "answer": found.answer, "dates": dates_shown(found, at=at),
    }  # fmt: skip


@router.get("/receipts/{receipt}", response=BookingRecord, auth=None)
def booking(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """A booking, to whoever holds its receipt."""
    return _record(receipt, timezone.now())


@router.post("/receipts/{receipt}/cancel", response=Done, auth=None)
def cancel(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """Give back what is still to come."""
    return _done(receipt, deciding.cancel)


@router.post("/receipts/{receipt}/leave-out", response=Done, auth=None)
def leave_out(request: HttpRequest, receipt: Receipt, body: OnDate) -> dict[str, Any]:
    """Leave one date out."""
    return _done(receipt, deciding.leave_out, body.on)


@router.post("/receipts/{receipt}/take-in", response=Done, auth=None)
def take_in(request: HttpRequest, receipt: Receipt, body: OnDate) -> dict[str, Any]:
    """Take a date in again that was left out."""
    return _done(receipt, deciding.take_in, body.on)


def _done(receipt: str, deed: Any, *more: Any) -> dict[str, Any]:
    found = deed(booking_by_receipt(receipt).pk, *more, receipt=receipt, by=None, at=timezone.now())
    return {"key": number_of(found), "state": found.state}
