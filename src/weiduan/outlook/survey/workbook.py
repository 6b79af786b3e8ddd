"""Writes survey workbooks: the template to fill in, the export that reads back the same, and the marked copy.

Text is always written as text: a name that begins with = + - or @ stays a name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from .cells import FIRST_DAY, LAST_DAY, NoValue, Raw, plain
from .faults import Fault, letter_of
from .reader import EXAMPLE, Cover, SheetData, Workbook
from .rows import Row
from .sheets import (
    CHOICE,
    CODE,
    COORDINATES,
    COVER_AREA,
    COVER_COORDINATES,
    COVER_DATE,
    COVER_TITLE,
    DATE,
    HINT,
    NUMBER,
    PROBLEM,
    PROBLEMS_TITLE,
    SHEETS,
    WHOLE,
    Column,
    Sheet,
)

MANY_ROWS = 20_000  # from here on rows go to disk as they are written
LAST_ROW = 1_048_575  # of an Excel sheet, from 0
REQUIRED = "＊"


@dataclass
class Book:
    """An open workbook with its formats."""

    file: xlsxwriter.Workbook

    def __post_init__(self) -> None:
        """Make the formats once; Excel shares them."""
        base = {"font_name": "Microsoft YaHei", "font_size": 11, "valign": "vcenter"}
        self.heading = self.file.add_format(base | {"bold": True, "font_size": 16})
        self.words = self.file.add_format(base | {"text_wrap": True, "valign": "top"})
        self.label = self.file.add_format(base | {"bold": True, "bg_color": "#FBE9E7", "border": 1})
        self.warning = self.file.add_format(base | {"bold": True, "font_color": "#B71C1C", "font_size": 14})
        self.required = self.file.add_format(base | {"bold": True, "bg_color": "#FBE9E7", "border": 1})
        self.optional = self.file.add_format(base | {"bold": True, "bg_color": "#ECEFF1", "border": 1})
        self.problem = self.file.add_format(base | {"font_color": "#B71C1C"})
        self.problem_head = self.file.add_format(base | {"bold": True, "font_color": "#FFFFFF", "bg_color": "#B71C1C"})
        self.example = {kind: self._kind(base | {"italic": True, "font_color": "#757575"}, kind) for kind in _FORMATS}
        self.plain = {kind: self._kind(base, kind) for kind in _FORMATS}
        self.wrong = {
            kind: self._kind(base | {"bg_color": "#FFCDD2", "border": 2, "border_color": "#B71C1C"}, kind)
            for kind in _FORMATS
        }

    def _kind(self, base: dict, kind: str) -> Format:
        return self.file.add_format(base | {"num_format": _FORMATS[kind]})


_FORMATS = {"text": "@", "number": "General", "date": "yyyy-mm-dd"}
_FORMAT_OF = {WHOLE: "number", NUMBER: "number", DATE: "date"}  # the others are text


def write_template(path: Path, *, area: str, area_name: str, on: date) -> None:
    """Write the workbook people fill in, each sheet with its header, drop-downs and one example row."""
    with _open(path, 0, on) as file:
        book = Book(file)
        _write_cover(book, Cover(area, on, COORDINATES["wgs84"]), area_name)
        for sheet in SHEETS:
            page = _add_sheet(book, sheet, [HINT, *_titles(sheet)], list(range(1, len(sheet.columns) + 1)))
            page.write_string(1, 0, EXAMPLE, book.example["text"])
            for place, column in enumerate(sheet.columns, 1):
                _write_raw(page, 1, place, _example(column), book.example[_FORMAT_OF.get(column.kind, "text")])


def write_workbook(
    path: Path,
    rows: Mapping[str, Sequence[Row]],
    *,
    area: str,
    area_name: str,
    on: date,
    coordinates: str = "wgs84",
    demo: bool = False,
) -> None:
    """Write rows of values (sheet key -> rows) so that reading them gives exactly these rows again."""
    with _open(path, sum(len(each) for each in rows.values()), on) as file:
        book = Book(file)
        _write_cover(book, Cover(area, on, COORDINATES[coordinates]), area_name, demo)
        for sheet in SHEETS:
            page = _add_sheet(book, sheet, _titles(sheet), list(range(len(sheet.columns))))
            if demo:
                page.set_header("&C" + _("Demo data"))
            _write_rows(book, page, sheet, rows.get(sheet.key, ()))


def write_marked(path: Path, workbook: Workbook, faults: Iterable[Fault]) -> None:
    """Write the workbook as typed, wrong cells coloured and noted, with a column and a sheet of problems.

    Corrected, it reads like any other: the column 问题 and the sheet 问题清单 are ignored.
    """
    faults = list(faults)
    count = sum(len(data.rows) for data in workbook.sheets.values())
    with _open(path, count, None) as file:
        book = Book(file)
        _write_problems(book, faults)
        _write_cover(book, workbook.cover, wrong=_by_column(fault for fault in faults if fault.sheet == COVER_TITLE))
        for data in workbook.sheets.values():
            if data.places:
                _write_marked_sheet(book, data, [fault for fault in faults if fault.sheet == data.sheet.title])
        for title, strange in workbook.strangers.items():
            page = file.add_worksheet(_allowed_title(file, title))
            for number, cells in strange:
                for place, cell in enumerate(cells):
                    _write_raw(page, number - 1, place, cell, book.plain["text"])


def _allowed_title(file: xlsxwriter.Workbook, title: str) -> str:
    """Return a sheet's title as Excel allows it; other programs are less strict."""
    title = re.sub(r"[\[\]:*?/\\']", "_", title)[:28] or "_"
    taken = {page.name.casefold() for page in file.worksheets()}
    return next(name for name in (title, *(f"{title}{n}" for n in range(100))) if name.casefold() not in taken)


