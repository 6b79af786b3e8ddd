"""Workbooks people take away: plain sheets with a note on top, whatever a cell holds kept as text, never as a formula."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter


def open_workbook(target: Path | BinaryIO) -> xlsxwriter.Workbook:
    """Return a workbook to be used in a `with`; nothing written to it becomes a formula or a link."""
    return xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False})


def add_sheet(
    book: xlsxwriter.Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *,
    note: Iterable[str] = (), widths: int = 22,
) -> None:  # fmt: skip
    """Add a sheet: a line of notes, a line of headings that stays in sight, then the rows.

    Numbers stay numbers, everything else is written as text; None is an empty cell.
    """
    sheet = book.add_worksheet(title)
    sheet.write_row(0, 0, [part for part in note if part])
    sheet.write_row(1, 0, list(heads), book.add_format({"bold": True, "bottom": 1}))
    sheet.freeze_panes(2, min(2, len(heads)))
    sheet.set_column(0, max(len(heads) - 1, 0), widths)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, str(value))
