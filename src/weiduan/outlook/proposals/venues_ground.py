"""What a plan for micro-venues is made from: units and rooms with their places on the map, and a digest of it all."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date

import numpy as np

from weiduan.ground.territory.queries import areas_below
from weiduan.ground.territory.rules import Level
from weiduan.systems.venues.micro_venues.queries import venues_in
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.premises.queries import premises_in
from weiduan.systems.venues.reach.queries import unit_points
from weiduan.systems.venues.reach.rules import on_plane as laid_on_plane

Point = tuple[float, float]
REACH_M = 500.0  # as the crow flies: the 650 m on foot of rule `unit-venue-walk`


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


def on_plane(points: Sequence[Point], about: Sequence[Point]) -> np.ndarray:
    """Return (n, 2) metres east and north of the middle of `about`, degrees: the plane on which dead corners are measured too."""
    if not points:
        return np.empty((0, 2))
    lon, lat = np.mean(np.array(about, dtype=float).reshape(-1, 2), axis=0)
    return laid_on_plane(points, (float(lon), float(lat)))


def digest_of(
    ground: VenueGround, *, reach_m: float, budget: int | None, keep: Sequence[str], drop: Sequence[str]
) -> str:
    """Return the SHA-256 of everything a plan depends on."""
    asked = [float(reach_m), budget, sorted(keep), sorted(drop)]
    told = [asked, [astuple(unit) for unit in ground.units], [astuple(site) for site in ground.sites]]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