def _by_column(faults: Iterable[Fault]) -> dict[str, list[str]]:
    messages: dict[str, list[str]] = {}
    for fault in faults:
        messages.setdefault(fault.column, []).append(fault.message)
    return messages


def _open(path: Path, rows: int, on: date | None) -> xlsxwriter.Workbook:
    file = xlsxwriter.Workbook(str(path), {"constant_memory": rows > MANY_ROWS})
    file.set_properties({"created": datetime(on.year, on.month, on.day) if on else None, "comments": "微端 Weiduan"})
    return file


def _titles(sheet: Sheet) -> list[str]:
    return [column.title + REQUIRED if column.required else column.title for column in sheet.columns]


def _example(column: Column) -> Raw:
    if column.kind == DATE and column.example:
        return date.fromisoformat(str(column.example))
    return column.example or None


def _write_cover(
    book: Book, cover: Cover, area_name: str = "", demo: bool = False, wrong: Mapping[str, list[str]] | None = None
) -> None:
    """Write the cover: what the file is, the three cells that say what it is about, and how to fill it in.

    wrong  label -> sentences, for the marked copy
    """
    page = book.file.add_worksheet(COVER_TITLE)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 60)
    page.write_string(0, 0, _("Survey workbook"), book.heading)
    page.write_string(0, 1, area_name, book.heading)
    if demo:
        page.write_string(1, 0, _("Demo data"), book.warning)
        page.write_string(1, 1, _("Made by a program; no real person or organisation is meant."), book.warning)
    for row, (title, value) in enumerate(_cover_cells(cover), 2):
        page.write_string(row, 0, title, book.label)
        kind = "date" if isinstance(value, date) else "text"
        if messages := (wrong or {}).get(title):
            _mark(page, row, 1, value, messages, book.wrong[kind])
        else:
            _write_raw(page, row, 1, value, book.plain[kind])
    page.data_validation(4, 1, 4, 1, {"validate": "list", "source": list(COORDINATES.values())})
    for row, line in enumerate(_how_to_fill(), 6):
        page.merge_range(row, 0, row, 1, "", book.words)
        page.write_string(row, 0, line, book.words)


def _cover_cells(cover: Cover) -> list[tuple[str, Raw]]:
    return [(COVER_AREA, cover.area), (COVER_DATE, cover.date), (COVER_COORDINATES, cover.coordinates)]


