"""Set a district's own value for a rule."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record

from .models import RuleOverride
from .rules import Force, pack


class CannotOverride(Refused):
    """The rule leaves no room for a local value."""


@transaction.atomic
def set_local_value(
    rule: str, *, area: str, value: int, source: str, since: date, by: User | str, at: datetime
) -> RuleOverride:
    """Set a local value from a day on, ending the one before.

    :raises NotFound: no rule has this id
    :raises CannotOverride: it is a `must`
    :raises BadInput: no source is named
    """
    require(by, Duty.SET_RULES, in_area=area, at=at)
    known = next((r for r in pack() if r.id == rule), None)
    if known is None:
        raise NotFound(_("There is no rule “%(rule)s”.") % {"rule": rule})
    if known.force is Force.MUST:
        raise CannotOverride(
            _("%(act)s, %(article)s binds everywhere; a local value is not possible.")
            % {"act": known.act, "article": known.article}
        )
    if not source.strip():
        raise BadInput(_("Say which local document sets this value."))
    before = RuleOverride.objects.select_for_update().filter(rule=rule, area=area, until__isnull=True).first()
    if before is not None and before.since >= since:
        raise BadInput(_("A later value is set already, from %(day)s.") % {"day": before.since})
    if before is not None:
        before.until = since
        before.save(update_fields=["until"])
    override = RuleOverride.objects.create(rule=rule, area=area, value=value, source=source, since=since)
    old = None if before is None else {"value": before.value}
    record(what="rule.set", about=override, by=by, at=at, area=area, before=old, after={"rule": rule, "value": value})
    return override
