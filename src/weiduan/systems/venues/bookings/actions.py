"""Book a room: alone among all who try, within opening hours, no more than a group's share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.base.receipts import LEAST_RECEIPT
from weiduan.ground.base.sealed import blind_index, seal
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.ground.territory.queries import area_of
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.facilities.rules import NOT_BOOKED_FOR, Use, hash_of
from weiduan.systems.venues.hours.queries import opening_of
from weiduan.systems.venues.hours.rules import DAY_MIN, clock, holds

from .models import Booking, Slot
from .queries import Free, held_slots, hours_to_come, moment, next_free
from .rules import (
    BOOKING_TABLE,
    HORIZON,
    LEAST_MIN,
    LONGEST_WHAT,
    MOST_DATES,
    MOST_MIN,
    Repeat,
    SlotState,
    State,
    Who,
    dates_of,
)

By = User | str | None  # None: a resident, who holds a receipt
Part = tuple[datetime, datetime]


class Busy(Refused):
    """The room is taken at some of the times.

    taken  the dates on which it is
    free   the next times it is free for as long
    """

    def __init__(self, message: Any, *, taken: Sequence[date], free: Sequence[Free], **values: Any) -> None:
        super().__init__(message, **values)
        self.taken, self.free = list(taken), list(free)


class NotOpen(Refused):
    """The place, or the room, isn't open then."""


class TooMuch(Refused):
    """The group would have more hours to come than its share."""


class BookedOtherwise(Refused):
    """The same receipt came with another wish."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants a room for; `opens` and `closes` are minutes of each date.

    what      public, shown on the timetable
    group     what the group is called: it is counted under that name, which is not kept
    skip      dates of the repetition left out from the start
    unit      key of the unit it is for, if it is for one
    """

    what: str
    use: Use
    who: Who
    on: date
    opens: int
    closes: int
    group: str = ""
    organisation: Organisation | None = None
    people: int | None = None
    repeat: Repeat | None = None
    skip: frozenset[date] = field(default_factory=frozenset)
    unit: int | None = None
    contact: str = ""


@transaction.atomic
def book(
    room: Room, wish: Wish, *, receipt: str = "", rest: bool = False, wait: bool = False, by: By, at: datetime
) -> Booking:
    """Book a room on all dates of a wish; said again with the same receipt, the booking made before is returned.

    receipt  random, at least 128 bits, for whoever has no account; only its hash is kept
    rest     leave out the dates on which the room is taken or closed, and book the others
    wait     join those who wait, if it is taken

    :raises BadInput: times, texts or dates that can't be
    :raises NotAllowed, NotFound: `by` may not book for this organisation or here
    :raises NotOpen: closed at one of the times
    :raises Busy: taken at one of the times; it names them, and the next that are free
    :raises TooMuch: the group has its share already
    """
    facility, room = _locked(room)
    code = area_of(facility.area_id, on=local_day(at)).code
    keeps = _permitted(wish, by, code, at)
    before = Booking.objects.filter(receipt_hash=hash_of(receipt)).first() if receipt else None
    if before is not None:
        return _same(before, room, wish)
    _check(room, facility, wish, at, receipt=receipt, by=by)
    parts = {on: (moment(on, wish.opens), moment(on, wish.closes)) for on in _dates(wish, at)}
    wanted = [on for on in parts if on not in wish.skip]
    shut = _shut(facility, room, wish, wanted)
    taken = [on for on in wanted if on not in shut and _is_taken(room, *parts[on])]
    held = [on for on in wanted if on not in shut and on not in taken]
    _refuse_shut(room, wish, shut, rest=rest and bool(held))
    waits = bool(taken) and not rest and wait
    if taken and not waits and (not rest or not held):
        _refuse_taken(room, wish, taken, at)
    state = State.WAITING if waits else State.CONFIRMED if keeps or not room.confirms else State.ASKED
    group = group_of(wish)
    if not waits and wish.who is not Who.HOUSE:
        check_share(facility, group, len(held) * (wish.closes - wish.opens) / 60, at)
    booking = _made(room, wish, state, group, receipt, by, at)
    laid = [on for on in wanted if on not in shut] if waits else held
    _lay_out(booking, room, parts, dict.fromkeys(laid, SlotState.WAITING if waits else SlotState.HELD))
    _record("booking.waits" if waits else "booking.made", booking, by, at, code, dates=len(laid))
    return booking


