"""The matrix as it is written in matrix.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.rights.world import PLACES, ROLES

FILE = Path(__file__).with_name("matrix.toml")
OPEN, LOGIN, FORBIDDEN, HIDDEN = "olfh"


@dataclass(frozen=True)
class Row:
    """A sort of way in: who reaches it in which place, and which ways are of that sort."""

    name: str
    says: str
    verdicts: dict[str, str]  # role → a letter a place, or one where no place is named
    ways: tuple[str, ...]

    def verdict(self, role: str, place: str) -> str:
        letters = self.verdicts[role]
        return letters if len(letters) == 1 else letters[list(PLACES).index(place)]


def rows() -> list[Row]:
    """Return the rows of the matrix; each says something about every role."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = []
    for name, row in told.items():
        verdicts = {role: row[role].replace(" ", "") for role in ROLES}
        assert set(row) == {"says", "ways", *ROLES}, name
        assert all(len(letters) in (1, len(PLACES)) and set(letters) <= set("olfh") for letters in verdicts.values()), (
            name
        )
        found.append(Row(name, row["says"], verdicts, tuple(row["ways"])))
    return found
