"""Switch a kind of sign off in an area until a day, and on again."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.models import Area
from weiduan.ground.territory.queries import area_by_code, area_of

from .models import SignSwitch
from .rules import LONGEST_OFF_DAYS, LONGEST_REASON, Kind


@transaction.atomic
def switch_off(kind: str, area: str, *, until: date, reason: str, by: User | str, at: datetime) -> SignSwitch:
    """Tell no sign of a kind of an area and what lies in it until a day; said again, the new day and reason count.

    until   the first day it is told again, within a year
    reason  1 to 200 characters

    :raises NotFound: there is no such area
    :raises NotAllowed: `by` doesn't keep self-government there
    :raises BadInput: no such kind, no reason, or a day that is over or too far
    """
    on = local_day(at)
    here = area_by_code(area, on=on)
    Area.objects.select_for_update().get(pk=here.area_id)
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    if kind not in {k.value for k in Kind}:
        raise BadInput(_("Choose which kind of sign."))
    words = reason.strip()
    if not 0 < len(words) <= LONGEST_REASON:
        raise BadInput(_("Say why these signs aren't needed, in at most %(n)s characters."), n=LONGEST_REASON)
    if not on < until <= on + timedelta(days=LONGEST_OFF_DAYS):
        raise BadInput(_("Choose a day after today and within a year."))
    switch, _made = SignSwitch.objects.update_or_create(
        area_id=here.area_id, kind=kind, defaults={"since": on, "off_until": until, "reason": words}
    )
    record(what="signs.switched_off", about=switch, by=by, at=at, area=area, after={"kind": kind, "until": str(until)})
    return switch


@transaction.atomic
def switch_on(key: int, *, by: User | str, at: datetime) -> None:
    """Tell a kind of sign again from now on.

    :raises NotFound: nothing of the kind is switched off
    :raises NotAllowed: `by` doesn't keep self-government there
    """
    switch = SignSwitch.objects.select_for_update().filter(pk=key).first()
    if switch is None:
        raise NotFound(_("These signs are told already."))
    area = area_of(switch.area_id, on=local_day(at)).code
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    record(what="signs.switched_on", about=switch, by=by, at=at, area=area, after={"kind": switch.kind})
    switch.delete()