def group_of(wish: Wish) -> bytes:
    """Return the blind index a group's hours are counted under."""
    name = wish.organisation.number if wish.organisation else (wish.group or wish.contact or wish.what)
    return blind_index(f"{wish.who.value}:{name.casefold()}", purpose="booking")


def _locked(room: Room) -> tuple[Facility, Room]:
    """Lock the place: its hours can't change while one is booking, and nobody else books there."""
    facility = Facility.objects.select_for_update().get(pk=room.facility_id)
    return facility, Room.objects.get(pk=room.pk)


def _permitted(wish: Wish, by: By, code: str, at: datetime) -> bool:
    """Let pass who may book this; tell whether it needs no confirmation, because a keeper books."""
    if by is None:
        if wish.who not in (Who.GROUP, Who.RESIDENT):
            raise NotAllowed(_("Organisations and committees book at the desk. Groups and residents can book here."))
        return False
    # What the place itself does (Who.HOUSE) names no organisation, so only a keeper gets past here with it.
    keeps = isinstance(by, str) or may(by, Duty.KEEP_VENUES, in_area=code, at=at)
    if wish.organisation is not None and not keeps:
        seat = area_of(wish.organisation.area_id, on=local_day(at)).code
        require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    elif not keeps:
        require(by, Duty.KEEP_VENUES, in_area=code, at=at)
    return keeps


def _same(before: Booking, room: Room, wish: Wish) -> Booking:
    first = Slot.objects.filter(booking=before).order_by("since").first()
    if before.room_id != room.pk or before.what != wish.what.strip() or first is None:
        raise BookedOtherwise(_("This form was sent before with something else in it. Open it anew and book again."))
    return before


def _check(room: Room, facility: Facility, wish: Wish, at: datetime, *, receipt: str, by: By) -> None:
    if by is None and len(receipt) < LEAST_RECEIPT:
        raise BadInput(_("Without an account a booking needs a receipt."))
    if not 0 < len(wish.what.strip()) <= LONGEST_WHAT:
        raise BadInput(
            _("Say what it is for, in at most %(n)s characters; it is shown on the timetable."), n=LONGEST_WHAT
        )
    if wish.use in NOT_BOOKED_FOR:
        raise BadInput(_("Choose what the room is for."))
    is_offered = room.bookable or wish.who is Who.HOUSE
    if not is_offered or (room.until is not None and room.until <= wish.on) or facility.open_since is None:
        raise NotOpen(_("%(room)s can't be booked. Choose another room."), room=room.name)
    if (wish.who is Who.ORGANISATION) != (wish.organisation is not None):
        raise BadInput(_("Say which organisation books."))
    if not 0 <= wish.opens < wish.closes <= DAY_MIN or not LEAST_MIN <= wish.closes - wish.opens <= MOST_MIN:
        raise BadInput(_("Book at least a quarter of an hour and at most twelve hours, within one day."))
    if moment(wish.on, wish.opens) <= at:
        raise BadInput(_("This time is past; choose a later one."))
    if wish.people is not None and not 0 < wish.people <= 5000:
        raise BadInput(_("Say how many people come, as a whole number from 1 on."))
    if room.seats and wish.people and wish.people > room.seats:
        raise BadInput(_("%(room)s seats %(seats)s. Choose a larger room."), room=room.name, seats=room.seats)


def _dates(wish: Wish, at: datetime) -> list[date]:
    try:
        dates = dates_of(wish.on, wish.repeat)
    except ValueError as error:
        raise BadInput(
            _("It can repeat on at most %(n)s dates, every 1 to 12 days, weeks or months."), n=MOST_DATES
        ) from error
    if set(dates) <= wish.skip:
        raise BadInput(_("No date is left; leave fewer out."))
    if moment(dates[-1], 0) > at + HORIZON:
        raise BadInput(_("Book at most a year ahead; the last date would be %(day)s."), day=dates[-1])
    return dates


def _shut(facility: Facility, room: Room, wish: Wish, parts: Iterable[date]) -> list[date]:
    """Return the dates on which the place or the room isn't open at that time."""
    dates = sorted(parts)
    opening = opening_of(facility.pk, since=dates[0], until=dates[-1] + timedelta(days=1))
    return [
        on
        for on in dates
        if not is_open_at(facility, room, on, opening.spans(on, room=room.pk), wish.opens, wish.closes)
    ]


