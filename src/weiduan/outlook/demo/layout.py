"""Invents where things lie: towns, villages, grids and units as polygons that fit without gap or overlap.

Works in metres on a flat local map from the outside in (district, town, village, grid, unit), each
level a Voronoi diagram of well-spaced seeds inside the one above. Then all lines are put on one
fine raster at once and the polygons are built from the pieces between them, so neighbours share
exactly the same corners on every level.
Modelled: only the district's outline and the towns' seats are real, where they are given at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import MultiPoint, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from .divisions import District, Town

M_PER_DEGREE = 111_195.0
RASTER = 1e-7  # degrees, about a centimetre
KM2_COMMUNITY, KM2_VILLAGE = 1.3, 3.0
PLOT_LON, PLOT_LAT, PLOT_KM2 = 0.42, 0.36, 750  # districts without a place lie side by side, 40 km apart
BETWEEN_M = 8.0  # a settlement keeps at least this far from its neighbours' ground

# About the middle of each province, for districts that come without a place (two first digits of the code).
PROVINCES = {
    "11": (116.4, 40.0), "12": (117.3, 39.3), "13": (115.0, 38.0), "14": (112.3, 37.5), "15": (111.5, 41.0),
    "21": (122.9, 41.3), "22": (126.2, 43.6), "23": (127.5, 47.0), "31": (121.4, 31.1), "32": (119.5, 33.0),
    "33": (120.0, 29.2), "34": (117.2, 31.8), "35": (118.0, 26.0), "36": (115.7, 27.6), "37": (118.2, 36.3),
    "41": (113.6, 33.9), "42": (112.3, 31.0), "43": (111.7, 27.7), "44": (113.4, 23.3), "45": (108.8, 23.7),
    "46": (109.8, 19.2), "50": (107.8, 30.0), "51": (102.7, 30.6), "52": (106.9, 26.8), "53": (101.5, 25.0),
    "54": (88.7, 31.5), "61": (108.9, 34.8), "62": (103.0, 36.0), "63": (96.0, 35.5), "64": (106.2, 37.3),
    "65": (85.2, 41.5),
}  # fmt: skip


@dataclass
class Room:
    """What a grid needs: one leaf for itself, or one for each of its units that fill it."""

    code: str
    units: list[str]
    built_m2: list[float]  # ground the units take up, where they do not fill the grid
    filled: bool


class Flat:
    """A local map in metres around one point; good to some 0.1 % over a district."""

    def __init__(self, lon: float, lat: float) -> None:
        self.origin = np.array([lon, lat])
        self.scale = np.array([M_PER_DEGREE * np.cos(np.radians(lat)), M_PER_DEGREE])

    def there(self, geometry: Any) -> Any:
        return shapely.transform(geometry, lambda lonlat: (lonlat - self.origin) * self.scale)

    def back(self, geometry: Any) -> Any:
        return shapely.transform(geometry, lambda xy: xy / self.scale + self.origin)

    def point(self, lon: float, lat: float) -> np.ndarray:
        return (np.array([lon, lat]) - self.origin) * self.scale


def lay_out(district: District, rooms: dict[str, list[Room]], rng: np.random.Generator) -> dict[str, Polygon]:
    """Return a polygon for the district, its towns and villages, and all grids and units.

    rooms  village code → its grids
    """
    outline = district.boundary or invented_outline(district, rng)
    flat = Flat(*outline.centroid.coords[0])
    leaves: dict[str, Polygon] = {}
    for _village, ground, grids in _villages(district, flat, flat.there(outline), rooms, rng):
        for room, cell in zip(
            grids, tessellate(ground, spread(sample(ground, 40 * len(grids), rng), len(grids), rng)), strict=True
        ):
            leaves |= _leaves(room, cell, rng)
    shapes = fit({code: flat.back(leaf) for code, leaf in leaves.items()})
    above = _joined(district, rooms, shapes)
    for grid in (room for grids in rooms.values() for room in grids if not room.filled):
        shapes |= _settlements(grid, flat, shapes[grid.code], rng)
    return above | shapes


def invented_outline(district: District, rng: np.random.Generator) -> Polygon:
    """Invent a rounded outline of sensible size around the district's point, or at its place in the province."""
    communities = sum(village.kind == "community" for village in district.villages)
    km2 = KM2_COMMUNITY * communities + KM2_VILLAGE * (len(district.villages) - communities)
    lon, lat = district.division.lon, district.division.lat
    if lon is None or lat is None:
        east, north = spiral(district.place)
        middle_lon, middle_lat = PROVINCES.get(district.code[:2], (104.0, 35.0))
        lon, lat = middle_lon + east * PLOT_LON, middle_lat + north * PLOT_LAT
        km2 = min(km2, PLOT_KM2)
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = np.ones(60)
    for waves in (2, 3, 5):
        radius += 0.22 / waves * np.cos(waves * turn + rng.uniform(0, 2 * np.pi))
    radius *= np.sqrt(km2 * 1e6 / np.pi)
    return _on_raster(Flat(lon, lat).back(Polygon(np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]))))


