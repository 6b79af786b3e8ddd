"""A wish from being told to being thanked for; both sides hold receipts, and nobody is named to everyone."""

from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import Key, destroy_key, seal_for
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import check_receipt, receipt_hash
from weiduan.ground.holds.actions import waits
from weiduan.ground.holds.queries import held_cases
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.systems.services.messages.actions import note
from weiduan.systems.services.messages.rules import What

from .models import Wish
from .queries import contacts_of
from .rules import (
    CLAIM_LASTS,
    CONTACT_KEPT,
    ENDED,
    LONGEST_CONTACT,
    LONGEST_NAME,
    LONGEST_THANKS,
    LONGEST_WHY,
    LONGEST_WISH,
    State,
    may_become,
)

By = User | str
CLOCK = "clock"


class NotNow(Refused):
    """The wish is in a state that doesn't allow this."""


@transaction.atomic
def tell_wish(area: str, text: str, contact: str, receipt: str, *, at: datetime) -> Wish:
    """Tell a wish; it is looked at before it is public. Told again with the same receipt it stays one.

    contact  how whoever fulfils it is brought together with whoever wishes; sealed, may be left out

    :raises BadInput: no words, too many, or a receipt that could be guessed
    """
    check_receipt(receipt)
    _check_words(
        text, LONGEST_WISH, _("Say what is wished for in at most 200 characters. Name no person and no address.")
    )
    _check_contact(contact)
    where = area_by_code(area, on=local_day(at))
    if before := Wish.objects.filter(receipt_hash=receipt_hash(receipt)).first():
        return before
    case = uuid4()
    try:
        with transaction.atomic():
            made = Wish.objects.create(
                pk=case, area_id=where.area_id, text=text.strip(), receipt_hash=receipt_hash(receipt), at=at,
                sealed_contact=seal_for(case, contact.strip()) if contact.strip() else b"",
            )  # fmt: skip
    except IntegrityError:  # sent twice at once
        destroy_key(case)
        return Wish.objects.get(receipt_hash=receipt_hash(receipt))
    _record("told", made, RESIDENT, at)
    return made


@transaction.atomic
def make_public(key: UUID, text: str, *, by: By, at: datetime) -> Wish:
    """Let everybody read a wish, in words that name nobody.

    text  as told, or as whoever keeps services puts it

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it was decided before
    :raises BadInput: no words, or too many
    """
    wish = _kept(key, by, at)
    _check_words(
        text, LONGEST_WISH, _("Say what is wished for in at most 200 characters. Name no person and no address.")
    )
    if wish.state != State.TOLD.value:
        raise NotNow(_("This was decided before."))
    wish.text = text.strip()
    note(wish.pk, wish.sealed_contact, What.WISH_OPEN, "", at)
    return _moved(wish, State.OPEN, by, at)


@transaction.atomic
def decline(key: UUID, because: str, *, by: By, at: datetime) -> Wish:
    """Say why a wish can't be shown.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it was decided before
    :raises BadInput: no reason
    """
    wish = _kept(key, by, at)
    _check_words(because, LONGEST_WHY, _("Say why in at most 300 characters, for whoever wished."))
    wish.declined_because = because.strip()
    note(wish.pk, wish.sealed_contact, What.WISH_DECLINED, "", at)
    return _moved(wish, State.DECLINED, by, at)


@transaction.atomic
def read_contacts(key: UUID, *, by: By, at: datetime) -> tuple[str, str]:
    """Open how to reach both sides, to bring them together; that it was read stays in the ledger.

    :raises NotFound: there is none `by` keeps
    """
    wish = _kept(key, by, at)
    _record("contacts_read", wish, by, at)
    return contacts_of(wish)