def is_open_at(
    facility: Facility, room: Room, on: date, spans: Sequence[tuple[int, int]], opens: int, closes: int
) -> bool:
    """Tell whether a room is there and open through these minutes of a date."""
    there = room.since <= on and (room.until is None or on < room.until)
    public = facility.open_since is not None and facility.open_since <= on
    lasting = facility.open_until is None or on < facility.open_until
    return there and public and lasting and holds(spans, (opens, closes))


def _refuse_shut(room: Room, wish: Wish, shut: list[date], *, rest: bool) -> None:
    if not shut or rest:
        return
    spans = opening_of(room.facility_id, since=shut[0], until=shut[0] + timedelta(days=1)).spans(shut[0], room=room.pk)
    if not spans:
        raise NotOpen(_("%(room)s is closed on %(day)s. Choose another day."), room=room.name, day=shut[0])
    hours = "、".join(f"{clock(opens)}–{clock(closes)}" for opens, closes in spans)
    raise NotOpen(_("On %(day)s it is open %(hours)s. Choose a time within."), day=shut[0], hours=hours)


def _is_taken(room: Room, since: datetime, until: datetime) -> bool:
    return held_slots(room.pk, since=since, until=until + timedelta(minutes=room.buffer_min)).exists()


def _refuse_taken(room: Room, wish: Wish, taken: list[date], at: datetime) -> None:
    free = next_free(room, minutes=wish.closes - wish.opens, after=max(at, moment(taken[0], 0)))
    days = "、".join(str(on) for on in taken)
    raise Busy(
        _("%(room)s is taken then on %(days)s. Choose another time."), taken=taken, free=free, room=room.name, days=days
    )


def check_share(facility: Facility, group: bytes, hours: float, at: datetime) -> None:
    """Let a group have so many hours more to come in a place.

    :raises TooMuch: it would have more than its share
    """
    has = hours_to_come(facility.pk, group, at=at)
    if facility.quota_hours is not None and has + hours > facility.quota_hours:
        raise TooMuch(
            _("One group can have %(most)s hours to come here, so that others can book too; this one has %(has)s and wants "
            "%(more)s. Book fewer dates, or cancel some."), most=facility.quota_hours, has=f"{has:g}", more=f"{hours:g}",
        )  # fmt: skip


def _made(room: Room, wish: Wish, state: State, group: bytes, receipt: str, by: By, at: datetime) -> Booking:
    repeat = wish.repeat
    booking = Booking(
        room=room, who=wish.who.value, organisation=wish.organisation, unit_id=wish.unit, what=wish.what.strip(),
        use=wish.use.value, people=wish.people, state=state.value, group=group, made_at=at, changed_at=at,
        repeat=None if repeat is None else {"frequency": repeat.frequency.value, "interval": repeat.interval, "count": repeat.count},
        receipt_hash=hash_of(receipt) if receipt else None, made_by=by if isinstance(by, User) else None,
    )  # fmt: skip
    if contact := wish.contact.strip():
        if len(contact) > 40:
            raise BadInput(_("Leave one telephone number or address, of at most 40 characters."))
        booking.contact = seal(contact, table=BOOKING_TABLE, pk=str(booking.pk), field="contact")
    booking.save()
    return booking


def _lay_out(booking: Booking, room: Room, parts: Mapping[date, Part], states: Mapping[date, SlotState]) -> None:
    """Keep every date; what is neither held nor waited for is left out, and can be taken in again."""
    buffer = timedelta(minutes=room.buffer_min)
    Slot.objects.bulk_create(
        [
            Slot(
                booking=booking, room=room, since=since, until=until, blocked_until=until + buffer,
                state=states.get(on, SlotState.SKIPPED).value,
            )
            for on, (since, until) in parts.items()
        ]
    )  # fmt: skip


def _record(what: str, booking: Booking, by: By, at: datetime, code: str, **told: Any) -> None:
    """Write down which room and how much, never who or what for."""
    record(what=what, about=booking, by=by if by is not None else RESIDENT, at=at, area=code,
           after={"room": booking.room_id, "state": booking.state, **told})  # fmt: skip


def locked_booking(key: Any, *, at: datetime) -> tuple[Booking, Facility, str]:
    """Lock the place of a booking, then the booking; return them and the code it lies in.

    :raises NotFound: there is none
    """
    found = Booking.objects.filter(pk=key).values_list("room__facility_id", flat=True).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    facility = Facility.objects.select_for_update().get(pk=found)
    booking = Booking.objects.select_for_update(of=("self",)).select_related("room").get(pk=key)
    return booking, facility, area_of(facility.area_id, on=local_day(at)).code
