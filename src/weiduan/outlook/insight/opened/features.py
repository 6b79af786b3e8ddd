"""Units and places as collections of features: found by where they lie, when they held, and what they are.

What is asked for is found in the database; only outlines that cross the edge of the box asked for are read and looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import shapely
from django.core.exceptions import ValidationError
from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.batches import among
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import area_ids, areas_below, starting_with
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.counted.rules import ZEROS
from weiduan.outlook.insight.opened.fields import Field
from weiduan.outlook.insight.opened.places import TOWN_DIGITS, UNIT_FIELDS, VENUE_FIELDS, Told, units_told, venues_told
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.facilities.rules import Kind

Rows = QuerySet[Any]
WEST, EAST = -180.0, 180.0


class Box(NamedTuple):
    """A box in degrees; west of east it runs over the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def parts(self) -> list["Box"]:
        """Return the one or two boxes that don't run over the antimeridian."""
        if self.west <= self.east:
            return [self]
        return [self._replace(east=EAST), self._replace(west=WEST)]


class Time(NamedTuple):
    """Days from the first to the last, both included; None: without an end on that side."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class Wanted:
    """What is asked for: `time` None is what holds today; `where`: name of a field → the value it must have."""

    box: Box | None = None
    time: Time | None = None
    where: Mapping[str, str] = field(default_factory=dict)


class Found(NamedTuple):
    """A page of what was found, and how many there are in all."""

    matched: int
    told: list[Told]


class Extent(NamedTuple):
    """Around what holds today, and since when something did; None where there is nothing."""

    box: Box | None
    since: date | None


@dataclass(frozen=True)
class Collection:
    """A collection: its words, its fields, by which of them it can be narrowed, and how its rows are found and told."""

    name: str
    title: Any
    about: Any
    fields: tuple[Field, ...]
    narrowed_by: tuple[str, ...]
    rows: Callable[[Time], Rows]
    in_box: Callable[[Rows, Box], Q]
    where: Callable[[str, str, date], Q]
    one: Callable[[str, date], Rows]
    told: Callable[..., list[Told]]
    begins: str  # the column of the first day
    sides: tuple[Any, Any, Any, Any]  # west, south, east, north of a row

    def named(self, name: str) -> Field:
        """Return one of its fields."""
        return next(one for one in self.fields if one.name == name)


def collection_of(name: str) -> Collection:
    """Return a collection.

    :raises NotFound: there is none of this name
    """
    if name not in COLLECTIONS:
        raise NotFound(_("There is no such collection. These are there: %(names)s."), names=", ".join(COLLECTIONS))
    return COLLECTIONS[name]


def features_in(
    collection: Collection, wanted: Wanted, *, limit: int, offset: int, at: datetime
) -> Found:  # fmt: skip
    """Return a page of the features asked for, in a fixed order.

    :raises BadInput: a field asked for can't have that value
    """
    catch_up(at=at)
    on = local_day(at)
    rows = collection.rows(wanted.time or Time(on, on))
    for name, value in wanted.where.items():
        rows = rows.filter(collection.where(name, value, on))
    if wanted.box is not None:
        rows = rows.filter(collection.in_box(rows, wanted.box))
    return Found(rows.order_by().count(), collection.told(rows[offset : offset + limit], at=at))


def feature_of(collection: Collection, key: str, *, at: datetime) -> Told:
    """Return one feature.

    :raises NotFound: there is none of this key
    """
    catch_up(at=at)
    found = collection.told(collection.one(key, local_day(at))[:1], at=at)
    if not found:
        raise NotFound(_("There is no such feature in this collection."))
    return found[0]


def extent_of(collection: Collection, *, at: datetime) -> Extent:
    """Return around what, and since when, a collection is."""
    on = local_day(at)
    west, south, east, north = collection.sides
    ends = {"w": Min(west), "s": Min(south), "e": Max(east), "n": Max(north)}
    sides = collection.rows(Time(on, on)).order_by().aggregate(**ends)
    since = collection.rows(Time(None, None)).order_by().aggregate(since=Min(collection.begins))["since"]
    box = None if sides["w"] is None else Box(sides["w"], sides["s"], sides["e"], sides["n"])
    return Extent(box, since)


def _held(time: Time, since: str, until: str) -> Q:
    """Return what held on a day of some time; from `since` on, on the day `until` no more."""
    held = Q()
    if time.last is not None:
        held &= Q(**{f"{since}__lte": time.last})
    if time.first is not None:
        held &= Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": time.first})
    return held


def _units(time: Time) -> Rows:
    rows = AreaVersion.objects.filter(_held(time, "since", "until"), level=Level.UNIT.value)
    return rows.order_by("code", "since")


def _point_in(part: Box) -> Q:
    return Q(lon__gte=part.west, lon__lte=part.east, lat__gte=part.south, lat__lte=part.north)


def _units_in_box(rows: Rows, box: Box) -> Q:
    """Return the units that touch a box: outlines within its edge without being read, those over the edge looked at one by one."""
    found = Q(min_lon=None, lon=None)  # what lies nobody knows where is in every box, as the standard has it
    for part in box.parts():
        inside = Q(min_lon__gte=part.west, max_lon__lte=part.east, min_lat__gte=part.south, max_lat__lte=part.north)
        near = Q(min_lon__lte=part.east, max_lon__gte=part.west, min_lat__lte=part.north, max_lat__gte=part.south)
        over = rows.filter(near).exclude(inside).order_by().values_list("pk", "shape")
        found |= inside | Q(min_lon=None) & _point_in(part) | Q(pk__in=among(_touching(list(over), part)))
    return found


def _touching(rows: Sequence[tuple[int, bytes]], part: Box) -> list[int]:
    if not rows:
        return []
    shapes = shapely.from_wkb([bytes(shape) for _key, shape in rows])
    touches = shapely.intersects(shapes, shapely.box(part.west, part.south, part.east, part.north))
    return [key for (key, _shape), does in zip(rows, touches, strict=True) if does]


def _units_where(name: str, value: str, on: date) -> Q:
    if name in ("village", "town"):
        level = Level.VILLAGE if name == "village" else Level.TOWN
        codes = AreaVersion.objects.filter(level=level.value, name=value).values_list("code", flat=True)
        return _below_any(sorted(set(codes)), name)
    if name in ("village_code", "town_code"):
        is_code = len(value) == 12 and value.isascii() and value.isdigit()
        return _below_any([value] if is_code else [], name.removesuffix("_code"))
    if name.startswith("zero_"):
        zero = name.removeprefix("zero_")
        lacking = UnitStanding.objects.exclude(**{zero: ""})
        has = UnitStanding.objects.filter(**{zero: ""})
        rows = (has if value == "true" else lacking).values("area")
        return Q(area__in=rows) & _held(Time(on, on), "since", "until")
    return Q(**{name: value})


def _below_any(codes: Sequence[str], what: str) -> Q:
    here = Q(pk__in=[])
    for code in codes:
        here |= starting_with(code if what == "village" else code[:TOWN_DIGITS])
    return here


def _one_unit(key: str, on: date) -> Rows:
    code, _sign, since = key.partition("~")
    rows = AreaVersion.objects.filter(level=Level.UNIT.value, code=code)
    if not since:
        return rows.filter(_held(Time(on, on), "since", "until"))
    try:
        return rows.filter(since=date.fromisoformat(since))
    except ValueError:
        return rows.none()


def _venues(time: Time) -> Rows:
    """Return the places that were open at a time; what is only planned is nobody's business yet."""
    rows = Facility.objects.filter(_held(time, "open_since", "open_until"), open_since__isnull=False)
    return rows.exclude(open_until=F("open_since")).order_by("name", "pk")


