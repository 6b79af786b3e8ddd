"""What whoever administrates finds in the navigation, on the first page and under the account."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import duties_of
from weiduan.ground.accounts.rules import IMPLIES_LOOKING, Duty

Page = tuple[str, Promise, Promise]

PAGES: dict[Duty, Page] = {
    Duty.KEEP_ACCOUNTS: ("desk:accounts", _("Accounts"), _("Open and end them, reset a forgotten password")),
    Duty.GIVE_MANDATES: ("desk:mandates", _("Mandates"), _("Who may do what; locks, sessions and keys")),
    Duty.READ_LEDGER: ("desk:ledger", _("Ledger"), _("What was done, and whether anybody changed it since")),
}


class Administered(NamedTuple):
    """The pages an account administrates with, and whether it does nothing else: the desk's own pages hold nothing for it then."""

    pages: list[Page]
    only: bool


def administered_by(user: User | AnonymousUser, *, at: datetime) -> Administered:
    """Return what an account administrates."""
    duties = duties_of(user, at=at)
    pages = [page for duty, page in PAGES.items() if duty in duties]
    return Administered(pages, bool(pages) and not duties & IMPLIES_LOOKING)
