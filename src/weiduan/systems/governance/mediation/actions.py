"""Ask for a mediation, take it, sit together, agree or not, see whether it was kept; and forget all of it a year later.

What the parties say is sealed with keys of the case, and opened for its mediator and the receipt alone.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import Key, destroy_key
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import check_receipt, receipt_hash
from weiduan.ground.holds.queries import held_cases
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.ground.territory.rules import Level
from weiduan.systems.venues.bookings.models import Booking

from .models import Mediation, Session
from .queries import mediation_by_receipt, waits_for_mediator
from .rules import (
    FOLLOW_UP_WITHIN,
    KEPT,
    LONGEST_PARTY,
    LONGEST_PLACE,
    LONGEST_WORDS,
    State,
    may_become,
)


class NotNow(Refused):
    """The mediation is in a state that doesn't allow this."""


@dataclass(frozen=True)
class Asking:
    """What is laid before a mediator: between whom, and what it is about."""

    parties: str
    matter: str


def ask(area: str, asking: Asking, receipt: str, *, at: datetime) -> Mediation:
    """Let a resident ask for a mediation; asked again with the same receipt it is there once.

    receipt  random, at least 128 bit; whoever holds it sees how it stands, and only they

    :raises BadInput: no words, too many, a receipt that could be guessed, or an area nobody is at home in
    :raises NotFound: there is no such area
    """
    _check_words(asking.parties, LONGEST_PARTY)
    _check_words(asking.matter, LONGEST_WORDS)
    check_receipt(receipt)
    before = Mediation.objects.filter(receipt_hash=receipt_hash(receipt)).first()
    if before is not None:
        return before
    try:
        return _asked(area, asking, receipt, at)
    except IntegrityError:  # the same form came in the same moment and was quicker; the receipt is unique
        return mediation_by_receipt(receipt)


@transaction.atomic
def _asked(area: str, asking: Asking, receipt: str, at: datetime) -> Mediation:
    where = area_by_code(area, on=local_day(at))
    if not Level.VILLAGE <= where.level <= Level.UNIT:
        raise BadInput(_("Mediation is asked for in a unit, a grid or a village. Choose where you live."))
    number = f"{local_day(at):%y%m%d}{secrets.randbelow(10**8):08d}"
    made = Mediation(area_id=where.area_id, number=number, receipt_hash=receipt_hash(receipt), asked_at=at)
    made.parties, made.matter = asking.parties.strip(), asking.matter.strip()
    made.save(force_insert=True)
    _record("asked", made, RESIDENT, at)
    return made


@transaction.atomic
def take(key: UUID, *, by: User, at: datetime) -> Mediation:
    """Take a mediation: from now on its words are for `by` and the receipt alone.

    :raises NotFound: there is none `by` may know of
    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises NotNow: somebody leads it already, or it has ended
    """
    found = Mediation.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_GOVERNANCE, in_area=_code(found, at), at=at)
    if not waits_for_mediator(found, at=at):
        raise NotNow(_("Somebody leads this mediation already, or it has ended."))
    found.mediator = by
    if found.state == State.ASKED.value:
        found.state = State.TAKEN.value
    found.save(update_fields=["mediator", "state"])
    _record("taken", found, by, at)
    return found


@transaction.atomic
def hand_on(key: UUID, to: User, *, by: User, at: datetime) -> Mediation:
    """Hand a mediation on to another mediator, who alone sees it from now on.

    :raises NotFound: there is none `by` leads
    :raises NotNow: it has ended
    :raises BadInput: the other one doesn't keep what governs itself there, or leads it already
    """
    found = _led(key, by, at)
    if found.state != State.TAKEN.value:
        raise NotNow(_("This mediation has ended."))
    if to == by or not may(to, Duty.KEEP_GOVERNANCE, in_area=_code(found, at), at=at):
        raise BadInput(_("Choose another account that keeps what governs itself there."))
    found.mediator = to
    found.save(update_fields=["mediator"])
    _record("handed_on", found, by, at, {"to": f"user:{to.pk}"})
    return found


