"""Cut texts into what a full-text index holds of them, for Chinese too, which has no spaces to tell words apart.

A text is cut into pairs of neighbouring characters, the last one standing alone: 消防道 → 消防 防道 道. The pairs, written as the
letters and digits of their code points, are what the index of the database holds, in order; a phrase is looked for as its pairs in
just that order, so it is found wherever it stands in a text and nowhere else. Punctuation and spaces part phrases.
"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby


def grams_of(text: str) -> str:
    """Return what the index holds of a text."""
    return " ".join(gram for run in runs(text) for gram in pairs(run))


def runs(text: str) -> Iterator[str]:
    """Yield what stands between spaces and punctuation, full-width forms made plain."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for is_word, run in groupby(plain, key=str.isalnum):
        if is_word:
            yield "".join(run)


def pairs(run: str) -> list[str]:
    """Return a run's pairs, and its last character alone."""
    return [gram(run[i : i + 2]) for i in range(len(run))]


def gram(characters: str) -> str:
    """Write characters as a word that every database takes for one."""
    return "w" + "".join(f"{ord(c):06x}" for c in characters)
