"""Operations on one member's record: home, state, being away, the telephone, the own page, corrections."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from ninja import Schema

from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.organisation.members.daily import change_home, change_state, reveal_contact
from weiduan.systems.organisation.members.rules import LookedAtFor, State
from weiduan.systems.organisation.own.actions import answer_correction, make_link
from weiduan.systems.organisation.own.queries import waiting_corrections_in
from weiduan.systems.organisation.transfers.away import come_back, contacted, go_away, resume

from .asking import IdempotencyKey, answered_once, asking, keeps_members, person_numbered, router
from .shapes import AreaCode, Asked, Done, Number, OnADay, PathNumber, Text


class Home(Asked):
    """`home`: code of the unit, or nothing where it is not known."""

    home: AreaCode | None
    on: date | None = None


class Standing(Asked):
    """`suspended` or, to lift the suspension, `active`."""

    state: Literal["suspended", "active"]
    on: date | None = None


class Away(Asked):
    """`keeper`: number of the member who keeps in touch."""

    keeper: Number
    on: date | None = None


class Reveal(Asked):
    reason: LookedAtFor


class Contact(Schema):
    """Empty where none is kept."""

    contact: str


class Link(Schema):
    """Where the member gets in, once and within a day; it is shown this once."""

    url: str


class CorrectionRow(Schema):
    """What a member says is wrong; `number` and `organisation` are the member's."""

    key: UUID
    number: str
    organisation: str
    wish: str
    asked_at: datetime


class CorrectionAnswer(Asked):
    """`answer` is needed where it is not done."""

    done: bool
    answer: Text = ""


@router.post("/members/{number}/home", response=Done)
def change_member_home(request: HttpRequest, number: PathNumber, body: Home, key: IdempotencyKey = None) -> Any:
    """Change the unit a member can be counted on in."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        change_home(person_numbered(number), body.home, on=body.on or ask.today, **ask.who)
        return {"key": number, "state": "changed"}

    return answered_once(request, ask, key, body, deed)


@router.post("/members/{number}/state", response=Done)
def change_member_state(request: HttpRequest, number: PathNumber, body: Standing, key: IdempotencyKey = None) -> Any:
    """Suspend a membership, or lift the suspension."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        person, when = person_numbered(number), {"on": body.on or ask.today, **ask.who}
        suspends = body.state == "suspended"
        held = change_state(person, State.SUSPENDED, **when) if suspends else resume(person, **when)
        return {"key": number, "state": held.state}

    return answered_once(request, ask, key, body, deed)


@router.post("/members/{number}/away", response=Done)
def note_away(request: HttpRequest, number: PathNumber, body: Away, key: IdempotencyKey = None) -> Any:
    """Note that a member is away, and who keeps in touch."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        go_away(person_numbered(number), person_numbered(body.keeper), on=body.on or ask.today, **ask.who)
        return {"key": number, "state": "mobile"}

    return answered_once(request, ask, key, body, deed)


@router.post("/members/{number}/contacted", response=Done)
def note_contact(request: HttpRequest, number: PathNumber, body: OnADay, key: IdempotencyKey = None) -> Any:
    """Note that the keeper spoke to a member who is away."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        contacted(person_numbered(number), on=body.on or ask.today, **ask.who)
        return {"key": number, "state": "contacted"}

    return answered_once(request, ask, key, body, deed)


@router.post("/members/{number}/back", response=Done)
def note_back(request: HttpRequest, number: PathNumber, body: OnADay, key: IdempotencyKey = None) -> Any:
    """Note that a member who was away is back."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        come_back(person_numbered(number), on=body.on or ask.today, **ask.who)
        return {"key": number, "state": "back"}

    return answered_once(request, ask, key, body, deed)


@router.post("/members/{number}/contact", response=Contact)
def open_contact(request: HttpRequest, number: PathNumber, body: Reveal) -> Any:
    """Open a member's telephone for a reason; each time is an entry in the ledger, so nothing is kept to answer twice."""
    return {"contact": reveal_contact(person_numbered(number), body.reason, **asking(request).who)}


@router.post("/members/{number}/link", response={201: Link})
def make_member_link(request: HttpRequest, number: PathNumber) -> Any:
    """Make the link by which a member sees the own page once; it is kept nowhere, so it isn't answered twice."""
    token = make_link(person_numbered(number), **asking(request).who)
    return 201, {"url": request.build_absolute_uri(reverse("portal:me_enter", args=[token]))}


@router.get("/corrections", response=list[CorrectionRow])
def corrections(request: HttpRequest) -> Any:
    """What members say is wrong and nobody has answered, the longest waiting first."""
    ask = asking(request)
    keeps_members(ask)
    return waiting_corrections_in(areas_of(ask.user, Duty.KEEP_ORGANISATION, at=ask.at), on=ask.today)


@router.post("/corrections/{uuid:key}/answer", response=Done)
def answer_a_correction(
    request: HttpRequest, key: UUID, body: CorrectionAnswer, idempotency: IdempotencyKey = None
) -> Any:  # fmt: skip
    """Say that it is corrected, or why not."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        answer_correction(key, done=body.done, answer=body.answer, **ask.who)
        return {"key": str(key), "state": "done" if body.done else "refused"}

    return answered_once(request, ask, idempotency, body, deed)