@dataclass(frozen=True)
class Sitting:
    """When and where the parties sit together; and what was said, if it is known already."""

    starts_at: datetime
    place: str
    words: str = ""
    booking: UUID | None = None


@transaction.atomic
def hold_session(key: UUID, sitting: Sitting, *, by: User, at: datetime) -> Session:
    """Set a session, or write one down that was held; the receipt shows when and where.

    :raises NotFound: there is none `by` leads
    :raises NotNow: it has ended
    :raises BadInput: no place, too many words, or no such booking
    """
    found = _led(key, by, at)
    _only_taken(found)
    _check_words(sitting.place, LONGEST_PLACE)
    _check_length(sitting.words)
    if sitting.booking is not None and not Booking.objects.filter(pk=sitting.booking).exists():
        raise BadInput(_("There is no such booking."))
    session = Session(
        mediation=found, starts_at=sitting.starts_at, place=sitting.place.strip(), booking_id=sitting.booking
    )
    session.words = sitting.words.strip()
    session.save()
    _record("session_set", found, by, at)
    return session


@transaction.atomic
def note_session(key: UUID, session: int, words: str, *, by: User, at: datetime) -> Session:
    """Write down what was said in a session, for the mediator alone.

    :raises NotFound: there is no such session `by` leads
    :raises NotNow: the mediation has ended
    :raises BadInput: no words, or too many
    """
    found = _led(key, by, at)
    _only_taken(found)
    held = found.sessions.filter(pk=session).first()
    if held is None:
        raise NotFound(_("There is nothing here that you may see."))
    _check_words(words, LONGEST_WORDS)
    held.words = words.strip()
    held.save(update_fields=["sealed_words"])
    _record("session_noted", found, by, at)
    return held


@transaction.atomic
def agree(key: UUID, text: str, *, follow_up_on: date, by: User, at: datetime) -> Mediation:
    """Write down what the parties agreed, and when it is seen whether it was kept.

    :raises NotFound: there is none `by` leads
    :raises NotNow: it isn't in a mediator's hands
    :raises BadInput: no words, too many, or a day that is over or more than a year off
    """
    found = _led(key, by, at)
    _only_taken(found)
    _check_words(text, LONGEST_WORDS)
    if not local_day(at) <= follow_up_on <= local_day(at) + FOLLOW_UP_WITHIN:
        raise BadInput(_("Choose a day from today until a year from now."))
    found.agreement, found.follow_up_on = text.strip(), follow_up_on
    return _ended(found, State.AGREED, by, at)


@transaction.atomic
def not_agreed(key: UUID, words: str, *, by: User, at: datetime) -> Mediation:
    """Say that the parties didn't agree, with where they may turn: the receipt shows it.

    :raises NotFound: there is none `by` leads
    :raises NotNow: it isn't in a mediator's hands
    :raises BadInput: no words, or too many
    """
    found = _led(key, by, at)
    _only_taken(found)
    _check_words(words, LONGEST_WORDS)
    found.agreement = words.strip()
    return _ended(found, State.NOT_AGREED, by, at)


@transaction.atomic
def withdraw(receipt: str, *, at: datetime) -> Mediation:
    """Withdraw a mediation one asked for; withdrawn already, it stays so.

    :raises NotFound: nobody has such a receipt
    :raises NotNow: it has ended otherwise
    """
    found = Mediation.objects.select_for_update().get(pk=mediation_by_receipt(receipt).pk)
    if found.state == State.WITHDRAWN.value:
        return found
    return _ended(found, State.WITHDRAWN, RESIDENT, at)


