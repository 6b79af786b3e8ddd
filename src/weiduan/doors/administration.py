"""What whoever administrates finds in the navigation, on the first page and under the account."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty

Page = tuple[str, Promise, Promise]

PAGES: dict[Duty, Page] = {
    Duty.KEEP_ACCOUNTS: ("desk:accounts", _("Accounts"), _("Open and end them, reset a forgotten password")),
    Duty.GIVE_MANDATES: ("desk:mandates", _("Mandates"), _("Who may do what; locks, sessions and keys")),
    Duty.READ_LEDGER: ("desk:ledger", _("Ledger"), _("What was done, and whether anybody changed it since")),
}


def pages_of(user: User | AnonymousUser, *, at: datetime) -> list[Page]:
    """Return address, name and purpose of each page an account administrates with."""
    return [page for duty, page in PAGES.items() if areas_of(user, duty, at=at)]


def only_administers(user: User | AnonymousUser, *, at: datetime) -> bool:
    """Tell whether an account administrates and works in no area, so that the desk's own pages hold nothing for it."""
    return bool(pages_of(user, at=at)) and not areas_of(user, Duty.LOOK, at=at)
