"""Ask for a transfer, accept it, return it, withdraw it. Until it is accepted the sender stays responsible."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.members.daily import (
    By,
    NotNow,
    close,
    held_on,
    home_of,
    kept_by,
    lock_person,
    not_in_the_future,
    reopen,
    seat_of,
)
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import State as MemberState
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.rules import HOLDS_MEMBERS
from weiduan.systems.organisation.own.actions import take_down_card

from .ending import end_contact, end_posts_of
from .models import Away, Transfer
from .rules import Reason, State

KEEPS_HOME = "keep"


@transaction.atomic
def ask(
    person: UUID, *, receiver: Organisation | None = None, outside: str = "", reason: Reason, on: date, by: By, at: datetime
) -> Transfer:  # fmt: skip
    """Ask that a member be taken in by another organisation, here (`receiver`) or elsewhere (`outside`: its name).

    :raises NotAllowed: `by` does not keep the organisations at the sender's seat
    :raises NotNow: a transfer is open already, or the member is suspended
    :raises BadInput: none or both of receiver and outside, or a receiver that takes no members
    """
    locked, held, seat = kept_by(person, on=on, by=by, at=at)
    outside = outside.strip()
    _check_place(held, receiver, outside, on)
    if held.state == MemberState.TRANSFERRING.value:
        raise NotNow(_("A transfer is open; it must be accepted, returned or withdrawn first."))
    if held.state == MemberState.SUSPENDED.value:
        raise NotNow(_("The membership is suspended; lift the suspension before asking for a transfer."))
    transfer = Transfer.objects.create(
        person=locked, sender=held.organisation, receiver=receiver, outside=outside, reason=reason.value, asked_on=on
    )
    reopen(held, on, state=MemberState.TRANSFERRING.value)
    _record("transfer.asked", transfer, seat, by, at)
    return transfer


def _check_place(held: Membership, receiver: Organisation | None, outside: str, on: date) -> None:
    if (receiver is None) == (not outside):
        raise BadInput(_("Choose the organisation that is to take him or her in, or name one outside; not both."))
    if receiver is None:
        return
    if receiver.pk == held.organisation_id:
        raise BadInput(_("He or she belongs to %(name)s already; choose another.") % {"name": receiver.name})
    _check_receiver(receiver, on)


def _check_receiver(receiver: Organisation, on: date) -> None:
    if receiver.kind not in HOLDS_MEMBERS:
        raise BadInput(_("Members belong to a branch or a group; choose one of those."))
    if receiver.founded_on > on or (receiver.dissolved_on is not None and receiver.dissolved_on <= on):
        raise BadInput(_("%(name)s does not exist on that day; choose another.") % {"name": receiver.name})


@transaction.atomic
def accept(transfer: UUID, *, home: str | None = KEEPS_HOME, on: date, by: By, at: datetime) -> list[Post]:
    """Take the member in from a day on; return the posts that ended in the organisation left, now vacant.

    One to an organisation outside is closed by the sender, when its receipt comes: the membership here ends.

    home  code of the new home unit, None for none; left out, the home stays

    :raises NotAllowed: `by` does not keep the organisations at the receiver's seat (outside: the sender's)
    :raises NotNow: it was answered already, or the membership ended or changed after that day
    """
    locked = _open(transfer, on, by, at, answering=True)
    held = held_on(locked.person_id, on)
    if locked.receiver is not None and held.organisation_id == locked.receiver_id:
        raise NotNow(_("He or she belongs to the receiver already; return or withdraw this transfer."))
    posts = end_posts_of(held, on)
    end_contact(locked.person_id, on)
    if locked.receiver is None:
        close(held, on)
        take_down_card(locked.person_id, by=by, at=at)
    else:
        _check_receiver(locked.receiver, on)
        moved = {"organisation": locked.receiver, "state": MemberState.ACTIVE.value}
        reopen(held, on, **moved, **({} if home == KEEPS_HOME else {"home_id": home_of(home, on)}))
    _decide(locked, State.ACCEPTED, on, "", by, at)
    return posts


@transaction.atomic
def return_(transfer: UUID, answer: str, *, on: date, by: By, at: datetime) -> None:
    """Return a transfer with the reason; the member stays where he or she is.

    :raises NotAllowed: `by` does not keep the organisations at the receiver's seat (outside: the sender's)
    :raises NotNow: it was answered already
    :raises BadInput: no reason, or one too long
    """
    locked = _open(transfer, on, by, at, answering=True)
    answer = answer.strip()
    if not answer:
        raise BadInput(_("Say why it is returned, so that the sender can put it right."))
    if len(answer) > 200:
        raise BadInput(_("Say it in at most 200 characters."))
    _stays(locked.person_id, on)
    _decide(locked, State.RETURNED, on, answer, by, at)


@transaction.atomic
def withdraw(transfer: UUID, *, on: date, by: By, at: datetime) -> None:
    """Take a transfer back, by the sender; the member stays where he or she is.

    :raises NotAllowed: `by` does not keep the organisations at the sender's seat
    :raises NotNow: it was answered already
    """
    locked = _open(transfer, on, by, at, answering=False)
    _stays(locked.person_id, on)
    _decide(locked, State.WITHDRAWN, on, "", by, at)


def _open(key: UUID, on: date, by: By, at: datetime, *, answering: bool) -> Transfer:
    """Lock person and transfer, let only the end pass that may act, and see that it is still open."""
    found = Transfer.objects.filter(pk=key).values_list("person", flat=True).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    lock_person(found)
    transfer = Transfer.objects.select_related("sender", "receiver").get(pk=key)
    end = transfer.receiver if answering and transfer.receiver is not None else transfer.sender
    require(by, Duty.KEEP_ORGANISATION, in_area=seat_of(end, on), at=at)
    not_in_the_future(on, at)
    if transfer.state != State.ASKED.value:
        raise NotNow(_("It was answered on %(day)s already."), day=transfer.decided_on)
    if on < transfer.asked_on:
        raise BadInput(_("It was asked for on %(day)s; it can't be answered before.") % {"day": transfer.asked_on})
    return transfer


def _stays(person: UUID, on: date) -> None:
    """Give a membership the state it had before the transfer was asked for; one that ended meanwhile stays ended."""
    last = Membership.objects.filter(person=person, until=None).first()
    if last is None or last.state != MemberState.TRANSFERRING.value:
        return
    away = Away.objects.filter(person=person, until=None).exists()
    reopen(held_on(person, on), on, state=(MemberState.MOBILE if away else MemberState.ACTIVE).value)


def _decide(transfer: Transfer, state: State, on: date, answer: str, by: By, at: datetime) -> None:
    transfer.state, transfer.decided_on, transfer.answer = state.value, on, answer
    transfer.save(update_fields=["state", "decided_on", "answer"])
    end = transfer.receiver or transfer.sender
    _record(f"transfer.{state.value}", transfer, seat_of(end, on), by, at)


def _record(what: str, transfer: Transfer, seat: str, by: By, at: datetime) -> None:
    """Keep it with the person: the history of the member and of the transfer is one."""
    told = {"from": transfer.sender.number, "to": transfer.receiver.number if transfer.receiver else "outside"}
    record(what=what, about=transfer.person, by=by, at=at, area=seat, after=told)
