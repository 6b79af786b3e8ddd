"""Erasing that comes later: after a backup came back, by the list kept outside the database; and after a hold ended."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from weiduan.ground.backups.restoring import has_erased, waits_to_erase
from weiduan.ground.base import erasures
from weiduan.ground.base.casekeys import Key, destroy_key
from weiduan.ground.holds.models import WaitingToErase
from weiduan.ground.holds.queries import over_and_waiting
from weiduan.outlook.reminders import actions as reminders
from weiduan.systems.governance.reports import reporting
from weiduan.systems.organisation.own import actions as own
from weiduan.systems.services.activities import signing_up
from weiduan.systems.services.volunteers import teams
from weiduan.systems.services.wishes import actions as wishes
from weiduan.systems.venues.bookings import contact

log = logging.getLogger("weiduan.erasing")

# Whose key it was is asked of each; ballots and mediations erase by time alone, so the clock does it again by itself.
OF_A_CASE: tuple[Callable[..., bool], ...] = (
    reporting.erase_again, signing_up.erase_again, teams.erase_again, wishes.erase_again,
)  # fmt: skip
OTHERS: dict[str, Callable[..., bool]] = {
    contact.ERASED: contact.erase_again,
    own.ERASED: own.erase_again,
    reminders.ERASED: reminders.erase_again,
}


def erase_again(*, at: datetime) -> int:
    """Erase again what the list names, where a restored database waits for it; return how many things were there again."""
    taken = waits_to_erase()
    if taken is None:
        return 0
    done = sum(_again(one, at) for one in list(erasures.noted()) if one.at >= taken)
    has_erased()
    return done


def erase_what_waited(*, at: datetime) -> int:
    """Erase what somebody wished erased while it was held, and isn't held any more; return how many. For the clock."""
    return sum(_waited(one, at) for one in over_and_waiting(at))


@transaction.atomic
def _waited(one: WaitingToErase, at: datetime) -> bool:
    if one.kind == "venues.booking":
        contact.erase_again(str(one.case), at=at)
    else:
        for erase in OF_A_CASE:
            erase(one.case, Key(one.key), at=at)
    one.delete()
    return True


def _again(one: erasures.Erasure, at: datetime) -> bool:
    if one.kind != erasures.KEY_OF_A_CASE:
        return OTHERS[one.kind](one.key, at=at) if one.kind in OTHERS else False
    hexadecimal, _point, ending = one.key.partition(".")
    case, key = UUID(hexadecimal), Key(f".{ending}" if ending else "")
    found = any([erase(case, key, at=at) for erase in OF_A_CASE])
    return destroy_key(case, key) or found