def _centres(time: Time) -> Rows:
    return _venues(time).filter(kind=Kind.CENTRE.value)


def _venues_in_box(rows: Rows, box: Box) -> Q:
    found = Q(lon=None) | Q(lat=None)
    for part in box.parts():
        found |= _point_in(part)
    return found


def _venues_where(name: str, value: str, on: date) -> Q:
    if name != "area_code":
        return Q(**{name: value})
    if value not in area_ids([value], on=on):
        return Q(pk__in=[])
    return Q(area__in=areas_below(value, on=on).values("area_id"))


def _one_venue(key: str, on: date) -> Rows:
    try:
        return Facility.objects.filter(pk=UUID(key), open_since__isnull=False)
    except (ValueError, ValidationError):
        return Facility.objects.none()


def _one_centre(key: str, on: date) -> Rows:
    return _one_venue(key, on).filter(kind=Kind.CENTRE.value)


def checked(collection: Collection, name: str, value: str) -> str:
    """Return a value a field may be asked for.

    :raises BadInput: the field is of another sort, or never has this value
    """
    of = collection.named(name)
    allowed = ("true", "false") if of.type == "boolean" else of.values
    if allowed and value not in allowed:
        raise BadInput(_("%(name)s is one of: %(values)s."), name=name, values=", ".join(allowed))
    if "\0" in value:
        raise BadInput(_("%(name)s can't hold such a character."), name=name)
    return value


_BY_POINT = (F("lon"), F("lat"), F("lon"), F("lat"))
COLLECTIONS = {
    one.name: one
    for one in (
        Collection(
            "units", gettext_lazy("Basic units"),
            gettext_lazy("Where people live, with the four zeros as yes or no. Without “datetime”: as it is today."),
            UNIT_FIELDS,
            ("code", "name", "kind", "village", "village_code", "town", "town_code", *(f"zero_{zero}" for zero in ZEROS)),
            _units, _units_in_box, _units_where, _one_unit, units_told, "since",
            (Coalesce("min_lon", "lon"), Coalesce("min_lat", "lat"), Coalesce("max_lon", "lon"), Coalesce("max_lat", "lat")),
        ),
        Collection(
            "venues", gettext_lazy("Places for residents"),
            gettext_lazy("Centres and micro-venues with their opening hours. Without “datetime”: those open today."),
            VENUE_FIELDS, ("name", "kind", "address", "area_code"), _venues, _venues_in_box, _venues_where, _one_venue,
            venues_told, "open_since", _BY_POINT,
        ),
        Collection(
            "centres", gettext_lazy("Service centres"),
            gettext_lazy("The service centres among the places for residents. Without “datetime”: those open today."),
            VENUE_FIELDS, ("name", "address", "area_code"), _centres, _venues_in_box, _venues_where, _one_centre,
            venues_told, "open_since", _BY_POINT,
        ),
    )
}  # fmt: skip
