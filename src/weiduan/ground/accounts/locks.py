"""The lock on signing in: what wrong tries are counted by, and how it is opened again."""

from datetime import datetime

from allauth.core.internal.ratelimit import get_cache_key, parse_rates
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from weiduan.ground.ledger.actions import record

from .models import User
from .queries import require
from .rules import Duty


def lock_of_name(username: str) -> str:
    """Return what tries with this name are counted by, whether there is such an account or not; accounts are found by it so."""
    return f"name {username.strip().lower()}"


def unlock(user: User, *, by: User | str, at: datetime) -> None:
    """Let somebody try again at once, by password and by second factor.

    :raises NotAllowed: `by` may not give mandates everywhere
    """
    require(by, Duty.GIVE_MANDATES, in_area="", at=at)
    rates = parse_rates((settings.ACCOUNT_RATE_LIMITS or {}).get("login_failed", ""))
    for rate in rates:
        if rate.per == "key":
            for key in (lock_of_name(user.username), f"mfa-auth-user-{user.pk}"):
                cache.delete(
                    get_cache_key(HttpRequest(), app="allauth.account", action="login_failed", rate=rate, key=key)
                )
    record(what="account.unlocked", about=user, by=by, at=at)
