"""Operations that change something: each calls the action its page calls."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from weiduan.systems.organisation.changes import actions as changing
from weiduan.systems.organisation.changes.carrying import there
from weiduan.systems.organisation.members.daily import Newcomer, join, make_full
from weiduan.systems.organisation.organisations.queries import organisation_by_number
from weiduan.systems.organisation.transfers import actions as transferring
from weiduan.systems.organisation.transfers.leaving import leave

from . import shapes
from .asking import Asking, IdempotencyKey, answered_once, asking, person_numbered, router
from .shapes import Done, PathNumber


@router.post("/transfers", response={201: Done})
def ask_transfer(request: HttpRequest, body: shapes.AskTransfer, key: IdempotencyKey = None) -> Any:
    """Ask that a member be taken in elsewhere."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        on = body.on or ask.today
        person = person_numbered(body.member)
        receiver = there(body.receiver, on) if body.receiver else None
        made = transferring.ask(person, receiver=receiver, outside=body.outside, reason=body.reason, on=on, **ask.who)
        return {"key": str(made.pk), "state": made.state}

    return 201, answered_once(request, ask, key, body, deed)


@router.post("/transfers/{uuid:key}/accept", response=Done)
def accept_transfer(request: HttpRequest, key: UUID, body: shapes.Accept) -> Any:
    """Take the member in."""
    ask = asking(request)
    home = transferring.KEEPS_HOME if body.home is None else body.home
    transferring.accept(key, home=home, on=body.on or ask.today, **ask.who)
    return {"key": str(key), "state": "accepted"}


@router.post("/transfers/{uuid:key}/return", response=Done)
def return_transfer(request: HttpRequest, key: UUID, body: shapes.Return) -> Any:
    """Return it with the reason."""
    ask = asking(request)
    transferring.return_(key, body.answer, on=body.on or ask.today, **ask.who)
    return {"key": str(key), "state": "returned"}


@router.post("/transfers/{uuid:key}/withdraw", response=Done)
def withdraw_transfer(request: HttpRequest, key: UUID, body: shapes.OnADay) -> Any:
    """Take it back."""
    ask = asking(request)
    transferring.withdraw(key, on=body.on or ask.today, **ask.who)
    return {"key": str(key), "state": "withdrawn"}


@router.post("/changes", response={201: Done})
def ask_change(request: HttpRequest, body: shapes.AskChange, key: IdempotencyKey = None) -> Any:
    """Ask the superior for a change of an organisation; without one, for one to be set up."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        made = changing.ask(body.kind, _organisation(ask, body.organisation), body.facts, on=body.on, **ask.who)
        return {"key": str(made.pk), "state": made.state}

    return 201, answered_once(request, ask, key, body, deed)


def _organisation(ask: Asking, number: str | None) -> Any:
    return organisation_by_number(number, viewer=ask.user, on=ask.today, at=ask.at) if number else None


@router.post("/changes/{uuid:key}/approve", response=Done)
def approve_change(request: HttpRequest, key: UUID, body: shapes.Approve) -> Any:
    """Approve it and carry it out."""
    changing.approve(key, reason=body.reason, **asking(request).who)
    return {"key": str(key), "state": "approved"}


@router.post("/changes/{uuid:key}/return", response=Done)
def return_change(request: HttpRequest, key: UUID, body: shapes.ReturnChange) -> Any:
    """Return it with the reason."""
    changing.return_(key, body.answer, **asking(request).who)
    return {"key": str(key), "state": "returned"}


@router.post("/changes/{uuid:key}/withdraw", response=Done)
def withdraw_change(request: HttpRequest, key: UUID) -> Any:
    """Take it back."""
    changing.withdraw(key, **asking(request).who)
    return {"key": str(key), "state": "withdrawn"}


@router.post("/members", response={201: Done})
def join_member(request: HttpRequest, body: shapes.Join, key: IdempotencyKey = None) -> Any:
    """Let somebody join; the answer's key is the member's number."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        newcomer = Newcomer(body.name, body.contact, body.number or "", body.joined_on, body.full_on)
        where = organisation_by_number(body.organisation, viewer=ask.user, on=ask.today, at=ask.at)
        person = join(newcomer, where, home=body.home, on=body.on or ask.today, **ask.who)
        return {"key": person.number, "state": "joined"}

    return 201, answered_once(request, ask, key, body, deed)


@router.post("/members/{number}/full", response=Done)
def make_member_full(request: HttpRequest, number: PathNumber, body: shapes.OnADay) -> Any:
    """End the year of probation: a full member from now on."""
    ask = asking(request)
    make_full(person_numbered(number), on=body.on or ask.today, **ask.who)
    return {"key": number, "state": "full"}


@router.post("/members/{number}/leave", response=Done)
def let_member_leave(request: HttpRequest, number: PathNumber, body: shapes.Leave) -> Any:
    """End a membership."""
    ask = asking(request)
    leave(person_numbered(number), body.reason, on=body.on or ask.today, **ask.who)
    return {"key": number, "state": "left"}