@transaction.atomic
def claim(key: UUID, name: str, contact: str, receipt: str, *, at: datetime) -> Wish:
    """Take a wish up; of many at once exactly one does. Taken up again with the same receipt, it stays so.

    name     public: a team, a partner, “a resident”
    contact  for whoever keeps services, who brings both sides together; sealed

    :raises NotFound: there is no such wish
    :raises NotNow: somebody took it up before, or it isn't open
    :raises BadInput: no name, no contact, or too long ones
    """
    check_receipt(receipt)
    _check_words(
        name, LONGEST_NAME, _("Say who takes it up, in at most 60 characters: a team, a partner, “a resident”.")
    )
    _check_words(contact, LONGEST_CONTACT, _("Leave one telephone number or address, of at most 40 characters."))
    wish = _locked(key)
    if wish.claim_hash is not None and bytes(wish.claim_hash) == receipt_hash(receipt):
        return wish
    if wish.state == State.CLAIMED.value:
        raise NotNow(_("Somebody took this wish up a moment ago. Thank you; there are others."))
    wish.claimed_by, wish.claim_hash, wish.claimed_at = name.strip(), receipt_hash(receipt), at
    moved = _moved(wish, State.CLAIMED, RESIDENT, at)
    # Sealed only once it is ours: whoever came too late must leave no key behind.
    wish.sealed_claim_contact = seal_for(wish.pk, contact.strip(), Key.WORDS)
    wish.save(update_fields=["sealed_claim_contact"])
    note(wish.pk, wish.sealed_contact, What.WISH_CLAIMED, "", at)
    return moved


@transaction.atomic
def give_back(receipt: str, *, at: datetime) -> Wish:
    """Give a wish back that one took up: it is open to others again.

    :raises NotFound: nobody took a wish up with this receipt
    :raises NotNow: it is fulfilled already
    """
    wish = _by(receipt, "claim_hash")
    return _reopened(wish, RESIDENT, at)


@transaction.atomic
def fulfil(receipt: str, *, at: datetime) -> Wish:
    """Say that a wish one took up is fulfilled.

    :raises NotFound: nobody took a wish up with this receipt
    :raises NotNow: it is fulfilled already
    """
    return _fulfilled(_by(receipt, "claim_hash"), RESIDENT, at)


@transaction.atomic
def note_fulfilled(key: UUID, *, by: By, at: datetime) -> Wish:
    """Write down that a wish is fulfilled, for those who keep services.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: nobody took it up, or it is fulfilled already
    """
    return _fulfilled(_kept(key, by, at), by, at)


@transaction.atomic
def thank(receipt: str, words: str, *, at: datetime) -> Wish:
    """Say thanks; everybody reads it.

    :raises NotFound: no wish has this receipt
    :raises NotNow: it isn't fulfilled yet, or was thanked for
    :raises BadInput: no words, or too many
    """
    wish = _by(receipt, "receipt_hash")
    _check_words(words, LONGEST_THANKS, _("Say thanks in at most 300 characters. Name no person."))
    wish.thanks = words.strip()
    return _moved(wish, State.THANKED, RESIDENT, at)


@transaction.atomic
def withdraw(receipt: str, *, at: datetime) -> Wish:
    """Take a wish back before it is fulfilled.

    :raises NotFound: no wish has this receipt
    :raises NotNow: it is fulfilled, declined or withdrawn
    """
    return _moved(_by(receipt, "receipt_hash"), State.WITHDRAWN, RESIDENT, at)


@transaction.atomic
def erase_contact(receipt: str, *, at: datetime) -> Wish:
    """Erase at once how to reach whoever holds a receipt: the side that wishes, or the one that took it up.

    Held, it is done when the hold ends.

    :raises NotFound: no wish has this receipt
    """
    wished = Wish.objects.filter(receipt_hash=receipt_hash(receipt)).exists()
    wish, key = _by(receipt, "receipt_hash" if wished else "claim_hash"), Key.PERSON if wished else Key.WORDS
    if not waits(wish.pk, wish._meta.label_lower, key, at=at):
        _forget(wish, [key], RESIDENT, at)
    return wish


def erase_those_over(*, at: datetime) -> int:
    """Erase contacts thirty days after a wish ended, for the clock; return of how many wishes."""
    over = Wish.objects.exclude(sealed_contact=b"", sealed_claim_contact=b"").filter(
        state__in=ENDED, ended_at__lte=at - CONTACT_KEPT
    )
    over = over.exclude(pk__in=held_cases(at))
    return sum(_erase_one(key, at) for key in list(over.values_list("pk", flat=True)))


