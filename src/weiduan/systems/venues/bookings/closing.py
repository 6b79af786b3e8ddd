"""Change opening hours and tell those whose bookings no longer lie within them, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.hours.actions import drop_exception, set_exception, set_week
from weiduan.systems.venues.hours.rules import Span

from .deciding import free_outside


def dates_lost_by(change: Callable[[], int]) -> int:
    """Return how many booked dates a change would cost: it is made, counted and taken back."""
    with transaction.atomic():
        lost = change()
        transaction.set_rollback(True)
    return lost


@transaction.atomic
def change_week(
    key: UUID, week: Mapping[int, Sequence[Span]], *, on: date, by: User | str, at: datetime
) -> int:  # fmt: skip
    """Set the hours of a week (`hours.set_week`); return how many booked dates lost their time by it."""
    set_week(key, week, on=on, by=by, at=at)
    return free_outside(Facility.objects.get(pk=key), answer=_("The opening hours changed."), by=by, at=at)


@transaction.atomic
def change_date(
    key: UUID, on: date, spans: Sequence[Span], *, reason: str, room: int | None = None, by: User | str, at: datetime
) -> int:
    """Set other hours on a date (`hours.set_exception`); return how many booked dates lost their time by it."""
    set_exception(key, on, spans, reason=reason, room=room, by=by, at=at)
    return free_outside(Facility.objects.get(pk=key), answer=reason, by=by, at=at)


@transaction.atomic
def change_back(key: UUID, on: date, *, room: int | None = None, by: User | str, at: datetime) -> int:
    """Let the usual hours hold again on a date (`hours.drop_exception`); return how many booked dates lost their time by it."""
    drop_exception(key, on, room=room, by=by, at=at)
    return free_outside(Facility.objects.get(pk=key), answer=_("The opening hours changed."), by=by, at=at)
