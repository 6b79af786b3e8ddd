"""What a plan for micro-venues is made from: units and rooms with their places on the map, and a digest of it all."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date

import numpy as np

from weiduan.ground.territory.queries import areas_below, shapes_of
from weiduan.ground.territory.rules import Level
from weiduan.planning.neighbours import METRES_A_DEGREE
from weiduan.systems.venues.micro_venues.queries import served_by, venues_in
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.premises.queries import premises_in

Point = tuple[float, float]
REACH_M = 500.0  # as the crow flies; on foot that is about 650
MILLIMETRE = 1e-3


@dataclass(frozen=True)
class Unit:
    """A unit and its point, degrees."""

    code: str
    name: str
    households: int
    point: Point


@dataclass(frozen=True)
class Site:
    """A room and its point, degrees; `held` says that a micro-venue is planned, fitted out or open in it."""

    number: str
    name: str
    village: str
    origin: str
    area_m2: float
    consent: str
    held: bool
    point: Point


@dataclass(frozen=True)
class VenueGround:
    """Units and rooms that have a place on the map, in order of code and number.

    off_map  how many units, and which numbers of rooms, have none
    """

    units: tuple[Unit, ...]
    sites: tuple[Site, ...]
    units_off_map: int
    sites_off_map: tuple[str, ...]


def venue_ground(area: str, *, on: date) -> VenueGround:
    """Read the units and rooms of an area on a day."""
    points = unit_points(area, on=on)
    rows = areas_below(area, on=on).filter(level=Level.UNIT).order_by("code").values_list("code", "name", "households")
    units = tuple(Unit(code, name, households or 0, points[code]) for code, name, households in rows if code in points)
    rooms, held = _rooms(area, on)
    codes = dict(areas_below(area, on=on).values_list("area_id", "code"))
    sites = tuple(
        Site(r.number, r.name, codes[r.area_id][:12], r.origin, r.area_m2, r.consent, r.pk in held, (r.lon, r.lat))
        for r in rooms
        if r.lon is not None and r.lat is not None
    )
    off = tuple(r.number for r in rooms if r.lon is None or r.lat is None)
    return VenueGround(units, sites, len(rows) - len(units), off)


def _rooms(area: str, on: date) -> tuple[list[Premises], set[int]]:
    """Return all rooms of an area, and the keys of those in which a micro-venue is; one that is held needs no survey."""
    live = {venue.premises_id: venue.premises for venue in venues_in(area, on=on)}
    known = {room.pk: room for room in premises_in(area, on=on)} | live
    return sorted(known.values(), key=lambda room: room.number), set(live)


def unit_points(area: str, *, on: date) -> dict[str, Point]:
    """Return code → (lon, lat) of units: the point given, else one that surely lies in the outline."""
    rows = areas_below(area, on=on).filter(level=Level.UNIT).values_list("code", "lon", "lat")
    given = {code: (lon, lat) for code, lon, lat in rows if lon is not None and lat is not None}
    if len(given) == len(rows):
        return given
    drawn = {place.code: shape for place, shape in shapes_of(area, on=on, levels=[Level.UNIT])}
    inside = {code: shape.representative_point() for code, shape in drawn.items() if code not in given}
    return given | {code: (point.x, point.y) for code, point in inside.items()}


def on_plane(points: Sequence[Point], about: Sequence[Point]) -> np.ndarray:
    """Return (n, 2) metres east and north of the middle of `about`, degrees; right to a few per mille in a district.

    About the units of an area the same two points are always equally far apart, whatever else is measured with them.
    """
    if not points:
        return np.empty((0, 2))
    lon, lat = np.mean(np.array(about, dtype=float).reshape(-1, 2), axis=0)
    degrees = np.array(points, dtype=float).reshape(-1, 2) - (lon, lat)
    return degrees * (METRES_A_DEGREE * np.cos(np.radians(lat)), METRES_A_DEGREE)


def digest_of(
    ground: VenueGround, *, reach_m: float, budget: int | None, keep: Sequence[str], drop: Sequence[str]
) -> str:
    """Return the SHA-256 of everything a plan depends on."""
    asked = [float(reach_m), budget, sorted(keep), sorted(drop)]
    told = [asked, [astuple(unit) for unit in ground.units], [astuple(site) for site in ground.sites]]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def dead_corners(area: str, *, on: date, reach_m: float = REACH_M) -> list[str]:
    """Return the codes of the units on the map that no micro-venue, planned to open, serves within reach on a day."""
    points = unit_points(area, on=on)
    rows = areas_below(area, on=on).filter(level=Level.UNIT).values_list("area_id", "code")
    units = {key: code for key, code in rows if code in points}
    venues = venues_in(area, on=on)
    spots = {
        v.pk: (v.premises.lon, v.premises.lat)
        for v in venues
        if v.premises.lon is not None and v.premises.lat is not None
    }
    pairs = [
        (units[key], spots[venue])
        for venue, served in served_by(venues, on=on).items()
        for key in served
        if key in units and venue in spots
    ]
    about = list(points.values())
    metres = np.linalg.norm(
        on_plane([points[code] for code, _spot in pairs], about) - on_plane([spot for _code, spot in pairs], about),
        axis=1,
    )
    near = {code for (code, _spot), way in zip(pairs, metres, strict=True) if way <= reach_m + MILLIMETRE}
    return sorted(set(units.values()) - near)
