"""Functions of rooms as they stand: those of a place, those of a week for a unit, and which dates are left out and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound
from weiduan.systems.venues.bookings.models import Slot
from weiduan.systems.venues.bookings.queries import held_slots, moment
from weiduan.systems.venues.bookings.rules import SlotState
from weiduan.systems.venues.hours.queries import opening_of
from weiduan.systems.venues.hours.rules import holds

from .models import Function, FunctionDates

DAY = timedelta(days=1)


def lasting(on: date) -> Q:
    """Functions that haven't ended on a day."""
    return Q(until=None) | Q(until__gt=on)


def functions_of(facility: UUID, *, on: date) -> QuerySet[Function]:
    """Return the functions of a place's rooms that last, by room and name."""
    rows = Function.objects.filter(lasting(on), room__facility=facility).select_related("room", "partner", "brand")
    return rows.order_by("room__name", "name", "pk")


def function_by_key(key: UUID) -> Function:
    """Return a function.

    :raises NotFound: there is none
    """
    rows = Function.objects.select_related("room__facility", "partner", "brand")
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def functions_by_booking(bookings: Iterable[UUID]) -> dict[UUID, Function]:
    """Return booking → the function whose dates it holds, for a timetable."""
    rows = FunctionDates.objects.filter(booking__in=list(bookings)).select_related("function")
    return {row.booking_id: row.function for row in rows}


@dataclass(frozen=True)
class Held:
    """One date of a function in a place."""

    function: Function
    place: str
    place_key: UUID
    room: str
    since: datetime
    until: datetime


def held_in(facilities: Iterable[UUID], *, since: datetime, until: datetime) -> list[Held]:
    """Return the dates of functions in some places within a span of time, in order; one query."""
    slots = Slot.objects.filter(
        room__facility__in=list(facilities), state=SlotState.HELD.value, since__lt=until, until__gt=since,
        booking__function_dates__isnull=False,
    ).select_related("booking__function_dates__function", "room__facility")  # fmt: skip
    return [
        Held(
            one.booking.function_dates.function, one.room.facility.name, one.room.facility_id, one.room.name, one.since, one.until
        ) for one in slots.order_by("since", "room__name")
    ]  # fmt: skip


@dataclass(frozen=True)
class Dated:
    """One date a function has by its pattern: held, or left out and why: "closed", "taken" or "skipped".

    booking  that holds or leaves it out; None where the whole weekday was left out when it was laid
    """

    on: date
    since: datetime
    until: datetime
    why: str
    booking: UUID | None


def dates_of(function: Function, *, at: datetime) -> list[Dated]:
    """Return the dates of a function still to come as far as they are laid, in order."""
    first, last = timezone.localtime(at).date(), function.laid_until
    if last is None:
        return []
    first = max(first, function.since)
    last = min(last, function.until) if function.until else last
    slots = {
        timezone.localtime(slot.since).date(): slot
        for slot in Slot.objects.filter(booking__function_dates__function=function, since__gt=at)
    }
    opening = opening_of(function.room.facility_id, since=first, until=max(last, first + DAY))
    found = []
    for on in (first + n * DAY for n in range(max((last - first).days, 0))):
        since, until = moment(on, function.opens), moment(on, function.closes)
        if on.weekday() not in function.weekdays or since <= at:
            continue
        slot = slots.get(on)
        why = ""
        if slot is None or slot.state != SlotState.HELD.value:
            is_open = holds(opening.spans(on, room=function.room_id), (function.opens, function.closes))
            buffered = until + timedelta(minutes=function.room.buffer_min)
            is_taken = is_open and held_slots(function.room_id, since=since, until=buffered).exists()
            why = "closed" if not is_open else "taken" if is_taken else "skipped"
        found.append(Dated(on, since, until, why, slot.booking_id if slot else None))
    return found
