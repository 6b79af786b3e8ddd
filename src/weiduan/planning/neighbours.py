"""Which places touch: by their outlines where they are drawn, else by their points."""

from collections.abc import Sequence

import numpy as np
import shapely
from scipy.spatial import Delaunay, QhullError
from shapely.geometry.base import BaseGeometry

METRES_A_DEGREE = 111_320.0  # of latitude, and of longitude at the equator
TOUCHING_M = 20.0  # outlines closer than this touch: a lane or a wall lies between


def flat(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return (n, 2) metres east and north of the middle; right to a few per mille within a district.

    lon, lat  (n,) degrees
    """
    if not len(lon):
        return np.empty((0, 2))
    east = (lon - lon.mean()) * METRES_A_DEGREE * np.cos(np.radians(lat.mean()))
    return np.column_stack([east, (lat - lat.mean()) * METRES_A_DEGREE])


def touching(shapes: Sequence[BaseGeometry | None], point_m: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Return per place those it touches, symmetric.

    shapes   outlines in degrees, None where not drawn
    point_m  (n, 2) metres

    Outlines that meet (or nearly) touch; places that touch nothing that way, as settlements in
    fields do, get their Gabriel neighbours: those with nobody nearer between them.
    Source: Gabriel & Sokal (1969).
    """
    near: list[set[int]] = [set() for _ in shapes]
    for one, other in _meeting(shapes):
        near[one].add(other)
        near[other].add(one)
    alone = {place for place, others in enumerate(near) if not others}
    for one, other in gabriel(point_m):
        if one in alone or other in alone:
            near[one].add(other)
            near[other].add(one)
    return tuple(tuple(sorted(others)) for others in near)


def _meeting(shapes: Sequence[BaseGeometry | None]) -> list[tuple[int, int]]:
    drawn = [place for place, shape in enumerate(shapes) if shape is not None]
    if len(drawn) < 2:
        return []
    outlines = [shapes[place] for place in drawn]
    tree = shapely.STRtree(outlines)
    first, second = tree.query(outlines, predicate="dwithin", distance=TOUCHING_M / METRES_A_DEGREE)
    return [(drawn[a], drawn[b]) for a, b in zip(first, second, strict=True) if a < b]


def gabriel(point_m: np.ndarray) -> list[tuple[int, int]]:
    """Return pairs of points in whose circle no third lies; any two where there are only two."""
    n = len(point_m)
    if n < 2:
        return []
    pairs = _delaunay(point_m) if n > 3 else [(a, b) for a in range(n) for b in range(a + 1, n)]
    found = []
    for a, b in pairs:
        middle, radius = (point_m[a] + point_m[b]) / 2, np.hypot(*(point_m[a] - point_m[b])) / 2
        within = np.hypot(*(point_m - middle).T) < radius - 1e-9
        within[[a, b]] = False
        if not within.any():
            found.append((a, b))
    return found


def _delaunay(point_m: np.ndarray) -> list[tuple[int, int]]:
    """Return the edges of the triangulation; all pairs where the points lie in one line."""
    try:
        corners = Delaunay(point_m).simplices
    except QhullError:
        return [(a, b) for a in range(len(point_m)) for b in range(a + 1, len(point_m))]
    edges = {tuple(sorted((int(t[i]), int(t[j])))) for t in corners for i, j in ((0, 1), (1, 2), (0, 2))}
    return sorted(edges)  # type: ignore[arg-type]