def spiral(place: int) -> tuple[int, int]:
    """Return the step east and north of the n-th square of a spiral around (0, 0)."""
    x = y = 0
    step_x, step_y = 1, 0
    for _step in range(place):
        x, y = x + step_x, y + step_y
        if x == y or (x < 0 and x == -y) or (x > 0 and x == 1 - y):  # a corner: turn left
            step_x, step_y = -step_y, step_x
    return x, y


def _villages(
    district: District, flat: Flat, outline: Polygon, rooms: dict[str, list[Room]], rng: np.random.Generator
) -> Iterator[tuple[str, Polygon, list[Room]]]:
    """Yield each village's code, its ground in metres and its grids."""
    towns = [town for town in district.towns if town.villages]
    seats = _town_seats(towns, flat, outline, rng)
    for town, seat, ground in zip(towns, seats, tessellate(outline, seats), strict=True):
        seeds = _village_seeds(town, seat, ground, rng)
        for village, cell in zip(town.villages, tessellate(ground, seeds), strict=True):
            yield village.code, cell, rooms[village.code]


def _town_seats(towns: Sequence[Town], flat: Flat, outline: Polygon, rng: np.random.Generator) -> np.ndarray:
    """Known seats stay; streets lie close together, as a town does; the other places spread over what is left."""
    seats: dict[int, np.ndarray] = {}
    for number, division in enumerate(town.division for town in towns):
        if division.lon is not None and division.lat is not None:
            seat = flat.point(division.lon, division.lat)
            if shapely.contains_xy(outline, *seat):
                seats[number] = seat
    points = sample(outline, 60 * len(towns), rng)
    _seat_streets(towns, seats, points, apart=0.45 * np.sqrt(outline.area / len(towns)))
    fixed = np.array([number in seats for number in range(len(towns))])
    _seat_the_rest(towns, seats, points)
    return settle(points, np.array([seats[number] for number in range(len(towns))]), fixed)


def _seat_streets(towns: Sequence[Town], seats: dict[int, np.ndarray], points: np.ndarray, apart: float) -> None:
    """Put each street that has no seat as near to the other streets as `apart` (metres) allows."""
    streets = [number for number, town in enumerate(towns) if town.division.kind == "street"]
    for number in (street for street in streets if street not in seats):
        known = [seats[street] for street in streets if street in seats]
        middle = np.mean(known, axis=0) if known else points.mean(axis=0)
        free = points[_distance_to_nearest(points, list(seats.values())) >= apart] if seats else points
        among = free if len(free) else points
        seats[number] = among[np.argmin(np.linalg.norm(among - middle, axis=1))]


def _seat_the_rest(towns: Sequence[Town], seats: dict[int, np.ndarray], points: np.ndarray) -> None:
    """Find the widest gaps and give each to the place nearest by code: codes roughly follow the map."""
    waiting = [number for number in range(len(towns)) if number not in seats]
    known = dict(seats)
    gaps: list[np.ndarray] = []
    for _place in waiting:
        taken = [*known.values(), *gaps]
        gaps.append(points[np.argmax(_distance_to_nearest(points, taken))] if taken else points[0])
    while waiting:
        number = waiting.pop(0)
        near = [known[n] for n in (number - 1, number + 1) if n in known] or gaps[:1]
        best = int(np.argmin(np.linalg.norm(np.array(gaps) - np.mean(near, axis=0), axis=1)))
        seats[number] = known[number] = gaps.pop(best)


