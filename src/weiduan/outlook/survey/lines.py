"""Lines of streets from GeoJSON, a GeoPackage or a zipped Shapefile: read confined, brought to WGS 84."""

from contextlib import closing
from pathlib import Path

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from weiduan.ground.base.errors import BadInput
from weiduan.ground.base.geo import to_wgs84

from .confined import lines_from_child
from .preflight import LIMITS, Limits, refuse_hostile_shapes
from .shapes import refuse_other_system, wrong_place


def read_lines(
    path: Path, *, coordinates: str = "wgs84", memory_mb: int = 1500, seconds: int = 300, limits: Limits = LIMITS
) -> list[BaseGeometry]:
    """Return the geometries of a file nobody has checked yet, in WGS 84; what is no line is for the taker to leave out.

    coordinates  a key of geo.SYSTEMS
    :raises BadInput: not a file of shapes, hostile, damaged, past a limit, or not in China
    """
    job = "geojson" if refuse_hostile_shapes(Path(path), limits) == "geojson" else "vector"
    with closing(lines_from_child(job, Path(path), memory_mb=memory_mb, seconds=seconds)) as lines:
        refuse_other_system((next(lines, None) or {}).get("crs"), job)
        shapes = [_shape(line) for line in lines]
    if not shapes:
        raise BadInput(_("The file holds no shapes."))
    return list(to_wgs84(np.array(shapes, dtype=object), coordinates))


def _shape(line: dict) -> BaseGeometry:
    shape = None if "error" in line else shapely.from_wkb(line["wkb"], on_invalid="ignore")
    if shape is None or shape.is_empty:
        raise BadInput(_("Shape %(n)d of the file is empty or damaged. Draw it again."), n=line["n"])
    if message := wrong_place(*shapely.get_coordinates(shape).T):
        raise BadInput(_("Shape %(n)d of the file: %(fault)s"), n=line["n"], fault=message)
    return shape
