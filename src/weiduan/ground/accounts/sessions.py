"""Sessions of accounts: ended by whoever may, forgotten when they are over."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from weiduan.ground.ledger.actions import record

from .models import User
from .queries import require
from .rules import Duty


@transaction.atomic
def end_sessions(user: User, *, by: User | str, at: datetime) -> int:
    """Sign an account out everywhere, at its next request; return from how many browsers.

    :raises NotAllowed: `by` may not give mandates everywhere
    """
    require(by, Duty.GIVE_MANDATES, in_area="", at=at)
    ended = sign_out(user)
    record(what="account.sessions_ended", about=user, by=by, at=at)
    return ended


def sign_out(user: User) -> int:
    """Take the sessions of an account away, for an action that has asked whether one may; return how many."""
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    ended, _by_kind = Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(user=user).delete()
    return ended


@transaction.atomic
def forget_sessions(*, at: datetime) -> int:
    """Forget sessions that are over, and from where and with which browser they were; return how many."""
    forgotten, _by_kind = Session.objects.filter(expire_date__lt=at).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return forgotten
