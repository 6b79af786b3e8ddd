"""Levels at which a matter is seen to, and a category suggested from a text by its own words."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class At(StrEnum):
    """Where a matter is seen to first; each is above the one before."""

    GRID = "grid"
    VILLAGE = "village"
    TOWN = "town"
    DISTRICT = "district"


MOST_SYNONYMS = 40
LONGEST_CODE, LONGEST_NAME = 20, 40


@dataclass(frozen=True)
class Named:
    """A category as the suggestion looks at it."""

    code: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """A category, and the words of the text that speak for it."""

    code: str
    name: str
    because: tuple[str, ...]


def suggest(text: str, categories: Iterable[Named], *, most: int = 3) -> list[Suggestion]:
    """Return the categories whose name or synonyms stand in a text, those with more and longer words first.

    A suggestion only: whoever reports chooses. A word that is part of another found word doesn't count twice.
    """
    plain = _plain(text)
    found = []
    for order, one in enumerate(categories):
        words = _longest({w for w in (one.name, *one.words) if w and _plain(w) in plain})
        if words:
            found.append((-sum(len(w) for w in words), order, Suggestion(one.code, one.name, words)))
    return [suggestion for _weight, _order, suggestion in sorted(found, key=lambda each: each[:2])[:most]]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _longest(words: set[str]) -> tuple[str, ...]:
    kept = [w for w in words if not any(w != other and w in other for other in words)]
    return tuple(sorted(kept, key=lambda w: (-len(w), w)))
