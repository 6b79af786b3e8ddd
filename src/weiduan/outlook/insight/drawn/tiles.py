"""Vector tiles of a layer: villages from afar and where units are crowded, units near by, cut out of ground that is held drawn.

A tile is a square of the Web Mercator map: z halvings, x from the west, y from the north (OpenGIS WMTS, Mapbox Vector Tile 2.1).
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from threading import Lock
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from shapely import STRtree

from weiduan.ground.accounts.rules import covers, prefix_of
from weiduan.ground.ledger.queries import state_of_ground
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, areas_below, below
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.drawn.layers import Layer, stamp_of, values_of

NEAREST = 16  # halvings; nearer by, the browser enlarges these: a step of the grid is 0.1 m there
UNITS_FROM = 14  # units are drawn from here on, villages farther away; of a single village always its units
MOST_UNITS = 1_000  # in one tile; where more are crowded together, villages stand for them until one looks nearer
EXTENT, BEYOND = 4096, 64  # steps across a tile; so many more are drawn around it, so that no edge shows
KEPT_GROUNDS, KEPT_CUTS = 8, 512
DISTRICT_DIGITS, VILLAGE_DIGITS = 6, 12
POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
OUTWARDS = np.array(
    [False, False, True, True]
)  # west and south lie outside where they are less, east and north where they aren't
LIMIT = 85.0511  # degrees; the map ends there

Cut = tuple[list[int], list[Any]]


@dataclass(frozen=True)
class _Ground:
    """The drawn areas of one level in a district: shapes on a map that is one unit wide and high, north above; and what was cut."""

    codes: list[str]
    names: list[str]
    shapes: Any
    boxes: Any
    tree: STRtree
    cuts: OrderedDict[tuple[int, int, int], Cut] = field(default_factory=OrderedDict)


_Part = tuple[str, _Ground, Cut]


@dataclass
class _Held:
    stamp: str = ""
    grounds: OrderedDict[tuple[str, Level, date], _Ground] = field(default_factory=OrderedDict)


_held = _Held()
_lock = Lock()


def tile_of(
    layer: Layer, z: int, x: int, y: int, *, area: str, category: str = "", on: date, at: datetime, stamp: str = ""
) -> bytes:
    """Return one tile of a layer within an area, encoded; empty where nothing of it lies there.

    Features hold code, name, n, of and state, see `layers.Cell`.

    :raises ValueError: there is no such tile
    """
    if not (0 <= z <= NEAREST and 0 <= x < 2**z and 0 <= y < 2**z):
        raise ValueError((z, x, y))
    stamp = stamp or stamp_of(on=on, at=at)
    level, parts = _parts(_districts(area, z, x, y, on), area, on, (z, x, y))
    features = []
    for district, ground, (places, shapes) in parts:
        values = values_of(district, layer, category=category, on=on, at=at, stamp=stamp) if places else None
        cells = {} if values is None else values.units if level is Level.UNIT else values.villages
        for place, shape in zip(places, shapes, strict=True):
            code = ground.codes[place]
            cell = cells.get(code)
            if cell is not None and covers(area, code):
                facts = {
                    "code": code,
                    "name": ground.names[place],
                    "n": cell.n,
                    "of": cell.of,
                    "state": cell.state(layer),
                }
                features.append({"geometry": shape, "properties": facts})
    if not features:
        return b""
    options = {"extents": EXTENT, "y_coord_down": True, "check_winding_order": False}  # turned once, when cut
    drawn = {"name": "units" if level is Level.UNIT else "villages", "features": features}
    encoded: bytes = mapbox_vector_tile.encode([drawn], default_options=options)
    return encoded


def etag_of(layer: Layer, z: int, x: int, y: int, *, area: str, category: str, stamp: str) -> str:
    """Return what changes whenever a tile may have: what is drawn and what is said of it."""
    told = "|".join(map(str, (layer, z, x, y, area, category, stamp, state_of_ground())))
    return f'"{sha256(told.encode()).hexdigest()[:32]}"'


def box_of(area: str, *, on: date) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of an area in degrees, else of what is drawn in it; None where nothing is."""
    rows = AreaVersion.objects.filter(alive(on), below(area), min_lon__isnull=False)
    own = rows.filter(code=area).values_list("min_lon", "min_lat", "max_lon", "max_lat").first()
    found = [own] if own else list(
        rows.filter(level__gte=Level.VILLAGE, level__lte=Level.UNIT).values_list("min_lon", "min_lat", "max_lon", "max_lat")
    )  # fmt: skip
    if not found:
        return None
    west, south, east, north = zip(*found, strict=True)
    return min(west), min(south), max(east), max(north)


def _parts(districts: list[str], area: str, on: date, number: tuple[int, int, int]) -> tuple[Level, list[_Part]]:
    """Return of which level a tile shows areas, and of each district its ground and what is cut out of it."""
    alone, z = len(prefix_of(area)) >= VILLAGE_DIGITS, number[0]
    if not alone and z < UNITS_FROM:
        found = _cut_of(districts, Level.VILLAGE, on, number)
        if any(ground.codes for _district, ground, _cut in found):
            return Level.VILLAGE, found
    frame = _frame(*number)
    if alone or z >= NEAREST or sum(len(_near(_ground(one, Level.UNIT, on), frame)) for one in districts) <= MOST_UNITS:
        return Level.UNIT, _cut_of(districts, Level.UNIT, on, number)
    return Level.VILLAGE, _cut_of(districts, Level.VILLAGE, on, number)


