"""Open an account for a partner, and end it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.actions import end_account, make_account
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_of
from weiduan.systems.governance.partners.models import Partner

from .keeping import By, NotNow
from .models import PartnerAccount
from .rules import PROPOSING

PASSWORD_BYTES = 12
LONGEST_USERNAME = 40


@dataclass(frozen=True)
class Opened:
    """An account with the password it begins with, which is kept nowhere and shown this once."""

    account: PartnerAccount
    password: str


@transaction.atomic
def open_partner_account(partner: UUID, username: str, *, by: By, at: datetime, must_change: bool = True) -> Opened:
    """Open an account for a partner; it has no duty anywhere, and chooses another password first.

    :raises NotFound: there is no such partner where `by` may look
    :raises NotAllowed: `by` doesn't keep services there
    :raises NotNow: the partner has ended, or is of a kind that can't carry a project out
    :raises BadInput: the name is taken or can't be one
    """
    found = _locked_partner(partner, by, at)
    if found.until is not None and found.until <= local_day(at):
        raise NotNow(_("This partner has ended."))
    if found.kind not in PROPOSING:
        raise NotNow(
            _("A residents' own group can't sign an agreement, so it can't propose. Let an organisation do it.")
        )
    name = username.strip()
    if not (0 < len(name) <= LONGEST_USERNAME and name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
        raise BadInput(_("Letters without accents, digits, - and _: at most %(n)s."), n=LONGEST_USERNAME)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = make_account(username=name, password=password, title=found.name, by=by, at=at, must_change=must_change)
    account = PartnerAccount.objects.create(user=user, partner=found, since=local_day(at))
    record(
        what="partner_account.opened",
        about=account,
        by=by,
        at=at,
        area=_code(found, at),
        after={"partner": str(found.pk)},
    )
    return Opened(account, password)


@transaction.atomic
def end_partner_account(account: int, *, by: By, at: datetime) -> PartnerAccount:
    """End an account of a partner: whoever is signed in with it is out with the next page.

    :raises NotFound: there is none where `by` may look
    :raises NotAllowed: `by` doesn't keep services there
    :raises NotNow: it has ended
    """
    known = PartnerAccount.objects.filter(pk=account).values_list("partner", flat=True).first()
    if known is None:
        raise NotFound(_("There is nothing here that you may see."))
    partner = _locked_partner(known, by, at)
    found = PartnerAccount.objects.select_for_update(of=("self",)).select_related("user").get(pk=account)
    if found.until is not None:
        raise NotNow(_("This account has ended already."))
    found.until = local_day(at)
    found.save(update_fields=["until"])
    end_account(found.user, by=by, at=at)
    record(
        what="partner_account.ended",
        about=found,
        by=by,
        at=at,
        area=_code(partner, at),
        after={"partner": str(partner.pk)},
    )
    return found


def _locked_partner(key: UUID, by: By, at: datetime) -> Partner:
    found = Partner.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_SERVICES, in_area=_code(found, at), at=at)
    return found


def _code(partner: Partner, at: datetime) -> str:
    return area_of(partner.area_id, on=local_day(at)).code
