"""The map of an area: its parts as GeoJSON, coloured by whether all their units are covered."""

from collections import Counter
from datetime import date
from typing import Any

import shapely

from weiduan.ground.territory.queries import shapes_of
from weiduan.ground.territory.rules import Level, level_of
from weiduan.systems.organisation.coverage.queries import AreaCoverage

# One level is drawn at a time; towns are too large to say where a gap is, so a district shows villages.
DRAWN = {Level.CITY: Level.DISTRICT, Level.DISTRICT: Level.VILLAGE, Level.TOWN: Level.VILLAGE, Level.VILLAGE: Level.UNIT,
         Level.GRID: Level.UNIT, Level.UNIT: Level.UNIT, Level.BUILDING: Level.UNIT}  # fmt: skip
# Degrees by which a line may move; about 10 m where villages are drawn.
SIMPLER = {Level.VILLAGE: 0.0001}


def map_of(code: str, coverage: AreaCoverage, *, on: date) -> dict[str, Any]:
    """Return a FeatureCollection: parts with state and counts, town outlines with labels, the area's own edge.

    For a unit the map shows its grid, so `coverage` is the grid's.
    """
    own = level_of(code)
    drawn, around = drawn_in(own), code[:15]
    shapes = shapes_of(around, on=on, levels={own, drawn, Level.TOWN if own == Level.DISTRICT else drawn})
    figures = coverage.figures(drawn) if drawn < Level.UNIT else {u.code: _unit(u) for u in coverage.units}
    features = [
        _part(place, shape, figures[place.code], SIMPLER.get(drawn, 0))
        for place, shape in shapes
        if place.level == drawn and place.code in figures
    ]
    features += [
        _outline(place, shape, "town") for place, shape in shapes if place.level == Level.TOWN and own == Level.DISTRICT
    ]
    features += [_outline(place, shape, "edge") for place, shape in shapes if place.code == code]
    return {"type": "FeatureCollection", "features": features}


def drawn_in(level: Level) -> Level:
    """Return the level of the parts drawn on the map of an area of this level."""
    return DRAWN.get(level, Level.DISTRICT)


def states_drawn(coverage: AreaCoverage) -> dict[str, Any]:
    """Count the parts the map of `coverage` draws by their state: covered, gap, none; `what` they are."""
    drawn = drawn_in(level_of(coverage.code))
    figures = coverage.figures(drawn).values() if drawn < Level.UNIT else [_unit(u) for u in coverage.units]
    counts = Counter(_state(each) for each in figures)
    return {"what": drawn.name.lower(), **{state: counts[state] for state in ("covered", "gap", "none")}}


def _state(figures: dict[str, Any]) -> str:
    return "gap" if figures["blind_spots"] else "covered" if figures["units"] else "none"


def _unit(unit: Any) -> dict[str, Any]:
    return {"name": unit.name, "units": 1, "blind_spots": int(bool(unit.reason))}


def _part(place: Any, shape: Any, figures: dict[str, Any], tolerance: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": _drawn(shape, tolerance),
        "properties": {
            "code": place.code, "name": place.name, "state": _state(figures), "count": figures["blind_spots"],
            "total": figures["units"], "label": place.level >= Level.UNIT,
        },
    }  # fmt: skip


def _outline(place: Any, shape: Any, role: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": _drawn(shape, SIMPLER[Level.VILLAGE]),
        "properties": {"code": place.code, "name": place.name, "role": role, "label": role == "town"},
    }


def _drawn(shape: Any, tolerance: float) -> dict[str, Any]:
    simple = shape.simplify(tolerance) if tolerance else shape
    return shapely.geometry.mapping(shapely.set_precision(simple, 1e-6, mode="pointwise"))


def plain_map(code: str, *, on: date) -> dict[str, Any]:
    """Return a unit's outline within its grid, for residents: nothing of what is covered."""
    shapes = shapes_of(code[:15], on=on, levels=[Level.GRID, Level.UNIT])
    features = [
        {
            "type": "Feature",
            "geometry": _drawn(shape, 0),
            "properties": {"code": place.code, "name": place.name, "state": "covered" if place.code == code[:18] else "none",
                           "label": True},
        }
        for place, shape in shapes
        if place.level == Level.UNIT
    ]  # fmt: skip
    features += [_outline(place, shape, "edge") for place, shape in shapes if place.level == Level.GRID]
    return {"type": "FeatureCollection", "features": features}


def place_map(name: str, point: tuple[float, float] | None, code: str, *, on: date) -> dict[str, Any]:
    """Return where a place is among the units of its grid, or of its village: nothing of what is covered.

    point  longitude and latitude, None where nobody said
    """
    shapes = shapes_of(code[:15], on=on, levels=[Level.UNIT])
    features = [
        {
            "type": "Feature",
            "geometry": _drawn(shape, 0),
            "properties": {"code": place.code, "name": place.name, "state": "none", "label": True},
        }
        for place, shape in shapes
    ]
    if point is not None:
        here = {"type": "Point", "coordinates": list(point)}
        marked = {"role": "room", "name": name, "state": "kept", "label": True}
        features.append({"type": "Feature", "geometry": here, "properties": marked})
    return {"type": "FeatureCollection", "features": features}
