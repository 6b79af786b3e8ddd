"""Dead corners and the use of places as workbooks: the same figures as on the pages."""

from collections.abc import Sequence
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from weiduan.ground.base.workbooks import add_sheet, open_workbook
from weiduan.ground.territory.rules import Level, level_of

from .corner_words import REASON_TITLES, step_words, why_sentence
from .reach_maps import BANDS_M, Band
from .venue_use import UseRow
from .venue_words import USE_TITLES
from .venues import Corner, VenueReach

PARTS = {Level.TOWN: "towns", Level.VILLAGE: "villages", Level.GRID: "grids"}


def _note(on: str, demo: bool) -> list[str]:
    return [on, _("Demo data: all below village level is modelled.") if demo else ""]


def write_corners(target: Path | BinaryIO, reach: VenueReach, bands: Sequence[Band], *, demo: bool = False) -> None:
    """Write the second zero of an area: figures, dead corners with reasons and steps, and how far each place reaches."""
    note = _note(_("As of %(day)s") % {"day": reach.on}, demo)
    titles = [_("Area code"), _("Area"), _("Basic units"), _("Households"), _("With a place within reach"),
              _("Dead corners"), _("Households without")]  # fmt: skip
    keys = ("code", "name", "units", "households", "within", "dead_corners", "households_without")
    own = level_of(reach.code)
    rows = [reach.total, *(row for level in PARTS if own < level for row in reach.parts(level))]
    with open_workbook(target) as book:
        add_sheet(book, _("Total"), titles, [[row[key] for key in keys] for row in rows], note=note)
        heads = [_("Area code"), _("Unit"), _("Households"), _("Reason"), _("Why"), _("Next step"), _("Metres on foot")]
        add_sheet(book, _("Dead corners"), heads, [_cells(corner) for corner in reach.corners], note=note)
        heads = [
            _("Micro-venue"),
            _("Units served"),
            *(_("Households within %(n)s m straight") % {"n": m} for m in BANDS_M),
        ]
        cells = [[band.name, band.serves, *(band.households or [None] * len(BANDS_M))] for band in bands]
        add_sheet(book, _("Reach"), heads, cells, note=note)


def _cells(corner: Corner) -> list[Any]:
    unit, metres = corner.unit, corner.unit.metres
    return [
        unit.code, unit.name, unit.households, str(REASON_TITLES[corner.reason]), why_sentence(corner), step_words(corner.step),
        round(metres) if metres is not None and isfinite(metres) else None,
    ]  # fmt: skip


def write_use(target: Path | BinaryIO, rows: Sequence[UseRow], *, since: date, until: date, demo: bool = False) -> None:
    """Write how much places were used: hours open and used, by what for, by which unit; never by whom."""
    note = _note(_("From %(since)s until before %(until)s") % {"since": since, "until": until}, demo)
    with open_workbook(target) as book:
        heads = [_("Place"), _("Hours open"), _("Hours used"), _("Percent used")]
        add_sheet(book, _("Places"), heads, [[r.name, r.open_hours, r.used_hours, r.percent] for r in rows], note=note)
        uses = [[r.name, str(USE_TITLES[use]), hours] for r in rows for use, hours in r.by_use]
        add_sheet(book, _("By use"), [_("Place"), _("Use"), _("Hours used")], uses, note=note)
        units = [[r.name, unit or _("for no unit of its own"), hours] for r in rows for unit, hours in r.by_unit]
        add_sheet(book, _("By unit"), [_("Place"), _("Unit"), _("Hours used")], units, note=note)
