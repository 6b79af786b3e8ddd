"""A plan on the map: rooms for units today and as planned, and groups of units with their middle."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
import shapely
from scipy.spatial import KDTree
from shapely.geometry.base import BaseGeometry

from weiduan.ground.territory.queries import shapes_of
from weiduan.ground.territory.rules import Level, level_of
from weiduan.systems.venues.reach.queries import unit_points

from .venues_ground import Point, on_plane

Side = Literal["today", "plan"]
Feature = dict[str, Any]
# Above so many units names and fine lines would only blur: units are drawn as points, villages as outlines around them.
MANY = 400
SIMPLER = {Level.TOWN: 0.0003, Level.VILLAGE: 0.0001}  # degrees by which a line may move; 0.0001 is about 10 m


def venues_map(told: dict[str, Any], area: str, on: date, side: Side = "plan") -> dict[str, Any]:
    """Return a FeatureCollection: units within reach of a room or not, rooms, and a line from each unit to its room.

    told  a plan as kept by `as_told`; today's rooms are those the plan keeps
    """
    rooms = [room for room in told["rooms"] if side == "plan" or room["state"] == "kept"]
    units = [(unit["code"], unit["name"], _point(unit)) for unit in told["units"]]
    ends = _rooms_of(told, rooms, side)
    covered = [end is not None for end in ends]
    links = [_link(units[i][2], _point(rooms[end]), units[i][0]) for i, end in enumerate(ends) if end is not None]
    marks = [_mark(_point(room), room["number"], room["name"], room["state"]) for room in rooms]
    return _collection([*_ground(area, on), *_units(area, on, units, covered), *links, *marks])


def _rooms_of(told: dict[str, Any], rooms: Sequence[dict[str, Any]], side: Side) -> list[int | None]:
    """Return for each unit which of the rooms it goes to, None where none is within reach."""
    if side == "plan":
        return [unit["room"] for unit in told["units"]]
    if not rooms:
        return [None] * len(told["units"])
    about = [_point(unit) for unit in told["units"]]
    _metres, nearest = KDTree(on_plane([_point(room) for room in rooms], about)).query(on_plane(about, about))
    within = [unit["today_m"] is not None and unit["today_m"] <= told["reach_m"] for unit in told["units"]]
    return [int(room) if near else None for room, near in zip(nearest, within, strict=True)]


def bodies_map(
    plan: dict[str, Any], code: str, on: date, bodies: list[list[int]], kept: Sequence[bool] | None = None
) -> dict[str, Any]:
    """Return a FeatureCollection: units in a body or not, and a line from each to the unit in the middle of its body.

    plan    one village's, as kept; bodies: unit indices
    kept    per body whether it exists today; None: those that are a group of today just as they are
    """
    points = unit_points(code, on=on)
    units = [(unit["code"], unit["name"], points.get(unit["code"])) for unit in plan["units"]]
    inside = {unit for body in bodies for unit in body}
    today = {frozenset(group["units"]) for group in plan["today"]}
    stays = [frozenset(body) in today for body in bodies] if kept is None else kept
    features = [*_ground(code, on), *_units(code, on, units, [i in inside for i in range(len(units))])]
    for body, there in zip(bodies, stays, strict=True):
        features += _body([units[i] for i in body if units[i][2] is not None], bool(there))
    return _collection(features)


def _body(units: Sequence[tuple[str, str, Any]], there: bool) -> list[Feature]:
    if not units:
        return []
    code, name, middle = units[_middle([point for _code, _name, point in units])]
    links = [_link(point, middle, other) for other, _name, point in units if other != code]
    return [*links, _mark(middle, code, name, "kept" if there else "new")]


def _middle(points: Sequence[Point]) -> int:
    """Return which point has the least to go to all the others, the first of equally good ones."""
    at = on_plane(points, points)
    return int(np.linalg.norm(at[:, None] - at[None], axis=2).sum(axis=1).round(3).argmin())


def _ground(area: str, on: date) -> list[Feature]:
    """Return the area's own edge, and for a wide area the outlines of its towns."""
    own = level_of(area)
    levels = {own, Level.TOWN} if own <= Level.DISTRICT else {own}
    drawn = shapes_of(area, on=on, levels=levels)
    return [
        _feature(_drawn(shape, SIMPLER[Level.VILLAGE]), code=place.code, name=place.name, label=place.code != area,
                 role="edge" if place.code == area else "town")
        for place, shape in drawn
    ]  # fmt: skip


def _units(
    area: str, on: date, units: Sequence[tuple[str, str, Point | None]], covered: Sequence[bool]
) -> Iterable[Feature]:
    """Draw each unit: its outline with a dot where its point is; only the point where there is no outline, or many."""
    many = len(units) > MANY
    shapes = {} if many else {place.code: shape for place, shape in shapes_of(area, on=on, levels=[Level.UNIT])}
    for (code, name, point), inside in zip(units, covered, strict=True):
        facts = {
            "code": code,
            "name": name,
            "state": "covered" if inside else "gap",
            "count": int(not inside),
            "total": 1,
        }
        if code in shapes:
            yield _feature(_drawn(shapes[code], 0), label=point is None, **facts)
            if point is not None:
                yield _feature(_dot(point), role="spot", code=code, name=name, label=True)
        elif point is not None:
            yield _feature(_dot(point), label=not many, **facts)


def _point(told: dict[str, Any]) -> Point:
    return told["lon"], told["lat"]


def _link(start: Point, end: Point, code: str) -> Feature:
    return _feature({"type": "LineString", "coordinates": [_rounded(start), _rounded(end)]}, role="link", code=code)


def _mark(point: Point, number: str, name: str, state: str) -> Feature:
    return _feature(_dot(point), role="room", code=number, name=name, state=state)


def _dot(point: Point) -> dict[str, Any]:
    return {"type": "Point", "coordinates": _rounded(point)}


def _rounded(point: Point) -> list[float]:
    return [round(point[0], 6), round(point[1], 6)]


def _drawn(shape: BaseGeometry, tolerance: float) -> dict[str, Any]:
    simple = shape.simplify(tolerance) if tolerance else shape
    return shapely.geometry.mapping(shapely.set_precision(simple, 1e-6, mode="pointwise"))


def _feature(geometry: dict[str, Any], **properties: Any) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
