"""Reads a workbook: refuse what is hostile, parse in the confined child, find our sheets and columns by title."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .cells import NoValue, Raw, plain
from .confined import lines_from_child
from .faults import Fault, letter_of
from .preflight import LIMITS, Limits, refuse_hostile_workbook
from .sheets import COVER_AREA, COVER_COORDINATES, COVER_DATE, COVER_TITLE, HINT, PROBLEM, PROBLEMS_TITLE, SHEETS, Sheet

Progress = Callable[[int, int, str], None]

_HEADER_WITHIN = 5  # people put a heading above the table
EXAMPLE = "示例"


@dataclass
class Cover:
    """The cover as typed; `rows` tells where each of area, date and coordinates stands."""

    area: Raw = None
    date: Raw = None
    coordinates: Raw = None
    rows: dict[str, int] = field(default_factory=dict)
    found: bool = False


@dataclass
class SheetData:
    """One sheet as typed.

    rows     cells in the order of sheet.columns, numbers[i] is the row number of rows[i] in the workbook
    titles   the header as it stands in the file; places[j] is where column j stands in it, None if missing
    others   cells of columns that aren't ours: place -> index of row -> cell; kept for the marked copy
    """

    sheet: Sheet
    header_row: int = 1
    titles: list[str] = field(default_factory=list)
    places: tuple[int | None, ...] = ()
    rows: list[tuple[Raw, ...]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    others: dict[int, dict[int, Raw]] = field(default_factory=dict)

    def letters(self) -> dict[str, str]:
        """Return column key -> letter in this file."""
        pairs = zip(self.sheet.columns, self.places, strict=False)
        return {column.key: letter_of(place) for column, place in pairs if place is not None}


@dataclass
class Workbook:
    """What stands in a survey workbook.

    sheets     sheet key -> SheetData, only for sheets that are there
    strangers  title -> rows [(row number, cells)] of sheets that aren't ours and aren't empty
    faults     what is wrong with sheets and headers; cells are looked at by check
    """

    cover: Cover = field(default_factory=Cover)
    sheets: dict[str, SheetData] = field(default_factory=dict)
    strangers: dict[str, list[tuple[int, list[Raw]]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_workbook(
    path: Path, *, memory_mb: int = 1500, seconds: int = 300, progress: Progress | None = None, limits: Limits = LIMITS
) -> Workbook:
    """Read a survey workbook nobody has checked yet.

    memory_mb, seconds  the most the child that parses may use
    :raises BadInput: not a workbook, hostile, damaged, or past a limit; nothing has been kept
    """
    path = Path(path)
    refuse_hostile_workbook(path, limits)
    workbook = Workbook()
    with closing(lines_from_child("workbook", path, memory_mb=memory_mb, seconds=seconds)) as lines:
        for title, most, rows in _by_sheet(lines):
            _take_sheet(workbook, title, _counted(rows, most, title, progress))
    for sheet in SHEETS:
        if sheet.key not in workbook.sheets:
            workbook.faults.append(Fault(sheet.title, 0, "", _missing_sheet(sheet, workbook)))
    return workbook


def _by_sheet(lines: Iterator[Any]) -> Iterator[tuple[str, int, Iterator[list]]]:
    """Cut the stream of lines into sheets; each sheet's rows must be used up before the next."""
    ahead = next(lines, None)
    while ahead is not None:
        title, most = ahead["sheet"], ahead["rows"]
        ahead = None

        def rows() -> Iterator[list]:
            nonlocal ahead
            for line in lines:
                if isinstance(line, dict):
                    ahead = line
                    return
                yield line

        these = rows()
        yield title, most, these
        for _unused in these:
            pass


def _counted(rows: Iterator[list], most: int, title: str, progress: Progress | None) -> Iterator[tuple[int, list[Raw]]]:
    """Yield (row number, cells) and tell how far reading is every thousand rows."""
    for count, (number, *cells) in enumerate(rows, 1):
        yield number, [_raw(cell) if isinstance(cell, dict) else cell for cell in cells]
        if progress and count % 1000 == 0:
            progress(min(count, most), most, title)
    if progress:
        progress(most, most, title)


def _raw(cell: dict) -> Raw:
    """Return a cell that JSON has no word for."""
    if "d" in cell:
        text = cell["d"]
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    return NoValue(cell["x"], cell["t"])


def _take_sheet(workbook: Workbook, title: str, rows: Iterator[tuple[int, list[Raw]]]) -> None:
    """Put a sheet where it belongs."""
    name = plain(title)
    sheet = next((sheet for sheet in SHEETS if plain(sheet.title) == name), None)
    if name == plain(COVER_TITLE):
        workbook.cover = _cover(rows)
    elif name == plain(PROBLEMS_TITLE):
        return
    elif sheet and sheet.key not in workbook.sheets:
        workbook.sheets[sheet.key] = _sheet_data(sheet, rows, workbook)
    elif strange := list(rows):
        workbook.strangers[title] = strange
        workbook.faults.append(
            Fault(
                title, 0, "", _("This sheet doesn't belong to the survey and would not be read. Rename or delete it.")
            )
        )


