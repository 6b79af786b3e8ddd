"""Coordinates, distances and areas on the ground. No tables, no settings.

Everything is stored in WGS 84 as (lon, lat) in degrees. CGCS2000 differs from it by a few
centimetres, less than any boundary here is known to, so it is taken over as it is.
GCJ-02, which Chinese map services hand out, is moved by up to 700 m and is moved back exactly.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from .errors import BadInput

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
_GEOD = Geod(ellps="WGS84")

# The ellipsoid GCJ-02 was made with (Krasovsky 1940), as every published implementation has it.
_A = 6_378_245.0
_EE = 0.00669342162296594323
_GCJ_BOX = (72.004, 137.8347, 0.8293, 55.8271)  # outside it GCJ-02 is WGS 84

# Where a shape of this system may lie: the whole of China with a margin.
CHINA_LON, CHINA_LAT = (73.0, 136.0), (3.0, 54.0)


def _shift(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far GCJ-02 moves a WGS 84 point, in degrees of lon and lat."""
    x, y = lon - 105.0, lat - 35.0
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0

    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    dlat = north * 180.0 / ((_A * (1.0 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    dlon = east * 180.0 / (_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    inside = (lon >= _GCJ_BOX[0]) & (lon <= _GCJ_BOX[1]) & (lat >= _GCJ_BOX[2]) & (lat <= _GCJ_BOX[3])
    return np.where(inside, dlon, 0.0), np.where(inside, dlat, 0.0)


def wgs84_to_gcj02(lon: Any, lat: Any) -> tuple[Any, Any]:
    """Move WGS 84 points to GCJ-02; numbers or arrays of one shape, degrees."""
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    dlon, dlat = _shift(lon, lat)
    return (lon + dlon)[()], (lat + dlat)[()]


def gcj02_to_wgs84(lon: Any, lat: Any) -> tuple[Any, Any]:
    """Move GCJ-02 points back to WGS 84; there and back agrees to well under a centimetre.

    The shift has no inverse in closed form, but changes slowly, so each round of correcting
    the guess by what it misses gains two to three digits.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    guess_lon, guess_lat = lon, lat
    for _round in range(10):
        there_lon, there_lat = wgs84_to_gcj02(guess_lon, guess_lat)
        miss_lon, miss_lat = there_lon - lon, there_lat - lat
        guess_lon, guess_lat = guess_lon - miss_lon, guess_lat - miss_lat
        if max(np.max(np.abs(miss_lon), initial=0.0), np.max(np.abs(miss_lat), initial=0.0)) < 1e-10:
            break
    return np.asarray(guess_lon)[()], np.asarray(guess_lat)[()]


def _same(lon: Any, lat: Any) -> tuple[Any, Any]:
    return lon, lat


SYSTEMS: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "wgs84": _same,
    "cgcs2000": _same,
    "gcj02": gcj02_to_wgs84,
}


def to_wgs84(what: Any, system: str) -> Any:
    """Return `what` in WGS 84: a geometry, an array of geometries, or coordinates (…, 2).

    :raises BadInput: the system is none of SYSTEMS
    """
    if system not in SYSTEMS:
        raise BadInput(_("Unknown coordinate system: %(system)s. Choose WGS 84, CGCS2000 or GCJ-02."), system=system)
    move = SYSTEMS[system]
    if isinstance(what, BaseGeometry) or (isinstance(what, np.ndarray) and what.dtype == object):
        return what if move is _same else shapely.transform(what, move, interleaved=False)
    coords = np.asarray(what, dtype=float)
    return np.stack(move(coords[..., 0], coords[..., 1]), axis=-1)


def metres(lon1: Any, lat1: Any, lon2: Any, lat2: Any) -> Any:
    """Return the distance in metres on a sphere (within 0.5 %); numbers or arrays, degrees."""
    lon1, lat1, lon2, lat2 = (np.radians(np.asarray(value, dtype=float)) for value in (lon1, lat1, lon2, lat2))
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return (2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))[()]


def area_m2(geometry: BaseGeometry) -> float:
    """Return the area in square metres on the ellipsoid, holes taken out."""
    return abs(_GEOD.geometry_area_perimeter(shapely.orient_polygons(geometry))[0])


def valid_polygon(geometry: BaseGeometry | None) -> BaseGeometry:
    """Return `geometry` in two dimensions if it can be the shape of an area.

    :raises BadInput: nothing there, not a polygon, crosses itself, or lies outside China
    """
    if geometry is None or geometry.is_empty:
        raise BadInput(_("The shape is empty. Draw the outline of the area."))
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise BadInput(
            _("The shape is a %(kind)s, not an area. Draw it as a polygon."),
            kind=geometry.geom_type,
        )
    flat = shapely.force_2d(geometry)
    _require_in_china(flat)
    if not flat.is_valid:
        raise BadInput(_("The outline crosses or touches itself (%(reason)s)."), reason=shapely.is_valid_reason(flat))
    return flat


def _require_in_china(geometry: BaseGeometry) -> None:
    lon, lat = shapely.get_coordinates(geometry).T
    if _within(lon, CHINA_LON) and _within(lat, CHINA_LAT):
        return
    if _within(lat, CHINA_LON) and _within(lon, CHINA_LAT):
        raise BadInput(_("Longitude and latitude are the wrong way round: longitude comes first."))
    raise BadInput(_("The shape lies outside China. Coordinates must be longitude and latitude in degrees."))


def _within(values: np.ndarray, low_high: tuple[float, float]) -> bool:
    """Whether all `values` are numbers between the two (NaN is not)."""
    return bool(np.all((values >= low_high[0]) & (values <= low_high[1])))
