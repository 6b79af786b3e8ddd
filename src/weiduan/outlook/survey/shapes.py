"""Shapes of areas from GeoJSON, a GeoPackage or a zipped Shapefile: read confined, checked, brought to WGS 84.

A feature says whose shape it is by its property `code` (编码). GeoJSON is in the coordinate system the person
states; the other two name theirs in the file, and only GCJ-02, which no file can name, is stated beside it.
"""

from collections.abc import Iterator, Mapping, Set
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry.base import BaseGeometry

from weiduan.ground.base.errors import BadInput
from weiduan.ground.base.geo import CHINA_LAT, CHINA_LON, area_m2, to_wgs84
from weiduan.ground.territory.rules import level_of

from .confined import lines_from_child
from .faults import Fault
from .preflight import LIMITS, Limits, refuse_hostile_shapes
from .reader import Progress

OVERLAP_M2 = 1.0  # two areas may share this much, or this part of the smaller, from rounding alone
OVERLAP_PART = 1e-4
OUTSIDE_PART = 0.5
DEGREE_M = 112_000.0  # no degree on the ground is longer, in metres
_KINDS = ("Polygon", "MultiPolygon", "Point")
_IN_DEGREES = ("4326", "4490", "CRS84")


@dataclass
class CheckedShapes:
    """What a file of shapes holds.

    shapes    code -> Polygon, MultiPolygon or Point in WGS 84; only those without a fault
    faults    row is the number of the feature in the file, from 1; with any of these nothing is loaded
    warnings  odd, but possible
    """

    shapes: dict[str, BaseGeometry] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


def check_shapes(
    path: Path,
    *,
    coordinates: str,
    codes: Set[str],
    existing: Mapping[str, BaseGeometry] | None = None,
    villages: Mapping[str, BaseGeometry] | None = None,
    memory_mb: int = 1500,
    seconds: int = 300,
    progress: Progress | None = None,
    limits: Limits = LIMITS,
) -> CheckedShapes:
    """Read and check a file of shapes nobody has checked yet.

    coordinates  a key of sheets.COORDINATES
    codes        the areas that may be given a shape
    existing     shapes kept already, WGS 84; what the file replaces is left aside
    villages     shapes of villages and communities, WGS 84
    :raises BadInput: not a file of shapes, hostile, damaged, or past a limit
    """
    path = Path(path)
    kind = refuse_hostile_shapes(path, limits)
    job = "geojson" if kind == "geojson" else "vector"
    checked = CheckedShapes()
    with closing(lines_from_child(job, path, memory_mb=memory_mb, seconds=seconds)) as lines:
        refuse_other_system((next(lines, None) or {}).get("crs"), job)
        for line in lines:
            _take(checked, line, codes)
            if progress and line["n"] % 1000 == 0:
                progress(line["n"], line["n"], path.name)
    if not checked.numbers and not checked.faults:
        raise BadInput(gettext_lazy("The file holds no shapes."))
    moved = to_wgs84(np.array(list(checked.shapes.values()), dtype=object), coordinates)
    checked.shapes = dict(zip(checked.shapes, moved, strict=True))
    _find_overlaps(checked, existing or {})
    _find_strays(checked, villages or {})
    return checked


def refuse_other_system(crs: str | None, job: str) -> None:
    """Refuse GeoJSON that names a system other than longitude and latitude."""
    if job == "geojson" and crs and not crs.endswith(_IN_DEGREES):
        text = gettext_lazy("The file is in %(crs)s. Export it in longitude and latitude (WGS 84 or CGCS2000).")
        raise BadInput(text, crs=crs[:60])


def _fault(number: int, column: str, message: str) -> Fault:
    return Fault(_("Shapes"), number, column, message)


def _take(checked: CheckedShapes, line: dict, codes: Set[str]) -> None:
    """Keep one feature, or note the first thing that is wrong with it."""
    number = line["n"]
    code = _code(line["code"])
    message = _wrong_code(code, line["code"], number, checked, codes)
    if message:
        checked.faults.append(_fault(number, "code", message))
        return
    checked.numbers[code] = number
    shape = None if "error" in line else shapely.from_wkb(line["wkb"], on_invalid="ignore")
    message = _wrong_shape(shape)
    if message:
        checked.faults.append(_fault(number, "geometry", f"{code}：{message}"))
    elif shape is not None:
        checked.shapes[code] = shape


