"""Units and places as open data: what is told of each, and where it lies. Never a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import shapely
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.batches import among, rows_where
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import names_by_area
from weiduan.ground.territory.rules import UnitKind
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.counted.rules import ZEROS
from weiduan.outlook.insight.opened.fields import (
    COMPUTED,
    KEPT,
    LEAST_HOUSEHOLDS,
    ON_THE_DAY,
    SURVEYED,
    Field,
    Type,
    told_of,
)
from weiduan.outlook.insight.venue_words import KIND_TITLES, week_words
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.facilities.rules import Kind
from weiduan.systems.venues.hours.queries import openings_of
from weiduan.systems.venues.hours.rules import Span

DECIMALS = 7  # of a degree: about a centimetre
VILLAGE_DIGITS, TOWN_DIGITS = 12, 9
UNIT_FIELDS = (
    Field("code", Type.TEXT, _("code of the unit, 18 digits, as text"), SURVEYED),
    Field("name", Type.TEXT, _("name of the unit"), SURVEYED),
    Field("kind", Type.TEXT, _("courtyard, housing estate, stockade, settlement or new community"), SURVEYED,
          values=tuple(kind.value for kind in UnitKind)),
    Field("village", Type.TEXT, _("name of the village or community it lies in"), ON_THE_DAY),
    Field("village_code", Type.TEXT, _("code of the village or community"), ON_THE_DAY),
    Field("town", Type.TEXT, _("name of the town or street it lies in"), ON_THE_DAY),
    Field("town_code", Type.TEXT, _("code of the town or street"), ON_THE_DAY),
    Field("households", Type.WHOLE, _("households; left out where there are fewer than five"), SURVEYED, _("households")),
    Field("since", Type.DAY, _("first day on which this holds"), ON_THE_DAY),
    Field("until", Type.DAY, _("day from which it holds no more; left out where it holds today"), ON_THE_DAY),
    Field("zero_organisation", Type.YES_NO, _("yes: no blind spot, a Party organisation covers it as the rules ask"), COMPUTED),
    Field("zero_venues", Type.YES_NO, _("yes: no dead corner, a place for residents is within reach"), COMPUTED),
    Field("zero_governance", Type.YES_NO, _("yes: no gap, it governs itself as the rules ask"), COMPUTED),
    Field("zero_services", Type.YES_NO, _("yes: no distance, services reach it and residents are content"), COMPUTED),
)  # fmt: skip
VENUE_FIELDS = (
    Field("name", Type.TEXT, _("name of the place"), KEPT),
    Field("kind", Type.TEXT, _("community service centre or micro-venue"), KEPT, values=tuple(kind.value for kind in Kind)),
    Field("kind_words", Type.TEXT, _("the kind in words"), KEPT),
    Field("address", Type.TEXT, _("address of the place"), KEPT),
    Field("area", Type.TEXT, _("name of the area it lies in"), ON_THE_DAY),
    Field("area_code", Type.TEXT, _("code of the area it lies in"), ON_THE_DAY),
    Field("hours", Type.TEXT, _("usual opening hours of a week, in words"), KEPT),
    Field("since", Type.DAY, _("day on which it opened"), KEPT),
    Field("until", Type.DAY, _("day from which it is closed for good; left out where none is laid down"), KEPT),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One thing as it is published: its key, where it lies (None: nobody said), and its fields."""

    key: str
    shape: BaseGeometry | None
    fields: dict[str, Any]

    def geojson(self) -> dict[str, Any]:
        """Return it as a GeoJSON feature."""
        return {"type": "Feature", "id": self.key, "geometry": drawn(self.shape), "properties": self.fields}


def drawn(shape: BaseGeometry | None) -> dict[str, Any] | None:
    """Return a geometry as GeoJSON (RFC 7946): to the centimetre, outlines counter-clockwise."""
    if shape is None:
        return None
    fine = shapely.transform(shapely.orient_polygons(shape), lambda points: points.round(DECIMALS))
    return dict(shapely.geometry.mapping(fine))


