"""Operations on bookings for whoever keeps the venues: what is to be confirmed, deciding it, the key."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Schema
from pydantic import StringConstraints

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.venues.bookings import deciding
from weiduan.systems.venues.bookings.queries import bookings_in, number_of
from weiduan.systems.venues.bookings.rules import LONGEST_ANSWER

from .asking import Page, Size, asking, router
from .shapes import NO_ZERO, AreaCode, Asked, Done

Answer = Annotated[str, StringConstraints(max_length=LONGEST_ANSWER, pattern=NO_ZERO)]
States = Literal["", "asked", "confirmed", "waiting", "refused", "cancelled"]


class BookingRow(Schema):
    """Who booked is told only where it is an organisation; no contact."""

    key: UUID
    number: str
    place: UUID
    room: str
    who: str
    organisation: str | None
    what: str
    use: str
    people: int | None
    state: str
    begins: datetime
    ends: datetime


class Bookings(Schema):
    count: int
    items: list[BookingRow]


class Answered(Asked):
    answer: Answer


class Key(Asked):
    back: bool


@router.get("/areas/{code}/bookings", response=Bookings)
def bookings(
    request: HttpRequest, code: Annotated[AreaCode, Path()], state: States = "", page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Bookings of the places of an area, the last to begin first."""
    ask = asking(request)
    require(ask.user, Duty.LOOK, in_area=code, at=ask.at)
    area_by_code(code, on=ask.today)
    rows = bookings_in([code], on=ask.today).order_by("-begins", "pk")
    rows = rows.filter(state=state) if state else rows
    return {"count": rows.count(), "items": [_row(one) for one in rows[(page - 1) * size : page * size]]}


def _row(one: Any) -> dict[str, Any]:
    return {
        "key": one.pk, "number": number_of(one), "place": one.room.facility_id, "room": one.room.name, "who": one.who,
        "organisation": one.organisation.number if one.organisation else None, "what": one.what, "use": one.use,
        "people": one.people, "state": one.state, "begins": one.begins, "ends": one.ends,
    }  # fmt: skip


@router.post("/bookings/{uuid:key}/confirm", response=Done)
def confirm(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Confirm what was asked for."""
    return _done(deciding.confirm(key, **asking(request).who))


@router.post("/bookings/{uuid:key}/refuse", response=Done)
def refuse(request: HttpRequest, key: UUID, body: Answered) -> dict[str, Any]:
    """Refuse it with the reason whoever asked reads."""
    return _done(deciding.refuse(key, body.answer, **asking(request).who))


@router.post("/bookings/{uuid:key}/cancel", response=Done)
def cancel(request: HttpRequest, key: UUID, body: Answered) -> dict[str, Any]:
    """Cancel what is still to come."""
    return _done(deciding.cancel(key, answer=body.answer, **asking(request).who))


@router.post("/bookings/{uuid:key}/key", response=Done)
def hand_key_over(request: HttpRequest, key: UUID, body: Key) -> dict[str, Any]:
    """Note that the key went out, or came back."""
    return _done(deciding.hand_key_over(key, back=body.back, **asking(request).who))


def _done(booking: Any) -> dict[str, Any]:
    return {"key": str(booking.pk), "state": booking.state}
