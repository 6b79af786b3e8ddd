"""What follows a booking: confirmed or refused, cancelled, one date left out or taken in again, the key, who waits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.holds.queries import held_cases
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.ground.territory.queries import area_of
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.facilities.rules import hash_of
from weiduan.systems.venues.hours.queries import opening_of

from .actions import Busy, By, NotOpen, TooMuch, check_share, is_open_at, locked_booking
from .models import Booking, Slot
from .queries import held_slots, minutes_on, moment, next_free, waiting_for_room
from .rules import CONTACT_KEPT, LIVE, LONGEST_ANSWER, SlotState, State, Who, may_become


class NotNow(Refused):
    """The booking is not in a state that allows this."""


@transaction.atomic
def confirm(key: Any, *, by: User | str, at: datetime) -> Booking:
    """Confirm what was asked for.

    :raises NotAllowed: `by` does not keep the venues there
    :raises NotNow: it is decided, cancelled or still waiting
    """
    booking, _facility, code = _kept(key, by=by, at=at)
    if booking.state != State.ASKED.value:
        raise NotNow(_("Only what waits for confirmation can be confirmed; this is settled already."))
    return _become(booking, State.CONFIRMED, by=by, at=at, code=code)


@transaction.atomic
def refuse(key: Any, answer: str, *, by: User | str, at: datetime) -> Booking:
    """Refuse what was asked for, with the reason the one who asked reads.

    :raises NotAllowed, NotNow: as `confirm`
    :raises BadInput: no reason, or too long a one
    """
    booking, facility, code = _kept(key, by=by, at=at)
    if not 0 < len(answer.strip()) <= LONGEST_ANSWER:
        raise BadInput(_("Say why, in at most %(n)s characters; whoever asked reads it."), n=LONGEST_ANSWER)
    booking.answer = answer.strip()
    _become(booking, State.REFUSED, by=by, at=at, code=code)
    _let_follow(booking.room_id, facility, at)
    return booking


@transaction.atomic
def cancel(key: Any, *, receipt: str = "", answer: str = "", by: By, at: datetime) -> Booking:
    """Cancel what is still to come of a booking: by the receipt, by who booked at the desk, or by a keeper.

    :raises NotFound: neither the receipt nor `by` has to do with it
    :raises NotNow: it is cancelled or refused already, or over
    """
    booking, facility, code = locked_booking(key, at=at)
    _may_give_up(booking, receipt, by, code, at)
    if not Slot.objects.filter(booking=booking, since__gt=at, state__in=_OPEN).exists():
        raise NotNow(_("Nothing of this booking is still to come."))
    booking.answer = answer.strip()[:LONGEST_ANSWER]
    _become(booking, State.CANCELLED, by=by, at=at, code=code)
    _let_follow(booking.room_id, facility, at)
    return booking


@transaction.atomic
def leave_out(key: Any, on: date, *, receipt: str = "", by: By, at: datetime) -> Booking:
    """Leave one date out; others can have the room then.

    :raises NotFound: no such date, or neither the receipt nor `by` has to do with it
    :raises NotNow: the date is past
    """
    booking, facility, code = locked_booking(key, at=at)
    _may_give_up(booking, receipt, by, code, at)
    slot = _slot_on(booking, on)
    if slot.state != SlotState.HELD.value or slot.since <= at:
        raise NotNow(_("%(day)s is past, or left out already."), day=on)
    _set(slot, SlotState.SKIPPED)
    _changed(booking, "booking.date_left_out", by, at, code, on)
    _let_follow(booking.room_id, facility, at)
    return booking


@transaction.atomic
def take_in(key: Any, on: date, *, receipt: str = "", by: By, at: datetime) -> Booking:
    """Take a date in again that was left out.

    :raises NotFound: no such date, or neither the receipt nor `by` has to do with it
    :raises NotNow: the booking doesn't stand, or the date isn't left out or is past
    :raises Busy: somebody else has the room then
    :raises NotOpen: it is closed then
    :raises TooMuch: the group has its share already
    """
    booking, facility, code = locked_booking(key, at=at)
    _may_give_up(booking, receipt, by, code, at)
    slot = _slot_on(booking, on)
    if booking.state not in LIVE or slot.state != SlotState.SKIPPED.value or slot.since <= at:
        raise NotNow(_("%(day)s is past, or not left out."), day=on)
    _check_free(booking, facility, slot, at)
    if booking.who != Who.HOUSE.value:
        check_share(facility, bytes(booking.group), _hours([slot]), at)
    _set(slot, SlotState.HELD)
    _changed(booking, "booking.date_taken_in", by, at, code, on)
    return booking


@transaction.atomic
def free_from(key: Any, on: date, *, answer: str = "", by: User | str, at: datetime) -> Booking:
    """Free every date of a booking from a day on, for good; left without a date to come, it is cancelled.

    :raises NotAllowed: `by` does not keep the venues there
    """
    booking, facility, code = _kept(key, by=by, at=at)
    ahead = Slot.objects.filter(booking=booking, since__gt=at)
    gone = ahead.filter(since__gte=moment(on, 0), state__in=[*_OPEN, SlotState.SKIPPED.value])
    if gone.update(state=SlotState.FREED.value):
        booking.answer = answer.strip()[:LONGEST_ANSWER]
        if booking.state in LIVE and not ahead.filter(state__in=_OPEN).exists():
            _become(booking, State.CANCELLED, by=by, at=at, code=code)
        else:
            _changed(booking, "booking.dates_freed", by, at, code, on)
        _let_follow(booking.room_id, facility, at)
    return booking


@transaction.atomic
def hand_key_over(key: Any, *, back: bool, by: User | str, at: datetime) -> Booking:
    """Note that the key went out, or came back.

    :raises NotAllowed: `by` does not keep the venues there
    :raises NotNow: it isn't confirmed, or the key isn't where that needs it to be
    """
    booking, _facility, code = _kept(key, by=by, at=at)
    is_out = booking.key_out_at is not None and booking.key_back_at is None
    if booking.state != State.CONFIRMED.value or is_out != back:
        raise NotNow(
            _("The key is out already.") if is_out else _("The key isn't out, or the booking isn't confirmed.")
        )
    if back:
        booking.key_back_at = at
    else:
        booking.key_out_at, booking.key_back_at = at, None
    booking.save(update_fields=["key_out_at", "key_back_at"])
    record(what="booking.key_back" if back else "booking.key_out", about=booking, by=by, at=at, area=code)
    return booking


@transaction.atomic
def free_outside(facility: Facility, *, answer: str, by: User | str, at: datetime) -> int:
    """Free every date still to come on which the place is no longer open; return how many.

    Whoever changes hours, rooms or the place itself calls it in the same transaction. A booking left without a date is
    cancelled, and says why.
    """
    slots = list(
        Slot.objects.select_for_update(of=("self",))
        .filter(room__facility=facility, since__gt=at, state__in=_OPEN)
        .select_related("booking", "room")
        .order_by("since")
    )
    outside = [slot for slot in slots if not _is_inside(slot, facility)] if slots else []
    code = area_of(facility.area_id, on=local_day(at)).code
    for slot in outside:
        _set(slot, SlotState.SKIPPED)
    for booking in {slot.booking_id: slot.booking for slot in outside}.values():
        booking.answer = answer.strip()[:LONGEST_ANSWER]
        if Slot.objects.filter(booking=booking, since__gt=at, state__in=_OPEN).exists():
            _changed(booking, "booking.dates_lost", by, at, code, None)
        else:
            _become(booking, State.CANCELLED, by=by, at=at, code=code)
    return len(outside)


@transaction.atomic
def erase_contacts(*, at: datetime) -> int:
    """Erase what was left to be reached by, a month after the last date or once nothing is to come of it; return how many."""
    over = Booking.objects.exclude(contact=b"").exclude(slots__until__gt=at - CONTACT_KEPT)
    over = over.exclude(pk__in=held_cases(at))
    return over.update(contact=b"")


_OPEN = [SlotState.HELD.value, SlotState.WAITING.value]


def _kept(key: Any, *, by: User | str, at: datetime) -> tuple[Booking, Facility, str]:
    booking, facility, code = locked_booking(key, at=at)
    require(by, Duty.KEEP_VENUES, in_area=code, at=at)
    return booking, facility, code


def _may_give_up(booking: Booking, receipt: str, by: By, code: str, at: datetime) -> None:
    """The receipt may, who made it at the desk may, a keeper may."""
    if by is None:
        if not receipt or booking.receipt_hash is None or bytes(booking.receipt_hash) != hash_of(receipt):
            raise NotFound(_("No booking has this receipt. Check that the whole address was copied."))
        return
    if isinstance(by, str) or booking.made_by_id == by.pk or may(by, Duty.KEEP_VENUES, in_area=code, at=at):
        return
    require(by, Duty.KEEP_VENUES, in_area=code, at=at)


def _become(booking: Booking, state: State, *, by: By, at: datetime, code: str) -> Booking:
    if not may_become(State(booking.state), state):
        raise NotNow(_("This booking is settled already."))
    booking.state, booking.decided_at, booking.changed_at = state.value, at, at
    booking.decided_by = by if isinstance(by, User) else None
    booking.sequence += 1
    if state in (State.CANCELLED, State.REFUSED):
        Slot.objects.filter(booking=booking, since__gt=at, state__in=_OPEN).update(state=SlotState.FREED.value)
    booking.save()
    record(what=f"booking.{state.value}", about=booking, by=by if by is not None else RESIDENT, at=at, area=code,
           after={"room": booking.room_id, "state": state.value})  # fmt: skip
    return booking


def _changed(booking: Booking, what: str, by: By, at: datetime, code: str, on: date | None) -> None:
    booking.sequence, booking.changed_at = booking.sequence + 1, at
    booking.save(update_fields=["sequence", "changed_at", "answer"])
    told = {"room": booking.room_id, "state": booking.state} | ({"on": str(on)} if on else {})
    record(what=what, about=booking, by=by if by is not None else RESIDENT, at=at, area=code, after=told)


def _slot_on(booking: Booking, on: date) -> Slot:
    slots = Slot.objects.filter(booking=booking, since__gte=moment(on, 0), since__lt=moment(on, 1440))
    found = slots.select_related("room").first()
    if found is None:
        raise NotFound(_("This booking has no date on %(day)s."), day=on)
    return found


def _set(slot: Slot, state: SlotState) -> None:
    slot.state = state.value
    slot.save(update_fields=["state"])


def _is_inside(slot: Slot, facility: Facility) -> bool:
    on = timezone.localtime(slot.since).date()
    spans = opening_of(facility.pk, since=on, until=date.fromordinal(on.toordinal() + 1)).spans(on, room=slot.room_id)
    return is_open_at(facility, slot.room, on, spans, minutes_on(on, slot.since), minutes_on(on, slot.until))


def _check_free(booking: Booking, facility: Facility, slot: Slot, at: datetime) -> None:
    if not _is_inside(slot, facility):
        raise NotOpen(_("%(room)s is closed then. Choose another day."), room=slot.room.name)
    if held_slots(slot.room_id, since=slot.since, until=slot.blocked_until).exclude(booking=booking).exists():
        minutes = int((slot.until - slot.since).total_seconds() // 60)
        on = timezone.localtime(slot.since).date()
        free = next_free(slot.room, minutes=minutes, after=max(at, moment(on, 0)))
        raise Busy(
            _("%(room)s is taken then on %(days)s. Choose another time."),
            taken=[on],
            free=free,
            room=slot.room.name,
            days=on,
        )


def _let_follow(room: int, facility: Facility, at: datetime) -> None:
    """Give a room that became free to who waited longest, fits whole and has not its share already; the next may fit beside."""
    code = area_of(facility.area_id, on=local_day(at)).code
    for booking in waiting_for_room(room, at=at).select_for_update(of=("self",)):
        slots = list(Slot.objects.filter(booking=booking, state=SlotState.WAITING.value).select_related("room"))
        if not all(slot.since > at and _fits(slot, facility) for slot in slots) or _is_too_much(
            booking, slots, facility, at
        ):
            continue
        for slot in slots:
            _set(slot, SlotState.HELD)
        state = State.ASKED if booking.room.confirms else State.CONFIRMED
        _become(booking, state, by="clock", at=at, code=code)


def _hours(slots: Iterable[Slot]) -> float:
    return sum((slot.until - slot.since for slot in slots), timedelta()) / timedelta(hours=1)


def _is_too_much(booking: Booking, slots: list[Slot], facility: Facility, at: datetime) -> bool:
    try:
        check_share(facility, bytes(booking.group), _hours(slots), at)
    except TooMuch:
        return True
    return False


def _fits(slot: Slot, facility: Facility) -> bool:
    taken = held_slots(slot.room_id, since=slot.since, until=slot.blocked_until).exists()
    return not taken and _is_inside(slot, facility)