def _how_to_fill() -> list[str]:
    return [
        _("How to fill it in"),
        _("1. One row for each grid, unit, organisation, member, post and room. Columns with %(mark)s are required.")
        % {"mark": REQUIRED},
        _("2. The grey row marked “%(mark)s” in column “%(title)s” only shows how; it is not read. You may delete it.")
        % {"mark": EXAMPLE, "title": HINT},
        _("3. Rest the mouse on a title to see what belongs there. Where there is an arrow, choose from the list."),
        _("4. Write codes as text, in full; dates like 2017-06-01."),
        _("5. The file says all there is in its area: what is known but missing here counts as gone."),
        _("6. Don't rename sheets or columns. What has nothing to fill in stays empty."),
        _("7. Check first; wrong cells come back marked. Nothing is loaded until you say so."),
        _("8. Names and telephones are kept encrypted. Don't send this file to chat groups; delete it when done."),
    ]


def _add_sheet(
    book: Book, sheet: Sheet, titles: Sequence[str], places: Sequence[int | None], header_row: int = 0
) -> Worksheet:
    """Add a sheet with its header, formats, drop-downs and notes; places[j] is where column j stands."""
    page = book.file.add_worksheet(sheet.title)
    page.freeze_panes(header_row + 1, 0)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    for at, title in enumerate(titles):
        page.write_string(header_row, at, title, book.optional)
    for column, place in zip(sheet.columns, places, strict=True):
        if place is None:
            continue
        page.write_string(header_row, place, titles[place], book.required if column.required else book.optional)
        page.set_column(
            place, place, max(12, 2 * len(column.title) + 4), book.plain[_FORMAT_OF.get(column.kind, "text")]
        )
        page.write_comment(header_row, place, _note(column), {"x_scale": 1.6})
        if rule := _rule(column):
            page.data_validation(header_row + 1, place, LAST_ROW, place, rule)
    return page


def _note(column: Column) -> str:
    """Return what the header's note says of a column."""
    lines = [_("Must be filled in") if column.required else _("May stay empty"), column.note]
    if column.kind == CHOICE:
        lines.append(_("Choose one of: %(allowed)s") % {"allowed": "、".join(column.choices.values())})
    if column.example != "":
        lines.append(_("Example: %(example)s") % {"example": column.example})
    return "\n".join(line for line in lines if line)


def _rule(column: Column) -> dict[str, Any] | None:
    """Return Excel's own check of a column, so that most slips never get into the file."""
    if column.kind == CHOICE:
        return {
            "validate": "list",
            "source": list(column.choices.values()),
            "error_message": _("Choose from the list."),
        }
    if column.kind in (WHOLE, NUMBER):
        kind = "integer" if column.kind == WHOLE else "decimal"
        text = _("A number between %(low)s and %(high)s.") % {"low": column.low, "high": column.high}
        return {
            "validate": kind,
            "criteria": "between",
            "minimum": column.low,
            "maximum": column.high,
            "error_message": text,
        }
    if column.kind == DATE:
        text = _("A date like 2017-06-01.")
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": FIRST_DAY,
            "maximum": LAST_DAY,
            "error_message": text,
        }
    if column.kind == CODE and len(column.digits) == 1:
        text = _("Exactly %(digits)d digits.") % {"digits": column.digits[0]}
        return {"validate": "length", "criteria": "==", "value": column.digits[0], "error_message": text}
    return None


def _write_rows(book: Book, page: Worksheet, sheet: Sheet, rows: Sequence[Row]) -> None:
    if len(rows) > LAST_ROW:
        raise ValueError(f"{len(rows)} rows are more than one Excel sheet holds")
    formats = [book.plain[_FORMAT_OF.get(column.kind, "text")] for column in sheet.columns]
    for number, row in enumerate(rows, 1):
        for place, column in enumerate(sheet.columns):
            value = row.get(column.key)
            if value is not None and column.kind == CHOICE:
                value = column.choices[value]
            _write_raw(page, number, place, value, formats[place])


