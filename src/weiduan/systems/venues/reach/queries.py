"""Who walks how far: units, and the places open to them on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import shapely

from weiduan.ground.territory.queries import PLACE_FIELDS, Place, alive, areas_below, shapes_of
from weiduan.ground.territory.rules import Level, prefix_of

from .models import Street, StreetNetwork
from .rules import Point, Streets, straight_walks, streets_of


@dataclass(frozen=True)
class Walks:
    """Metres on foot from units to places; inf: no street leads there.

    units   codes, one a row
    places  keys of facilities, one a column
    metres  (units, places)
    along   whether streets were known
    """

    units: tuple[str, ...]
    places: tuple[UUID, ...]
    metres: np.ndarray
    along: bool

    def between(self, unit: str, place: UUID) -> float | None:
        """Return how far it is, None where one of them has no place on the map."""
        if unit not in self.units or place not in self.places:
            return None
        return float(self.metres[self.units.index(unit), self.places.index(place)])


def walks_between(
    units: Mapping[str, Point], facilities: Mapping[UUID, Point], *, code: str, on: date
) -> Walks:  # fmt: skip
    """Return how far it is on foot from units to places of an area, along streets where they were loaded.

    Each unit walks along the streets of the smallest area around it, so a village says of itself what its district says of it.
    """
    networks = _networks(code, on)
    starts: dict[str | None, list[int]] = {}
    for row, unit in enumerate(units):
        inside = unit.startswith(prefix_of(code))
        starts.setdefault(_smallest(unit if inside else prefix_of(code), networks), []).append(row)
    points, ends = list(units.values()), list(facilities.values())
    metres = np.zeros((len(points), len(ends)))
    for prefix, rows in starts.items():
        streets = None if prefix is None else streets_of(_lines(networks[prefix]))
        some = [points[row] for row in rows]
        metres[rows] = straight_walks(some, ends) if streets is None else streets.walks(some, ends)
    return Walks(tuple(units), tuple(facilities), metres, any(prefix is not None for prefix in starts))


def streets_around(code: str, *, on: date) -> Streets | None:
    """Return the streets loaded for the smallest area around (or equal to) this one on a day, None where there are none."""
    networks = _networks(code, on)
    smallest = _smallest(prefix_of(code), networks)
    return None if smallest is None else streets_of(_lines(networks[smallest]))


def _networks(code: str, on: date) -> dict[str, int]:
    """Return the significant digits of areas around and within this one that have streets → key of the network."""
    rows = StreetNetwork.objects.filter(alive(on), alive(on, "area__versions__"))
    found = {prefix_of(area): key for key, area in rows.values_list("pk", "area__versions__code")}
    here = prefix_of(code)
    return {prefix: key for prefix, key in found.items() if prefix.startswith(here) or here.startswith(prefix)}


def _smallest(digits: str, prefixes: Iterable[str]) -> str | None:
    return max((prefix for prefix in prefixes if digits.startswith(prefix)), key=len, default=None)


def _lines(network: int) -> list[list[Point]]:
    shapes = Street.objects.filter(network=network).order_by("pk").values_list("shape", flat=True)
    return [list(line.coords) for line in shapely.from_wkb([bytes(shape) for shape in shapes])]


def units_of(code: str, *, on: date) -> list[Place]:
    """Return the units of an area on a day, in order of code."""
    rows = areas_below(code, on=on).filter(level=Level.UNIT).order_by("code")
    return [Place(*row) for row in rows.values_list(*PLACE_FIELDS)]


def unit_points(code: str, *, on: date, units: Sequence[Place] | None = None) -> dict[str, Point]:
    """Return code → (lon, lat) of the units of an area: the point given, else one that surely lies in the outline.

    units  those of the area, where they have been read already
    """
    known = units_of(code, on=on) if units is None else units
    given = {one.code: (one.lon, one.lat) for one in known if one.lon is not None and one.lat is not None}
    if len(given) == len(known):
        return given
    drawn = {place.code: shape for place, shape in shapes_of(code, on=on, levels=[Level.UNIT])}
    inside = {unit: shape.representative_point() for unit, shape in drawn.items() if unit not in given}
    return given | {unit: (point.x, point.y) for unit, point in inside.items()}
