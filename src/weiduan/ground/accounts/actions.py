"""Open an account, give and end a mandate."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput

from .models import Mandate, User
from .queries import require
from .rules import Duty, prefix_of


@transaction.atomic
def open_account(*, username: str, password: str, title: str, by: User | None, at: datetime) -> User:
    """Open a staff account without any mandate; `by` None is the console of the machine.

    :raises BadInput: the name is taken
    """
    if by is not None:
        require(by, Duty.GIVE_MANDATES, in_area="", at=at)
    if User.objects.filter(username=username).exists():
        raise BadInput(_("An account named %(name)s exists already; choose another name.") % {"name": username})
    user = User(username=username, title=title)
    user.set_password(password)
    user.save()
    return user


@transaction.atomic
def give_mandate(user: User, duty: Duty, *, area: str, since: date, until: date | None = None) -> Mandate:
    """Give `user` a duty in an area; the same mandate twice stays one.

    :raises BadInput: it would end before it begins
    """
    if until is not None and until <= since:
        raise BadInput(_("A mandate must end after it begins."))
    mandate, _made = Mandate.objects.get_or_create(
        user=user, duty=duty.value, area=area, since=since, defaults={"until": until}
    )
    return mandate


@transaction.atomic
def recode_mandates(heirs: dict[str, str], *, on: date) -> int:
    """Let mandates follow their area to its new code; return how many moved.

    heirs  old area code → new area code, from the day `on`
    """
    moved = 0
    for mandate in Mandate.objects.select_for_update().filter(area__in=heirs, until__isnull=True, since__lt=on):
        Mandate.objects.get_or_create(user=mandate.user, duty=mandate.duty, area=heirs[mandate.area], since=on)
        if prefix_of(heirs[mandate.area]) != prefix_of(mandate.area):
            mandate.until = on
            mandate.save(update_fields=["until"])
        moved += 1
    return moved
