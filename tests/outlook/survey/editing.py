"""Changes single cells of a workbook, the way a person in Excel would."""

from pathlib import Path
from typing import Any

import openpyxl

from weiduan.outlook.survey.faults import letter_of
from weiduan.outlook.survey.sheets import BY_KEY


def cell_of(sheet: str, key: str, row: int) -> str:
    """Return the address of a column's cell in the exported workbook."""
    keys = [column.key for column in BY_KEY[sheet].columns]
    return f"{letter_of(keys.index(key))}{row}"


def edit(path: Path, out: Path, edits: list[tuple[str, str, Any]]) -> Path:
    """Copy a workbook with cells changed: (sheet title, address, value); "text:" before a value keeps it text."""
    book = openpyxl.load_workbook(path)
    for title, address, value in edits:
        cell = book[title][address]
        cell.value = value
        if isinstance(value, str) and value.startswith("text:"):
            cell.value = value.removeprefix("text:")
            cell.data_type = "s"
    book.save(out)
    return out
