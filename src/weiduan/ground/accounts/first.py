"""The first three administrators of an installation; those after them are opened and given their duty at the desk."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput

from .actions import give_mandate, open_account
from .models import User
from .overview import administrators
from .queries import local_day
from .rules import Duty

PASSWORD_LENGTH = 16


@dataclass(frozen=True)
class Opened:
    """An account with the password it begins with, which is kept nowhere."""

    username: str
    password: str


@transaction.atomic
def open_first_administrators(names: dict[Duty, str], *, by: User | str, at: datetime) -> dict[Duty, Opened]:
    """Open an account for each of the three, with its duty everywhere.

    :raises BadInput: there are administrators already, or a name is taken
    """
    if administrators(at=at):
        raise BadInput(_("There are administrators already: they open further accounts and give them their duty."))
    opened = {}
    for duty, username in names.items():
        password = get_random_string(PASSWORD_LENGTH)
        user = open_account(username=username, password=password, title="", by=by, at=at)
        give_mandate(user, duty, area="", since=local_day(at), by=by, at=at)
        opened[duty] = Opened(username, password)
    return opened