def _cover(rows: Iterator[tuple[int, list[Raw]]]) -> Cover:
    """Find the three labels in the first column, and what stands beside them."""
    cover = Cover(found=True)
    labels = {plain(COVER_AREA): "area", plain(COVER_DATE): "date", plain(COVER_COORDINATES): "coordinates"}
    for number, cells in rows:
        label = labels.get(plain(cells[0])) if cells and isinstance(cells[0], str) else None
        if label and label not in cover.rows:
            cover.rows[label] = number
            setattr(cover, label, cells[1] if len(cells) > 1 else None)
    return cover


def _sheet_data(sheet: Sheet, rows: Iterator[tuple[int, list[Raw]]], workbook: Workbook) -> SheetData:
    """Match the header, then take the rows below it; a sheet without any header is kept as it is."""
    data = SheetData(sheet)
    first = [row for _unused, row in zip(range(_HEADER_WITHIN), rows, strict=False)]
    number, header = max(first, key=lambda row: len(_matches(sheet, row[1])), default=(1, []))
    if not _matches(sheet, header):
        workbook.faults.append(
            Fault(sheet.title, 1, "", _("The row of column titles is missing. Copy it from the template."))
        )
        workbook.strangers[sheet.title] = [*first, *rows]
        return data
    data.header_row = number
    data.titles = ["" if cell is None else str(cell) for cell in header]
    hint = _match_header(data, workbook.faults)
    for number, cells in chain(first, rows):
        if number > data.header_row:
            _take_row(data, number, cells, hint, workbook.faults)
    return data


def _matches(sheet: Sheet, cells: list[Raw]) -> set[str]:
    titles = {plain(column.title) for column in sheet.columns}
    return titles & {plain(cell) for cell in cells if isinstance(cell, str)}


def _match_header(data: SheetData, faults: list[Fault]) -> int | None:
    """Set `places`, note strange, double and missing columns; return where the hint column stands."""
    wanted = {plain(column.title): column for column in data.sheet.columns}
    places: dict[str, int] = {}
    hint = None
    for place, title in enumerate(data.titles):
        name = plain(title)
        if name == plain(HINT):
            hint = place
        elif name in wanted and name not in places:
            places[name] = place
        elif name and name != plain(PROBLEM):
            faults.append(
                Fault(
                    data.sheet.title, data.header_row, title, _strange_column(title, name in wanted), letter_of(place)
                )
            )
    data.places = tuple(places.get(name) for name in wanted)
    for name, column in wanted.items():
        if name not in places:
            faults.append(Fault(data.sheet.title, data.header_row, column.title, _missing_column(column.title)))
    return hint


def _strange_column(title: str, twice: bool) -> str:
    if twice:
        return _("The column “%(title)s” is there twice. Delete one of them.") % {"title": title.strip()[:40]}
    return _("There is no column “%(title)s” in this sheet. Correct its title or delete the column.") % {
        "title": title.strip()[:40]
    }


def _missing_column(title: str) -> str:
    return _("The column “%(title)s” is missing. Put it back, even if nothing is filled in.") % {"title": title}


def _missing_sheet(sheet: Sheet, workbook: Workbook) -> str:
    return _("The sheet “%(title)s” is missing. Copy it from the template, even if nothing is filled in.") % {
        "title": sheet.title
    }


def _take_row(data: SheetData, number: int, cells: list[Raw], hint: int | None, faults: list[Fault]) -> None:
    """Keep a row unless it is empty or the template's example."""
    width = len(cells)
    row = tuple(cells[place] if place is not None and place < width else None for place in data.places)
    if not any(_is_filled(cell) for cell in row):
        return
    mark = cells[hint] if hint is not None and hint < width else None
    if isinstance(mark, str) and plain(mark) == EXAMPLE:
        if _is_example(data.sheet, row):
            return
        faults.append(Fault(data.sheet.title, number, HINT, _still_example(), letter_of(hint or 0)))
    index = len(data.rows)
    data.rows.append(row)
    data.numbers.append(number)
    ours = set(data.places)
    for place, cell in enumerate(cells):
        if place not in ours and cell is not None and not _is_problem_column(data, place):
            data.others.setdefault(place, {})[index] = cell


def _still_example() -> str:
    return _("This row is still marked as the example. If it is your own, delete the mark; if not, delete the row.")


def _is_filled(cell: Raw) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def _is_problem_column(data: SheetData, place: int) -> bool:
    return place < len(data.titles) and plain(data.titles[place]) == plain(PROBLEM)


def _is_example(sheet: Sheet, row: tuple[Raw, ...]) -> bool:
    """Whether the row still holds what the template wrote."""
    return all(_typed(cell) == str(column.example) for column, cell in zip(sheet.columns, row, strict=True))


def _typed(cell: Raw) -> str:
    """Return a cell as its example is written in sheets."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell == int(cell):
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
