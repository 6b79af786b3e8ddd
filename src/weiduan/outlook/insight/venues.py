"""The second zero: no dead corner. Units no open place serves within the limit, why, and the shortest way out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from weiduan.ground.base.batches import among, rows_where
from weiduan.ground.territory.queries import Place, alive, places
from weiduan.ground.territory.rules import Level, level_of, prefix_of
from weiduan.systems.organisation.coverage.queries import AreaCoverage
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.micro_venues.models import MicroVenue, Serving
from weiduan.systems.venues.micro_venues.queries import in_states, venues_in
from weiduan.systems.venues.micro_venues.rules import LIVE, State, state_on
from weiduan.systems.venues.premises.queries import premises_in
from weiduan.systems.venues.reach.corners import Reached, is_within, reached_in
from weiduan.systems.venues.reach.queries import walks_between
from weiduan.systems.venues.reach.rules import Point

DISTRICT = 6  # digits: help is looked for all over the district around
PARTS = (Level.TOWN, Level.VILLAGE, Level.GRID)


@dataclass(frozen=True)
class Step:
    """The shortest way out of a dead corner.

    what    serve: an open place within the limit takes the unit on; open: a planned one opens; plan: a room within the limit
            becomes one; look: no room is known within the limit; map: put the unit, or the place that serves it, on the map
    key     of the place; number of the premises
    metres  on foot to it
    """

    what: str
    name: str = ""
    key: UUID | None = None
    number: str = ""
    metres: float | None = None


@dataclass(frozen=True)
class Corner:
    """A dead corner with its reason.

    reason  off_map: nobody said where the unit is; place_off_map: nor where the place that serves it is; too_far; planned:
            what serves it isn't open yet; closed: what served it has closed; unserved: open places are near, none serves it;
            none: no open place within the limit
    name    of the place the reason is about; metres on foot to it, inf where no street leads there
    since   planned, fitted out or closed since
    """

    unit: Reached
    reason: str
    step: Step
    name: str = ""
    metres: float | None = None
    state: State | None = None
    since: date | None = None


@dataclass(frozen=True)
class VenueReach:
    """All units of an area on a day with the way to what serves them, and its dead corners, most households first.

    along  streets were known to somebody here; otherwise ways are straight lines times the detour
    """

    code: str
    on: date
    units: list[Reached]
    corners: list[Corner]
    places: list[Place]
    along: bool

    @property
    def total(self) -> dict[str, Any]:
        """Return the figures of the area as a whole."""
        return _figures(self.code, self._name(self.code), self.units, self.corners)

    def parts(self, level: Level) -> list[dict[str, Any]]:
        """Return the figures of the areas of a level, those with most dead corners first."""
        rows = [
            _figures(place.code, place.name, _inside(self.units, place.code), _inside(self.corners, place.code))
            for place in self.places
            if place.level == level and place.code.startswith(prefix_of(self.code))
        ]
        return sorted(rows, key=lambda row: (-row["dead_corners"], row["code"]))

    def names(self) -> dict[str, str]:
        """Return code → name of the areas around the units."""
        return {place.code: place.name for place in self.places}

    def _name(self, code: str) -> str:
        return next((place.name for place in self.places if place.code == code), "")


def _inside(rows: Iterable[Any], code: str) -> list[Any]:
    prefix = prefix_of(code)
    return [row for row in rows if (row.unit if isinstance(row, Corner) else row).code.startswith(prefix)]


def _figures(code: str, name: str, units: Sequence[Reached], corners: Sequence[Corner]) -> dict[str, Any]:
    ways = [
        (unit.metres, max(unit.households, 1)) for unit in units if unit.metres is not None and np.isfinite(unit.metres)
    ]
    return {
        "code": code, "name": name, "units": len(units), "households": sum(unit.households for unit in units),
        "within": len(units) - len(corners), "dead_corners": len(corners),
        "households_without": sum(corner.unit.households for corner in corners),
        "by_reason": dict(Counter(corner.reason for corner in corners)),
        "mean_m": round(float(np.average([w for w, _h in ways], weights=[h for _w, h in ways]))) if ways else None,
    }  # fmt: skip


def corner_figures(coverage: AreaCoverage) -> dict[str, int]:
    """Count the units of an area, those with a place within reach, and dead corners, without looking for reasons.

    What `coverage`, of the same area and day, has read already isn't read again.
    """
    prefix = prefix_of(coverage.code)
    here = [place for place in coverage.places if place.level == Level.UNIT and place.code.startswith(prefix)]
    units = reached_in(coverage.code, on=coverage.on, units=here, overrides=coverage.overrides)
    within = sum(unit.is_within for unit in units)
    return {"units": len(units), "within": within, "dead_corners": len(units) - within}


def venue_reach(code: str, *, on: date) -> VenueReach:
    """Return the second zero of an area on a day; the number of queries doesn't grow with it."""
    units = reached_in(code, on=on)
    dead = [unit for unit in units if not unit.is_within]
    help_near = _help_for(dead, code, on)
    told = _Told(dead, on)
    corners = [_corner(unit, help_near, told) for unit in dead]
    corners.sort(key=lambda corner: (-corner.unit.households, corner.unit.code))
    known = places(code, on=on, levels=PARTS) if level_of(code) < Level.GRID else places(code, on=on, levels=[])
    return VenueReach(code, on, units, corners, known, help_near.along)


