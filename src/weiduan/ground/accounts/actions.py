"""Open and end an account, give and end a mandate, let mandates follow their area."""

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput, NotAllowed
from weiduan.ground.ledger.actions import record

from .models import DUTY_TITLES, Mandate, User
from .queries import is_own, local_day, require
from .rules import ADMINISTRATION, EVERYWHERE_ONLY, Duty, prefix_of


@transaction.atomic
def open_account(
    *, username: str, password: str, title: str, by: User | str, at: datetime, must_change: bool = True
) -> User:
    """Open a staff account without any mandate; whoever gets it chooses another password first.

    :raises NotAllowed: `by` doesn't keep accounts
    :raises BadInput: the name is taken, or the password too easy to guess
    """
    require(by, Duty.KEEP_ACCOUNTS, in_area="", at=at)
    return make_account(username=username, password=password, title=title, by=by, at=at, must_change=must_change)


@transaction.atomic
def make_account(
    *, username: str, password: str, title: str, by: User | str, at: datetime, must_change: bool = True
) -> User:
    """Make an account without any mandate, for an action that has asked whether `by` may.

    :raises BadInput: the name is taken in any spelling, or the password too easy to guess
    """
    if User.objects.filter(username__iexact=username).exists():
        raise BadInput(_("An account named %(name)s exists already; choose another name.") % {"name": username})
    user = User(username=username, title=title, must_change_password=must_change)
    set_first_password(user, password)
    user.save()
    record(what="account.opened", about=user, by=by, at=at)
    return user


def set_first_password(user: User, password: str) -> None:
    """Set a password that somebody else chose, without saving it.

    :raises BadInput: it is too easy to guess
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages)) from error
    user.set_password(password)


@transaction.atomic
def choose_password(user: User, password: str, *, at: datetime) -> None:
    """Let an account have the password its owner chose; every other session of it ends."""
    user.set_password(password)
    user.must_change_password, user.password_set_at = False, at
    user.save(update_fields=["password", "must_change_password", "password_set_at"])
    record(what="account.password_changed", about=user, by=user, at=at)


@transaction.atomic
def close_account(user: User, *, by: User | str, at: datetime) -> User:
    """End an account whose owner has left.

    :raises NotAllowed: `by` doesn't keep accounts, or would end the own one
    """
    require(by, Duty.KEEP_ACCOUNTS, in_area="", at=at)
    if is_own(user, by):
        raise NotAllowed(_("Nobody ends the own account. Ask another administrator."))
    return end_account(user, by=by, at=at)


@transaction.atomic
def end_account(user: User, *, by: User | str, at: datetime) -> User:
    """Let nobody sign in with an account any more, for an action that has asked whether `by` may; whoever is, is out."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    record(what="account.ended", about=user, by=by, at=at)
    return user


@transaction.atomic
def give_mandate(
    user: User, duty: Duty, *, area: str, since: date, until: date | None = None, by: User | str, at: datetime
) -> Mandate:
    """Give `user` a duty in an area; the same mandate twice stays one.

    :raises NotAllowed: `by` may not give mandates there, or would give one to the own account
    :raises BadInput: it would end before it begins, or make one account two administrators
    """
    require(by, Duty.GIVE_MANDATES, in_area=area, at=at)
    if is_own(user, by):
        raise NotAllowed(_("Nobody gives mandates to the own account. Ask a colleague who gives mandates."))
    if until is not None and until <= since:
        raise BadInput(_("A mandate must end after it begins."))
    User.objects.select_for_update().get(pk=user.pk)  # two administrators' duties may not be given at the same time
    mandate = Mandate(user=user, duty=duty.value, area=area, since=since, until=until)
    if duty in ADMINISTRATION:
        _one_of_three(mandate)
    mandate, made = Mandate.objects.get_or_create(
        user=user, duty=duty.value, area=area, since=since, defaults={"until": until}
    )
    if made:
        record(what="mandate.given", about=mandate, by=by, at=at, area=area, after=_told(mandate))
    return mandate


def _one_of_three(mandate: Mandate) -> None:
    """Keep the three administrators apart; the database does so too."""
    if mandate.user.is_superuser:
        raise BadInput(_("A superuser can't be an administrator: open an account of its own for that."))
    if Duty(mandate.duty) in EVERYWHERE_ONLY and mandate.area:
        raise BadInput(_("This duty is given everywhere or not at all: accounts lie in no area."))
    others = [duty.value for duty in ADMINISTRATION if duty.value != mandate.duty]
    held = [
        other.duty for other in Mandate.objects.filter(user=mandate.user, duty__in=others) if _overlap(other, mandate)
    ]
    if held:
        title = DUTY_TITLES[Duty(held[0])]
        raise BadInput(
            _("This account has the duty “%(duty)s”: one can't be two of the three administrators.") % {"duty": title}
        )


def _overlap(one: Mandate, other: Mandate) -> bool:
    return (one.until is None or other.since < one.until) and (other.until is None or one.since < other.until)


@transaction.atomic
def end_mandate(mandate: Mandate, *, by: User | str, at: datetime) -> Mandate:
    """End a mandate today: it doesn't hold at the next request any more.

    :raises NotAllowed: `by` may not give mandates there
    :raises BadInput: it has ended
    """
    mandate = Mandate.objects.select_for_update().get(pk=mandate.pk)
    require(by, Duty.GIVE_MANDATES, in_area=mandate.area, at=at)
    today = local_day(at)
    if mandate.until is not None and mandate.until <= today:
        raise BadInput(_("This mandate has ended already."))
    record(what="mandate.ended", about=mandate, by=by, at=at, area=mandate.area, before=_told(mandate))
    if mandate.since >= today:
        mandate.delete()  # it never held a whole day, and a mandate can't end on the day it begins
    else:
        mandate.until = today
        mandate.save(update_fields=["until"])
    return mandate


@transaction.atomic
def recode_mandates(heirs: dict[str, str], *, on: date, by: User | str, at: datetime) -> int:
    """Let mandates follow their area to its new code; return how many moved.

    heirs  old area code → new area code, from the day `on`
    """
    moved = 0
    for mandate in Mandate.objects.select_for_update().filter(area__in=heirs, until__isnull=True, since__lt=on):
        new = heirs[mandate.area]
        heir, _made = Mandate.objects.get_or_create(user=mandate.user, duty=mandate.duty, area=new, since=on)
        record(what="mandate.moved", about=heir, by=by, at=at, area=new, before=_told(mandate), after=_told(heir))
        if prefix_of(new) != prefix_of(mandate.area):
            mandate.until = on
            mandate.save(update_fields=["until"])
        moved += 1
    return moved


def _told(mandate: Mandate) -> dict[str, str | int]:
    return {"user": mandate.user_id, "duty": mandate.duty, "area": mandate.area}
