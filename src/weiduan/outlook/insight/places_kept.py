"""Places and premises of an area as the desk keeps them: what each is on a day, whom it serves, who keeps it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite
from uuid import UUID

from django.db.models import Q, QuerySet

from weiduan.ground.base.batches import among
from weiduan.ground.base.scope import beyond_scope
from weiduan.ground.territory.queries import Place, alive, ancestors_of, areas_below, centres_of, names_by_area, places
from weiduan.ground.territory.rules import Level
from weiduan.systems.organisation.appointments.listed import Held, posts_in, told
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.venues.centres.queries import Centre, centres_among
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.facilities.queries import open_on
from weiduan.systems.venues.facilities.rules import Kind
from weiduan.systems.venues.hours.queries import openings_of
from weiduan.systems.venues.hours.rules import Span
from weiduan.systems.venues.micro_venues.models import MicroVenue
from weiduan.systems.venues.micro_venues.queries import in_state, served_by
from weiduan.systems.venues.micro_venues.rules import LIVE, Form, State, form_of, state_on
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.reach.queries import walks_between


@dataclass(frozen=True)
class PlaceRow:
    """One place on a day; `serves` and `form` are of a micro-venue, `centre` the verdicts on a centre that is open."""

    facility: Facility
    state: State | None
    seat: Place | None
    serves: list[Place]
    form: Form | None
    spans: list[Span]
    rooms: int
    centre: Centre | None


def places_in(code: str, *, on: date, kind: str = "", state: str = "") -> QuerySet[Facility]:
    """Return the places of an area, centres first, that were of a kind and in a state on a day; "" is any that isn't closed."""
    held = Q(pk__in=[])
    for one in [State(state)] if state else LIVE:
        held |= Q(micro_venue__in=MicroVenue.objects.filter(in_state(one, on))) | _centres(one, on)
    here = areas_below(code, on=on).values("area_id")
    rows = Facility.objects.filter(held, area__in=here).select_related("micro_venue__premises")
    return (rows.filter(kind=kind) if kind else rows).order_by("kind", "name", "pk")


def _centres(state: State, on: date) -> Q:
    """Centres have two days only: one founded for a later day is planned until then."""
    dates = {
        State.PLANNED: Q(open_since__gt=on), State.OPEN: open_on(on), State.CLOSED: Q(open_until__lte=on),
    }  # fmt: skip
    return Q(kind=Kind.CENTRE.value) & dates.get(state, Q(pk__in=[]))


def state_of(facility: Facility, *, on: date) -> State | None:
    """Return what a place was on a day; None before it was planned."""
    if facility.kind == Kind.MICRO_VENUE:
        return _state(facility.micro_venue, on)
    if facility.open_until is not None and facility.open_until <= on:
        return State.CLOSED
    return State.OPEN if facility.open_since is not None and facility.open_since <= on else State.PLANNED


def _state(venue: MicroVenue, on: date) -> State | None:
    return state_on(
        on, planned_on=venue.planned_on, fitting_since=venue.fitting_since, opened_on=venue.opened_on,
        closed_on=venue.closed_on,
    )  # fmt: skip


def place_rows(found: Iterable[Facility], *, on: date) -> list[PlaceRow]:
    """Lay out some places as they were on a day; the number of queries doesn't grow with them."""
    facilities = list(found)
    keys = [f.pk for f in facilities]
    serving = served_by([f.micro_venue for f in facilities if f.kind == Kind.MICRO_VENUE], on=on)
    areas = names_by_area({f.area_id for f in facilities}.union(*serving.values()), on=on)
    openings = openings_of(keys, since=on, until=on + timedelta(days=1))
    rooms = Counter(Room.objects.filter(alive(on), facility__in=keys).values_list("facility_id", flat=True))
    seated = [f for f in facilities if f.kind == Kind.CENTRE and f.area_id in areas]
    centres = {c.facility.pk: c for c in centres_among(seated, {k: p.code for k, p in areas.items()}, on=on)}
    rows = []
    for facility in facilities:
        serves = serving.get(facility.micro_venue.pk, []) if facility.kind == Kind.MICRO_VENUE else []
        state = state_of(facility, on=on)
        rows.append(
            PlaceRow(
                facility, state, areas.get(facility.area_id), [areas[k] for k in serves if k in areas],
                form_of(len(serves)), openings[facility.pk].spans(on) if state is State.OPEN else [], rooms[facility.pk],
                centres.get(facility.pk) if state is State.OPEN else None,
            )
        )  # fmt: skip
    return rows


def keepers_of(code: str, *, on: date, named: bool) -> list[Held]:
    """Return who keeps rooms where a place lies: in its unit, its grid or its village.

    named  whether the names come along; the caller has checked the duty in the village
    """
    around = [p.id for p in places(code, on=on, levels=[]) if p.code in ancestors_of(code) and p.level >= Level.VILLAGE]
    with beyond_scope():  # that there is one is told to whoever looks at the place
        keeping = posts_in(code[:12], on=on).filter(role=Role.VENUE_KEEPER.value, area__in=around)
        return told(keeping, on=on, named=named)


@dataclass(frozen=True)
class RoomStanding:
    """What stands in a surveyed room on a day: the place, and what state it is in."""

    facility: Facility
    state: State


def room_states(rooms: Iterable[Premises], *, on: date) -> dict[int, RoomStanding]:
    """Return room → what stands in it on a day; a room in which nothing is planned or open is a candidate and is left out."""
    live = Q(pk__in=[])
    for state in LIVE:
        live |= in_state(state, on)
    venues = MicroVenue.objects.filter(live, premises__in=among({r.pk for r in rooms})).select_related("facility")
    states = {venue.premises_id: (venue.facility, _state(venue, on)) for venue in venues}
    return {room: RoomStanding(facility, state) for room, (facility, state) in states.items() if state is not None}


@dataclass(frozen=True)
class UnitNear:
    """A unit a micro-venue serves or could serve; `metres` on foot, None where one of them isn't on the map."""

    code: str
    key: int
    name: str
    metres: int | None
    served: bool


def units_near(village: str, *, point: tuple[float, float] | None, served: Iterable[int], on: date) -> list[UnitNear]:
    """Return the units of a village, and those served elsewhere, the nearest to a point first.

    served  keys of the units that are served now
    """
    now = set(served)
    units = {p.id: p for p in places(village, on=on, levels=[Level.UNIT]) if p.level == Level.UNIT}
    units |= names_by_area(now - set(units), on=on)  # in other villages
    walks = _walks(village, list(units.values()), point, on) if point is not None else {}
    rows = [UnitNear(p.code, key, p.name, walks.get(p.code), key in now) for key, p in units.items()]
    return sorted(rows, key=lambda row: (row.metres is None, row.metres or 0, row.code))


def _walks(village: str, units: list[Place], point: tuple[float, float], on: date) -> dict[str, int]:
    """Return code → metres on foot to a point, for the units on the map that have a way there."""
    spots = centres_of(village, on=on, level=Level.UNIT)
    spots |= {p.code: (p.lon, p.lat) for p in units if p.code not in spots and p.lon is not None and p.lat is not None}
    walks = walks_between(spots, {_HERE: point}, code=village, on=on)
    return {
        code: round(metres) for code, metres in zip(walks.units, walks.metres[:, 0], strict=True) if isfinite(metres)
    }


_HERE = UUID(int=0)  # stands for the point
