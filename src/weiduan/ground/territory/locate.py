"""Which unit a point lies in: exactly, and from memory.

The columns of the bounding box lead to the district, a tree of the district's polygons to
the unit. Only a few districts are held at a time, and none is read again until somebody
changes an area: every such change is an entry of the ledger.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any

import numpy as np
import shapely
from django.db.models import Max, Min
from django.db.models.functions import Substr
from shapely import GeometryType, Point, STRtree

from weiduan.ground.ledger.queries import state_of_ground

from .models import AreaVersion
from .queries import alive, areas_below
from .rules import Level

KEPT = 8  # districts held in memory by one process; one of 5,000 units takes some 10 MB
# Surveyed units may reach over the published outline of their district; so far, in degrees (5 km), they are found.
BEYOND = 0.05
DISTRICT = 6  # digits of a code that name the district

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Ground:
    """The drawn units of a district, in order of code."""

    codes: Any  # (units + 1,), the last of them None: nowhere
    shapes: Any  # (units,) polygons
    tree: STRtree

    def units_of(self, points: np.ndarray) -> np.ndarray:
        """Return for each of the points (n, 2) the place of its unit in `codes`, the last place where it has none.

        A point on a common boundary touches several units and belongs to the first.
        """
        geometries = shapely.points(points)
        if len(points) > len(self.shapes):  # of many points each polygon finds its own faster
            units, which = STRtree(geometries).query(self.shapes, predicate="intersects")
        else:
            which, units = self.tree.query(geometries, predicate="intersects")
        first = np.full(len(points), len(self.shapes))
        np.minimum.at(first, which, units)
        return first


@dataclass
class _Held:
    """What one process knows of the ground as of one state of it."""

    stamp: str = ""
    boxes: dict[date, dict[str, Box]] = field(default_factory=dict)
    grounds: OrderedDict[tuple[str, date], _Ground] = field(default_factory=OrderedDict)


_held = _Held()
_looking = Lock()  # guards _held, for a moment
_building = Lock()  # so that of many who need the same district one builds it


def unit_at(lon: float, lat: float, *, on: date) -> str | None:
    """Return the code of the unit at a point (WGS 84 degrees), None where none is drawn.

    A point on a common boundary belongs to the unit with the smallest code, a hole to none.
    """
    stamp = state_of_ground()
    for district, (west, south, east, north) in _boxes(stamp, on).items():
        if west <= lon <= east and south <= lat <= north:  # what is no number is in no box
            ground = _ground(stamp, district, on)
            units = ground.tree.query(Point(lon, lat), predicate="intersects")
            if len(units):
                return ground.codes[units.min()]
    return None


def units_at(points: np.ndarray, *, on: date) -> list[str | None]:
    """Return for each point the code of its unit on a day, None where none is drawn.

    points  (n, 2), longitude and latitude in WGS 84 degrees; one that is no number lies nowhere
    """
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    found: Any = np.full(len(points), None, dtype=object)
    stamp = state_of_ground()
    for district, box in _boxes(stamp, on).items():
        here = np.flatnonzero(_inside(points, box) & (found == None))  # noqa: E711
        if not len(here):
            continue
        ground = _ground(stamp, district, on)
        found[here] = ground.codes[ground.units_of(points[here])]
    return found.tolist()


def _inside(points: np.ndarray, box: Box) -> np.ndarray:
    """Tell which points lie in a box, its edges with it; what is no number lies in none."""
    low, high = np.array(box[:2]), np.array(box[2:])
    return np.all((points >= low) & (points <= high), axis=1)


def _boxes(stamp: str, on: date) -> dict[str, Box]:
    """Return the boxes of all districts on a day, in order of code."""
    with _looking:
        known = _held.boxes.get(on) if _held.stamp == stamp else None
    if known is None:
        known = _read_boxes(on)
        with _looking:
            _forget_unless(stamp)
            if len(_held.boxes) >= KEPT:
                _held.boxes.clear()
            _held.boxes[on] = known
    return known


def _read_boxes(on: date) -> dict[str, Box]:
    """Read the boxes of the districts; of one that isn't drawn, the box around its units.

    Towns are asked too, for a few cities have no district between themselves and their towns.
    """
    box = ("min_lon", "min_lat", "max_lon", "max_lat")
    rows = AreaVersion.objects.filter(alive(on), level__in=[Level.DISTRICT, Level.TOWN])
    boxes: dict[str, Box | None] = {}
    for code, level, *corners in rows.values_list("code", "level", *box):
        boxes.setdefault(code[:DISTRICT], None)
        if level == Level.DISTRICT and None not in corners:
            west, south, east, north = corners
            boxes[code[:DISTRICT]] = (west - BEYOND, south - BEYOND, east + BEYOND, north + BEYOND)
    if None in boxes.values():
        around = _boxes_around_units(on)
        boxes = {district: known or around.get(district) for district, known in boxes.items()}
    return {district: known for district, known in sorted(boxes.items()) if known}


def _boxes_around_units(on: date) -> dict[str, Box]:
    """Return the box around the drawn units of each district."""
    units = AreaVersion.objects.filter(alive(on), level=Level.UNIT, min_lon__isnull=False)
    rows = units.values_list(Substr("code", 1, DISTRICT)).annotate(
        west=Min("min_lon"), south=Min("min_lat"), east=Max("max_lon"), north=Max("max_lat")
    )
    return {district: (west, south, east, north) for district, west, south, east, north in rows.order_by()}


def _ground(stamp: str, district: str, on: date) -> _Ground:
    """Return a district's units, read anew only if an area was changed since."""
    held = _take(stamp, (district, on))
    if held is None:
        with _building:
            held = _take(stamp, (district, on)) or _read_ground(district, on)
        with _looking:
            _forget_unless(stamp)
            _held.grounds[(district, on)] = held
            while len(_held.grounds) > KEPT:
                _held.grounds.popitem(last=False)
    return held


def _take(stamp: str, key: tuple[str, date]) -> _Ground | None:
    """Return what is held, moving it to the end of those that are forgotten first."""
    with _looking:
        if _held.stamp != stamp or key not in _held.grounds:
            return None
        _held.grounds.move_to_end(key)
        return _held.grounds[key]


def _forget_unless(stamp: str) -> None:
    """Drop everything that was read in another state of the ground."""
    if _held.stamp != stamp:
        _held.stamp = stamp
        _held.boxes.clear()
        _held.grounds.clear()


def _read_ground(district: str, on: date) -> _Ground:
    rows = areas_below(district.ljust(12, "0"), on=on).filter(level=Level.UNIT, shape__isnull=False)
    drawn = list(rows.order_by("code").values_list("code", "shape"))
    kept: Any = [bytes(shape or b"") for _code, shape in drawn]
    shapes = shapely.from_wkb(np.array(kept, dtype=object))
    areas = np.isin(shapely.get_type_id(shapes), (GeometryType.POLYGON, GeometryType.MULTIPOLYGON))
    codes = [code for (code, _shape), is_area in zip(drawn, areas, strict=True) if is_area]
    return _Ground(np.array([*codes, None], dtype=object), shapes[areas], STRtree(shapes[areas]))
