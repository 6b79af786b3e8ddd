"""Found a place, say what it offers, keep its rooms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_of

from .models import Facility, Room
from .rules import LONGEST_NAME, LONGEST_WAY, NOT_BOOKED_FOR, Access, Equipment, Kind, Use, known

By = User | str


class InUse(Refused):
    """The room is still booked, or another has its name."""


def found(
    kind: Kind, name: str, *, area: int, address: str = "", lon: float | None = None, lat: float | None = None
) -> Facility:
    """Make a place that isn't open yet; the caller has checked the duty and records it.

    :raises BadInput: no name, or too long a one
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(_("Give it a name of at most %(n)s characters."), n=LONGEST_NAME)
    return Facility.objects.create(kind=kind.value, name=name, area_id=area, address=address[:100], lon=lon, lat=lat)


def open_from(facility: Facility, on: date) -> None:
    """Open a place from a day on; the caller has locked what it belongs to."""
    Facility.objects.filter(pk=facility.pk).update(open_since=on)


def open_until(facility: Facility, on: date) -> None:
    """Close a place, and its rooms, from a day on; one that never opened stays without dates."""
    Facility.objects.filter(pk=facility.pk, open_since__isnull=False).update(open_until=on)
    rooms = Room.objects.filter(facility=facility, until=None)
    rooms.filter(since__lt=on).update(until=on)


@transaction.atomic
def found_centre(name: str, *, code: str, address: str, on: date, by: By, at: datetime) -> Facility:
    """Found a community service centre in an area, open from a day on.

    :raises NotAllowed: `by` does not keep the venues there
    :raises BadInput: no name
    """
    require(by, Duty.KEEP_VENUES, in_area=code, at=at)
    facility = found(Kind.CENTRE, name, area=area_by_code(code, on=on).area_id, address=address.strip())
    open_from(facility, on)
    facility.refresh_from_db()
    record(what="centre.founded", about=facility, by=by, at=at, area=code, after={"name": facility.name, "on": str(on)})
    return facility


def locked_facility(key: UUID, *, by: By, at: datetime) -> tuple[Facility, str]:
    """Lock a place and let only who keeps the venues there pass; return it and the code it lies in.

    :raises NotFound: there is none, or none `by` may know of
    :raises NotAllowed: `by` may only look
    """
    facility = Facility.objects.select_for_update().filter(pk=key).first()
    if facility is None:
        raise NotFound(_("There is nothing here that you may see."))
    code = area_of(facility.area_id, on=local_day(at)).code
    require(by, Duty.KEEP_VENUES, in_area=code, at=at)
    return facility, code


@transaction.atomic
def describe(key: UUID, facts: Mapping[str, Any], *, by: By, at: datetime) -> Facility:
    """Say what a place offers: name, address, telephone, way, access, equipment, lon, lat, quota_hours.

    :raises NotAllowed: `by` does not keep the venues there
    :raises BadInput: something unknown, too long, or no place on the map
    """
    facility, code = locked_facility(key, by=by, at=at)
    said = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
    _check_facts(said)
    before = {name: getattr(facility, name) for name in said}
    changed = {name: value for name, value in said.items() if before[name] != value}
    for name, value in changed.items():
        setattr(facility, name, value)
    if changed:
        facility.save(update_fields=list(changed))
        told = {name: before[name] for name in changed}
        record(what="facility.described", about=facility, by=by, at=at, area=code, before=told, after=changed)
    return facility


def _check_facts(said: Mapping[str, Any]) -> None:
    longest = {"name": LONGEST_NAME, "address": 100, "telephone": 30, "way": LONGEST_WAY}
    if unknown := set(said) - {*longest, "access", "equipment", "lon", "lat", "quota_hours"}:
        raise BadInput(_("A place has no “%(what)s”."), what=sorted(unknown)[0])
    for name, most in longest.items():
        if len(said.get(name, "")) > most:
            raise BadInput(_("Write at most %(n)s characters."), n=most)
    if not said.get("name", "x"):
        raise BadInput(_("Give it a name of at most %(n)s characters."), n=LONGEST_NAME)
    if not known(said.get("access", []), Access) or not known(said.get("equipment", []), Equipment):
        raise BadInput(_("Choose from the list."))
    if ("lon" in said) != ("lat" in said) or not _on_earth(said.get("lon"), said.get("lat")):
        raise BadInput(_("Give longitude and latitude, for example 104.25 and 30.88, or neither."))


def _on_earth(lon: float | None, lat: float | None) -> bool:
    if lon is None or lat is None:
        return lon is None and lat is None
    return -180 <= lon <= 180 and -90 <= lat <= 90  # NaN is nowhere either


