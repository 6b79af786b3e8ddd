"""Who forgot the password or lost the second factor comes back in; no one administrator can take an account over by it."""

import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput, NotAllowed
from weiduan.ground.ledger.actions import author, record

from .actions import set_first_password
from .models import FactorReset, User
from .queries import is_own, require
from .rules import Duty
from .sessions import sign_out

PASSWORD_BYTES = 12


@transaction.atomic
def reset_password(user: User, *, by: User | str, at: datetime) -> str:
    """Give an account a new first password; return it, for it is kept nowhere. The second factor stays, all sessions end.

    :raises NotAllowed: `by` doesn't keep accounts
    :raises BadInput: the account has ended
    """
    require(by, Duty.KEEP_ACCOUNTS, in_area="", at=at)
    user = User.objects.select_for_update().get(pk=user.pk)
    _still_open(user)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    set_first_password(user, password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    record(what="account.password_reset", about=user, by=by, at=at)
    return password


@transaction.atomic
def ask_factor_reset(user: User, *, by: User | str, at: datetime) -> FactorReset:
    """Ask that a lost second factor be taken away, having checked who asks for it; somebody else decides.

    :raises NotAllowed: `by` doesn't keep accounts
    :raises BadInput: the account has ended, or it is asked for already
    """
    require(by, Duty.KEEP_ACCOUNTS, in_area="", at=at)
    user = User.objects.select_for_update().get(pk=user.pk)
    _still_open(user)
    if FactorReset.objects.filter(user=user, decided_at__isnull=True).exists():
        raise BadInput(_("This is asked for already; whoever gives mandates decides it."))
    reset = FactorReset.objects.create(user=user, asked_by=author(by), asked_at=at)
    record(what="factor_reset.asked", about=reset, by=by, at=at, after={"user": user.pk})
    return reset


@transaction.atomic
def decide_factor_reset(reset: FactorReset, *, confirm: bool, by: User | str, at: datetime) -> FactorReset:
    """Take all second factors of an account away, or leave them. The next sign-in by password sets one up anew.

    :raises NotAllowed: `by` may not give mandates everywhere, asked for it, or it is the own account
    :raises BadInput: it is decided
    """
    reset = FactorReset.objects.select_for_update().select_related("user").get(pk=reset.pk)
    require(by, Duty.GIVE_MANDATES, in_area="", at=at)
    if is_own(reset.user, by) or reset.asked_by == author(by):
        raise NotAllowed(_("Somebody else has to decide this: neither who asked nor whose account it is."))
    if reset.decided_at is not None:
        raise BadInput(_("This is decided already."))
    reset.decided_by, reset.decided_at, reset.is_confirmed = author(by), at, confirm
    reset.save(update_fields=["decided_by", "decided_at", "is_confirmed"])
    if confirm:
        Authenticator.objects.filter(user=reset.user).delete()
        sign_out(reset.user)
    what = "factor_reset.confirmed" if confirm else "factor_reset.declined"
    record(what=what, about=reset, by=by, at=at, after={"user": reset.user_id})
    return reset


def _still_open(user: User) -> None:
    if not user.is_active:
        raise BadInput(_("This account has ended already."))
