"""The roll of a vote from a workbook: read confined like every file nobody has checked, and the empty sheet to fill in."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput
from weiduan.systems.governance.ballots.rolls import Line
from weiduan.systems.governance.ballots.rules import MOST_ON_A_ROLL, RollKind

from .cells import plain
from .confined import lines_from_child
from .preflight import LIMITS, Limits, refuse_hostile_workbook

# field of a Line → title of its column, and other titles it is known by
COLUMNS: dict[str, tuple[str, ...]] = {
    "part": ("房号或户号", "房号", "户号", "专有部分"),
    "area": ("专有面积（㎡）", "面积", "专有面积", "建筑面积"),
    "names": ("姓名（共有用、隔开）", "姓名", "业主", "户主", "权利人"),
    "ids": ("证件尾号（共有用、隔开）", "证件尾号", "证件号后四位"),
    "phone": ("电话", "手机", "联系电话"),
    "unsold": ("建设单位未售或未交付（填“是”）", "未售", "建设单位"),
}
YES = {"是", "1", "y", "yes", "√", "true"}
EXAMPLE = ("1栋1单元101", "89.50", "张三、李四", "1234、5678", "13800000000", "")


def read_roll(path: Path, *, memory_mb: int = 1500, seconds: int = 120, limits: Limits = LIMITS) -> list[Line]:
    """Return the lines of a roll in a workbook nobody has checked yet: its first sheet with a column of names.

    :raises BadInput: not a workbook, hostile, damaged, past a limit, or without a column of names
    """
    path = Path(path)
    refuse_hostile_workbook(path, limits)
    with closing(lines_from_child("workbook", path, memory_mb=memory_mb, seconds=seconds)) as lines:
        places: dict[str, int] = {}
        found: list[Line] = []
        for row in lines:
            if isinstance(row, dict):  # the next sheet begins
                if places:
                    break
                continue
            number, *cells = row
            if not places:
                places = _places(cells)
            elif len(found) <= MOST_ON_A_ROLL:
                found.append(_line(cells, places, number))
    if not places:
        raise BadInput(_("No column of names was found. Take the empty sheet from this page and fill it in."))
    return [line for line in found if line != Line()]


def write_empty_roll(target: BinaryIO, kind: RollKind) -> None:
    """Write the sheet to fill in, with one example row below which to go on."""
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet, bold = (
            book.add_worksheet("名册"),
            book.add_format({"bold": True, "text_wrap": True, "bg_color": "#EAF1EC"}),
        )
        text = book.add_format({"num_format": "@"})
        fields = [field for field in COLUMNS if kind is RollKind.OWNERS or field not in ("area", "unsold")]
        for column, field in enumerate(fields):
            sheet.write_string(0, column, COLUMNS[field][0], bold)
            sheet.write_string(1, column, dict(zip(COLUMNS, EXAMPLE, strict=True))[field], text)
            sheet.set_column(column, column, 22, text)
        sheet.write_comment(1, 0, "这一行是示例，请改成真实内容或删去。")
        sheet.freeze_panes(1, 0)


def _places(cells: Sequence[Any]) -> dict[str, int]:
    """Return field → column where a row is the header; {} where it isn't."""
    titles = {plain(cell): place for place, cell in enumerate(cells) if isinstance(cell, str)}
    found = {
        field: next(place for title in known if (place := titles.get(plain(title))) is not None)
        for field, known in COLUMNS.items()
        if any(plain(title) in titles for title in known)
    }
    return found if "names" in found else {}


def _line(cells: Sequence[Any], places: dict[str, int], row: int) -> Line:
    said = {field: _text(cells[place]) if place < len(cells) else "" for field, place in places.items()}
    unsold = said.pop("unsold", "").casefold() in YES
    return Line(**said, unsold=unsold, row=row)


def _text(cell: Any) -> str:
    """Return a cell as it would be written by hand: 89.5, not 89.50000000000001; a damaged one as itself, to be refused."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.10g}"
    return str(cell.get("t", "?")) if isinstance(cell, dict) else str(cell).strip()
