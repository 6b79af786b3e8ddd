"""How a report is told: sections of sentences and tables, from which its page, its PDF and its workbook are all made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = str | int
SHOWN = 40  # rows of a table on a page and in print; the workbook has all


@dataclass(frozen=True)
class Table:
    """A table: its title, its headings, its rows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def first(self) -> list[list[str]]:
        """Return the rows a page shows, as they are read."""
        return [[said(cell) for cell in row] for row in self.rows[:SHOWN]]

    @property
    def cells(self) -> list[list[tuple[str, str, bool]]]:
        """Return the same rows, of each cell also its heading and whether its column holds numbers."""
        return [list(zip(row, self.heads, self.numbers, strict=True)) for row in self.first]

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """Return the headings, of each also whether its column holds numbers."""
        return list(zip(self.heads, self.numbers, strict=True))

    @property
    def more(self) -> int:
        """Count the rows a page leaves to the workbook."""
        return max(len(self.rows) - SHOWN, 0)

    @property
    def numbers(self) -> list[bool]:
        """Tell of each column whether it holds numbers only."""
        return [bool(self.rows) and all(isinstance(row[n], int) for row in self.rows) for n in range(len(self.heads))]


@dataclass(frozen=True)
class Section:
    """A part of a report; `key` is where links on its page lead."""

    key: str
    title: str
    sentences: Sequence[str]
    tables: Sequence[Table] = field(default_factory=list)


def said(cell: Cell) -> str:
    """Return a cell as it is read: numbers with their thousands parted."""
    return f"{cell:,}" if isinstance(cell, int) else cell


def percent_of(part: int, whole: int) -> str:
    """Return a share in per cent with one digit, never rounded up to all or down to none of it; "—" of nothing."""
    if not whole:
        return "—"
    share = round(1000 * part / whole)
    return f"{max(1, min(999, share)) / 10 if 0 < part < whole else share / 10:.1f}"
