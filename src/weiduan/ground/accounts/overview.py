"""What administrators look at: accounts, who has which rights, and second factors to be taken away."""

from collections.abc import Collection, Sequence
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound

from .models import FactorReset, Mandate, User
from .queries import local_day
from .rules import ADMINISTRATION, covers


def accounts_found(wanted: str) -> QuerySet[User]:
    """Return the accounts whose name or title holds this, those in use first."""
    found = Q(username__icontains=wanted) | Q(title__icontains=wanted)
    return User.objects.filter(found).order_by("-is_active", "username")


def account_numbered(key: int) -> User:
    """Return the account with this number.

    :raises NotFound: there is none
    """
    user = User.objects.filter(pk=key).first()
    if user is None:
        raise NotFound(_("There is nothing here that you may see."))
    return user


def usernames(keys: Collection[str]) -> list[tuple[int, str]]:
    """Return number and name of each of these accounts."""
    return list(User.objects.filter(pk__in=keys).values_list("pk", "username"))


def mandates_of(user: User, *, within: Sequence[str], at: datetime) -> list[Mandate]:
    """Return what an account may do in these areas, now or later."""
    day = local_day(at)
    held = user.mandates.filter(Q(until__isnull=True) | Q(until__gt=day)).order_by("duty", "area", "since")
    return [mandate for mandate in held if any(covers(area, mandate.area) for area in within)]


def has_second_factor(user: User) -> bool:
    """Tell whether an account has set up a second factor."""
    return Authenticator.objects.filter(user=user).exists()


def open_resets() -> QuerySet[FactorReset]:
    """Return the second factors that somebody asked to be taken away, oldest first."""
    return FactorReset.objects.filter(decided_at__isnull=True).select_related("user").order_by("asked_at")


def administrators(*, at: datetime) -> int:
    """Count the accounts that are one of the three administrators."""
    day = local_day(at)
    held = Mandate.objects.filter(Q(until__isnull=True) | Q(until__gt=day), duty__in=ADMINISTRATION, since__lte=day)
    return held.filter(user__is_active=True).values("user").distinct().count()
