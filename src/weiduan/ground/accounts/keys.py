"""Keys by which programs act as an account, and answers given once."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.ledger.actions import record

from .models import ApiKey, Idempotent, User
from .queries import require
from .rules import KEY_BYTES, KEY_PREFIX, LONGEST_KEY_LIFE, Duty, hash_of

ANSWERS_KEPT = timedelta(days=30)  # a program that asks again does so within days


@transaction.atomic
def make_key(user: User, *, lasts: timedelta, by: User | str, at: datetime) -> str:
    """Make a key for an account; return it, for it is kept nowhere.

    :raises NotAllowed: `by` may not give mandates everywhere
    :raises BadInput: it would last no day, or longer than a year
    """
    require(by, Duty.GIVE_MANDATES, in_area="", at=at)
    if not timedelta(days=1) <= lasts <= LONGEST_KEY_LIFE:
        raise BadInput(_("A key lasts at least one day and at most a year."))
    key = secrets.token_urlsafe(KEY_BYTES)
    kept = ApiKey.objects.create(
        user=user, prefix=key[:KEY_PREFIX], key_hash=hash_of(key), made_at=at, expires_at=at + lasts
    )
    record(what="key.made", about=kept, by=by, at=at, after={"user": user.pk, "until": kept.expires_at.isoformat()})
    return key


@transaction.atomic
def end_keys(user: User, *, by: User | str, at: datetime) -> int:
    """End every key of an account at once; return how many ended.

    :raises NotAllowed: `by` may not give mandates everywhere
    """
    require(by, Duty.GIVE_MANDATES, in_area="", at=at)
    keys = list(ApiKey.objects.select_for_update().filter(user=user, expires_at__gt=at))
    for key in keys:
        key.expires_at = at
        key.save(update_fields=["expires_at"])
        record(what="key.ended", about=key, by=by, at=at, after={"user": user.pk})
    return len(keys)


def user_of_key(key: str, *, at: datetime) -> User | None:
    """Return the account a key stands for, or None: no such key, it expired, or the account is closed."""
    kept = ApiKey.objects.filter(key_hash=hash_of(key), expires_at__gt=at, user__is_active=True).select_related("user")
    found = kept.first()
    return found.user if found is not None else None


class AskedOtherwise(Refused):
    """The same key came with another request."""


def forget_answers(*, at: datetime) -> int:
    """Delete what programs were answered a month ago; return how many. For the clock."""
    return Idempotent.objects.filter(at__lt=at - ANSWERS_KEPT).delete()[0]


@transaction.atomic
def once(user: User, key: str, asked: str, deed: Callable[[], dict[str, Any]], *, at: datetime) -> dict[str, Any]:
    """Do a deed and keep its answer; asked again with the same key, return that answer and do nothing.

    A refused deed keeps nothing, so the same key may be tried again.

    :raises AskedOtherwise: the key was used for something else
    """
    kept, made = Idempotent.objects.get_or_create(user=user, key=key, defaults={"asked_hash": hash_of(asked), "at": at})
    if bytes(kept.asked_hash) != hash_of(asked):
        raise AskedOtherwise(_("This Idempotency-Key was used for another request. Choose a new one."))
    if made:
        kept.answer = deed()
        kept.save(update_fields=["answer"])
    return kept.answer or {}
