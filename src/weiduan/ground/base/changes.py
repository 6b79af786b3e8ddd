"""What a survey asks of one kind of thing."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class Changes:
    """Rows that are new, changed (before, after) or gone; those untouched are left out."""

    new: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, Row]] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.new) + len(self.changed) + len(self.gone)


def difference(before: Row, after: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return only what differs, as the ledger keeps it: (from, to) with dates as text."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {k: _plain(before.get(k)) for k in keys}, {k: _plain(after[k]) for k in keys}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
