"""Who walks how far: units, and the places open to them on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import shapely

from weiduan.ground.territory.queries import alive, places
from weiduan.ground.territory.rules import prefix_of

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
    """Return how far it is on foot from units to places of an area, along its streets if they were loaded."""
    streets = streets_around(code, on=on)
    starts, ends = list(units.values()), list(facilities.values())
    metres = straight_walks(starts, ends) if streets is None else streets.walks(starts, ends)
    return Walks(tuple(units), tuple(facilities), metres, streets is not None)


def streets_around(code: str, *, on: date) -> Streets | None:
    """Return the streets loaded for the smallest area around (or equal to) this one on a day, None where there are none."""
    above = {p.code: p.id for p in places(code, on=on, levels=[])}
    networks = {n.area_id: n for n in StreetNetwork.objects.filter(alive(on), area__in=above.values())}
    for area in sorted(above, key=lambda c: len(prefix_of(c)), reverse=True):
        if above[area] in networks:
            return streets_of(_lines(networks[above[area]]))
    return None


def _lines(network: StreetNetwork) -> list[list[Point]]:
    shapes = Street.objects.filter(network=network).order_by("pk").values_list("shape", flat=True)
    return [list(line.coords) for line in shapely.from_wkb([bytes(shape) for shape in shapes])]
