"""Let a member in once, take what he or she says is wrong, give and withdraw the consent to a public card."""

import secrets
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base import erasures
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.base.sealed import seal
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.organisation.members.daily import By, NotNow, held_on, lock_person, permitted

from .models import Correction, OneTimeLink, PublicCard
from .queries import may_be_shown_in
from .rules import (
    CARD_TABLE,
    CORRECTION_KEPT,
    CORRECTION_TABLE,
    LINK_KEPT,
    LINK_LASTS,
    LONGEST_NAME,
    LONGEST_PLEDGE,
    LONGEST_WISH,
    TOKEN_BYTES,
    hash_of,
)

ERASED = "card"
MEMBER = "member"  # how the ledger names somebody on the own page


@transaction.atomic
def make_link(person: UUID, *, by: By, at: datetime) -> str:
    """Make a link that lets a member in once, within a day; return its token, which is kept nowhere.

    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: not a member any more
    """
    locked, _last, seat = permitted(person, by=by, at=at)
    held_on(person, local_day(at))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made_by = by if isinstance(by, User) else None
    OneTimeLink.objects.filter(person=person, expires_at__lte=at).delete()
    OneTimeLink.objects.create(
        person=locked, token_hash=hash_of(token), made_by=made_by, made_at=at, expires_at=at + LINK_LASTS
    )
    record(what="link.made", about=locked, by=by, at=at, area=seat)
    return token


@transaction.atomic
def use_link(token: str, *, at: datetime) -> UUID:
    """Use a link up; return whose it is. Of many at once exactly one succeeds.

    :raises NotFound: there is no such link, it was used, or its day is over; which of these isn't told
    """
    link = OneTimeLink.objects.filter(token_hash=hash_of(token)).select_related("person").first()
    open_ = OneTimeLink.objects.filter(token_hash=hash_of(token), used_at=None, expires_at__gt=at)
    if link is None or not open_.update(used_at=at):
        raise NotFound(
            _("This link was used already or is older than a day. Ask whoever gave it to you for a new one.")
        )
    record(what="link.used", about=link.person, by=MEMBER, at=at)
    return link.person_id


@transaction.atomic
def ask_correction(person: UUID, wish: str, *, at: datetime) -> Correction:
    """Keep what a member says is wrong, sealed, until whoever keeps the organisation answers.

    :raises BadInput: nothing was written, or too much
    :raises NotNow: three of the same member wait already
    """
    locked, wish = lock_person(person), wish.strip()
    if not wish:
        raise BadInput(_("Write what is wrong and how it should be."))
    if len(wish) > LONGEST_WISH:
        raise BadInput(_("Write at most %(n)s characters.") % {"n": LONGEST_WISH})
    if Correction.objects.filter(person=person, done=None).count() >= 3:
        raise NotNow(_("Three of your corrections wait for an answer; wait for it before you write another."))
    correction = Correction(person=locked, asked_at=at)
    correction.wish = seal(wish, table=CORRECTION_TABLE, pk=str(correction.pk), field="wish")
    correction.save()
    record(what="correction.asked", about=locked, by=MEMBER, at=at)
    return correction


@transaction.atomic
def answer_correction(key: UUID, *, done: bool, answer: str, by: By, at: datetime) -> None:
    """Answer a correction: done, or not and why.

    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: it was answered already
    :raises BadInput: not done, and no reason
    """
    found = Correction.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    locked, _last, seat = permitted(found.person_id, by=by, at=at)
    found.refresh_from_db()
    answer = answer.strip()[:200]
    if found.done is not None:
        raise NotNow(_("It was answered already."))
    if not done and not answer:
        raise BadInput(_("Say why it is not corrected."))
    found.done, found.answer, found.answered_at = done, answer, at
    found.save(update_fields=["done", "answer", "answered_at"])
    record(what="correction.answered", about=locked, by=by, at=at, area=seat, after={"done": done})


def forget_old(*, at: datetime) -> int:
    """Erase what was asked for in corrections answered a year ago, and links of no use any more, for the clock; return how many."""
    answered = Correction.objects.filter(answered_at__lte=at - CORRECTION_KEPT).exclude(wish=b"")
    return answered.update(wish=b"") + OneTimeLink.objects.filter(expires_at__lte=at - LINK_KEPT).delete()[0]


@transaction.atomic
def note_copy(person: UUID, *, at: datetime) -> None:
    """Write down that a member took a copy of everything that is kept."""
    record(what="copy.given", about=lock_person(person), by=MEMBER, at=at)


@transaction.atomic
def give_card(person: UUID, *, unit: str, shown_name: str, pledge: str = "", at: datetime) -> PublicCard:
    """Show a member on a unit's public page, by own consent; a card given before is withdrawn.

    :raises BadInput: no name, too long a text, or a unit he or she has nothing to do with
    :raises NotNow: not a member any more
    """
    locked, on = lock_person(person), local_day(at)
    shown_name, pledge, held = shown_name.strip(), pledge.strip(), held_on(person, on)
    if not shown_name:
        raise BadInput(_("Write the name you wish to be called by."))
    if len(shown_name) > LONGEST_NAME or len(pledge) > LONGEST_PLEDGE:
        raise BadInput(
            _("The name takes at most %(name)s characters, the pledge %(pledge)s.")
            % {"name": LONGEST_NAME, "pledge": LONGEST_PLEDGE}
        )
    if unit not in {code for code, _name in may_be_shown_in(held, on=on)}:
        raise BadInput(_("Choose the unit you live in or one your organisation stands on."))
    _empty(person, at)
    card = PublicCard.objects.create(
        person=locked, unit_id=area_by_code(unit, on=on).area_id, shown_name=b"", pledge=b"", since=at
    )
    card.shown_name = seal(shown_name, table=CARD_TABLE, pk=str(card.pk), field="shown_name")
    card.pledge = seal(pledge, table=CARD_TABLE, pk=str(card.pk), field="pledge")
    card.save(update_fields=["shown_name", "pledge"])
    record(what="card.given", about=locked, by=MEMBER, at=at, area=unit)
    return card


@transaction.atomic
def withdraw_card(person: UUID, *, at: datetime) -> None:
    """Withdraw the consent: name and pledge are gone with it."""
    lock_person(person)
    take_down_card(person, by=MEMBER, at=at)


def take_down_card(person: UUID, *, by: By, at: datetime) -> None:
    """Empty the card of somebody who withdraws the consent or is no member any more; call `lock_person` first."""
    emptied = _empty(person, at)
    if emptied is not None:
        record(what="card.withdrawn", about=emptied.person, by=by, at=at)


@transaction.atomic
def erase_again(key: str, *, at: datetime) -> bool:
    """Empty a card that a restored backup brought back after its consent was withdrawn; tell whether it was there."""
    card = PublicCard.objects.filter(pk=key, until=None).select_related("person").first()
    if card is None:
        return False
    lock_person(card.person_id)
    _emptied(card, at)
    record(what="card.withdrawn", about=card.person, by="clock", at=at)
    return True


def _empty(person: UUID, at: datetime) -> PublicCard | None:
    card = PublicCard.objects.filter(person=person, until=None).select_related("person").first()
    if card is not None:
        _emptied(card, at)
        transaction.on_commit(partial(erasures.note, ERASED, str(card.pk)))
    return card


def _emptied(card: PublicCard, at: datetime) -> None:
    card.shown_name, card.pledge, card.until = b"", b"", at
    card.save(update_fields=["shown_name", "pledge", "until"])
