"""Set the hours of a week, and other hours on single dates."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import alive
from weiduan.systems.venues.facilities.actions import By, locked_facility

from .models import HoursException, WeeklyHours
from .rules import DAY_MIN, HOLIDAY, Span, clock


@transaction.atomic
def set_week(key: UUID, week: Mapping[int, Sequence[Span]], *, on: date, by: By, at: datetime) -> None:
    """Set the opening hours of a place from a day on.

    week  0 Monday … 6 Sunday, 7 holidays → spans in minutes from midnight; a day without any is closed

    :raises NotAllowed: `by` does not keep the venues there
    :raises BadInput: a day or a span that can't be
    """
    facility, code = locked_facility(key, by=by, at=at)
    spans = [(day, opens, closes) for day, parts in sorted(week.items()) for opens, closes in sorted(parts)]
    for day, opens, closes in spans:
        if not 0 <= day <= HOLIDAY or not 0 <= opens < closes <= DAY_MIN:
            raise BadInput(_("Hours begin before they end, within one day: for example 08:30 to 12:00."))
    if any(one[0] == other[0] and other[1] < one[2] for one, other in pairwise(spans)):
        raise BadInput(_("Two spans of the same day overlap: write them one after the other."))
    here = WeeklyHours.objects.filter(facility=facility)
    here.filter(since__gte=on).delete()
    here.filter(alive(on)).update(until=on)
    WeeklyHours.objects.bulk_create(
        [WeeklyHours(facility=facility, day=d, opens=o, closes=c, since=on) for d, o, c in spans]
    )
    told = {"since": str(on), "week": [f"{d} {clock(o)}-{clock(c)}" for d, o, c in spans]}
    record(what="hours.set", about=facility, by=by, at=at, area=code, after=told)


@transaction.atomic
def set_exception(
    key: UUID, on: date, spans: Sequence[Span], *, reason: str, room: int | None = None, by: By, at: datetime
) -> None:
    """Set other hours on a date, of a place or one room; without spans it is closed. What is booked stays: say so to those.

    :raises NotAllowed: `by` does not keep the venues there
    :raises BadInput: a past day, no reason, or a span that can't be
    """
    facility, code = locked_facility(key, by=by, at=at)
    if on < local_day(at):
        raise BadInput(_("%(day)s is past; choose today or later."), day=on)
    if not 0 < len(reason.strip()) <= 100:
        raise BadInput(_("Say why, in at most 100 characters: people read it."))
    if any(not 0 <= opens < closes <= DAY_MIN for opens, closes in spans):
        raise BadInput(_("Hours begin before they end, within one day: for example 08:30 to 12:00."))
    if room is not None and not facility.rooms.filter(pk=room).exists():
        raise NotFound(_("There is no such room here."))
    HoursException.objects.filter(facility=facility, room=room, on=on).delete()
    rows: Sequence[tuple[int | None, int | None]] = sorted(spans) or [(None, None)]
    HoursException.objects.bulk_create(
        [
            HoursException(facility=facility, room_id=room, on=on, opens=opens, closes=closes, reason=reason.strip())
            for opens, closes in rows
        ]
    )
    told = {"on": str(on), "room": room, "hours": [f"{clock(o)}-{clock(c)}" for o, c in sorted(spans)]}
    record(what="hours.exception", about=facility, by=by, at=at, area=code, after=told)


@transaction.atomic
def drop_exception(key: UUID, on: date, *, room: int | None = None, by: By, at: datetime) -> None:
    """Let the usual hours hold again on a date.

    :raises NotAllowed: `by` does not keep the venues there
    """
    facility, code = locked_facility(key, by=by, at=at)
    gone, _each = HoursException.objects.filter(facility=facility, room=room, on=on).delete()
    if gone:
        told = {"on": str(on), "room": room}
        record(what="hours.as_usual", about=facility, by=by, at=at, area=code, before=told)
