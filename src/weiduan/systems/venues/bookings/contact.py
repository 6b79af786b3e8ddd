"""What was left to be reached by: opened for a reason that stays in the ledger, or erased by whoever left it."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base import erasures
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.sealed import unseal
from weiduan.ground.holds.actions import waits
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.systems.venues.facilities.rules import hash_of

from .actions import locked_booking
from .models import Booking
from .rules import BOOKING_TABLE, ReadFor

ERASED = "booking.contact"


@transaction.atomic
def read_contact(key: Any, reason: ReadFor, *, by: User | str, at: datetime) -> str:
    """Open the contact of a booking for a reason; that it was read, by whom and why stays in the ledger.

    :raises NotAllowed: `by` does not keep the venues there
    :raises NotFound: none was left, or it is erased
    """
    booking, _facility, code = locked_booking(key, at=at)
    require(by, Duty.KEEP_VENUES, in_area=code, at=at)
    if not booking.contact:
        raise NotFound(_("No contact was left with this booking, or it is erased."))
    record(what="booking.contact_read", about=booking, by=by, at=at, area=code, after={"reason": reason.value})
    return unseal(booking.contact, table=BOOKING_TABLE, pk=str(booking.pk), field="contact")


@transaction.atomic
def erase_contact(key: Any, *, receipt: str, at: datetime) -> Booking:
    """Erase the contact of a booking at the wish of whoever left it. Held, it is erased when the hold ends.

    :raises NotFound: the receipt isn't this booking's
    """
    booking, _facility, code = locked_booking(key, at=at)
    if booking.receipt_hash is None or bytes(booking.receipt_hash) != hash_of(receipt):
        raise NotFound(_("No booking has this receipt. Check that the whole address was copied."))
    if booking.contact and not waits(booking.pk, booking._meta.label_lower, at=at):
        booking.contact = b""
        booking.save(update_fields=["contact"])
        record(what="booking.contact_erased", about=booking, by=RESIDENT, at=at, area=code)
        transaction.on_commit(partial(erasures.note, ERASED, str(booking.pk)))
    return booking


@transaction.atomic
def erase_again(key: str, *, at: datetime) -> bool:
    """Erase a contact that a restored backup brought back; tell whether one was there."""
    if not Booking.objects.filter(pk=key).exclude(contact=b"").exists():
        return False
    booking, _facility, code = locked_booking(key, at=at)
    booking.contact = b""
    booking.save(update_fields=["contact"])
    record(what="booking.contact_erased", about=booking, by="clock", at=at, area=code)
    return True
