"""Point to unit: ours against a bare loop over all polygons, a bare STRtree and PostGIS, on the same 5,000 units.

One by one is what a page asks for; many at once is what an import or a count asks for. PostGIS runs on a private server
with the index it would have in use, one prepared query a point or one join for all. All four must give the same units.
Usage: benchmarks/locate.py [UNITS]
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from measuring import in_home, installation, table

SET_UP = """
import sys
sys.path[:0] = ["benchmarks"]
import pages
pages.set_up(int(sys.argv[1]))
"""
MEASURE = """
import sys
sys.path[:0] = ["benchmarks"]
import locate
locate.measure()
"""
MANY, LOOPED = 100_000, 30


def main(units: int) -> None:
    rows = []
    for database in ("sqlite", "postgresql"):
        with installation(database) as environment:
            in_home(SET_UP, environment, units)
            for line in in_home(MEASURE, environment).said.strip().splitlines():
                rows.append((database, *line.split("\t")))
    table(
        ("database", "way", "one by one, points/s", "times bare loop", "many at once, points/s", "times bare loop"),
        rows,
    )


def measure() -> None:
    """Print a line for each way: name, speed, ratio, speed, ratio."""
    from weiduan.ground.territory.models import AreaVersion
    from weiduan.ground.territory.queries import shapes_of, top_areas
    from weiduan.ground.territory.rules import Level

    on = AreaVersion.objects.latest("since").since
    [top] = top_areas(on=on)
    drawn = [(place.code, shape) for place, shape in shapes_of(top, on=on, levels=[Level.UNIT])]
    codes, shapes = [code for code, _shape in drawn], [shape for _code, shape in drawn]
    points = _points(shapes)
    ways = {"Weiduan": _ours(on), "bare STRtree": _tree(codes, shapes), **_postgis(codes, shapes)}
    truth = _loop(codes, shapes)
    right = [truth(point) for point in points[:LOOPED]]
    loop = LOOPED / _seconds(lambda: [truth(point) for point in points[:LOOPED]])
    print("bare loop over all polygons", f"{loop:,.0f}", "1", "–", "–", sep="\t")
    for name, (one, many) in ways.items():
        assert [one(point) for point in points[:LOOPED]] == right == many(points[:LOOPED]), name
        single = 1_000 / _seconds(partial(_each, one, points[:1_000]))
        bulk = MANY / _seconds(partial(many, points))
        print(name, f"{single:,.0f}", f"{single / loop:,.0f}", f"{bulk:,.0f}", f"{bulk / loop:,.0f}", sep="\t")
    if len(ways) == 2:
        print("PostGIS: not on this database", *"––––", sep="\t")


def _each(one: Callable[[np.ndarray], str | None], points: np.ndarray) -> None:
    for point in points:
        one(point)


def _points(shapes: list[Any]) -> np.ndarray:
    """Points inside units, on their corners, and beside them, mixed."""
    import shapely

    chance = np.random.default_rng(5)
    corners = shapely.get_coordinates(shapes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    inside = shapely.get_coordinates([shape.representative_point() for shape in shapes])
    anywhere = low + chance.random((MANY // 2, 2)) * (high - low)
    known = np.concatenate([chance.choice(corners, MANY // 10), chance.choice(inside, MANY - MANY // 2 - MANY // 10)])
    return chance.permutation(np.concatenate([anywhere, known]))


def _seconds(work: Callable[[], Any]) -> float:
    """Return the time of the best of three tries."""
    best = float("inf")
    for _try in range(3):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


Way = tuple[Callable[[np.ndarray], str | None], Callable[[np.ndarray], list[str | None]]]


def _ours(on: Any) -> Way:
    from weiduan.ground.territory.locate import unit_at, units_at

    return lambda point: unit_at(point[0], point[1], on=on), lambda points: units_at(points, on=on)


def _loop(codes: list[str], shapes: list[Any]) -> Callable[[np.ndarray], str | None]:
    from shapely import Point

    def one(point: np.ndarray) -> str | None:
        spot = Point(point)
        return next((code for code, shape in zip(codes, shapes, strict=True) if shape.intersects(spot)), None)

    return one


def _tree(codes: list[str], shapes: list[Any]) -> Way:
    from shapely import Point, STRtree, points

    tree = STRtree(shapes)

    def one(point: np.ndarray) -> str | None:
        found = tree.query(Point(point), predicate="intersects")
        return codes[found.min()] if len(found) else None

    def many(spots: np.ndarray) -> list[str | None]:
        first: dict[int, int] = {}
        for spot, unit in tree.query(points(spots), predicate="intersects").T.tolist():
            first[spot] = min(unit, first.get(spot, unit))
        return [codes[first[i]] if i in first else None for i in range(len(spots))]

    return one, many


def _postgis(codes: list[str], shapes: list[Any]) -> dict[str, Way]:
    """Return the way through PostGIS, nothing where it isn't."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return {}
    import shapely

    cursor = connection.cursor()
    cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'")
    if not cursor.fetchone():
        return {}
    cursor.execute("CREATE EXTENSION postgis")
    cursor.execute("CREATE TABLE bare (code text, shape geometry)")
    cursor.executemany(
        "INSERT INTO bare VALUES (%s, ST_GeomFromWKB(%s))", list(zip(codes, shapely.to_wkb(shapes), strict=True))
    )
    cursor.execute("CREATE INDEX ON bare USING gist (shape)")
    cursor.execute("ANALYZE bare")

    def one(point: np.ndarray) -> str | None:
        cursor.execute("SELECT min(code) FROM bare WHERE ST_Intersects(shape, ST_MakePoint(%s, %s))", point.tolist())
        return cursor.fetchone()[0]

    def many(points: np.ndarray) -> list[str | None]:
        cursor.execute(
            "SELECT (SELECT min(code) FROM bare WHERE ST_Intersects(shape, ST_MakePoint(x, y)))"
            " FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS spot(x, y, n) ORDER BY n",
            [points[:, 0].tolist(), points[:, 1].tolist()],
        )
        return [code for (code,) in cursor.fetchall()]

    return {"PostGIS": (one, many)}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