def give_back_those_late(*, at: datetime) -> int:
    """Open wishes again that were taken up a month ago and not fulfilled, for the clock; return how many."""
    late = Wish.objects.filter(state=State.CLAIMED.value, claimed_at__lte=at - CLAIM_LASTS)
    late = late.exclude(pk__in=held_cases(at))  # opened again, the contact of whoever took it up would go
    return sum(_give_back_one(key, at) for key in list(late.values_list("pk", flat=True)))


@transaction.atomic
def _erase_one(key: UUID, at: datetime) -> bool:
    wish = _locked(key)
    _forget(wish, [Key.PERSON, Key.WORDS], CLOCK, at)
    return True


@transaction.atomic
def _give_back_one(key: UUID, at: datetime) -> bool:
    wish = _locked(key)
    if wish.state != State.CLAIMED.value or wish.claimed_at is None or wish.claimed_at > at - CLAIM_LASTS:
        return False
    _reopened(wish, CLOCK, at)
    return True


@transaction.atomic
def erase_again(case: UUID, key: Key, *, at: datetime) -> bool:
    """Erase how to reach one side of a wish, which a restored backup brought back; tell whether there is such a wish."""
    wish = Wish.objects.select_for_update().filter(pk=case).first()
    if wish is None:
        return False
    _forget(wish, [key], CLOCK, at)
    return True


def _reopened(wish: Wish, by: By, at: datetime) -> Wish:
    if wish.state != State.CLAIMED.value:
        raise NotNow(_("This wish is in a state that doesn't allow this. Look at it again."))
    wish.claimed_by, wish.claim_hash, wish.claimed_at, wish.sealed_claim_contact = "", None, None, b""
    transaction.on_commit(partial(destroy_key, wish.pk, Key.WORDS))
    return _moved(wish, State.OPEN, by, at)


def _fulfilled(wish: Wish, by: By, at: datetime) -> Wish:
    note(wish.pk, wish.sealed_contact, What.WISH_FULFILLED, "", at)
    return _moved(wish, State.FULFILLED, by, at)


def _forget(wish: Wish, keys: list[Key], by: By, at: datetime) -> None:
    for key in keys:
        setattr(wish, "sealed_contact" if key is Key.PERSON else "sealed_claim_contact", b"")
        transaction.on_commit(partial(destroy_key, wish.pk, key))
    wish.save(update_fields=["sealed_contact", "sealed_claim_contact"])
    _record("contact_erased", wish, by, at)


def _moved(wish: Wish, state: State, by: By, at: datetime) -> Wish:
    if not may_become(State(wish.state), state):
        raise NotNow(_("This wish is in a state that doesn't allow this. Look at it again."))
    wish.state = state.value
    if state.value in ENDED and wish.ended_at is None:
        wish.ended_at = at
    wish.save()
    _record(state.value, wish, by, at)
    return wish


def _kept(key: UUID, by: By, at: datetime) -> Wish:
    wish = _locked(key)
    require(by, Duty.KEEP_SERVICES, in_area=area_of(wish.area_id, on=local_day(at)).code, at=at)
    return wish


def _locked(key: UUID) -> Wish:
    found = Wish.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def _by(receipt: str, field: str) -> Wish:
    found = Wish.objects.select_for_update().filter(**{field: receipt_hash(receipt)}).first()
    if found is None:
        raise NotFound(_("No wish has this receipt. Check that the whole address was copied."))
    return found


def _record(what: str, wish: Wish, by: By, at: datetime) -> None:
    """Write down that a wish moved; nothing of its words."""
    area = area_of(wish.area_id, on=local_day(at)).code
    record(what=f"wish.{what}", about=wish, by=by, at=at, area=area, after={"state": wish.state})


def _check_words(text: str, most: int, sentence: str) -> None:
    if not 0 < len(text.strip()) <= most:
        raise BadInput(sentence)


def _check_contact(contact: str) -> None:
    if len(contact.strip()) > LONGEST_CONTACT:
        raise BadInput(_("Leave one telephone number or address, of at most 40 characters."))
