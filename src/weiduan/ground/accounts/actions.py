"""Open an account, give a mandate, let mandates follow their area."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.actions import record

from .models import Mandate, User
from .queries import require
from .rules import Duty, prefix_of


@transaction.atomic
def open_account(*, username: str, password: str, title: str, by: User | str, at: datetime) -> User:
    """Open a staff account without any mandate.

    :raises NotAllowed: `by` may not give mandates everywhere
    :raises BadInput: the name is taken
    """
    require(by, Duty.GIVE_MANDATES, in_area="", at=at)
    return make_account(username=username, password=password, title=title, by=by, at=at)


@transaction.atomic
def make_account(*, username: str, password: str, title: str, by: User | str, at: datetime) -> User:
    """Make an account without any mandate, for an action that has asked whether `by` may.

    :raises BadInput: the name is taken
    """
    if User.objects.filter(username=username).exists():
        raise BadInput(_("An account named %(name)s exists already; choose another name.") % {"name": username})
    user = User(username=username, title=title)
    user.set_password(password)
    user.save()
    record(what="account.opened", about=user, by=by, at=at)
    return user


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

    :raises NotAllowed: `by` may not give mandates there
    :raises BadInput: it would end before it begins
    """
    require(by, Duty.GIVE_MANDATES, in_area=area, at=at)
    if until is not None and until <= since:
        raise BadInput(_("A mandate must end after it begins."))
    mandate, made = Mandate.objects.get_or_create(
        user=user, duty=duty.value, area=area, since=since, defaults={"until": until}
    )
    if made:
        record(what="mandate.given", about=mandate, by=by, at=at, area=area, after=_told(mandate))
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
