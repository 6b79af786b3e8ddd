"""Operations on lists by name: rosters given out, and guests of units."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Schema
from pydantic import StringConstraints

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.organisation.members.daily import Newcomer
from weiduan.systems.organisation.members.rosters import Roster, give_out, roster_of_area, roster_of_organisation
from weiduan.systems.organisation.members.rules import LookedAtFor
from weiduan.systems.organisation.organisations.queries import organisation_by_number
from weiduan.systems.organisation.transfers.guests import guest_leaves, register_guest
from weiduan.systems.organisation.transfers.queries import guest_rows, guests_in

from .asking import Asking, IdempotencyKey, Page, Size, answered_once, asking, router
from .shapes import NO_ZERO, AreaCode, Asked, Done, Number, OnADay, PathNumber


class GiveOut(Asked):
    """`contacts_for`: why telephones are needed; left out, there are none."""

    contacts_for: LookedAtFor | None = None


class RosterRow(Schema):
    """`contact` only where a reason was given."""

    number: str
    name: str
    organisation: str
    home: str
    state: str
    joined_on: date
    full_on: date | None
    contact: str | None = None


class RosterGiven(Schema):
    name: str
    code: str
    items: list[RosterRow]


class GuestRow(Schema):
    key: int
    number: str
    name: str
    unit: str
    belongs_to: str
    since: date


class Guests(Schema):
    count: int
    items: list[GuestRow]


class Register(Asked):
    """`belongs_to` names the organisation elsewhere; a member kept here is named by `number`."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_ZERO)]
    contact: Annotated[str, StringConstraints(max_length=30, pattern=NO_ZERO)] = ""
    number: Number | None = None
    belongs_to: Annotated[str, StringConstraints(max_length=100, pattern=NO_ZERO)] = ""
    on: date | None = None


@router.post("/organisations/{number}/roster", response=RosterGiven)
def organisation_roster(request: HttpRequest, number: PathNumber, body: GiveOut) -> Any:
    """Give out the members of an organisation; each giving out is an entry in the ledger."""
    ask = asking(request)
    organisation = organisation_by_number(number, viewer=ask.user, on=ask.today, at=ask.at)
    return _given(ask, roster_of_organisation(organisation, viewer=ask.user, at=ask.at), body)


@router.post("/areas/{code}/roster", response=RosterGiven)
def area_roster(request: HttpRequest, code: Annotated[AreaCode, Path()], body: GiveOut) -> Any:
    """Give out the members living in a grid or unit."""
    ask = asking(request)
    return _given(ask, roster_of_area(code, viewer=ask.user, at=ask.at), body)


def _given(ask: Asking, roster: Roster, body: GiveOut) -> dict[str, Any]:
    rows = give_out(roster, contacts_for=body.contacts_for, **ask.who)
    return {
        "name": roster.name, "code": roster.code,
        "items": [row | {"organisation": row["organisation"].number} for row in rows],
    }  # fmt: skip


@router.get("/areas/{code}/guests", response=Guests)
def guests(request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50) -> Any:
    """Members of organisations elsewhere who registered in units of an area."""
    ask = asking(request)
    require(ask.user, Duty.KEEP_ORGANISATION, in_area=code, at=ask.at)
    rows = guests_in([code], on=ask.today)
    return {"count": rows.count(), "items": guest_rows(rows[(page - 1) * size : page * size], on=ask.today)}


@router.post("/areas/{code}/guests", response={201: Done})
def register(
    request: HttpRequest, code: Annotated[AreaCode, Path()], body: Register, key: IdempotencyKey = None
) -> Any:  # fmt: skip
    """Register a guest in a unit, by own wish; the answer's key ends it again."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        newcomer = Newcomer(body.name, body.contact, body.number or "")
        made = register_guest(newcomer, code, belongs_to=body.belongs_to, on=body.on or ask.today, **ask.who)
        return {"key": str(made.pk), "state": "registered"}

    return 201, answered_once(request, ask, key, body, deed)


@router.post("/guests/{key}/end", response=Done)
def end_registration(
    request: HttpRequest, key: Annotated[int, Path(ge=1, le=2**62)], body: OnADay, idempotency: IdempotencyKey = None
) -> Any:  # fmt: skip
    """Note that a guest is no longer registered."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        guest_leaves(key, on=body.on or ask.today, **ask.who)
        return {"key": str(key), "state": "ended"}

    return answered_once(request, ask, idempotency, body, deed)
