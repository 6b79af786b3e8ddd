"""Texts of a case that lie in the database only sealed, with a key of the case that lies outside it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from .casekeys import Key, open_for, seal_for


def case_words(
    column: str, case: Callable[[Any], UUID], key: Callable[[Any], Key] = lambda _row: Key.WORDS
) -> property:
    """Return a property that reads and writes a text through its sealed column.

    column  name of the binary field it lies in; empty there stands for an empty text
    case    which case a row belongs to
    key     which of the case's keys seals it

    Erased, or without its key, it reads as an empty text.
    """

    def read(row: Any) -> str:
        sealed, opened = bytes(getattr(row, column)), row.__dict__.setdefault("_opened", {})
        if opened.get(column, (None, ""))[0] != sealed:
            opened[column] = (sealed, (open_for(case(row), sealed, key(row)) or "") if sealed else "")
        return opened[column][1]

    def write(row: Any, text: str) -> None:
        sealed = seal_for(case(row), text, key(row)) if text else b""
        setattr(row, column, sealed)
        row.__dict__.setdefault("_opened", {})[column] = (sealed, text)

    return CaseWords(read, write, column)


class CaseWords(property):
    """A property that stands for a sealed column."""

    def __init__(self, read: Callable[[Any], str], write: Callable[[Any, str], None], column: str) -> None:
        super().__init__(read, write)
        self.column = column


def words_of(model: type) -> dict[str, str]:
    """Return sealed column → the property that opens it."""
    return {one.column: name for name, one in vars(model).items() if isinstance(one, CaseWords)}
