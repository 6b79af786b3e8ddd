"""Hold a case, lift a hold, and let an erasure wait."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.models import Entry

from .models import Hold, WaitingToErase
from .queries import hold_on

KINDS = (
    "governance.report", "governance.ballot", "governance.mediation", "venues.booking", "services.signup", "services.wish",
    "services.organisationmeeting",
)  # fmt: skip
LONGEST = timedelta(days=366)  # then whoever still needs it says so anew


class HeldAlready(Refused):
    """The case is held already."""


@transaction.atomic
def hold(case: UUID, reason: str, *, until: date, by: User | str, at: datetime) -> Hold:
    """Keep a case from being erased until a day; where it lies is read in the ledger.

    reason  why, as an office says it; the holder of the receipt reads it, so it names nobody

    :raises NotFound: there is no such case, or none `by` may know of
    :raises NotAllowed: `by` doesn't set the rules there
    :raises BadInput: no reason, or a day that isn't within the coming year
    :raises HeldAlready: it is held
    """
    kind, area = _where(case)
    require(by, Duty.SET_RULES, in_area=area, at=at)
    day = timezone.localtime(at).date()
    if not 0 < len(reason.strip()) <= 200:
        raise BadInput(_("Say why, in at most 200 characters. Whoever holds the receipt reads it: name nobody."))
    if not day < until <= day + LONGEST:
        raise BadInput(_("Choose a day within the coming year. A hold can be laid anew when it ends."))
    if hold_on(case, at=at) is not None:
        raise HeldAlready(_("It is held already. Lift that hold first."))
    Hold.objects.filter(case=case, lifted_at=None).update(lifted_at=at)  # one that ran out
    laid = Hold.objects.create(
        case=case,
        kind=kind,
        area=area,
        reason=reason.strip(),
        until=until,
        by=by if isinstance(by, User) else None,
        at=at,
    )
    record(
        what="hold.laid",
        about=laid,
        by=by,
        at=at,
        area=area,
        after={"case": str(case), "kind": kind, "until": str(until)},
    )
    return laid


@transaction.atomic
def lift(key: int, *, by: User | str, at: datetime) -> Hold:
    """End a hold; what is due by then is erased when the clock next looks.

    :raises NotFound: there is none `by` may know of
    :raises NotAllowed: `by` doesn't set the rules there
    """
    held = Hold.objects.select_for_update().filter(pk=key, lifted_at=None).first()
    if held is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.SET_RULES, in_area=held.area, at=at)
    held.lifted_at = at
    held.save(update_fields=["lifted_at"])
    record(what="hold.lifted", about=held, by=by, at=at, area=held.area, after={"case": str(held.case)})
    return held


def waits(case: UUID, kind: str, *keys: str, at: datetime) -> bool:
    """Tell whether a case is held, and if so note that it is to be erased when the hold ends. Call it within the action that erases."""
    held = hold_on(case, at=at)
    if held is None:
        return False
    for key in keys or ("",):
        WaitingToErase.objects.get_or_create(case=case, kind=kind, key=key, defaults={"at": at})
    record(
        what="hold.erasure_waits",
        about=held,
        by="resident",
        at=at,
        area=held.area,
        after={"case": str(case), "kind": kind},
    )
    return True


def _where(case: UUID) -> tuple[str, str]:
    """Return kind and area of a case, as its last entry says."""
    entry = Entry.objects.filter(kind__in=KINDS, key=str(case)).exclude(area="").order_by("-at", "-pos").first()
    if entry is None:
        raise NotFound(_("No case has this number here. It stands in the address of its page at the desk."))
    return entry.kind, entry.area
