"""From an uploaded file to a checked survey: what page and command share."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import shapes_of
from weiduan.ground.territory.rules import Level

from .check import Checked, check, heading_of
from .queries import codes_below, known_of, named_in
from .reader import Progress, Workbook, read_workbook
from .shapes import CheckedShapes, check_shapes
from .sheets import SHEETS


@dataclass
class Taken:
    """A workbook as read, and what the check says of it."""

    workbook: Workbook
    checked: Checked


def take_workbook(
    path: Path, *, area: str | None, on: date | None, today: date, progress: Progress | None = None
) -> Taken:
    """Read and check a workbook against what is kept.

    area, on  chosen beside the file; None where the cover sheet decides

    :raises BadInput: it isn't one, it is hostile, or its cover says neither area nor day
    """
    workbook = read_workbook(path, progress=progress)
    heading = heading_of(workbook)
    scope, day = area or heading.area, on or heading.on
    known = known_of(scope or "", named_in(workbook), on=min(day or today, today)) if scope else _nothing(today)
    checked = check(workbook, known, area=area, on=on, today=today, progress=progress)
    return Taken(workbook, checked)


def _nothing(today: date) -> Any:
    """A cover without an area: the check says so at its cell, whatever else is known."""
    return known_of("000000000000", {}, on=today)


def take_shapes(
    path: Path, *, area: str, coordinates: str, on: date, progress: Progress | None = None
) -> CheckedShapes:
    """Read and check a file of shapes against what is drawn already.

    :raises BadInput: it isn't one, or it is hostile
    """
    if coordinates not in ("wgs84", "cgcs2000", "gcj02"):
        raise BadInput(_("Say which coordinate system the file is in: WGS 84, CGCS2000 or GCJ-02."))
    drawn = dict((place.code, shape) for place, shape in shapes_of(area, on=on, levels=[Level.GRID, Level.UNIT]))
    villages = dict((place.code, shape) for place, shape in shapes_of(area, on=on, levels=[Level.VILLAGE]))
    return check_shapes(
        path,
        coordinates=coordinates,
        codes=codes_below(area, on=on),
        existing=drawn,
        villages=villages,
        progress=progress,
    )


def counts_of(checked: Checked) -> list[dict[str, Any]]:
    """Return, sheet by sheet, how many rows are new, changed, gone and untouched."""
    diff = checked.diff
    if diff is None:
        return []
    return [{"title": sheet.title, **diff.sheets[sheet.key].counts} for sheet in SHEETS]
