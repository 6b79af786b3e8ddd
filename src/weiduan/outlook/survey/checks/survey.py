"""The survey under check: its rows, what is known already, and who refers to whom."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from weiduan.ground.territory.rules import prefix_of

from ..cells import Value
from ..faults import Fault, Faults, letter_of
from ..rows import Row, Rows
from ..sheets import SHEETS, Sheet


@dataclass
class Known:
    """What the database knows on the survey's day; filled by the caller.

    divisions                12-digit code -> name: the scope, all divisions in it, and its ancestors
    existing                 sheet key -> rows in the scope, shaped as parsed rows (see sheets)
    organisations_elsewhere  number -> kind, of organisations outside the scope (parents among them)
    persons_elsewhere        number -> number of the organisation outside the scope he or she is a member of, "" if none
    areas_elsewhere          codes of grids, units and buildings outside the scope
    premises_elsewhere       numbers of premises outside the scope
    """

    divisions: dict[str, str] = field(default_factory=dict)
    existing: dict[str, list[Row]] = field(default_factory=dict)
    organisations_elsewhere: dict[str, str] = field(default_factory=dict)
    persons_elsewhere: dict[str, str] = field(default_factory=dict)
    areas_elsewhere: set[str] = field(default_factory=set)
    premises_elsewhere: set[str] = field(default_factory=set)


@dataclass
class Survey:
    """Rows under check, with an index of each sheet by its first identity column.

    area    the scope's code; on  the day of the survey
    absent  keys of sheets that are not there, or without their column of codes: nothing can be missing from them
    """

    data: Rows
    known: Known
    faults: Faults
    area: str
    on: date
    index: dict[str, dict[Value, int]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    missing: dict[str, dict[str, list[Fault]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill in what an index by number needs when rows come without a workbook."""
        self.prefix = prefix_of(self.area)
        for sheet in SHEETS:
            rows = self.data.rows.setdefault(sheet.key, [])
            if len(self.data.numbers.setdefault(sheet.key, [])) != len(rows):
                self.data.numbers[sheet.key] = list(range(2, len(rows) + 2))
            letters = {column.key: letter_of(place) for place, column in enumerate(sheet.columns)}
            self.faults.letters.setdefault(sheet.key, letters)

    def each(self, sheet: Sheet) -> Iterator[tuple[int, Row]]:
        """Yield (row number, row)."""
        return zip(self.data.numbers[sheet.key], self.data.rows[sheet.key], strict=True)

    def fault(self, sheet: Sheet, row: int, key: str, message: str) -> None:
        """Note a fault, unless the cell has one already."""
        if not self.faults.is_spoiled(sheet, row, key):
            self.faults.add(sheet, row, key, message)

    def is_spoiled(self, sheet: Sheet, row: int, *keys: str) -> bool:
        """Whether any of these cells already has a fault."""
        return self.faults.is_spoiled(sheet, row, *keys)

    def in_scope(self, code: str) -> bool:
        """Whether an area lies in the scope."""
        return code.startswith(self.prefix)

    def row_of(self, sheet: Sheet, value: Value) -> Row | None:
        """Return the first row of a sheet with this code."""
        place = self.index[sheet.key].get(value)
        return None if place is None else self.data.rows[sheet.key][place]

    def number_of(self, sheet: Sheet, value: Value) -> int:
        """Return the row number of the first row of a sheet with this code."""
        return self.data.numbers[sheet.key][self.index[sheet.key][value]]

    def index_rows(self, sheet: Sheet) -> None:
        """Index a sheet by its own code; a second row of one code is a fault that names the first."""
        key = sheet.identity[0]
        found: dict[Value, int] = {}
        for place, (number, row) in enumerate(self.each(sheet)):
            value = row[key]
            if value in found:
                first = self.data.numbers[sheet.key][found[value]]
                self.fault(sheet, number, key, self._twice(sheet, row, found[value], first))
            elif value is not None:
                found[value] = place
        self.index[sheet.key] = found

    def _twice(self, sheet: Sheet, row: Row, place: int, first: int) -> str:
        """Say that a code stands twice; for a member under two organisations, which the other one is."""
        values = {"code": row[sheet.identity[0]], "row": first}
        other = self.data.rows[sheet.key][place].get("organisation") if sheet.key == "members" else None
        if other and row["organisation"] and other != row["organisation"]:
            text = _("“%(code)s” is in %(organisation)s already, row %(row)d. A member has one organisation.")
            return text % {**values, "organisation": other}
        return _("“%(code)s” stands in row %(row)d already. Delete one of the two rows or correct the code.") % values

    def miss(self, target: Sheet, value: str, sheet: Sheet, row: int, key: str, message: str) -> None:
        """Note that a cell refers to a code the target sheet lacks; `settle` decides whether to say so."""
        if self.is_spoiled(sheet, row, key):
            return
        letter = self.faults.letters[sheet.key].get(key, "")
        fault = Fault(sheet.title, row, sheet.column(key).title, message, letter)
        self.missing.setdefault(target.key, {}).setdefault(value, []).append(fault)

    def settle(self) -> None:
        """Say which references lead nowhere, unless rows whose own code is wrong may be what they mean.

        One wrong code in 网格 would otherwise be repeated at each of its units.
        """
        for sheet in SHEETS:
            by_value = self.missing.get(sheet.key, {})
            key = sheet.identity[0]
            wrong = sum(cell[1] == key for cell in self.faults.spoiled.get(sheet.key, ()))
            if sheet.key not in self.absent and len(by_value) > wrong:
                for fault in (fault for faults in by_value.values() for fault in faults):
                    self.faults.note(fault)

    def order(self, fault: Fault) -> tuple:
        """Sort key: as the workbook is read, sheet by sheet, row by row."""
        places = {sheet.title: place for place, sheet in enumerate(SHEETS)}
        return (places.get(fault.sheet, -1), fault.row, len(fault.letter), fault.letter)
