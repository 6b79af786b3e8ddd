"""Close a centre; it is founded like any place, in `facilities/actions`."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.systems.venues.bookings.deciding import free_outside
from weiduan.systems.venues.facilities.actions import By, locked_facility, open_until
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.facilities.rules import Kind


class ClosedAlready(Refused):
    """The centre is closed, or its closing is laid down."""


@transaction.atomic
def close_centre(key: UUID, *, on: date, by: By, at: datetime) -> int:
    """Close a centre, and its rooms, from a day on; return how many booked dates lost their time by it.

    :raises NotAllowed: `by` does not keep the venues there
    :raises NotFound: the place is no centre
    :raises BadInput: it wasn't open yet on that day
    :raises ClosedAlready: it has a last day already
    """
    facility, code = locked_facility(key, by=by, at=at)
    if facility.kind != Kind.CENTRE or facility.open_since is None:
        raise NotFound(_("There is nothing here that you may see."))
    if facility.open_until is not None:
        raise ClosedAlready(_("%(name)s closed on %(day)s."), name=facility.name, day=facility.open_until)
    if on <= facility.open_since:
        raise BadInput(_("Choose a day after %(day)s, when it opened."), day=facility.open_since)
    open_until(facility, on)
    closed = Facility.objects.get(pk=facility.pk)
    record(what="centre.closed", about=closed, by=by, at=at, area=code, after={"name": closed.name, "on": str(on)})
    return free_outside(closed, answer=str(_("The place closes.")), by=by, at=at)