def _write_raw(page: Worksheet, row: int, place: int, cell: Raw, style: Format) -> None:
    """Write a cell as what it is; text stays text whatever it looks like."""
    if cell is None:
        return
    if isinstance(cell, str):
        page.write_string(row, place, cell, style)
    elif isinstance(cell, bool):
        page.write_boolean(row, place, cell, style)
    elif isinstance(cell, date) and cell.year >= 1900:
        page.write_datetime(row, place, cell, style)
    elif isinstance(cell, int | float) and abs(cell) < 1e300:
        page.write_number(row, place, cell, style)
    else:
        page.write_string(row, place, cell.text if isinstance(cell, NoValue) else str(cell), style)


def _write_problems(book: Book, faults: list[Fault]) -> None:
    """Write the list of problems, each with a link to its cell."""
    page = book.file.add_worksheet(PROBLEMS_TITLE)
    page.activate()
    page.freeze_panes(1, 0)
    for place, (title, width) in enumerate(
        ((_("Sheet"), 14), (_("Row"), 8), (_("Column"), 22), (_("Problem"), 90), (_("Go to"), 12))
    ):
        page.set_column(place, place, width)
        page.write_string(0, place, title, book.problem_head)
    for row, fault in enumerate(faults, 1):
        cells = (fault.sheet or None, fault.row or None, fault.column or None, fault.message)
        for place, cell in enumerate(cells):
            _write_raw(page, row, place, cell, book.problem if place == 3 else book.plain["text"])
        if fault.cell:
            page.write_url(row, 4, f"internal:'{fault.sheet}'!{fault.cell}", string=fault.cell)


def _write_marked_sheet(book: Book, data: SheetData, faults: list[Fault]) -> None:
    """Write one sheet as typed, its wrong cells marked and each row's problems in the last column."""
    titles = list(data.titles)
    at: int = next((place for place, title in enumerate(titles) if plain(title) == PROBLEM), len(titles))
    titles[at : at + 1] = [PROBLEM]
    header = data.header_row - 1
    by_row: dict[int, list[Fault]] = {}
    for fault in faults:
        by_row.setdefault(fault.row, []).append(fault)
    page = _add_sheet(book, data.sheet, titles, data.places, header)
    page.set_column(at, at, 80, book.problem)
    page.write_string(header, at, PROBLEM, book.problem_head)
    _mark_header(book, page, data, by_row.get(data.header_row, []))
    kinds = {
        place: _FORMAT_OF.get(column.kind, "text")
        for column, place in zip(data.sheet.columns, data.places, strict=True)
    }
    for index, (number, cells) in enumerate(zip(data.numbers, data.rows, strict=True)):
        wrong = by_row.get(number, [])
        typed = {place: cell for place, cell in zip(data.places, cells, strict=True) if place is not None}
        typed |= {place: column[index] for place, column in data.others.items() if index in column}
        _write_marked_row(book, page, number - 1, typed, kinds, wrong)
        if wrong:
            page.write_string(
                number - 1, at, " ".join(f"{fault.column}：{fault.message}" for fault in wrong)[:32_000], book.problem
            )


def _mark_header(book: Book, page: Worksheet, data: SheetData, faults: list[Fault]) -> None:
    for place, title in enumerate(data.titles):
        messages = [fault.message for fault in faults if fault.cell and fault.column == title]
        if messages:
            _mark(page, data.header_row - 1, place, title, messages, book.wrong["text"])


def _write_marked_row(
    book: Book, page: Worksheet, row: int, typed: dict[int, Raw], kinds: dict[int | None, str], faults: list[Fault]
) -> None:
    messages: dict[str, list[str]] = {}
    for fault in faults:
        messages.setdefault(fault.letter, []).append(fault.message)
    for place, cell in sorted(typed.items()):
        kind = "date" if isinstance(cell, date) else kinds.get(place, "text")
        if said := messages.get(letter_of(place)):
            _mark(page, row, place, cell, said, book.wrong[kind])
        else:
            _write_raw(page, row, place, cell, book.plain[kind])


def _mark(page: Worksheet, row: int, place: int, cell: Raw, messages: list[str], style: Format) -> None:
    """Colour a cell and say in its note what is wrong."""
    if cell is None:
        page.write_blank(row, place, None, style)
    else:
        _write_raw(page, row, place, cell, style)
    page.write_comment(row, place, "\n".join(messages)[:2000], {"x_scale": 2})
