"""What residents see of the reports of an area: its parts with their counts, as a table and as a map."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import Place, children, shapes_of
from weiduan.ground.territory.rules import Level, level_of
from weiduan.systems.governance.reports.public import Counts, counts_by_area, counts_in

from .maps import SIMPLER, drawn_in


@dataclass(frozen=True)
class Part:
    """One part of an area, with what was told there."""

    place: Place
    counts: Counts


def parts_of(code: str, *, at: datetime) -> tuple[Counts, list[Part]]:
    """Return the counts of an area, and its parts one level down in which something was told: three queries."""
    found = counts_by_area(code, at=at)
    rows = [Part(place, counts_in(place.code, found)) for place in children(code, on=local_day(at))]
    return counts_in(code, found), [part for part in rows if part.counts != Counts()]


def reports_map(code: str, *, at: datetime) -> dict[str, Any]:
    """Return a FeatureCollection of the parts drawn in an area: those with a released report, and how many; no single place."""
    on, found = local_day(at), counts_by_area(code, at=at)
    drawn = drawn_in(level_of(code))
    features = []
    for place, shape in shapes_of(code[:15], on=on, levels=[drawn]):
        released = counts_in(place.code, found).released
        simple = shape.simplify(SIMPLER.get(drawn, 0))
        features.append({
            "type": "Feature", "geometry": shapely.geometry.mapping(shapely.set_precision(simple, 1e-6, mode="pointwise")),
            "properties": {
                "code": place.code, "name": place.name, "state": "covered" if released else "none", "count": released,
                "total": released, "label": bool(released) or drawn >= Level.UNIT,
            },
        })  # fmt: skip
    return {"type": "FeatureCollection", "features": features}
