"""Bookings as staff see them: who may look, who may decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import area_of

from .models import Booking


@dataclass(frozen=True)
class Kept:
    """A booking, where it is (code), whether the reader keeps the venues there, or made it."""

    booking: Booking
    code: str
    keeps: bool
    own: bool


def booking_seen_by(key: Any, viewer: User, *, at: datetime) -> Kept:
    """Return a booking to who may look at the area it is in, or made it.

    :raises NotFound: there is none, or none `viewer` may know of
    """
    rows = Booking.objects.select_related("room__facility", "organisation", "unit")
    booking = rows.filter(pk=key).first()
    if booking is None:
        raise NotFound(_("There is nothing here that you may see."))
    code = area_of(booking.room.facility.area_id, on=local_day(at)).code
    own = booking.made_by_id is not None and booking.made_by_id == viewer.pk
    if not own:
        require(viewer, Duty.LOOK, in_area=code, at=at)
    return Kept(booking, code, may(viewer, Duty.KEEP_VENUES, in_area=code, at=at), own)
