"""What a survey would change: new, changed, gone and untouched rows, column by column."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from .cells import codes_in
from .rows import Row
from .sheets import CHOICE, CODES, NUMBER, SHEETS, Column, Sheet

DECIMALS = 6  # of a degree: a tenth of a metre


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs; `columns` maps each changed column's key to (before, after)."""

    sheet: Sheet
    identity: tuple
    before: Row
    after: Row
    columns: dict[str, tuple[Any, Any]]

    def lines(self) -> list[str]:
        """Return each change in plain words; a personal column only says that it changed."""
        return [_in_words(self.sheet.column(key), before, after) for key, (before, after) in self.columns.items()]


@dataclass
class SheetDiff:
    """What changes in one sheet; `new` and `gone` are rows."""

    sheet: Sheet
    new: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    untouched: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, gone and untouched."""
        return {"new": len(self.new), "changed": len(self.changed), "gone": len(self.gone), "untouched": self.untouched}

    def summary(self) -> str:
        """Return one line in plain words."""
        text = _("%(title)s: %(new)d new, %(changed)d changed, %(gone)d gone, %(untouched)d untouched")
        return text % {"title": self.sheet.title, **self.counts}


@dataclass
class Diff:
    """What a survey would change, by sheet key."""

    sheets: dict[str, SheetDiff]

    def __iter__(self) -> Iterator[SheetDiff]:
        return iter(self.sheets.values())

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """sheet key -> how many rows are new, changed, gone and untouched."""
        return {key: each.counts for key, each in self.sheets.items()}

    @property
    def is_empty(self) -> bool:
        """Whether loading would change nothing."""
        return not any(each.new or each.changed or each.gone for each in self)

    def summary(self) -> list[str]:
        """Return one line for each sheet, in plain words."""
        return [each.summary() for each in self]


def compare(
    existing: dict[str, list[Row]], rows: dict[str, list[Row]], members_elsewhere: Set[str] = frozenset()
) -> Diff:
    """Compare what is known with what the survey says, both as sheet key -> rows.

    Name and telephone in the posts of members are left aside on both sides: they are kept with the member.
    """
    members = members_elsewhere | {row["number"] for row in rows.get("members", ())}
    sides = []
    for side in (existing, rows):
        posts = [_without_member(row, members) for row in side.get("posts", ())]
        sides.append({**side, "posts": posts})
    return Diff({sheet.key: _compare_sheet(sheet, *(side.get(sheet.key, []) for side in sides)) for sheet in SHEETS})


def _without_member(row: Row, members: Set[str]) -> Row:
    if row["person"] in members and (row.get("name") or row.get("contact")):
        return {**row, "name": None, "contact": None}
    return row


def _compare_sheet(sheet: Sheet, existing: list[Row], rows: list[Row]) -> SheetDiff:
    result = SheetDiff(sheet)
    left = {_identity(sheet, row): row for row in existing}
    for after in rows:
        identity = _identity(sheet, after)
        before = left.pop(identity, None)
        if before is None:
            result.new.append(after)
        elif columns := _changed_columns(sheet, before, after):
            result.changed.append(Change(sheet, identity, before, after, columns))
        else:
            result.untouched += 1
    result.gone = list(left.values())
    return result


def _identity(sheet: Sheet, row: Row) -> tuple:
    return tuple(row.get(key) or None for key in sheet.identity)


def _changed_columns(sheet: Sheet, before: Row, after: Row) -> dict[str, tuple[Any, Any]]:
    """Return column key -> (before, after) where the two mean different things."""
    if before == after:
        return {}
    pairs = ((column, before.get(column.key), after.get(column.key)) for column in sheet.columns)
    return {column.key: (old, new) for column, old, new in pairs if _meaning(column, old) != _meaning(column, new)}


def _meaning(column: Column, value: Any) -> Any:
    """Return what is compared: nothing is nothing, the order of a list and a hair's breadth don't count."""
    if value is None or value == "":
        return None
    if column.kind == CODES:
        return frozenset(codes_in(value))
    return round(float(value), DECIMALS) if column.kind == NUMBER else value


def _in_words(column: Column, before: Any, after: Any) -> str:
    if column.personal:
        return _("%(title)s changed") % {"title": column.title}
    old, new = shown(column, before), shown(column, after)
    return _("%(title)s: %(before)s → %(after)s") % {
        "title": column.title,
        "before": old or _("(empty)"),
        "after": new or _("(empty)"),
    }


def shown(column: Column, value: Any) -> str:
    """Return a value as people read it."""
    if value is None:
        return ""
    if column.kind == CHOICE:
        return column.choices.get(value, str(value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)
