"""Maps that need no script: the parts of an area as paths of one drawing, by how much is missing in each until zero."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import cos, radians

import shapely
from shapely.geometry.base import BaseGeometry

from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.territory.queries import Place, shapes_of
from weiduan.ground.territory.rules import Level, level_of
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.counted.rules import ZEROS
from weiduan.outlook.insight.maps import SIMPLER, drawn_in

EDGE = 8.0
DIGITS = {Level.DISTRICT: 6, Level.TOWN: 9, Level.VILLAGE: 12}
LETTER = 33.0  # how large a letter of a name is, as in weiduan.css
MOST_NAMES = 16  # more names than these can't be read on one drawing


@dataclass(frozen=True)
class Cell:
    """One part: its outline as an SVG path, and how many zeros its units lack together, of how many: four for each unit.

    state  "ok" nothing is missing, "some" up to half, "most" up to three quarters, "all" more, "none" it has no unit
    """

    code: str
    name: str
    path: str
    lacks: int
    of: int
    state: str


@dataclass(frozen=True)
class Label:
    """A name and where it stands on the drawing."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class GapMap:
    """The drawing, in a box of `wide` by `high`; `counts` is how many parts have each state."""

    wide: float
    high: float
    parts_are: str
    cells: list[Cell]
    frames: list[str]
    labels: list[Label]
    counts: Mapping[str, int]


def gap_map(code: str, standings: Iterable[UnitStanding], *, on: date, wide: float, high: float) -> GapMap:
    """Draw the parts of an area within a box: one query; parts nobody has drawn are left out of the drawing and of its counts.

    Where no village of an area is drawn, its units are.
    """
    own, around = level_of(code), code[:15]
    drawn = drawn_in(own)
    shapes = shapes_of(around, on=on, levels={own, drawn, Level.TOWN if own == Level.DISTRICT else drawn})
    if drawn < Level.UNIT and not any(place.level == drawn for place, _shape in shapes):
        drawn = Level.UNIT
        shapes += shapes_of(around, on=on, levels={drawn})
    lacks, units = _lacks(standings, drawn)
    parts = [(place, _simple(shape, drawn)) for place, shape in shapes if place.level == drawn]
    named = [(p, s) for p, s in shapes if p.level == (Level.TOWN if own == Level.DISTRICT else drawn)]
    outlines = [(p, s) for p, s in shapes if p.code == code or (own == Level.DISTRICT and p.level == Level.TOWN)]
    paper = _Paper([shape for _place, shape in shapes], wide, high)
    cells = [_cell(place, shape, lacks, units, paper) for place, shape in parts]
    labels = _apart([paper.label(place, shape) for place, shape in named]) if len(named) <= MOST_NAMES else []
    counts = Counter(cell.state for cell in cells)
    return GapMap(
        paper.wide, paper.high, drawn.name.lower(), cells, [paper.path(_simple(s, Level.VILLAGE)) for _p, s in outlines], labels,
        {state: counts[state] for state in ("ok", "some", "most", "all", "none")},
    )  # fmt: skip


def _lacks(standings: Iterable[UnitStanding], drawn: Level) -> tuple[Counter[str], Counter[str]]:
    """Return code of a part → how many zeros its units lack together; and → how many units it has."""
    digits, lacks, units = DIGITS.get(drawn, 18), Counter[str](), Counter[str]()
    for row in standings:
        lacks[row.code[:digits]] += sum(bool(getattr(row, name)) for name in ZEROS)
        units[row.code[:digits]] += 1
    return lacks, units


def _cell(place: Place, shape: BaseGeometry, lacks: Counter[str], units: Counter[str], paper: "_Paper") -> Cell:
    code = prefix_of(place.code)
    missing, of = lacks[code], len(ZEROS) * units[code]
    state = "none" if not of else "ok" if not missing else _shade(missing, of)
    return Cell(place.code, place.name, paper.path(shape), missing, of, state)


def _shade(missing: int, of: int) -> str:
    return "some" if 2 * missing <= of else "most" if 4 * missing <= 3 * of else "all"


def _apart(labels: list[Label]) -> list[Label]:
    """Move names down that would stand on one another."""
    placed: list[Label] = []
    for label in sorted(labels, key=lambda one: (one.y, one.x)):
        y = label.y
        while any(
            abs(one.y - y) < LETTER and abs(one.x - label.x) < LETTER * (len(one.name) + len(label.name)) / 2
            for one in placed
        ):
            y += LETTER / 4
        placed.append(Label(label.name, label.x, round(y, 1)))
    return placed


def _simple(shape: BaseGeometry, drawn: Level) -> BaseGeometry:
    tolerance = SIMPLER.get(drawn, 0)
    return shape.simplify(tolerance) if tolerance else shape


class _Paper:
    """Degrees onto the drawing: north is up, and a metre is as long to the east as to the north."""

    def __init__(self, shapes: list[BaseGeometry], wide: float, high: float) -> None:
        bounds = [shape.bounds for shape in shapes if not shape.is_empty] or [(0.0, 0.0, 1.0, 1.0)]
        self.west, self.north = min(b[0] for b in bounds), max(b[3] for b in bounds)
        east, south = max(b[2] for b in bounds), min(b[1] for b in bounds)
        self.narrow = cos(radians((self.north + south) / 2))
        across, down = max((east - self.west) * self.narrow, 1e-9), max(self.north - south, 1e-9)
        self.scale = min((wide - 2 * EDGE) / across, (high - 2 * EDGE) / down)
        self.wide, self.high = round(across * self.scale + 2 * EDGE, 1), round(down * self.scale + 2 * EDGE, 1)

    def path(self, shape: BaseGeometry) -> str:
        """Return the outline of a shape as an SVG path."""
        rings = [ring for polygon in _polygons(shape) for ring in (polygon.exterior, *polygon.interiors)]
        return "".join(f"M{' '.join(self._point(*xy[:2]) for xy in ring.coords[:-1])}Z" for ring in rings)

    def label(self, place: Place, shape: BaseGeometry) -> Label:
        """Return where the name of a place stands: a point inside it."""
        point = shapely.point_on_surface(shape)
        x, y = self._on(point.x, point.y)
        return Label(place.name, x, y)

    def _on(self, lon: float, lat: float) -> tuple[float, float]:
        return (
            round(EDGE + (lon - self.west) * self.narrow * self.scale, 1),
            round(EDGE + (self.north - lat) * self.scale, 1),
        )

    def _point(self, lon: float, lat: float) -> str:
        x, y = self._on(lon, lat)
        return f"{x},{y}"


def _polygons(shape: BaseGeometry) -> list[shapely.Polygon]:
    return [
        part for part in getattr(shape, "geoms", [shape]) if isinstance(part, shapely.Polygon) and not part.is_empty
    ]
