"""Shapes as they are kept: WKB with a bounding box."""

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry


def shape_fields(shape: BaseGeometry) -> dict[str, Any]:
    """Return the columns of an area version that a polygon fills."""
    min_lon, min_lat, max_lon, max_lat = shape.bounds
    box = {"min_lon": min_lon, "min_lat": min_lat, "max_lon": max_lon, "max_lat": max_lat}
    return {"shape": shapely.to_wkb(shape), **box}