def _distance_to_nearest(points: np.ndarray, others: list[np.ndarray]) -> np.ndarray:
    return np.min(np.linalg.norm(points[:, None] - np.array(others)[None], axis=2), axis=1)


def _village_seeds(town: Town, seat: np.ndarray, ground: Polygon, rng: np.random.Generator) -> np.ndarray:
    """Communities lie close together around the seat, villages around them."""
    communities = [village.kind == "community" for village in town.villages]
    count, core = len(communities), sum(communities)
    points = sample(ground, 60 * count, rng)
    if 0 < core < count:
        near = np.argsort(np.linalg.norm(points - seat, axis=1))
        share = min(core * KM2_COMMUNITY * 1e6 / ground.area, 0.6)
        inner, outer = near[: max(3 * core, int(share * len(near)))], near[int(share * len(near)) :]
        # As many points a seed inside as outside: so the seeds inside come to lie denser.
        points = np.vstack([points[rng.choice(inner, 40 * core)], points[rng.choice(outer, 40 * (count - core))]])
    seeds = spread(points, count, rng)
    order = np.argsort(np.linalg.norm(seeds - seat, axis=1), kind="stable")
    first = [number for number, community in enumerate(communities) if community]
    rest = [number for number, community in enumerate(communities) if not community]
    placed = np.empty_like(seeds)
    placed[first + rest] = seeds[order]
    return placed


def _leaves(room: Room, cell: Polygon, rng: np.random.Generator) -> dict[str, Polygon]:
    """Cut a filled grid into its units; any other grid stays whole."""
    if not room.filled or len(room.units) == 1:
        return {room.units[0] if room.filled else room.code: cell}
    seeds = spread(sample(cell, 30 * len(room.units), rng), len(room.units), rng)
    return dict(zip(room.units, tessellate(cell, seeds), strict=True))


