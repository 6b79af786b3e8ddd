"""A result counted on the platform the law demands: taken over with its sums, marked so, judged and published here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code

from .counting import Weight
from .merkle import EMPTY
from .models import Ballot, Count
from .preparing import Draft, check_draft, write_draft
from .rules import ABSTAIN, NO, OBJECTIONS_WITHIN, YES, State, procedures

LONGEST_PLATFORM = 100
NOTHING = Weight()


@dataclass(frozen=True)
class Sums:
    """What the platform counted, of a yes or no; area in hundredths of a square metre, nothing where it counts heads alone.

    silent  those reached who said nothing, where the owners' own rules count them
    """

    whole: Weight
    yes: Weight
    no: Weight
    abstain: Weight = NOTHING
    silent: Weight = NOTHING


@transaction.atomic
def import_result(
    area: str, wanted: Draft, sums: Sums, *, platform: str, closed_at: datetime, by: User | str, at: datetime
) -> Ballot:
    """Take a result over; objections may be raised as with one counted here.

    platform   which it was counted on, as everyone reads it
    closed_at  when it was counted there

    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: something can't be, or the sums don't go together
    """
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    check_draft(wanted)
    _check(wanted, sums, platform, closed_at, at)
    ballot = Ballot(
        area_id=area_by_code(area, on=local_day(at)).area_id, made_by=by if isinstance(by, User) else None, at=at
    )
    write_draft(ballot, wanted)
    ballot.state, ballot.imported_from = State.CLOSED.value, platform.strip()
    ballot.closed_at, ballot.objections_until, ballot.roll_erased_at = closed_at, at + OBJECTIONS_WITHIN, at
    ballot.save(force_insert=True)
    Count.objects.create(ballot=ballot, leaves=[], root=EMPTY, sums=_told(sums))
    record(what="ballot.imported", about=ballot, by=by, at=at, area=area, after={"procedure": wanted.procedure})
    return ballot


def _check(wanted: Draft, sums: Sums, platform: str, closed_at: datetime, at: datetime) -> None:
    if not 0 < len(platform.strip()) <= LONGEST_PLATFORM:
        raise BadInput(_("Say on which platform it was counted, in at most %(n)s characters."), n=LONGEST_PLATFORM)
    if not wanted.text.strip() or wanted.options:
        raise BadInput(_("A yes or no is taken over, with the whole text that was voted on."))
    if closed_at > at:
        raise BadInput(_("It was counted before now."))
    parts = (sums.whole, sums.yes, sums.no, sums.abstain, sums.silent)
    if any(part.heads < 0 or part.area < 0 for part in parts) or not sums.whole.heads:
        raise BadInput(_("The numbers are whole and not less than nothing; somebody must be on the roll."))
    said = sums.yes + sums.no + sums.abstain + sums.silent
    if said.heads > sums.whole.heads or said.area > sums.whole.area:
        raise BadInput(_("More voted than there are: look at the numbers again."))
    if procedures()[wanted.procedure].rule.by_area and not sums.whole.area:
        raise BadInput(_("This procedure counts area too: write the whole area and that of each choice."))


def _told(sums: Sums) -> Mapping[str, Any]:
    voted = sums.yes + sums.no + sums.abstain
    return {
        "whole": _pair(sums.whole), "silent": _pair(sums.silent), "voted": _pair(voted),
        "choices": {YES: _pair(sums.yes), NO: _pair(sums.no), ABSTAIN: _pair(sums.abstain)},
    }  # fmt: skip


def _pair(weight: Weight) -> list[int]:
    return [weight.heads, weight.area]
