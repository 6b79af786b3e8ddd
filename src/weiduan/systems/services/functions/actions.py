"""Give a room a function, lay its dates ahead as bookings of the room, end it.

The dates are bookings by the place itself (`Who.HOUSE`), one a weekday: nothing else can be in the room then. A date on which the room
is taken or closed is left out, and can be taken in again as with any booking.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record, written_at_the_end
from weiduan.ground.territory.queries import area_of
from weiduan.systems.governance.partners.queries import partners_for
from weiduan.systems.services.brands.queries import brands_for
from weiduan.systems.venues.bookings.actions import Busy, NotOpen, Wish, book
from weiduan.systems.venues.bookings.deciding import free_from
from weiduan.systems.venues.bookings.queries import moment
from weiduan.systems.venues.bookings.rules import LEAST_MIN, MOST_MIN, Frequency, Repeat, Who
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.facilities.rules import Use
from weiduan.systems.venues.hours.rules import DAY_MIN

from .models import Function, FunctionDates
from .rules import AHEAD, LAID_ANEW_BELOW, LONGEST_FOR_WHOM, LONGEST_NAME, LONGEST_RUN_BY, Kind

By = User | str
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Facts:
    """What a room is for on some days of the week; `opens` and `closes` are minutes of the day."""

    kind: str
    name: str
    run_by: str
    for_whom: str
    weekdays: tuple[int, ...]
    opens: int
    closes: int
    since: date
    partner: UUID | None = None
    brand: UUID | None = None


@transaction.atomic
@written_at_the_end()
def add_function(room: int, facts: Facts, *, by: By, at: datetime) -> Function:
    """Give a room a function and lay its dates twelve weeks ahead; where the room is taken or closed, the date is left out.

    :raises NotAllowed, NotFound: `by` doesn't keep the venues there, or there is no such room
    :raises BadInput: texts, days or times that can't be
    :raises Busy, NotOpen: on one of the weekdays the room is never free or open at that time
    """
    found, code = _room(room, by, at)
    _check(facts, code, at)
    function = Function.objects.create(
        room=found, kind=facts.kind, name=facts.name.strip(), run_by=facts.run_by.strip(), for_whom=facts.for_whom.strip(),
        weekdays=sorted(set(facts.weekdays)), opens=facts.opens, closes=facts.closes, since=facts.since,
        partner_id=facts.partner, brand_id=facts.brand,
    )  # fmt: skip
    record(what="function.added", about=function, by=by, at=at, area=code, after={"room": found.pk, "kind": function.kind})  # fmt: skip
    _lay(function, by, at)
    return function


@transaction.atomic
@written_at_the_end()
def end_function(key: UUID, until: date, *, by: By, at: datetime) -> Function:
    """End a function from a day on: its later dates are freed for others.

    :raises NotAllowed, NotFound: `by` doesn't keep the venues there
    :raises BadInput: the day isn't after the one it began on, or after the one it ends on already
    """
    function, code = _locked(key, at)
    require(by, Duty.KEEP_VENUES, in_area=code, at=at)
    if until <= function.since or (function.until is not None and function.until <= until):
        raise BadInput(_("Choose a day after it began, and before it ends already."))
    function.until = until
    function.save(update_fields=["until"])
    for held in function.dates.order_by("pk"):
        free_from(held.booking_id, until, by=by, at=at)
    record(what="function.ended", about=function, by=by, at=at, area=code, after={"until": str(until)})
    return function


def lay_ahead(*, at: datetime) -> int:
    """Lay more dates of functions that last; return of how many. For the clock; several may run at once."""
    short = Q(laid_until=None) | Q(laid_until__lt=local_day(at) + LAID_ANEW_BELOW)
    lasting = Q(until=None) | Q(until__gt=F("laid_until"))
    keys = Function.objects.filter(short, lasting).order_by("pk").values_list("pk", flat=True)
    return sum(_laid(key, at) for key in list(keys))


@transaction.atomic
@written_at_the_end()
def _laid(key: UUID, at: datetime) -> bool:
    function, _code = _locked(key, at)
    if function.laid_until is not None and function.laid_until >= local_day(at) + LAID_ANEW_BELOW:
        return False
    before = function.laid_until
    _lay(function, "clock", at, whatever=True)
    return function.laid_until != before


def _lay(function: Function, by: By, at: datetime, *, whatever: bool = False) -> None:
    """Book the dates of a function from where they are laid until twelve weeks from now.

    whatever  a weekday on which the room is never free or open is left out as a whole, not refused
    """
    since = max(function.laid_until or function.since, function.since, local_day(at))
    until = max(local_day(at), function.since) + AHEAD
    if function.until is not None:
        until = min(until, function.until)
    for day in function.weekdays:
        dates = _dates(function, day, since, until, at)
        if not dates:
            continue
        with suppress(*((Busy, NotOpen) if whatever else ())):
            booking = book(function.room, _wish(function, dates), rest=True, by=by, at=at)
            FunctionDates.objects.create(function=function, booking=booking)
    function.laid_until = max(until, function.laid_until or until)
    function.save(update_fields=["laid_until"])


def _dates(function: Function, day: int, since: date, until: date, at: datetime) -> list[date]:
    first = since + (day - since.weekday()) % 7 * DAY
    weeks = range(max((until - first).days + 6, 0) // 7)
    dates = [first + week * 7 * DAY for week in weeks]
    return [on for on in dates if moment(on, function.opens) > at]


def _wish(function: Function, dates: list[date]) -> Wish:
    repeat = Repeat(Frequency.WEEKLY, 1, len(dates))
    return Wish(
        what=function.name, use=_use(function.kind), who=Who.HOUSE, on=dates[0], opens=function.opens, closes=function.closes,
        group=function.name, repeat=repeat if len(dates) > 1 else None,
    )  # fmt: skip


def _use(kind: str) -> Use:
    return Use(kind)  # a room's uses hold every kind of function


def _check(facts: Facts, code: str, at: datetime) -> None:
    texts = ((facts.name, LONGEST_NAME), (facts.run_by, LONGEST_RUN_BY), (facts.for_whom, LONGEST_FOR_WHOM))
    if not all(0 < len(text.strip()) <= longest for text, longest in texts):
        raise BadInput(_("A function needs a name, who runs it (a post, a body or a team; no person) and for whom it is."))  # fmt: skip
    if facts.kind not in [kind.value for kind in Kind]:
        raise BadInput(_("Choose what the room is for."))
    if not facts.weekdays or not set(facts.weekdays) <= set(range(7)):
        raise BadInput(_("Choose on which days of the week."))
    if not 0 <= facts.opens < facts.closes <= DAY_MIN or not LEAST_MIN <= facts.closes - facts.opens <= MOST_MIN:
        raise BadInput(_("Choose at least a quarter of an hour and at most twelve hours, within one day."))
    on = local_day(at)
    if not on <= facts.since <= on + AHEAD:
        raise BadInput(_("Choose a first day from today until twelve weeks from now."))
    if facts.brand and not brands_for(code, on=on).filter(pk=facts.brand).exists():
        raise BadInput(_("Choose a brand of this area or one above it."))
    if facts.partner and facts.partner not in {one.pk for one in partners_for(code, on=on)}:
        raise BadInput(_("Choose a partner of this area."))


def _room(key: int, by: By, at: datetime) -> tuple[Room, str]:
    """Lock the place of a room `by` keeps."""
    room = Room.objects.filter(pk=key).first()
    if room is None:
        raise NotFound(_("There is nothing here that you may see."))
    facility = Facility.objects.select_for_update().get(pk=room.facility_id)
    code = area_of(facility.area_id, on=local_day(at)).code
    require(by, Duty.KEEP_VENUES, in_area=code, at=at)
    return room, code


def _locked(key: UUID, at: datetime) -> tuple[Function, str]:
    """Lock the place of a function, as bookings do first, then the function."""
    found = Function.objects.filter(pk=key).values_list("room__facility", flat=True).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    facility = Facility.objects.select_for_update().get(pk=found)
    function = Function.objects.select_for_update(of=("self",)).select_related("room").get(pk=key)
    return function, area_of(facility.area_id, on=local_day(at)).code
