"""Map layers as vector tiles: tiles per second, CPU and bytes of one, beside plain GeoJSON of the same units in the same square.

The first time a tile is asked for its shapes are cut out of the ground held in memory; “again” they are held too, and what is said of
them is put in and encoded anew. GeoJSON has the same areas as they are drawn, degrees to a metre, without white space.
Usage: benchmarks/map_layers.py [UNITS] [sqlite|postgresql]
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from measuring import in_home, installation, table

SET_UP = """
import sys
sys.path[:0] = ["benchmarks"]
import map_layers
map_layers.set_up(int(sys.argv[1]))
"""
MEASURE = """
import sys
sys.path[:0] = ["benchmarks"]
import map_layers
map_layers.measure()
"""
ZOOMS = (9, 11, 13, 14, 15, 16)
MOST_TILES = 500  # as many cuts are held


def main(units: int, database: str) -> None:
    with installation(database) as environment:
        print(
            f"{units:,} units, {database}: set up in {in_home(SET_UP, environment, units).seconds:.0f} s",
            file=sys.stderr,
        )
        said = in_home(MEASURE, environment).said.strip().splitlines()
    table(
        (
            "zoom", "tiles that hold something", "areas in one, most", "first, ms CPU mean", "first, most",
            "again, ms CPU mean", "again, most", "again, tiles/s", "bytes, mean", "bytes, most",
            "GeoJSON ms CPU mean", "GeoJSON bytes, mean", "GeoJSON bytes, most",
        ),
        [line.split("\t") for line in said],
    )  # fmt: skip


def set_up(units: int) -> None:
    """Load the ground of a modelled district of so many units: villages, grids, units and their shapes, nobody in them."""
    from django.core.management import call_command

    from weiduan.doors.console.setting_up import now
    from weiduan.ground.territory.actions import found_divisions
    from weiduan.outlook.demo.divisions import qingbaijiang
    from weiduan.outlook.demo.generate import generate
    from weiduan.outlook.survey.actions import load_shapes, load_survey

    call_command("migrate", verbosity=0)
    district = qingbaijiang()
    demo = generate(district, units=units)
    when: dict[str, Any] = {"on": demo.on, "by": "benchmark", "at": now()}
    found_divisions(demo.divisions, edition="2018", **when)
    load_survey(
        {sheet: rows if sheet in ("grids", "units") else [] for sheet, rows in demo.rows.items()},
        area=district.code,
        **when,
    )
    load_shapes(demo.shapes, area=district.code, **when)


def measure() -> None:
    """Print a line for each zoom, and one for the whole district as GeoJSON at once."""
    from django.utils import timezone

    from weiduan.ground.accounts.queries import local_day
    from weiduan.ground.territory.queries import top_areas
    from weiduan.outlook.insight.drawn import layers, tiles

    at = timezone.now()
    on = local_day(at)
    [top] = top_areas(on=on)
    box = tiles.box_of(top, on=on)
    assert box is not None
    stamp = layers.stamp_of(on=on, at=at)
    for zoom in ZOOMS:
        squares = _squares(box, zoom)
        tiles.tile_of(layers.Layer.ZEROS, zoom, 0, 0, area=top, on=on, at=at, stamp=stamp)  # the ground itself is read
        layers.values_of(top, layers.Layer.ZEROS, on=on, at=at, stamp=stamp)

        def draw(square: tuple[int, int], zoom: int = zoom) -> bytes:
            return tiles.tile_of(layers.Layer.ZEROS, zoom, *square, area=top, on=on, at=at, stamp=stamp)

        first = [(square, *_timed(draw, square)) for square in squares]
        full = [(square, content, cpu) for square, content, cpu in first if content][-MOST_TILES:]
        again = [_timed(draw, square)[1] for square, _content, _cpu in full]
        shown = [tiles._parts([top], top, on, (zoom, *square))[1][0] for square, _content, _cpu in full]
        plain = [_timed(_geojson, (ground, places)) for _district, ground, (places, _shapes) in shown]
        sizes, plain_sizes = [len(content) for _square, content, _cpu in full], [len(text) for text, _cpu in plain]
        print(
            zoom, f"{len(full):,}", max(len(places) for _district, _ground, (places, _shapes) in shown), _ms(cpu for *_, cpu in full),
            f"{1000 * max(cpu for *_, cpu in full):.1f}", _ms(again), f"{1000 * max(again):.1f}", f"{len(again) / sum(again):,.0f}",
            f"{sum(sizes) / len(sizes):,.0f}", f"{max(sizes):,}", _ms(cpu for _text, cpu in plain),
            f"{sum(plain_sizes) / len(sizes):,.0f}", f"{max(plain_sizes):,}", sep="\t",
        )  # fmt: skip
    ground = tiles._ground(top, tiles.Level.UNIT, on)
    text, cpu = _timed(_geojson, (ground, list(range(len(ground.codes)))))
    print(
        "whole district, GeoJSON",
        1,
        len(ground.codes),
        *["–"] * 7,
        f"{1000 * cpu:.1f}",
        *[f"{len(text):,}"] * 2,
        sep="\t",
    )


def _squares(box: tuple[float, float, float, float], zoom: int) -> list[tuple[int, int]]:
    import numpy as np

    from weiduan.outlook.insight.drawn.tiles import _on_map

    west, south, east, north = box
    (left, top), (right, bottom) = (_on_map(np.array([[west, north], [east, south]])) * 2**zoom).astype(int)
    return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def _timed(deed: Callable[[Any], Any], about: Any) -> tuple[Any, float]:
    began = time.process_time()
    return deed(about), time.process_time() - began


def _geojson(about: tuple[Any, list[int]]) -> str:
    """Write some areas of the ground as GeoJSON, degrees to a metre."""
    import json

    import numpy as np
    import shapely

    from weiduan.outlook.insight.drawn.tiles import _degrees

    ground, places = about
    shapes = shapely.transform(ground.shapes[places], lambda p: np.round(np.array([_degrees(x, y) for x, y in p]), 5))
    kept = [
        {
            "type": "Feature", "geometry": shapely.geometry.mapping(shape),
            "properties": {"code": ground.codes[place], "name": ground.names[place], "n": 4, "of": 4, "state": "most"},
        }
        for place, shape in zip(places, shapes, strict=True)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": kept}, separators=(",", ":"), ensure_ascii=False)


def _ms(seconds: Any) -> str:
    known = list(seconds)
    return f"{1000 * sum(known) / len(known):.1f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, sys.argv[2] if len(sys.argv) > 2 else "sqlite")