@transaction.atomic
def follow_up(key: UUID, *, was_kept: bool, on: date, by: User, at: datetime) -> Mediation:
    """Write down whether the agreement was kept, as seen on a day.

    :raises NotFound: there is none `by` leads
    :raises NotNow: there is no agreement, it is erased, or it was followed up already
    :raises BadInput: a day before the agreement, or one to come
    """
    found = _led(key, by, at)
    if found.state != State.AGREED.value or found.ended_at is None or found.erased_at is not None:
        raise NotNow(_("There is no agreement to follow up."))
    if found.followed_up_on is not None:
        raise NotNow(_("It was followed up already."))
    if not local_day(found.ended_at) <= on <= local_day(at):
        raise BadInput(_("Choose a day between the agreement and today."))
    found.followed_up_on, found.was_kept = on, was_kept
    found.save(update_fields=["followed_up_on", "was_kept"])
    _record("followed_up", found, by, at, {"kept": was_kept})
    return found


@transaction.atomic
def forget_mediations(*, at: datetime) -> int:
    """Erase what was said in mediations that ended long enough ago, and destroy their keys; return how many. For the clock.

    The year runs from the follow-up; where none was written down from the day set for it; without one from the end.
    """
    last = local_day(at) - KEPT
    over = Q(followed_up_on__lte=last) | Q(followed_up_on=None, follow_up_on__lte=last)
    over |= Q(follow_up_on=None, ended_at__lte=at - KEPT)
    rows = Mediation.objects.select_for_update().filter(over, erased_at=None, ended_at__isnull=False)
    rows = rows.exclude(pk__in=held_cases(at))
    return len([_forgotten(one, at) for one in rows.order_by("pk")])


def destroy_keys_left_over(*, at: datetime) -> int:
    """Destroy keys of what was erased lately and are still there, because the machine stopped just then; return how many."""
    lately = Mediation.objects.filter(erased_at__gte=at - timedelta(days=30)).values_list("pk", flat=True)
    return sum(destroy_key(key, which) for key in lately.iterator() for which in (Key.PERSON, Key.WORDS))


def _forgotten(found: Mediation, at: datetime) -> Mediation:
    found.parties = found.matter = found.agreement = ""
    found.erased_at = at
    found.save(update_fields=["sealed_parties", "sealed_matter", "sealed_agreement", "erased_at"])
    found.sessions.all().delete()
    for which in (Key.PERSON, Key.WORDS):
        transaction.on_commit(partial(destroy_key, found.pk, which))
    _record("erased", found, "clock", at)
    return found


def _ended(found: Mediation, state: State, by: User | str, at: datetime) -> Mediation:
    if not may_become(State(found.state), state):
        raise NotNow(_("This mediation isn't in a mediator's hands, or has ended."))
    found.state, found.ended_at = state.value, at
    found.save(update_fields=["state", "ended_at", "sealed_agreement", "follow_up_on"])
    _record(state.value, found, by, at)
    return found


def _led(key: UUID, by: User, at: datetime) -> Mediation:
    """Lock a mediation `by` leads, and still may; of others not even their existence is told."""
    found = Mediation.objects.select_for_update().filter(pk=key, mediator=by).first()
    if found is None or not may(by, Duty.KEEP_GOVERNANCE, in_area=_code(found, at), at=at):
        raise NotFound(_("There is nothing here that you may see."))
    return found


def _only_taken(found: Mediation) -> None:
    if found.state != State.TAKEN.value:
        raise NotNow(_("This mediation isn't in a mediator's hands, or has ended."))


def _code(found: Mediation, at: datetime) -> str:
    return area_of(found.area_id, on=local_day(at)).code


def _record(what: str, found: Mediation, by: Any, at: datetime, told: dict[str, Any] | None = None) -> None:
    """Write down what was done, never the words."""
    after = (told or {}) | {"state": found.state}
    record(what=f"mediation.{what}", about=found, by=by, at=at, area=_code(found, at), after=after)


def _check_words(text: str, most: int) -> None:
    if not 0 < len(text.strip()) <= most:
        raise BadInput(_("Write at least one and at most %(n)s characters."), n=most)


def _check_length(text: str) -> None:
    if len(text.strip()) > LONGEST_WORDS:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_WORDS)
