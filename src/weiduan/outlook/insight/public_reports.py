"""What residents see of the reports of an area: what was published quarter by quarter, in words, and a map of what was released."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import shapely
from dateutil.relativedelta import relativedelta

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import covers
from weiduan.ground.territory.queries import shapes_of
from weiduan.ground.territory.rules import Level, level_of
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.reports.public import released_by_area

from .maps import SIMPLER, drawn_in
from .published.quarters import Told, told_of
from .report_words import COLUMN_TITLES

TABLES = ("outcome", "word", "category")


def quarters_of(code: str, *, on: date) -> list[dict[str, Any]]:
    """Return the published quarters of an area, the latest first, each with its tables in words: three queries."""
    rows = told_of(code, on=on)
    names = heading_names() if rows else {}
    found: dict[date, dict[str, Any]] = {}
    for row in rows:
        end = row.begins + relativedelta(months=3, days=-1)
        quarter = found.setdefault(
            row.begins, {"begins": row.begins, "ends": end, "total": row.total, "together": row.together}
        )
        quarter[row.table] = cells_in_words(row, names)
    return list(found.values())


def cells_in_words(row: Told, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the columns of a table with their titles and counts; what is told as one sum stands in one line, empty ones are left out."""
    return [{"titles": [_title(c, names) for c in columns], "count": n} for columns, n in row.cells if n]


def _title(column: str, names: dict[str, str]) -> str:
    return str(COLUMN_TITLES.get(column) or names.get(column, column))


def heading_names() -> dict[str, str]:
    """Return code → name of the headings of categories: one query."""
    return dict(Category.objects.filter(parent=None).values_list("code", "name"))


def reports_map(code: str, *, at: datetime) -> dict[str, Any]:
    """Return a FeatureCollection of the parts drawn in an area: those with a released report, and how many; no single place."""
    on, found = local_day(at), released_by_area(code, at=at)
    drawn = drawn_in(level_of(code))
    features = []
    for place, shape in shapes_of(code[:15], on=on, levels=[drawn]):
        released = _inside(place.code, found.items())
        simple = shape.simplify(SIMPLER.get(drawn, 0))
        features.append({
            "type": "Feature", "geometry": shapely.geometry.mapping(shapely.set_precision(simple, 1e-6, mode="pointwise")),
            "properties": {
                "code": place.code, "name": place.name, "state": "covered" if released else "none", "count": released,
                "total": released, "label": bool(released) or drawn >= Level.UNIT,
            },
        })  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def _inside(code: str, found: Iterable[tuple[str, int]]) -> int:
    return sum(n for other, n in found if covers(code, other))
