"""What becomes of an activity that is planned: changed, opened for sign-up, called off. Whoever signed up is told."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record, written_at_the_end
from weiduan.ground.territory.queries import area_of
from weiduan.systems.services.messages.actions import note
from weiduan.systems.services.messages.rules import What
from weiduan.systems.venues.bookings import deciding

from .models import Activity, Series
from .planning import By, Plan, booked, check, code_of, opened, recorded
from .rules import LIVE, LONGEST_REASON, State
from .signing_up import NotNow, locked, offer_free


@transaction.atomic
@written_at_the_end()
def change(key: UUID, wanted: Plan, *, by: By, at: datetime) -> Activity:
    """Change an activity; when it is at another time or place, everybody who signed up and left a contact is told.

    More places are offered to those who wait, in order. Of a series only this date is changed.

    :raises NotAllowed, NotFound, BadInput, Busy, NotOpen: as `plan`
    :raises NotNow: it is cancelled, held or over, or fewer places or waiting ones are wanted than are taken
    """
    activity = _kept(key, by, at)
    if activity.state not in (State.PLANNED.value, State.OPEN.value) or activity.ends_at <= at:
        raise NotNow(_("It is over or cancelled: nothing can be changed any more."))
    facts = check(code_of(activity, at), wanted, at)
    _check_taken(activity, wanted)
    room = activity.booking.room_id if activity.booking else None
    moved = (activity.starts_at, activity.ends_at, activity.place) != (facts["starts_at"], facts["ends_at"], facts["place"])  # fmt: skip
    for name, value in facts.items():
        setattr(activity, name, value)
    if moved or room != wanted.room:
        _unbook(activity, by, at)
        activity.booking = booked(wanted, by, at) if wanted.room is not None else None
    activity.sequence, activity.changed_at = activity.sequence + 1, at
    activity.save()
    recorded("changed", activity, by, at, sequence=activity.sequence, moved=moved)
    if moved:
        _cut_offers(activity)
        _tell_all(activity, What.ACTIVITY_CHANGED, at)
    offer_free(activity, at)
    return activity


def _check_taken(activity: Activity, wanted: Plan) -> None:
    if activity.seats_taken > (wanted.capacity or 0):
        raise NotNow(
            _("%(taken)s places are taken or kept for somebody. There can't be fewer."), taken=activity.seats_taken
        )
    if activity.waiting > (wanted.waiting_capacity if wanted.capacity is not None else 0):
        raise NotNow(_("%(waiting)s wait already. There can't be fewer waiting places."), waiting=activity.waiting)
    if activity.state == State.OPEN.value and wanted.capacity is None:
        raise NotNow(_("One can sign up for it already. Leave a number of places."))


def _cut_offers(activity: Activity) -> None:
    """End offers no later than it begins now; the clock then goes on to the next."""
    activity.sign_ups.filter(offer_until__gt=activity.starts_at).update(offer_until=activity.starts_at)


def _unbook(activity: Activity, by: By, at: datetime) -> None:
    """Give the room of an activity back, if its time is still to come."""
    if activity.booking is not None:
        try:
            deciding.cancel(activity.booking.pk, by=by, at=at)
        except deciding.NotNow:
            return


def _tell_all(activity: Activity, what: What, at: datetime) -> None:
    for one in activity.sign_ups.filter(state__in=LIVE).exclude(sealed_contact=b"").order_by("number"):
        note(one.pk, one.sealed_contact, what, activity.title, at)


@transaction.atomic
@written_at_the_end()
def open_sign_up(key: UUID, *, by: By, at: datetime) -> Activity:
    """Let residents sign up from now on.

    :raises NotAllowed, NotFound: `by` doesn't keep the services there
    :raises NotNow: it isn't planned, has no places, or signing up would have ended already
    """
    return opened(_kept(key, by, at), by, at)


@transaction.atomic
@written_at_the_end()
def cancel(key: UUID, reason: str, *, by: By, at: datetime) -> Activity:
    """Call an activity off with a reason everybody reads; whoever signed up is told, and its room is free again.

    :raises NotAllowed, NotFound: `by` doesn't keep the services there
    :raises BadInput: no reason, or too long a one
    :raises NotNow: it is cancelled already, or over
    """
    activity = _kept(key, by, at)
    return _cancelled(activity, reason, by, at)


def _cancelled(activity: Activity, reason: str, by: By, at: datetime) -> Activity:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(_("Say why it is called off, in at most %(n)s characters; everybody reads it."), n=LONGEST_REASON)  # fmt: skip
    if activity.state not in (State.PLANNED.value, State.OPEN.value) or activity.ends_at <= at:
        raise NotNow(_("It is over or cancelled: nothing can be called off any more."))
    activity.state, activity.cancelled_because = State.CANCELLED.value, reason.strip()
    activity.sequence, activity.changed_at = activity.sequence + 1, at
    _unbook(activity, by, at)
    activity.save()
    _tell_all(activity, What.ACTIVITY_CANCELLED, at)
    recorded("cancelled", activity, by, at)
    return activity


@transaction.atomic
@written_at_the_end()
def end_series(key: UUID, until: date, reason: str, *, by: By, at: datetime) -> int:
    """End a series: no date from a day on; those planned already are called off with the reason. Return how many.

    :raises NotAllowed, NotFound: `by` doesn't keep the services there
    :raises BadInput: no reason
    :raises NotNow: it has ended already
    """
    series = Series.objects.select_for_update().filter(pk=key).first()
    if series is None:
        raise NotFound(_("There is nothing here that you may see."))
    code = area_of(series.area_id, on=local_day(at)).code
    require(by, Duty.KEEP_SERVICES, in_area=code, at=at)
    if series.until is not None:
        raise NotNow(_("This series has ended already."))
    series.until = until
    series.save(update_fields=["until"])
    open_ = series.activities.filter(state__in=[State.PLANNED.value, State.OPEN.value], starts_at__gt=at)
    off = [one for one in _all_locked(open_.values_list("pk", flat=True)) if local_day(one.starts_at) >= until]
    for one in off:
        _cancelled(one, reason, by, at)
    record(what="series.ended", about=series, by=by, at=at, area=code, after={"until": str(until), "dates": len(off)})
    return len(off)


def _all_locked(keys: Iterable[UUID]) -> list[Activity]:
    return [locked(key) for key in sorted(keys)]


def _kept(key: UUID, by: By, at: datetime) -> Activity:
    """Lock an activity `by` keeps."""
    activity = locked(key)
    require(by, Duty.KEEP_SERVICES, in_area=code_of(activity, at), at=at)
    return activity