@dataclass(frozen=True)
class _Option:
    """Something that could serve a unit, and how far along it is."""

    what: str
    name: str
    point: Point
    key: UUID | None = None
    number: str = ""


@dataclass(frozen=True)
class _Help:
    """Metres on foot from dead corners (rows, by code) to what could serve them (columns)."""

    options: list[_Option]
    metres: dict[str, np.ndarray]
    along: bool

    def nearest(self, unit: Reached, what: str) -> tuple[_Option, float] | None:
        """Return the nearest option of a kind within the limit."""
        row = self.metres.get(unit.code)
        ways = [(float(row[n]), n) for n, o in enumerate(self.options) if o.what == what] if row is not None else []
        metres, n = min(ways, default=(np.inf, -1))
        return (self.options[n], metres) if is_within(metres, unit.limit_m) else None


def _help_for(dead: Sequence[Reached], code: str, on: date) -> _Help:
    options = _options(prefix_of(code)[:DISTRICT].ljust(12, "0"), on)
    points = {unit.code: unit.point for unit in dead if unit.point is not None}
    spots = {UUID(int=n): option.point for n, option in enumerate(options)}
    walks = walks_between(points, spots, code=code, on=on)
    return _Help(options, dict(zip(walks.units, walks.metres, strict=True)), walks.along)


def _options(around: str, on: date) -> list[_Option]:
    found, held = [], set()
    for venue in venues_in(around, on=on, states=LIVE):
        held.add(venue.premises_id)
        place: Facility = venue.facility
        if place.lon is not None and place.lat is not None:
            what = "serve" if state_of(venue, on) is State.OPEN else "open"
            found.append(_Option(what, place.name, (place.lon, place.lat), key=place.pk))
    for room in premises_in(around, on=on):
        if room.pk not in held and room.consent != "no" and room.lon is not None and room.lat is not None:
            found.append(_Option("plan", room.name, (room.lon, room.lat), number=room.number))
    return found


def state_of(venue: MicroVenue, on: date) -> State | None:
    """Return what a micro-venue was on a day."""
    return state_on(
        on, planned_on=venue.planned_on, fitting_since=venue.fitting_since, opened_on=venue.opened_on,
        closed_on=venue.closed_on,
    )  # fmt: skip


class _Told:
    """What is known of places that serve, shall serve or served dead corners: three queries."""

    def __init__(self, dead: Sequence[Reached], on: date) -> None:
        keys = [unit.key for unit in dead]
        far = {unit.place for unit in dead if unit.place} | {key for unit in dead for key in unit.served}
        self.names: Mapping[UUID, str] = {
            place.pk: place.name for place in rows_where(Facility.objects.all(), "pk", far)
        }
        coming = Serving.objects.filter(
            alive(on), area__in=among(keys),
            venue__in=MicroVenue.objects.filter(in_states((State.PLANNED, State.FITTING_OUT), on)),
        ).select_related("venue__facility")  # fmt: skip
        self.coming = {one.area_id: one.venue for one in coming.order_by("-venue__fitting_since", "-venue__pk")}
        gone = Serving.objects.filter(area__in=among(keys), venue__closed_on__lte=on, venue__opened_on__isnull=False)
        self.gone = {
            one.area_id: one.venue for one in gone.select_related("venue__facility").order_by("venue__closed_on")
        }
        self.on = on


def _corner(unit: Reached, near: _Help, told: _Told) -> Corner:
    step = _step(unit, near)
    if unit.point is None:
        return Corner(unit, "off_map", Step("map", unit.name))
    if unit.place is not None:
        return Corner(unit, "too_far", step, name=told.names[unit.place], metres=unit.metres)
    if unit.served:
        key = min(unit.served)
        return Corner(unit, "place_off_map", Step("map", told.names[key], key=key), name=told.names[key])
    if unit.key in told.coming:
        venue = told.coming[unit.key]
        state = state_of(venue, told.on)
        since = venue.planned_on if state is State.PLANNED else venue.fitting_since
        return Corner(unit, "planned", step, name=venue.name, state=state, since=since)
    if unit.key in told.gone:
        venue = told.gone[unit.key]
        return Corner(unit, "closed", step, name=venue.name, state=State.CLOSED, since=venue.closed_on)
    if step.what == "serve":
        return Corner(unit, "unserved", step, name=step.name, metres=step.metres)
    return Corner(unit, "none", step)


def _step(unit: Reached, near: _Help) -> Step:
    for what in ("serve", "open", "plan"):
        found = near.nearest(unit, what)
        if found is not None:
            option, metres = found
            return Step(what, option.name, option.key, option.number, metres)
    return Step("look")
