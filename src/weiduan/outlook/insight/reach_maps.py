"""How far open micro-venues reach: households within bands of the way on foot, and the map of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from weiduan.ground.territory.queries import areas_below, names_by_code, shapes_of
from weiduan.ground.territory.rules import Level, level_of, prefix_of
from weiduan.systems.venues.micro_venues.models import MicroVenue
from weiduan.systems.venues.micro_venues.queries import served_by, venues_in
from weiduan.systems.venues.micro_venues.rules import LIVE, State
from weiduan.systems.venues.reach.queries import unit_points, walks_between
from weiduan.systems.venues.reach.rules import DETOUR, Point, from_plane, on_plane

from .maps import SIMPLER, drawn_in
from .venues import DISTRICT, VenueReach, state_of

BANDS_M = (250, 500, 750)  # straight; on foot DETOUR times as far
RINGS_UP_TO = Level.TOWN  # in a whole district rings would only blur
Feature = dict[str, Any]


@dataclass(frozen=True)
class Band:
    """An open micro-venue and its village, how many units it serves, and how many households live within each of BANDS_M."""

    key: UUID
    name: str
    village: str
    serves: int
    households: tuple[int, ...] | None  # None: it isn't on the map


def bands_in(code: str, *, on: date) -> list[Band]:
    """Return the open micro-venues of an area by name; households of other areas of the district count too."""
    venues = list(venues_in(code, on=on, states=(State.OPEN,)))
    served = served_by(venues, on=on)
    around = prefix_of(code)[:DISTRICT].ljust(12, "0")
    points = unit_points(around, on=on) if venues else {}
    spots = {venue.facility_id: point for venue in venues if (point := _point(venue)) is not None}
    walks = walks_between(points, spots, code=around, on=on)
    homes = (
        dict(areas_below(around, on=on).filter(level=Level.UNIT).values_list("code", "households")) if venues else {}
    )
    living = np.array([homes.get(unit) or 0 for unit in walks.units], dtype=int)
    within = {
        place: tuple(int(living[walks.metres[:, n] <= DETOUR * band].sum()) for band in BANDS_M)
        for n, place in enumerate(walks.places)
    }
    villages = _villages(venues, code, on)
    rows = [
        Band(
            v.facility_id,
            v.name,
            villages.get(v.premises.area_id, ""),
            len(served.get(v.pk, ())),
            within.get(v.facility_id),
        )
        for v in venues
    ]
    return sorted(rows, key=lambda row: (row.name, str(row.key)))


def _villages(venues: Sequence[MicroVenue], code: str, on: date) -> dict[int, str]:
    """Return key of the area a micro-venue lies in → name of its village."""
    seats = areas_below(code, on=on).filter(area__in=[venue.premises.area_id for venue in venues])
    codes = dict(seats.values_list("area_id", "code"))
    names = names_by_code({seat[:12] for seat in codes.values()}, on=on)
    return {key: names.get(seat[:12], "") for key, seat in codes.items()}


def reach_map(reach: VenueReach) -> dict[str, Any]:
    """Return a FeatureCollection: parts of the area with their dead corners, micro-venues, and rings around those open."""
    code, on = reach.code, reach.on
    venues = [(venue, point) for venue in venues_in(code, on=on, states=LIVE) if (point := _point(venue)) is not None]
    is_open = [state_of(venue, on) is State.OPEN for venue, _point in venues]
    opened = [point for (_venue, point), now in zip(venues, is_open, strict=True) if now]
    marks = [
        _feature(
            {"type": "Point", "coordinates": list(point)}, role="room", name=venue.name, label=False,
            code=str(venue.facility_id), state="kept" if now else "new",
        )
        for (venue, point), now in zip(venues, is_open, strict=True)
    ]  # fmt: skip
    rings = _rings(opened) if level_of(code) >= RINGS_UP_TO else []
    return {"type": "FeatureCollection", "features": [*_parts(reach), *rings, *marks]}


def _point(venue: MicroVenue) -> Point | None:
    place = venue.facility
    return (place.lon, place.lat) if place.lon is not None and place.lat is not None else None


def _parts(reach: VenueReach) -> list[Feature]:
    own = level_of(reach.code)
    drawn = drawn_in(own)
    shapes = shapes_of(reach.code, on=reach.on, levels={own, drawn})
    dead = {corner.unit.code for corner in reach.corners}
    if drawn >= Level.UNIT:
        figures = {unit.code: (int(unit.code in dead), 1) for unit in reach.units}
    else:
        figures = {row["code"]: (row["dead_corners"], row["units"]) for row in reach.parts(drawn)}
    parts = [
        _feature(
            shapely.geometry.mapping(_simple(shape, SIMPLER.get(drawn, 0))), code=place.code, name=place.name,
            state="none" if not figures[place.code][1] else "gap" if figures[place.code][0] else "covered",
            count=figures[place.code][0], total=figures[place.code][1], label=drawn >= Level.UNIT,
        )
        for place, shape in shapes
        if place.level == drawn and place.code in figures
    ]  # fmt: skip
    edges = [
        _feature(shapely.geometry.mapping(_simple(shape, SIMPLER[Level.VILLAGE])), code=place.code, name=place.name, role="edge")
        for place, shape in shapes
        if place.code == reach.code
    ]  # fmt: skip
    return [*parts, *edges]


def _rings(points: Sequence[Point]) -> list[Feature]:
    """Draw for each band the line around all that lies within it of some place, as the crow flies."""
    if not points:
        return []
    lon, lat = np.mean(np.array(points), axis=0)
    about = (float(lon), float(lat))
    dots = shapely.points(on_plane(points, about))
    rings = []
    for number, band in enumerate(BANDS_M, start=1):
        around = shapely.union_all(shapely.buffer(dots, band, quad_segs=12))
        line = shapely.transform(around.boundary, lambda flat: from_plane(flat, about))
        rings.append(_feature(shapely.geometry.mapping(_simple(line, 0)), role="ring", band=number, label=False))
    return rings


def _simple(shape: BaseGeometry, tolerance: float) -> BaseGeometry:
    simple = shape.simplify(tolerance) if tolerance else shape
    return shapely.set_precision(simple, 1e-6, mode="pointwise")


def _feature(geometry: dict[str, Any], **properties: Any) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
