"""The map of an area drawn as plain outlines, its parts by how much of the four zeros their units lack."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians

import shapely
from shapely.geometry.base import BaseGeometry

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.territory.queries import shapes_of
from weiduan.ground.territory.rules import Level, level_of
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.counted.rules import ZEROS
from weiduan.outlook.insight.maps import drawn_in

WIDTH, TALLEST = 460, 420
PIXEL = 0.6  # a line may move by so much


@dataclass(frozen=True)
class DrawnPart:
    """One part: its outline as an SVG path, four zeros for each of its units and how many of these are lacking.

    shade  none: there are no units; all: nothing is lacking; some, many (a third), most (two thirds)
    """

    name: str
    path: str
    zeros: int
    lacking: int
    shade: str


@dataclass(frozen=True)
class DrawnMap:
    """The parts of an area in a box of `width` by `height`."""

    width: int
    height: int
    parts: list[DrawnPart]

    @property
    def shades(self) -> Counter[str]:
        """Shade → how many parts have it."""
        return Counter(part.shade for part in self.parts)


def embedded_map(code: str, *, at: datetime) -> DrawnMap:
    """Return the map of an area as of now."""
    catch_up(at=at)
    drawn = drawn_in(level_of(code))
    parts = shapes_of(code, on=local_day(at), levels=[drawn])
    if not parts:  # the outlines of villages aren't known everywhere
        parts = shapes_of(code, on=local_day(at), levels=[Level.UNIT])
    if not parts:
        return DrawnMap(WIDTH, 0, [])
    zeros, lacking = _counts(code, len(prefix_of(parts[0][0].code)))
    west, south, east, north = shapely.total_bounds([shape for _place, shape in parts])
    narrower = cos(radians((south + north) / 2))
    scale = min(WIDTH / max((east - west) * narrower, 1e-9), TALLEST / max(north - south, 1e-9))

    def path(shape: BaseGeometry) -> str:
        simple = shape.simplify(PIXEL / scale)
        rings = [ring for one in shapely.get_parts(simple) for ring in (one.exterior, *one.interiors)]
        return "".join(
            "M" + "L".join(f"{(x - west) * narrower * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring.coords) + "Z"
            for ring in rings
        )  # fmt: skip

    return DrawnMap(
        round((east - west) * narrower * scale) + 1, round((north - south) * scale) + 1,
        [_part(place.name, path(shape), zeros[prefix_of(place.code)], lacking[prefix_of(place.code)]) for place, shape in parts],
    )  # fmt: skip


def _part(name: str, path: str, zeros: int, lacking: int) -> DrawnPart:
    return DrawnPart(name, path, zeros, lacking, shade_of(zeros, lacking))


def shade_of(zeros: int, lacking: int) -> str:
    """Return how a part is shaded by how many of the zeros of its units are lacking."""
    if not zeros:
        return "none"
    if not lacking:
        return "all"
    return "some" if lacking * 3 < zeros else "many" if lacking * 3 < zeros * 2 else "most"


def _counts(code: str, digits: int) -> tuple[Counter[str], Counter[str]]:
    """Return part → four for each of its units, and part → how many of these are lacking."""
    zeros: Counter[str] = Counter()
    lacking: Counter[str] = Counter()
    for own, *each in UnitStanding.objects.filter(code__startswith=prefix_of(code)).values_list("code", *ZEROS):
        zeros[own[:digits]] += len(ZEROS)
        lacking[own[:digits]] += sum(map(bool, each))
    return zeros, lacking
