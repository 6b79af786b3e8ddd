"""From a workbook as typed to rows of values: each cell read by its column, each fault at its cell."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from .cells import Raw, Wrong, plain, reader_of
from .faults import Fault, Faults
from .reader import Cover, Progress, SheetData, Workbook
from .sheets import COORDINATES, COVER_AREA, COVER_COORDINATES, COVER_DATE, COVER_TITLE, DATE, SHEETS, Column, Sheet

Row = dict[str, Any]  # column key -> cells.Value

_AREA = Column("area", COVER_AREA, "code", True, digits=(6, 9, 12))
_DATE = Column("date", COVER_DATE, DATE, True)
_COORDINATES = Column("coordinates", COVER_COORDINATES, "choice", True, COORDINATES)


@dataclass
class Rows:
    """The survey's rows: sheet key -> rows of values, and the row number of each in the workbook."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {sheet.key: [] for sheet in SHEETS})
    numbers: dict[str, list[int]] = field(default_factory=lambda: {sheet.key: [] for sheet in SHEETS})


@dataclass(frozen=True)
class Heading:
    """What the cover says: area as 12 digits, the survey's day, the key of the coordinate system; None where wrong."""

    area: str | None
    on: date | None
    coordinates: str | None


def read_heading(cover: Cover, faults: Faults) -> Heading:
    """Read the cover; `faults` gets what is wrong with it."""
    if not cover.found:
        faults.note(
            Fault(
                COVER_TITLE,
                0,
                "",
                _("The sheet “%(title)s” is missing. Copy it from the template and fill in its three cells.")
                % {"title": COVER_TITLE},
            )
        )
        return Heading(None, None, None)
    area = _cover_value(cover, _AREA, cover.area, faults)
    on = _cover_value(cover, _DATE, cover.date, faults)
    coordinates = _cover_value(cover, _COORDINATES, cover.coordinates, faults)
    return Heading(area and area.ljust(12, "0"), on, coordinates)


def _cover_value(cover: Cover, column: Column, raw: Raw, faults: Faults) -> Any:
    if isinstance(raw, float) and raw.is_integer() and column is _AREA:
        raw = str(int(raw))  # twelve digits are safe in a number, and the cover's one code is short
    if isinstance(raw, str) and not plain(raw):
        raw = None
    try:
        return reader_of(column)(raw)
    except Wrong as wrong:
        note_on_cover(cover, column.key, str(wrong), faults)
        return None


def note_on_cover(cover: Cover, key: str, message: str, faults: Faults) -> None:
    """Note a fault at one of the cover's three cells."""
    title = {"area": COVER_AREA, "date": COVER_DATE, "coordinates": COVER_COORDINATES}[key]
    row = cover.rows.get(key, 0)
    faults.note(Fault(COVER_TITLE, row, title, message, "B" if row else ""))


def read_rows(workbook: Workbook, faults: Faults, progress: Progress | None = None) -> Rows:
    """Read every cell of every sheet; a wrong cell holds None and has its fault."""
    result = Rows()
    for key, data in workbook.sheets.items():
        faults.letters[key] = data.letters()
        for column, place in zip(data.sheet.columns, data.places, strict=False):
            if place is None:
                faults.spoil_column(data.sheet, column.key)
        result.rows[key] = _read_sheet(data, faults, progress)
        result.numbers[key] = data.numbers
    return result


def _read_sheet(data: SheetData, faults: Faults, progress: Progress | None) -> list[Row]:
    sheet, total = data.sheet, len(data.rows)
    present = [
        (column.key, reader_of(column), place is not None)
        for column, place in zip(sheet.columns, data.places, strict=False)
    ]
    rows = []
    for done, (number, cells) in enumerate(zip(data.numbers, data.rows, strict=True), 1):
        rows.append(_read_row(sheet, number, cells, present, faults))
        if progress and (done % 5000 == 0 or done == total):
            progress(done, total, sheet.title)
    return rows


def _read_row(sheet: Sheet, number: int, cells: tuple[Raw, ...], present: list, faults: Faults) -> Row:
    """Read one row; a column the file lacks has its fault at the header already."""
    row: Row = {}
    for (key, read, is_there), cell in zip(present, cells, strict=True):
        try:
            row[key] = read(cell) if is_there else None
        except Wrong as wrong:
            row[key] = None
            faults.add(sheet, number, key, str(wrong))
    return row