def _code(value: Any) -> str:
    """Return a code as text; whole numbers that lost nothing may pass."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _wrong_code(code: str, typed: Any, number: int, checked: CheckedShapes, codes: Set[str]) -> str:
    if isinstance(typed, float):
        return _("The code is a number with lost digits. Make the field a text and fill it in again.")
    if not code:
        return _("The shape does not say whose it is. Give it a property “code” (编码).")
    if code in checked.numbers:
        return _("“%(code)s” is the code of shape %(row)d already. Join the two or correct the code.") % {
            "code": code, "row": checked.numbers[code]}  # fmt: skip
    if code not in codes:
        return _("There is no area %(code)s here. Load the survey with it first, or correct the code.") % {
            "code": code[:40]
        }
    return ""


def _wrong_shape(shape: BaseGeometry | None) -> str:
    """Say what is wrong with a geometry, or nothing."""
    if shape is None or shape.is_empty:
        return _("The shape is empty or damaged. Draw it again.")
    if shape.geom_type not in _KINDS:
        return _("An area is a polygon or a point, not a %(kind)s.") % {"kind": shape.geom_type}
    if message := wrong_place(*shapely.get_coordinates(shape).T):
        return message
    if not shape.is_valid:
        reason, _bracket, place = shapely.is_valid_reason(shape).partition("[")
        values = {"reason": _in_words(reason.strip()), "place": place.rstrip("]").replace(" ", ", ")}
        return (
            _("The outline is not sound: %(reason)s near %(place)s. Mend it in the GIS program and export again.")
            % values
        )
    return ""


def _in_words(reason: str) -> str:
    return {
        "Self-intersection": _("it crosses itself"),
        "Ring Self-intersection": _("a ring touches itself"),
        "Hole lies outside shell": _("a hole lies outside"),
        "Holes are nested": _("a hole lies in a hole"),
        "Nested shells": _("one part lies inside another"),
        "Interior is disconnected": _("a hole cuts it in two"),
        "Too few points in geometry component": _("it has too few points"),
    }.get(reason, reason)


def wrong_place(lon: np.ndarray, lat: np.ndarray) -> str:
    """Say what is wrong with coordinates, or nothing."""
    if _within(lon, CHINA_LON) and _within(lat, CHINA_LAT):
        return ""
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return _("A coordinate is not a number.")
    if _within(lat, CHINA_LON) and _within(lon, CHINA_LAT):
        return _("Longitude and latitude are the wrong way round; longitude comes first.")
    if np.abs(lon).max() > 360 or np.abs(lat).max() > 90:
        return _("The coordinates look like metres of a projection. Export in longitude and latitude, in degrees.")
    return _("The shape lies outside China (longitude %(lon).4f, latitude %(lat).4f).") % {"lon": lon[0], "lat": lat[0]}


def _within(values: np.ndarray, bounds: tuple[float, float]) -> bool:
    return bool(np.all((values >= bounds[0]) & (values <= bounds[1])))


def _find_overlaps(checked: CheckedShapes, existing: Mapping[str, BaseGeometry]) -> None:
    """Two areas of one level may touch, but not lie over each other."""
    together = {**{code: shape for code, shape in existing.items() if code not in checked.numbers}, **checked.shapes}
    levels: dict[int, list[str]] = {}
    for code, shape in together.items():
        if shape.geom_type != "Point":
            levels.setdefault(level_of(code), []).append(code)
    for level_codes in levels.values():
        for first, second, shared in _overlaps(level_codes, together):
            _note_overlap(checked, first, second, shared)
    checked.faults.sort(key=lambda fault: fault.row)


def _overlaps(codes: list[str], together: Mapping[str, BaseGeometry]) -> Iterator[tuple[str, str, float]]:
    """Yield each pair that shares more than rounding explains, and how many square metres."""
    shapes = np.array([together[code] for code in codes], dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = left < right
    left, right = left[pairs], right[pairs]
    shared = shapely.intersection(shapes[left], shapes[right])
    at_most_m2 = shapely.area(shared) * DEGREE_M**2  # a degree of longitude is shorter, so this only errs upwards
    for at in np.flatnonzero(at_most_m2 > OVERLAP_M2):
        one, other = int(left[at]), int(right[at])
        size = _polygons_m2(shared[at])
        smaller = min(area_m2(shapes[one]), area_m2(shapes[other]))
        if size > max(OVERLAP_M2, OVERLAP_PART * smaller):
            yield codes[one], codes[other], size


def _polygons_m2(shape: BaseGeometry) -> float:
    """Return the square metres of what two areas share; lines and points in it have none."""
    return sum(area_m2(part) for part in shapely.get_parts(shape) if part.geom_type == "Polygon")


def _note_overlap(checked: CheckedShapes, first: str, second: str, shared: float) -> None:
    """Note an overlap at the later of the two shapes that come from the file."""
    numbers = [(checked.numbers.get(code, 0), code) for code in (first, second)]
    (_other_number, other), (number, code) = sorted(numbers)
    text = _("%(code)s and %(other)s overlap by %(shared).0f m². Two areas of one level must not.")
    if number:
        checked.faults.append(_fault(number, "geometry", text % {"code": code, "other": other, "shared": shared}))


def _find_strays(checked: CheckedShapes, villages: Mapping[str, BaseGeometry]) -> None:
    """Warn of shapes that lie mostly outside their village or community."""
    known = {**villages, **{code: shape for code, shape in checked.shapes.items() if len(code) == 12}}
    for code, shape in checked.shapes.items():
        village = known.get(code[:12])
        if len(code) == 12 or village is None or village.geom_type == "Point":
            continue
        outside = _part_outside(shape, village)
        if outside > OUTSIDE_PART:
            text = _("%(code)s lies %(part).0f %% outside its village or community %(village)s.")
            message = text % {"code": code, "part": 100 * outside, "village": code[:12]}
            checked.warnings.append(_fault(checked.numbers[code], "geometry", message))


def _part_outside(shape: BaseGeometry, village: BaseGeometry) -> float:
    if shape.geom_type == "Point":
        return 0.0 if village.covers(shape) else 1.0
    return shapely.difference(shape, village).area / shape.area