def sample(ground: Polygon, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return at least `count` points inside, (n, 2)."""
    shapely.prepare(ground)
    low_x, low_y, high_x, high_y = ground.bounds
    found, have = [], 0
    while have < count:
        points = rng.uniform((low_x, low_y), (high_x, high_y), (2 * count + 10, 2))
        found.append(points[shapely.contains_xy(ground, points)])
        have += len(found[-1])
    return np.concatenate(found)[:count]


def spread(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return `count` well-spaced seeds among `points`, denser where these are."""
    start = points[rng.choice(len(points), count, replace=False)]
    return settle(points, start, np.zeros(count, dtype=bool))


def settle(points: np.ndarray, seeds: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Move each seed that isn't fixed to the middle of the points nearest to it, five times (Lloyd's method).

    Each seed keeps a point of its own near it, so its Voronoi cell never lies outside.
    """
    for _round in range(5):
        nearest = np.argmin(((points[:, None] - seeds[None]) ** 2).sum(axis=2), axis=1)
        counts = np.bincount(nearest, minlength=len(seeds))
        sums = np.stack([np.bincount(nearest, points[:, axis], len(seeds)) for axis in (0, 1)], axis=1)
        move = (counts > 0) & ~fixed
        seeds = np.where(move[:, None], sums / np.maximum(counts, 1)[:, None], seeds)
    return seeds


def tessellate(ground: Polygon, seeds: np.ndarray) -> list[Polygon]:
    """Divide `ground` among the seeds: one polygon each, in their order, none in two parts."""
    if len(seeds) == 1:
        return [ground]
    cells = shapely.voronoi_polygons(MultiPoint(seeds), extend_to=ground, ordered=True).geoms
    return whole(shapely.intersection(np.array(list(cells)), ground))


def whole(cells: Sequence[BaseGeometry]) -> list[Polygon]:
    """Give pieces that lie apart from their cell's largest part to the neighbour they touch longest."""
    parts = [[part for part in shapely.get_parts(cell) if part.geom_type == "Polygon"] for cell in cells]
    mains = [max(pieces, key=lambda part: part.area) for pieces in parts]
    stray = [part for pieces, main in zip(parts, mains, strict=True) for part in pieces if part is not main]
    while stray:
        left = []
        for part in stray:
            shared = shapely.length(shapely.intersection(part.boundary, np.array([main.boundary for main in mains])))
            near = int(np.argmax(shared))
            joined = shapely.union(mains[near], part)
            if shared[near] > 0 and joined.geom_type == "Polygon":
                mains[near] = joined
            else:
                left.append(part)
        if len(left) == len(stray):  # splinters that touch nothing along a line
            break
        stray = left
    return mains


def fit(leaves: dict[str, Polygon]) -> dict[str, Polygon]:
    """Return the leaves with their corners on the raster and every border shared exactly."""
    codes, cells = list(leaves), np.array(list(leaves.values()))
    lines = shapely.union_all(shapely.boundary(cells), grid_size=RASTER)
    faces = np.array(shapely.get_parts(shapely.polygonize([lines])))
    tree = STRtree(cells)
    inside = shapely.point_on_surface(faces)
    face, cell = tree.query_nearest(inside, all_matches=False)
    pieces: list[list[BaseGeometry]] = [[] for _code in codes]
    for number, owner in zip(face.tolist(), cell.tolist(), strict=True):
        pieces[owner].append(faces[number])
    joined = whole([own[0] if len(own) == 1 else shapely.coverage_union_all(own) for own in pieces])
    return {
        code: shapely.transform(shape, lambda xy: np.round(xy, 7)) for code, shape in zip(codes, joined, strict=True)
    }


def _joined(district: District, rooms: dict[str, list[Room]], shapes: dict[str, Polygon]) -> dict[str, Polygon]:
    """Add the filled grids to `shapes`, and return villages, towns and district, each joined from what it holds."""
    above: dict[str, Polygon] = {}
    for village, grids in rooms.items():
        for room in grids:
            if room.filled:
                shapes[room.code] = _union([shapes[unit] for unit in room.units])
        above[village] = _union([shapes[room.code] for room in grids])
    for town in district.towns:
        if town.villages:
            above[town.division.code] = _union([above[village.code] for village in town.villages])
    above[district.code] = _union([above[town.division.code] for town in district.towns if town.villages])
    return above


def _union(shapes: list[Polygon]) -> BaseGeometry:
    return shapes[0] if len(shapes) == 1 else shapely.coverage_union_all(shapes)


def _settlements(room: Room, flat: Flat, shape: Polygon, rng: np.random.Generator) -> dict[str, Polygon]:
    """Place the units of a rural grid: islands in its land, each inside its own part of it."""
    ground = flat.there(shape)
    seeds = spread(sample(ground, 30 * len(room.units), rng), len(room.units), rng)
    placed = {}
    for code, built, cell in zip(room.units, room.built_m2, tessellate(ground, seeds), strict=True):
        placed[code] = _on_raster(flat.back(_island(cell, built)))
    return placed


def _on_raster(shape: Polygon) -> Polygon:
    """Put the corners on the raster so that the outline stays sound: a spike thinner than it falls away."""
    sound = max(shapely.get_parts(shapely.set_precision(shape, RASTER)), key=lambda part: part.area)
    return shapely.transform(sound, lambda xy: np.round(xy, 7))


def _island(cell: Polygon, built_m2: float) -> Polygon:
    """Shrink a cell to about `built_m2` around a point in it, well inside."""
    middle = cell.point_on_surface() if not cell.contains(cell.centroid) else cell.centroid
    factor = min(np.sqrt(built_m2 / cell.area), 0.75)
    x, y = middle.coords[0]
    small = shapely.transform(cell, lambda xy: (xy - (x, y)) * factor + (x, y))
    inner = shapely.intersection(small, cell.buffer(-BETWEEN_M))
    parts = [part for part in shapely.get_parts(inner) if part.geom_type == "Polygon" and part.area > 100]
    if parts:
        return shapely.simplify(max(parts, key=lambda part: part.area), 1.0)
    return middle.buffer(0.4 * middle.distance(cell.boundary), quad_segs=2)
