"""Wishes of an area, for everyone and for those who keep services there."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import Key, open_for
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.territory.queries import area_of, within

from .models import Wish
from .rules import SHOWN, State


def wishes_in(code: str, *, at: datetime) -> QuerySet[Wish]:
    """Return the wishes of an area and those below it that everybody may read, the newest first."""
    return Wish.objects.filter(within([code], on=local_day(at)), state__in=SHOWN).order_by("-at", "pk")


def public_wish(key: UUID) -> Wish:
    """Return a wish everybody may read.

    :raises NotFound: there is none
    """
    found = Wish.objects.filter(pk=key, state__in=SHOWN).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


@dataclass(frozen=True)
class Seen:
    """A wish as whoever holds a receipt sees it; `is_own`: the side that wished."""

    wish: Wish
    is_own: bool


def wish_by_receipt(receipt: str) -> Seen:
    """Return the wish a receipt stands for.

    :raises NotFound: there is none
    """
    hashed = receipt_hash(receipt)
    found = Wish.objects.filter(Q(receipt_hash=hashed) | Q(claim_hash=hashed)).first()
    if found is None:
        raise NotFound(_("No wish has this receipt. Check that the whole address was copied."))
    return Seen(found, is_own=bytes(found.receipt_hash) == hashed)


def wishes_kept_by(user: User, *, at: datetime) -> QuerySet[Wish]:
    """Return the wishes of the areas where somebody keeps services, the newest first."""
    codes = areas_of(user, Duty.KEEP_SERVICES, at=at)
    return Wish.objects.filter(within(codes, on=local_day(at))).order_by("-at", "pk")


def kept_wish(user: User, key: UUID, *, at: datetime) -> Wish:
    """Return a wish of an area where somebody keeps services.

    :raises NotFound: there is none
    """
    found = Wish.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(user, Duty.KEEP_SERVICES, in_area=area_of(found.area_id, on=local_day(at)).code, at=at)
    return found


def contacts_of(wish: Wish) -> tuple[str, str]:
    """Open how to reach the side that wishes and the side that took it up; empty where none was left or it is erased."""
    own = open_for(wish.pk, wish.sealed_contact) if wish.sealed_contact else ""
    claimed = open_for(wish.pk, wish.sealed_claim_contact, Key.WORDS) if wish.sealed_claim_contact else ""
    return own or "", claimed or ""


def to_look_at(user: User, *, at: datetime) -> int:
    """Count the wishes that wait to be looked at."""
    return wishes_kept_by(user, at=at).filter(state=State.TOLD.value).count()