def _cut_of(districts: list[str], level: Level, on: date, number: tuple[int, int, int]) -> list[_Part]:
    grounds = [(district, _ground(district, level, on)) for district in districts]
    return [(district, ground, _cut(ground, *number)) for district, ground in grounds]


def _districts(area: str, z: int, x: int, y: int, on: date) -> list[str]:
    """Return the districts an area lies in or is made of; of many only those whose box meets the tile."""
    if len(prefix_of(area)) >= DISTRICT_DIGITS:
        return [area[:DISTRICT_DIGITS].ljust(12, "0")]
    west, north = _degrees(x / 2**z, y / 2**z)
    east, south = _degrees((x + 1) / 2**z, (y + 1) / 2**z)
    rows = AreaVersion.objects.filter(alive(on), below(area), level=Level.DISTRICT)
    near = (
        rows.exclude(max_lon__lt=west).exclude(min_lon__gt=east).exclude(max_lat__lt=south).exclude(min_lat__gt=north)
    )
    return list(near.order_by("code").values_list("code", flat=True))


def _cut(ground: _Ground, z: int, x: int, y: int) -> Cut:
    """Return what of the ground a tile shows: places in it, and shapes in steps of the tile, outer rings clockwise."""
    with _lock:
        known = ground.cuts.get((z, x, y))
        if known is not None:
            ground.cuts.move_to_end((z, x, y))
    if known is None:
        known = _cut_out(ground, z, x, y)
        with _lock:
            ground.cuts[z, x, y] = known
            while len(ground.cuts) > KEPT_CUTS:
                ground.cuts.popitem(last=False)
    return known


def _cut_out(ground: _Ground, z: int, x: int, y: int) -> Cut:
    frame = _frame(z, x, y)
    places = _near(ground, frame)
    if not len(places):
        return [], []
    side = 1 / 2**z
    scale, corner = EXTENT / side, (x * side, y * side)
    shapes = ground.shapes[places]
    if z < UNITS_FROM:  # nearer by, what is drawn by hand has few points anyway
        shapes = shapely.simplify(shapes, side / EXTENT * 2)
    over = np.any((ground.boxes[places] < frame) ^ OUTWARDS, axis=1)
    shapes[over] = shapely.clip_by_rect(shapes[over], *frame)
    shapes = shapely.transform(shapes, lambda points: np.rint((points - corner) * scale))
    bent = ~(shapely.is_valid(shapes) & np.isin(shapely.get_type_id(shapes), POLYGONS))
    shapes[bent] = shapely.buffer(shapes[bent], 0)
    seen = shapely.area(shapes) > 0
    whole = shapely.orient_polygons(
        shapes[seen], exterior_cw=False
    )  # y counts down: what runs left here runs right on paper
    return places[seen].tolist(), list(whole)


def _frame(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return the square of a tile on the map, with what is drawn around it."""
    side, more = 1 / 2**z, BEYOND / EXTENT / 2**z
    return x * side - more, y * side - more, (x + 1) * side + more, (y + 1) * side + more


def _near(ground: _Ground, frame: tuple[float, float, float, float]) -> Any:
    return np.sort(ground.tree.query(shapely.box(*frame)))


def _ground(district: str, level: Level, on: date) -> _Ground:
    """Return a drawn level of a district, read anew only if an area was changed since."""
    stamp = state_of_ground()
    key = (district, level, on)
    with _lock:
        if _held.stamp != stamp:
            _held.stamp = stamp
            _held.grounds.clear()
        known = _held.grounds.get(key)
    if known is None:
        known = _read_ground(district, level, on)
        with _lock:
            if _held.stamp == stamp:
                _held.grounds[key] = known
                while len(_held.grounds) > KEPT_GROUNDS:
                    _held.grounds.popitem(last=False)
    return known


def _read_ground(district: str, level: Level, on: date) -> _Ground:
    rows = areas_below(district, on=on).filter(level=level, shape__isnull=False).order_by("code")
    drawn = list(rows.values_list("code", "name", "shape"))
    shapes = shapely.from_wkb(np.array([bytes(shape or b"") for _code, _name, shape in drawn], dtype=object))
    shapes = shapely.transform(shapes, _on_map) if len(drawn) else shapes
    return _Ground(
        [row[0] for row in drawn], [row[1] for row in drawn], shapes, shapely.bounds(shapes), STRtree(shapes)
    )


def _on_map(points: np.ndarray) -> np.ndarray:
    """Put degrees onto a map that is one unit wide and high."""
    lat = np.radians(np.clip(points[:, 1], -LIMIT, LIMIT))
    return np.column_stack([points[:, 0] / 360 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)])


def _degrees(x: float, y: float) -> tuple[float, float]:
    return (x - 0.5) * 360, float(np.degrees(np.arctan(np.sinh((0.5 - y) * 2 * np.pi))))
