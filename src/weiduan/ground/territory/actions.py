"""Found divisions, and take in what a survey says of grids, units and buildings."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.base.batches import batches, rows_where
from weiduan.ground.base.changes import Changes, Row, difference
from weiduan.ground.base.errors import BadInput
from weiduan.ground.base.inserts import insert_all, update_all
from weiduan.ground.ledger.actions import Deed, record_many

from .models import Area, AreaVersion
from .queries import alive, areas_below
from .rules import level_of, parent_code
from .shapes import shape_fields

BATCH, DIGEST = 2_000, 32  # areas, characters
FACTS = ("name", "kind", "households", "population", "management", "address", "lon", "lat")
SHAPE = ("shape", "min_lon", "min_lat", "max_lon", "max_lat")


@transaction.atomic
def found_divisions(rows: Iterable[Row], *, edition: str, on: date, by: Any, at: datetime) -> int:
    """Lay divisions (code, name, kind, lon, lat) that aren't there yet; return how many were.

    :raises BadInput: one of them has no parent, neither there nor among `rows`
    """
    fresh = sorted(rows, key=lambda row: level_of(row["code"]))
    wanted = {row["code"] for row in fresh} | {parent_code(row["code"]) or "" for row in fresh}
    there = rows_where(AreaVersion.objects.filter(until__isnull=True).defer("shape"), "code", wanted)
    areas = {version.code: version.area_id for version in there}
    fresh = [row for row in fresh if row["code"] not in areas]
    highest = level_of(fresh[0]["code"]) if fresh else None
    coming = {row["code"] for row in fresh}
    for row in fresh:
        above = parent_code(row["code"])
        if level_of(row["code"]) != highest and above not in areas and above not in coming:
            raise BadInput(_("%(code)s %(name)s: its parent %(above)s is missing; load that first.")
                           % {"code": row["code"], "name": row["name"], "above": above})  # fmt: skip
    _add(fresh, areas, on=on, edition=edition)
    record_many(
        [Deed("area.founded", "territory.area", str(areas[row["code"]]), row["code"]) for row in fresh], by=by, at=at
    )
    return len(fresh)


def hold_district(code: str, *, on: date) -> None:
    """Until the transaction ends, let nobody else change the ground of the district in which `code` lies.

    One at a time, because what a village's survey changes may lie within what its town's does.
    Who only refers to the district is not held up (no_key).
    """
    codes = [code[:6].ljust(12, "0"), code]  # a few cities have no district: then the area itself
    held = AreaVersion.objects.filter(alive(on), code__in=codes).order_by("code").values_list("area_id", flat=True)
    list(Area.objects.select_for_update(no_key=True).filter(pk__in=held[:1]))


@transaction.atomic
def revise_areas(changes: Changes, *, within: str, on: date, by: Any, at: datetime) -> None:
    """Take in surveyed grids, units and buildings as they are from the day `on`.

    A correction on the very day a version began changes it in place; any other
    change closes the version and opens the next.
    """
    hold_district(within, on=on)
    areas = dict(areas_below(within, on=on).values_list("code", "area_id"))
    touched = {row["code"] for row in [*changes.gone, *(before for before, _after in changes.changed)]}
    versions = _locked(touched, within, on)
    deeds = [*_gone(changes.gone, versions, on), *_changed(changes.changed, versions, on)]
    _add(sorted(changes.new, key=lambda row: len(row["code"])), areas, on=on)
    deeds += [Deed("area.founded", "territory.area", str(areas[row["code"]]), row["code"]) for row in changes.new]
    record_many(deeds, by=by, at=at)


def _locked(codes: Iterable[str], within: str, on: date) -> dict[str, AreaVersion]:
    """Return the versions, on a day, of these areas below `within`, and let nobody else change them meanwhile."""
    here = areas_below(within, on=on).select_for_update().order_by("code")
    return {version.code: version for version in rows_where(here, "code", sorted(codes))}


def _add(rows: list[Row], areas: dict[str, int], *, on: date, edition: str = "") -> None:
    """Make areas level by level, so that parents have keys before their children ask for them."""
    for level in sorted({level_of(row["code"]) for row in rows}):
        here = [row for row in rows if level_of(row["code"]) == level]
        made = Area.objects.bulk_create([Area(level=level) for _row in here], batch_size=BATCH)
        areas.update({row["code"]: area.pk for row, area in zip(here, made, strict=True)})
        insert_all(AreaVersion, (_version(row, areas, on=on, edition=edition) for row in here))


def _version(row: Row, areas: Mapping[str, int], *, on: date, edition: str = "") -> AreaVersion:
    facts = {key: row.get(key) for key in FACTS}
    facts |= {key: facts[key] or "" for key in ("kind", "management", "address")}
    code = row["code"]
    return AreaVersion(
        area_id=areas[code], parent_id=areas.get(parent_code(code) or ""), level=level_of(code), code=code,
        since=on, edition=edition, **facts,
    )  # fmt: skip


def _gone(rows: list[Row], versions: Mapping[str, AreaVersion], on: date) -> list[Deed]:
    deeds = [Deed("area.ended", "territory.area", str(versions[row["code"]].area_id), row["code"]) for row in rows]
    close([versions[row["code"]] for row in rows], on)
    return deeds


def _changed(pairs: list[tuple[Row, Row]], versions: Mapping[str, AreaVersion], on: date) -> list[Deed]:
    old, new, deeds = [], [], []
    for before, after in pairs:
        version = versions[after["code"]]
        said, says = difference(before, after)
        deeds.append(Deed("area.changed", "territory.area", str(version.area_id), version.code, said, says))
        old.append(version)
        new.append(
            successor(
                version, on, **{k: after[k] if after[k] is not None else _nothing(k) for k in FACTS if k in after}
            )
        )
    close(old, on)
    insert_all(AreaVersion, new)
    return deeds


def _nothing(key: str) -> Any:
    return "" if key in ("name", "kind", "management", "address") else None


def successor(version: AreaVersion, on: date, **changed: Any) -> AreaVersion:
    """Return the version that follows from the day `on`: the same but for what changed."""
    kept = ("area_id", "parent_id", "level", "code", "edition", *FACTS, *SHAPE)
    return AreaVersion(**({key: getattr(version, key) for key in kept} | changed | {"since": on}))


def close(versions: list[AreaVersion], on: date) -> None:
    """End versions on a day; one that began that day never held and goes."""
    for batch in batches(versions):
        AreaVersion.objects.filter(pk__in=[v.pk for v in batch if v.since >= on]).delete()
        AreaVersion.objects.filter(pk__in=[v.pk for v in batch if v.since < on]).update(until=on)


@transaction.atomic
def draw_shapes(shapes: Mapping[str, Any], *, within: str, on: date, by: Any, at: datetime) -> int:
    """Give areas their polygons (code → shapely polygon, WGS 84) from a day on; return how many changed.

    :raises BadInput: a code isn't there on that day
    """
    hold_district(within, on=on)
    versions = _locked(shapes, within, on)
    unknown = sorted(set(shapes) - set(versions))
    if unknown:
        raise BadInput(_("No area has the code %(code)s on %(day)s.") % {"code": unknown[0], "day": on})
    fields = {code: shape_fields(shape) for code, shape in shapes.items()}
    drawn = [versions[c] for c, f in fields.items() if bytes(versions[c].shape or b"") != f["shape"]]
    first = [v for v in drawn if v.shape is None]
    later = [v for v in drawn if v.shape is not None]
    _draw_in_place(first, fields)
    close(later, on)
    insert_all(AreaVersion, (successor(v, on, **fields[v.code]) for v in later))
    record_many([_drawn(version, fields[version.code]["shape"]) for version in drawn], by=by, at=at)
    return len(drawn)


def _drawn(version: AreaVersion, shape: bytes) -> Deed:
    """Tell of a shape by its digest: so the same entries mean the same ground."""
    after = {"shape": sha256(shape).hexdigest()[:DIGEST]}
    return Deed("area.drawn", "territory.area", str(version.area_id), version.code, after=after)


def _draw_in_place(versions: list[AreaVersion], fields: Mapping[str, dict[str, Any]]) -> None:
    """A first shape is no change of the area: it was always there, only not drawn."""
    for version in versions:
        for name, value in fields[version.code].items():
            setattr(version, name, value)
    update_all(AreaVersion, versions, SHAPE)