@dataclass(frozen=True)
class RoomFacts:
    """What a room is; square metres to the hundredth, seats None where nobody counted."""

    name: str
    use: Use
    area_m2: Decimal
    seats: int | None = None
    bookable: bool = False
    confirms: bool = True
    buffer_min: int = 0


@transaction.atomic
def add_room(key: UUID, facts: RoomFacts, *, on: date, by: By, at: datetime) -> Room:
    """Add a room to a place from a day on.

    :raises NotAllowed: `by` does not keep the venues there
    :raises BadInput: the facts can't be
    :raises InUse: another room has the name
    """
    facility, code = locked_facility(key, by=by, at=at)
    _check_room(facts)
    room = _saved(Room(facility=facility, since=on, **_columns(facts)))
    record(what="room.added", about=facility, by=by, at=at, area=code, after=_told(room))
    return room


@transaction.atomic
def change_room(key: UUID, room: int, facts: RoomFacts, *, on: date, by: By, at: datetime) -> Room:
    """Change a room from a day on: what it was until then stays known.

    Its name, use and floor are history, so they open a new room where they change; what is booked goes along.

    :raises NotAllowed, BadInput, InUse: as `add_room`
    """
    facility, code = locked_facility(key, by=by, at=at)
    _check_room(facts)
    now = _own_room(facility, room, on)
    before = _told(now)
    history = (now.name, now.use, now.area_m2) != (facts.name.strip(), facts.use.value, facts.area_m2)
    if history and now.since < on:
        now = _succeeded(now, on)
    for name, value in _columns(facts).items():
        setattr(now, name, value)
    now = _saved(now)
    record(what="room.changed", about=facility, by=by, at=at, area=code, before=before, after=_told(now))
    return now


def _succeeded(room: Room, on: date) -> Room:
    """Keep what the room was in a row of its own that ends, so that its bookings stay with the row that goes on."""
    Room.objects.filter(pk=room.pk).update(since=on)
    was = Room(**{f.attname: getattr(room, f.attname) for f in Room._meta.fields if f.name not in ("id", "until")})
    was.until = on
    was.save()
    room.since = on
    return room


@transaction.atomic
def end_room(key: UUID, room: int, *, on: date, by: By, at: datetime) -> None:
    """End a room from a day on.

    :raises NotAllowed: `by` does not keep the venues there
    :raises InUse: it is booked from that day on
    """
    facility, code = locked_facility(key, by=by, at=at)
    now = _own_room(facility, room, on)
    if now.slots.filter(state="held", until__date__gte=on).exists():
        raise InUse(
            _("%(room)s is booked from then on. Cancel these bookings first, or choose a later day."), room=now.name
        )
    if now.since >= on:
        raise BadInput(_("Choose a day after %(day)s, when the room began."), day=now.since)
    now.until = on
    now.save(update_fields=["until"])
    record(what="room.ended", about=facility, by=by, at=at, area=code, before=_told(now))


def _own_room(facility: Facility, room: int, on: date) -> Room:
    found = Room.objects.select_for_update().filter(pk=room, facility=facility, until=None, since__lte=on).first()
    if found is None:
        raise NotFound(_("There is no such room here."))
    return found


def _check_room(facts: RoomFacts) -> None:
    if not 0 < len(facts.name.strip()) <= LONGEST_NAME:
        raise BadInput(_("Give it a name of at most %(n)s characters."), n=LONGEST_NAME)
    if not facts.area_m2.is_finite() or not 0 < facts.area_m2 < 100_000 or facts.area_m2 != round(facts.area_m2, 2):
        raise BadInput(_("The floor is more than 0 square metres, to the hundredth at most."))
    if facts.bookable and facts.use in NOT_BOOKED_FOR:
        raise BadInput(_("An office or a store room can't be booked; say what else the room is for."))
    if not 0 <= facts.buffer_min <= 240 or not (facts.seats is None or 0 < facts.seats <= 5000):
        raise BadInput(_("Give whole numbers: minutes between bookings up to 240, seats from 1 on."))


def _columns(facts: RoomFacts) -> dict[str, Any]:
    return {
        "name": facts.name.strip(), "use": facts.use.value, "area_m2": facts.area_m2, "seats": facts.seats,
        "bookable": facts.bookable, "confirms": facts.confirms, "buffer_min": facts.buffer_min,
    }  # fmt: skip


def _told(room: Room) -> dict[str, Any]:
    return {"room": room.name, "use": room.use, "area_m2": str(room.area_m2), "bookable": room.bookable}


def _saved(room: Room) -> Room:
    try:
        with transaction.atomic():
            room.save()
    except IntegrityError as error:
        raise InUse(_("Another room here is called %(room)s. Choose another name."), room=room.name) from error
    return room
