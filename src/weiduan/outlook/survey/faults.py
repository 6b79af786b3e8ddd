"""What is wrong in a workbook, each fault at its own cell and in one plain sentence."""

from dataclasses import dataclass, field

from .sheets import Sheet


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong cell.

    sheet    title of the sheet; empty when the whole file is meant
    row      row number as the workbook shows it, from 1; 0 when no one row is meant
    column   title of the column; empty when no one column is meant
    letter   the column's letter in this file; empty when the file has no such column
    """

    sheet: str
    row: int
    column: str
    message: str
    letter: str = ""

    @property
    def cell(self) -> str:
        """The cell's address, like B7; empty when no one cell is meant."""
        return f"{self.letter}{self.row}" if self.letter and self.row else ""


def letter_of(place: int) -> str:
    """Return the letter of a column counted from 0: A, B, … Z, AA."""
    letters = ""
    place += 1
    while place:
        place, left = divmod(place - 1, 26)
        letters = chr(65 + left) + letters
    return letters


@dataclass
class Faults:
    """Collects faults up to `limit` and remembers which cells are spoiled.

    A spoiled cell holds no value, so what depends on it is not complained of as well.
    letters  sheet key -> column key -> letter in this file
    """

    limit: int = 5000
    letters: dict[str, dict[str, str]] = field(default_factory=dict)
    found: list[Fault] = field(default_factory=list)
    count: int = 0
    spoiled: dict[str, set[tuple[int, str]]] = field(default_factory=dict)

    def add(self, sheet: Sheet, row: int, key: str, message: str) -> None:
        """Note a fault at a cell of one of our sheets; `key` names the column."""
        self.spoiled.setdefault(sheet.key, set()).add((row, key))
        letter = self.letters.get(sheet.key, {}).get(key, "")
        self.note(Fault(sheet.title, row, sheet.column(key).title, message, letter))

    def note(self, fault: Fault) -> None:
        """Note any fault; past the limit it is only counted."""
        self.count += 1
        if len(self.found) < self.limit:
            self.found.append(fault)

    def spoil_column(self, sheet: Sheet, key: str) -> None:
        """Treat a whole column as spoiled, because the file lacks it."""
        self.spoiled.setdefault(sheet.key, set()).add((0, key))

    def is_spoiled(self, sheet: Sheet, row: int, *keys: str) -> bool:
        """Whether any of these cells already has a fault."""
        spoiled = self.spoiled.get(sheet.key)
        return spoiled is not None and any((row, key) in spoiled or (0, key) in spoiled for key in keys)
