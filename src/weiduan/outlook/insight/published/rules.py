"""Hide small counts of what residents said, so that nobody can be singled out, also not by subtracting what is published.

Statistical disclosure control by nested partition (docs/decisions/0023). Two things are hidden together or not at all:

- areas: the parts of an area in which fewer than THRESHOLD were counted are told as one sum, with a larger neighbour where need be;
- columns (categories, outcomes, months): in the table of the parts of an area, all rows and columns with a small cell make one block,
  made larger until each of its rows and columns sums up to THRESHOLD or more; of the block each row's sum alone is told.

Every sum that can be formed is then a sum of parts that are 0 or at least THRESHOLD, and every cell that isn't told can have THRESHOLD + 1
different values or more. Nothing of a hidden area is told further down. That nothing is there may be known.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

THRESHOLD = 5
Columns = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """What is told of an area, or of several together.

    inside   code of the area whose parts these are; its own code in `areas`: what lies in none of its parts
    areas    codes; more than one: only their sum is told
    cells    columns → count; columns told as one sum stand together
    """

    inside: str
    areas: tuple[str, ...]
    total: int
    cells: Mapping[Columns, int]


@dataclass(frozen=True)
class Tree:
    """Areas with what was counted in each of them itself.

    below  code → codes one level down
    own    code → column → count, without what was counted further down
    """

    below: Mapping[str, Sequence[str]]
    own: Mapping[str, Mapping[str, int]]

    def sums(self) -> dict[str, Counter[str]]:
        """Return code → column → count, with everything further down."""
        found: dict[str, Counter[str]] = {}

        def add_up(code: str) -> Counter[str]:
            total = Counter(dict(self.own.get(code, {})))
            for part in self.below.get(code, ()):
                total.update(add_up(part))
            found[code] = total
            return total

        for code in set(self.below) - {part for parts in self.below.values() for part in parts}:
            add_up(code)
        return found


def publish(root: str, tree: Tree, columns: Sequence[str]) -> Iterator[Row]:
    """Give what may be told of an area and of everything below it, widest first; areas in which there is nothing are left out."""
    sums = tree.sums()
    first = tell_whole(root, sums.get(root, {}), columns)
    waiting = [first] if first is not None else []
    while waiting:
        row = waiting.pop(0)
        yield row
        [code, *others] = row.areas
        if not others and code != row.inside:
            parts = [(part, sums[part]) for part in tree.below.get(code, ())]
            if parts:
                waiting += tell_parts(row, [*parts, (code, tree.own.get(code, {}))])


def tell_whole(code: str, counts: Mapping[str, int], columns: Sequence[str]) -> Row | None:
    """Return what may be told of an area that lies in no other, None where it is too little."""
    total = sum(counts.values())
    if total < THRESHOLD:
        return None
    small = [c for c in columns if 0 < counts.get(c, 0) < THRESHOLD]
    large = sorted((c for c in columns if counts.get(c, 0) >= THRESHOLD), key=lambda c: (counts[c], c))
    if small and sum(counts[c] for c in small) < THRESHOLD:
        small.append(large[0])
    return Row(
        "", (code,), total, _cells([(c,) for c in columns], [counts.get(c, 0) for c in columns], [(c,) for c in small])
    )


def tell_parts(whole: Row, parts: Iterable[tuple[str, Mapping[str, int]]]) -> list[Row]:
    """Return what may be told of the parts of an area, when `whole` is told of itself."""
    groups = list(whole.cells)
    together = _joined([(code, counts) for code, counts in parts if sum(counts.values())])
    table = [[sum(counts.get(c, 0) for c in group) for group in groups] for _areas, counts in together]
    rows, hidden = block(table)
    return [
        Row(
            whole.areas[0], areas, sum(line),
            _cells(groups, line, [groups[i] for i in sorted(hidden)] if number in rows else []),
        )
        for number, ((areas, _counts), line) in enumerate(zip(together, table, strict=True))
    ]  # fmt: skip


def _joined(parts: Sequence[tuple[str, Mapping[str, int]]]) -> list[tuple[Columns, Counter[str]]]:
    """Put the small parts together, with the smallest of the others where they are still too few."""
    by_size = sorted(parts, key=lambda part: (sum(part[1].values()), part[0]))
    few = [part for part in by_size if sum(part[1].values()) < THRESHOLD]
    if few and sum(sum(counts.values()) for _code, counts in few) < THRESHOLD:
        few = by_size[: len(few) + 1]
    alone = by_size[len(few) :]
    groups = ([few] if few else []) + [[part] for part in alone]
    return [
        (tuple(sorted(code for code, _counts in group)), sum((Counter(dict(c)) for _code, c in group), Counter()))
        for group in groups
    ]


def block(table: Sequence[Sequence[int]]) -> tuple[set[int], set[int]]:
    """Return the rows and the columns whose common cells must be hidden; both empty where none is small.

    table  rows and columns that each sum up to 0 or to THRESHOLD or more
    """
    small = [(r, c) for r, line in enumerate(table) for c, n in enumerate(line) if 0 < n < THRESHOLD]
    rows, columns = {r for r, _c in small}, {c for _r, c in small}
    while True:
        short_row = next((r for r in sorted(rows) if 0 < sum(table[r][c] for c in columns) < THRESHOLD), None)
        if short_row is not None:
            columns.add(_smallest({c: n for c, n in enumerate(table[short_row]) if c not in columns}))
            continue
        short = next((c for c in sorted(columns) if 0 < sum(table[r][c] for r in rows) < THRESHOLD), None)
        if short is None:
            return rows, columns
        rows.add(_smallest({r: line[short] for r, line in enumerate(table) if r not in rows}))


def _smallest(counts: Mapping[int, int]) -> int:
    return min((n, key) for key, n in counts.items() if n)[1]


def _cells(groups: Sequence[Columns], line: Sequence[int], hidden: Sequence[Columns]) -> dict[Columns, int]:
    told = {group: n for group, n in zip(groups, line, strict=True) if group not in hidden}
    if hidden:
        one = tuple(column for group in hidden for column in group)
        told[one] = sum(n for group, n in zip(groups, line, strict=True) if group in hidden)
    return told
