"""Open data of an area: the sets there are, and each as a file. A set is one entry in SETS; nothing else knows how many there are."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import heads
from weiduan.ground.territory.queries import area_by_code
from weiduan.outlook.insight.opened.fields import Field, told_of
from weiduan.outlook.insight.opened.places import UNIT_FIELDS, VENUE_FIELDS, drawn
from weiduan.outlook.insight.project_account import as_text
from weiduan.outlook.insight.units import day_begins

from . import sets

FORMAT = "weiduan.open_data/1"
BOM = "\ufeff"  # tells programs for tables that it is UTF-8


@dataclass(frozen=True)
class DataSet:
    """One set: its name in addresses, its words, its fields, and what is in it.

    rows    rows(code, at=…) → a list of dicts by name of field; what is no field is in no file
    shapes  whether its rows have a `geometry` (of shapely, or None), so that it is GeoJSON too
    """

    name: str
    title: Any
    about: Any
    fields: tuple[Field, ...]
    rows: Callable[..., list[dict[str, Any]]]
    shapes: bool = False

    @property
    def forms(self) -> tuple[str, ...]:
        """In which forms there is a file of it."""
        return ("csv", "json", "geojson") if self.shapes else ("csv", "json")


SETS: tuple[DataSet, ...] = (
    DataSet(
        "units", gettext_lazy("Basic units"), gettext_lazy("Every unit of today, with the four zeros as yes or no."), UNIT_FIELDS,
        sets.unit_rows, shapes=True,
    ),
    DataSet(
        "zeros", gettext_lazy("The four zeros, unit by unit"), gettext_lazy("Four lines a unit: reached or not, and what is lacking."),
        sets.ZERO_FIELDS, sets.zero_rows,
    ),
    DataSet(
        "venues", gettext_lazy("Places for residents"), gettext_lazy("Service centres and micro-venues open today."), VENUE_FIELDS,
        sets.venue_rows, shapes=True,
    ),
    DataSet(
        "reports", gettext_lazy("Reports, quarter by quarter"),
        gettext_lazy("What was told and what became of it; counts below five only together with others, nothing told in confidence."),
        sets.REPORT_FIELDS, sets.report_rows,
    ),
    DataSet(
        "activities", gettext_lazy("Activities for residents"), gettext_lazy("What is to come, and what took place within a year."),
        sets.ACTIVITY_FIELDS, sets.activity_rows,
    ),
    DataSet(
        "projects", gettext_lazy("Projects and their money"),
        gettext_lazy("Every project that was called, with what was set aside, paid and given back."),
        sets.PROJECT_FIELDS, sets.project_rows,
    ),
    DataSet(
        "satisfaction", gettext_lazy("How content residents are"),
        gettext_lazy("What was said to each question, where five or more answered and asking is over."),
        sets.SATISFACTION_FIELDS, sets.satisfaction_rows,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """A file of a set; `changed_at`: since when it can't have become another."""

    content: bytes
    kind: str
    name: str
    changed_at: datetime


def set_of(name: str) -> DataSet:
    """Return a set.

    :raises NotFound: there is none of this name
    """
    for one in SETS:
        if one.name == name:
            return one
    raise NotFound(_("There is no such set of open data. Choose one from the list."))


def licence() -> str:
    """Say what may be done with the data."""
    return settings.OPEN_DATA_LICENCE or _("Open data: everybody may use it who names the source")


def dictionary_of(code: str, *, at: datetime, demo: bool) -> dict[str, Any]:
    """Return the data dictionary: every set with every field.

    :raises NotFound: there is no such area
    """
    sets = [
        {"name": one.name, "title": str(one.title), "about": str(one.about), "forms": list(one.forms),
         "fields": [field.told() for field in one.fields]}
        for one in SETS
    ]  # fmt: skip
    return _head(code, local_day(at), demo) | {"sets": sets}


def file_of(code: str, name: str, form: str, *, at: datetime, demo: bool) -> File:
    """Return a set of an area as a file; a file of a demo says so, in its name and in each line.

    :raises NotFound: there is no such area, set or form
    """
    one, on = set_of(name), local_day(at)
    if form not in one.forms:
        raise NotFound(_("There is no such file of this set. Choose one from the list."))
    head, rows = _head(code, on, demo), one.rows(code, at=at)
    write = {"csv": _csv, "json": _json, "geojson": _geojson}[form]
    kinds = {"csv": "text/csv; charset=utf-8", "json": "application/json", "geojson": "application/geo+json"}
    return File(
        write(one, head, rows), kinds[form], f"{name}-{code}{'-demo' if demo else ''}.{form}", changed_at(at=at)
    )


def changed_at(*, at: datetime) -> datetime:
    """Return since when nothing can have changed: the last deed, or the beginning of the day, for some things end with a day."""
    last = Q(pk__in=[])
    for chain, pos in heads().items():
        last |= Q(chain=chain, pos=pos)
    deed = Entry.objects.filter(last).aggregate(at=Max("at"))["at"]
    begun = day_begins(local_day(at))
    return min(max(deed, begun), at) if deed else begun


def _head(code: str, on: date, demo: bool) -> dict[str, Any]:
    area = area_by_code(code, on=on)
    head = {"format": FORMAT, "area": area.name, "code": code, "as_of": on.isoformat(), "licence": licence()}
    return head | ({"demo": _("Demo data")} if demo else {})


def _csv(one: DataSet, head: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    target = io.StringIO(newline="")
    lines = csv.writer(target)
    mark = [head["demo"]] if "demo" in head else []
    lines.writerow([*(field.name for field in one.fields), *(["demo"] if mark else [])])
    for row in rows:
        lines.writerow([*(_cell(row.get(field.name)) for field in one.fields), *mark])
    return (BOM + target.getvalue()).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return as_text(value) if isinstance(value, str) else "" if value is None else value


def _json(one: DataSet, head: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    return _dumped(head | {"set": one.name, "rows": [told_of(row, one.fields) for row in rows]})


def _geojson(one: DataSet, head: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    features = [
        {"type": "Feature", "geometry": drawn(row.get("geometry")), "properties": told_of(row, one.fields)}
        for row in rows
    ]
    return _dumped({"type": "FeatureCollection"} | head | {"set": one.name, "features": features})


def _dumped(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
