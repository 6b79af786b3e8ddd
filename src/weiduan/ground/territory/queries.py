"""Where things are, on any day."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import shapely
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from weiduan.ground.base.batches import batches, rows_where
from weiduan.ground.base.errors import NotFound

from .models import AreaVersion
from .rules import Level, prefix_of


def alive(on: date, path: str = "") -> Q:
    """Rows that hold on a day; `path` leads to them ("versions__")."""
    return Q(**{f"{path}since__lte": on}) & (Q(**{f"{path}until__isnull": True}) | Q(**{f"{path}until__gt": on}))


def below(code: str, path: str = "") -> Q:
    """Areas whose code begins like `code`, the area itself among them.

    As a range of digits: an index serves it on both databases, whatever the collation.
    """
    prefix = prefix_of(code)
    return starting_with(prefix, path) if prefix else Q()


def starting_with(digits: str, path: str = "") -> Q:
    """Areas whose code begins with some digits; with anything else none does."""
    if not (digits.isascii() and digits.isdecimal()):
        return Q(pk__in=[])
    after = str(int(digits) + 1).zfill(len(digits))
    return Q(**{f"{path}code__gte": digits, f"{path}code__lt": after})


def areas_below(code: str, *, on: date) -> QuerySet[AreaVersion]:
    """Return the versions, on a day, of an area and everything below it."""
    return AreaVersion.objects.filter(alive(on), below(code))


def within(codes: Iterable[str], *, on: date, path: str = "area") -> Q:
    """Rows whose area lies, on a day, in one of some areas; the empty code is everywhere.

    path  leads from the row to its `Area`
    """
    here = Q(pk__in=[])
    for code in codes:
        here |= Q(**{f"{path}__in": areas_below(code, on=on).values("area_id")})
    return here


def area_by_code(code: str, *, on: date) -> AreaVersion:
    """Return the area that has this code on that day.

    :raises NotFound: none has
    """
    version = AreaVersion.objects.defer("shape").filter(alive(on), code=code).first()
    if version is None:
        raise NotFound(_("No area has the code %(code)s on %(day)s.") % {"code": code, "day": on})
    return version


def area_ids(codes: Iterable[str], *, on: date) -> dict[str, int]:
    """Return code → key of the areas that have these codes on a day."""
    rows = AreaVersion.objects.filter(alive(on), code__in=list(codes))
    return dict(rows.values_list("code", "area_id"))


class Place(NamedTuple):
    """One area as pages need it; a tuple, for a district reads thousands."""

    id: int
    level: Level
    code: str
    name: str
    kind: str
    households: int | None
    population: int | None
    lon: float | None
    lat: float | None


PLACE_FIELDS = ("area_id", "level", "code", "name", "kind", "households", "population", "lon", "lat")


def ancestors_of(code: str) -> list[str]:
    """Return the codes above `code`, widest first, itself last."""
    prefix = prefix_of(code)
    codes = [prefix[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12) if n < len(prefix)]
    return [*codes, *(prefix[:n] for n in (15, 18) if n < len(prefix)), code]


def places(code: str, *, on: date, levels: Iterable[Level] | None = None) -> list[Place]:
    """Return the area, those above it and those below it (of `levels`, or all) in order of code."""
    inside = below(code) if levels is None else below(code) & Q(level__in=list(levels))
    rows = AreaVersion.objects.filter(alive(on), inside | Q(code__in=ancestors_of(code)))
    return sorted(
        (Place(*row) for row in rows.values_list(*PLACE_FIELDS)),
        key=lambda place: (len(prefix_of(place.code)), place.code),
    )


def crumbs(code: str, known: Iterable[Place]) -> list[Place]:
    """Pick the way down to `code` out of places already read."""
    by_code = {place.code: place for place in known}
    return [by_code[c] for c in ancestors_of(code) if c in by_code]


def top_areas(*, on: date) -> list[str]:
    """Return the codes of the areas on a day that stand under no other: mostly one district."""
    rows = AreaVersion.objects.filter(alive(on), parent__isnull=True).order_by("code")
    return list(rows.values_list("code", flat=True))


def shapes_of(code: str, *, on: date, levels: Iterable[Level]) -> list[tuple[Place, BaseGeometry]]:
    """Return the drawn areas of some levels in `code`, itself among them, with their polygons."""
    rows = areas_below(code, on=on).filter(level__in=list(levels), shape__isnull=False).order_by("code")
    values = list(rows.values_list(*PLACE_FIELDS, "shape"))
    polygons = shapely.from_wkb([bytes(row[-1]) for row in values])
    return [(Place(*row[:-1]), polygon) for row, polygon in zip(values, polygons, strict=True)]


def area_of(area_id: int, *, on: date) -> AreaVersion:
    """Return what an area was on a day; where it had ended, what it was last.

    :raises NotFound: there was no such area yet
    """
    versions = AreaVersion.objects.defer("shape").filter(area_id=area_id, since__lte=on).order_by("-since")
    found = versions.first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def names_by_area(area_ids: Iterable[int], *, on: date) -> dict[int, Place]:
    """Return area key → place, for those alive on a day."""
    rows = AreaVersion.objects.filter(alive(on)).values_list(*PLACE_FIELDS)
    found = (Place(*row) for batch in batches(set(area_ids)) for row in rows.filter(area__in=batch))
    return {place.id: place for place in found}


def names_by_code(codes: Iterable[str], *, on: date) -> dict[str, str]:
    """Return code → name, for those alive on a day."""
    rows = rows_where(AreaVersion.objects.filter(alive(on)).defer("shape"), "code", set(codes))
    return {row.code: row.name for row in rows}


def children(code: str, *, on: date) -> list[Place]:
    """Return the areas one level below, in order of code."""
    rows = AreaVersion.objects.filter(alive(on), alive(on, "parent__versions__"), parent__versions__code=code)
    return [Place(*row) for row in rows.order_by("code").values_list(*PLACE_FIELDS)]


def search_places(words: str, *, on: date, codes: set[str] | None = None, most: int = 200) -> list[Place]:
    """Return places whose names hold all `words`, or those with these codes; units and villages first."""
    rows = AreaVersion.objects.filter(alive(on), level__lte=Level.UNIT).exclude(level=Level.GRID)
    if codes is not None:
        rows = rows.filter(code__in=codes)
    for word in words.split():
        rows = rows.filter(name__icontains=word)
    return [Place(*row) for row in rows.order_by("-level", "code").values_list(*PLACE_FIELDS)[:most]]


def centres_of(code: str, *, on: date, level: Level) -> dict[str, tuple[float, float]]:
    """Return code → (lon, lat) of the areas of a level: the point given, else the middle of the outline's box."""
    rows = (
        areas_below(code, on=on)
        .filter(level=level)
        .values_list("code", "lon", "lat", "min_lon", "min_lat", "max_lon", "max_lat")
    )
    found: dict[str, tuple[float, float]] = {}
    for area, lon, lat, west, south, east, north in rows:
        if lon is not None and lat is not None:
            found[area] = (lon, lat)
        elif west is not None and south is not None and east is not None and north is not None:
            found[area] = ((west + east) / 2, (south + north) / 2)
    return found