def version_key(version: AreaVersion, *, on: date) -> str:
    """Return what a unit is named by: its code as it is on a day, with the first day where it was so only before or will be."""
    holds = version.since <= on and (version.until is None or version.until > on)
    return version.code if holds else f"{version.code}~{version.since}"


def units_told(versions: Iterable[AreaVersion], *, at: datetime) -> list[Told]:
    """Return units as they are published; the zeros only of those that hold today. Three queries for any number.

    The counts must have caught up before.
    """
    known, on = list(versions), local_day(at)
    names = _names({code for version in known for code in _around(version.code)})
    standing = {
        row["area_id"]: row
        for row in UnitStanding.objects.filter(area__in=among({version.area_id for version in known})).values("area_id", *ZEROS)
    }  # fmt: skip
    return [_unit(version, names, standing.get(version.area_id), on) for version in known]


def _unit(version: AreaVersion, names: dict[str, str], standing: dict[str, str] | None, on: date) -> Told:
    town, village = _around(version.code)
    key = version_key(version, on=on)
    households = version.households if (version.households or 0) >= LEAST_HOUSEHOLDS else None
    row: dict[str, Any] = {
        "code": version.code, "name": version.name, "kind": version.kind or None, "village": names.get(village),
        "village_code": village, "town": names.get(town), "town_code": town, "households": households,
        "since": version.since.isoformat(), "until": version.until.isoformat() if version.until else None,
    }  # fmt: skip
    if standing is not None and key == version.code:
        row |= {f"zero_{zero}": not standing[zero] for zero in ZEROS}
    return Told(key, _shape(version), told_of(row, UNIT_FIELDS))


def _shape(version: AreaVersion) -> BaseGeometry | None:
    if version.shape is not None:
        return shapely.from_wkb(bytes(version.shape))
    if version.lon is not None and version.lat is not None:
        return shapely.Point(version.lon, version.lat)
    return None


def _around(code: str) -> tuple[str, str]:
    """Return the codes of the town and the village a unit lies in."""
    return code[:TOWN_DIGITS].ljust(12, "0"), code[:VILLAGE_DIGITS]


def _names(codes: set[str]) -> dict[str, str]:
    """Return code → the name it had last, so that what is gone has one too."""
    rows = rows_where(AreaVersion.objects.only("code", "name", "since").order_by("since"), "code", codes)
    return {row.code: row.name for row in rows}


def venues_told(found: Iterable[Facility], *, at: datetime) -> list[Told]:
    """Return places as they are published. Three queries for any number."""
    known, on = list(found), local_day(at)
    areas, weeks = names_by_area({one.area_id for one in known}, on=on), _weeks([one.pk for one in known], on)
    return [_venue(one, areas.get(one.area_id), weeks[one.pk]) for one in known]


def _venue(found: Facility, area: Any, week: dict[int, list[Span]]) -> Told:
    row: dict[str, Any] = {
        "name": found.name, "kind": found.kind, "kind_words": str(KIND_TITLES[found.kind]), "address": found.address or None,
        "area": area.name if area else None, "area_code": area.code if area else None,
        "hours": "；".join(f"{days} {hours}" for days, hours in week_words(week)) if week else None,
        "since": found.open_since.isoformat() if found.open_since else None,
        "until": found.open_until.isoformat() if found.open_until else None,
    }  # fmt: skip
    place = shapely.Point(found.lon, found.lat) if found.lon is not None and found.lat is not None else None
    return Told(str(found.pk), place, told_of(row, VENUE_FIELDS))


def _weeks(keys: list[UUID], on: date) -> dict[UUID, dict[int, list[Span]]]:
    weeks: dict[UUID, dict[int, list[Span]]] = {}
    for key, opening in openings_of(keys, since=on, until=date.fromordinal(on.toordinal() + 1)).items():
        weeks[key] = {}
        for row in opening.weekly:
            weeks[key].setdefault(row.day, []).append((row.opens, row.closes))
    return weeks
