"""Hide small counts in tables that add up, so that none can be worked out from what is shown: docs/decisions/0023-small-cells.md.

A cell is a count of people or matters under a key; a sum says that one cell is the sum of others. Nothing is small too: were zeros shown,
whoever reads a table would know that what is hidden is at least one, and of a thin table the totals would have to go as well.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

LEAST = 5  # the smallest count that is shown
WIDTH = 5  # the ends between which a hidden count may lie are at least so far apart
TRIES = 12  # readings of the whole table looked at together, before each cell is looked at by itself
INTEGRAL = 1e-6

Key = Hashable


@dataclass(frozen=True)
class Sum:
    """`total` is the sum of `parts`."""

    total: Key
    parts: tuple[Key, ...]


@dataclass
class _Net:
    """The cells, those that are always equal taken as one, and how they add up."""

    names: dict[Key, int]
    values: list[int]
    sums: list[tuple[int, tuple[int, ...]]]
    beside: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))  # cell → numbers of its sums

    def cells_of(self, number: int) -> tuple[int, ...]:
        """Return all cells of a sum."""
        total, parts = self.sums[number]
        return (total, *parts)


def hidden_in(
    cells: Mapping[Key, int],
    sums: Iterable[Sum],
    *,
    untold: Iterable[Key] = (),
    least: int = LEAST,
    width: int = WIDTH,
) -> set[Key]:
    """Return the cells that must not be shown: the small ones, and as many others as it takes that none can be worked out.

    Whatever is shown, the whole numbers each hidden cell may still be lie at least `width` apart at their ends.

    untold  cells that are shown in no case

    :raises ValueError: a total is not the sum of its parts, or a count is negative
    """
    known = list(sums)  # ties are decided by the order in which cells come
    _check(cells, known)
    net = _net(cells, known)
    hidden = {n for n, value in enumerate(net.values) if value < least} | {net.names[key] for key in untold}
    _close(net, hidden, width)
    while failing := _narrow_ones(net, hidden, width):
        for cell in failing:
            _hide_beside(net, hidden, cell)
        _close(net, hidden, width)
    return {key for key, n in net.names.items() if n in hidden}


def _check(cells: Mapping[Key, int], sums: Sequence[Sum]) -> None:
    if any(count < 0 for count in cells.values()):
        raise ValueError("a count is negative")
    for one in sums:
        if cells[one.total] != sum(cells[part] for part in one.parts):
            raise ValueError(f"{one.total!r} is not the sum of its parts")


def _net(cells: Mapping[Key, int], sums: Sequence[Sum]) -> _Net:
    """Take as one what a sum of a single part makes equal."""
    same: dict[Key, Key] = {key: key for key in cells}

    def root(key: Key) -> Key:
        while same[key] != key:
            same[key] = same[same[key]]
            key = same[key]
        return key

    for one in sums:
        if len(one.parts) == 1:
            same[root(one.total)] = root(one.parts[0])
    numbers: dict[Key, int] = {}
    names = {key: numbers.setdefault(root(key), len(numbers)) for key in same}
    values = [0] * len(numbers)
    for key, n in names.items():
        values[n] = cells[key]
    found = {(names[one.total], tuple(sorted(names[part] for part in one.parts))) for one in sums if len(one.parts) > 1}
    net = _Net(names, values, sorted(found))
    for number in range(len(net.sums)):
        for cell in net.cells_of(number):
            net.beside[cell].append(number)
    return net


def _close(net: _Net, hidden: set[int], width: int) -> None:
    """Hide what a single sum, looked at by itself, already gives away."""
    waiting = list(range(len(net.sums)))
    while waiting:
        number = heappop(waiting)  # in order, so that a table is hidden the same way whatever stands beside it
        while (more := _wanting(net, hidden, number, width)) is not None:
            hidden.add(more)
            for other in net.beside[more]:
                heappush(waiting, other)


def _wanting(net: _Net, hidden: set[int], number: int, width: int) -> int | None:
    """Return one more cell of a sum to hide, or None where the sum by itself gives nothing away."""
    total, parts = net.sums[number]
    dark = [part for part in parts if part in hidden]
    if total in hidden:
        return None if dark else _smallest(net, parts)
    if not dark or (len(dark) > 1 and sum(net.values[part] for part in dark) >= width):
        return None
    shown = [part for part in parts if part not in hidden]
    return _smallest(net, shown) if shown else total


def _smallest(net: _Net, cells: Iterable[int]) -> int:
    return min(cells, key=lambda cell: (net.values[cell], cell))


def _hide_beside(net: _Net, hidden: set[int], cell: int) -> None:
    """Hide the smallest shown cell that is nearest to a cell: in one of its sums, in a sum of those, and so on."""
    seen, edge = {cell}, [cell]
    while edge:
        near = {other for here in edge for number in net.beside[here] for other in net.cells_of(number)} - seen
        shown = near - hidden
        if shown:
            hidden.add(_smallest(net, shown))
            return
        seen |= near
        edge = sorted(near)


def _narrow_ones(net: _Net, hidden: set[int], width: int) -> list[int]:
    """Return hidden cells that can be narrowed down too far: at most one of each connected part of the table."""
    return [cell for part in _parts(net, hidden) if (cell := _narrow_one(net, part, width)) is not None]


def _parts(net: _Net, hidden: set[int]) -> list[list[int]]:
    """Return the hidden cells that sums bind together; those bound to nothing may be anything and are left out."""
    left, found = {cell for cell in hidden if net.beside[cell]}, []
    while left:
        first = min(left)
        left.discard(first)
        part, edge = [first], [first]
        while edge:
            here = edge.pop()
            for other in {o for number in net.beside[here] for o in net.cells_of(number)} & left:
                left.discard(other)
                part.append(other)
                edge.append(other)
        found.append(sorted(part))
    return found


def _narrow_one(net: _Net, part: list[int], width: int) -> int | None:
    matrix, right = _equations(net, part)
    values = np.array([net.values[cell] for cell in part], dtype=float)
    most = values.max() + 10.0 * width
    low, high = values.copy(), values.copy()
    chance = np.random.default_rng(len(part))
    for n in range(TRIES):
        open_ones = (high - low) < width
        if not open_ones.any():
            return None
        wish = np.where(open_ones, 1.0 if n == 0 else chance.choice([-1.0, 1.0], size=len(part)), 0.0)
        for sign in (1, -1):
            found = linprog(sign * wish, A_eq=matrix, b_eq=right, bounds=(0, most), method="highs-ds").x
            whole = None if found is None else np.round(found)
            if whole is not None and np.abs(found - whole).max() < INTEGRAL:
                low, high = np.minimum(low, whole), np.maximum(high, whole)
    for place in np.flatnonzero((high - low) < width):
        if high[place] - low[place] < width and not _is_wide(matrix, right, int(place), most, width, low, high):
            return part[int(place)]
    return None


def _equations(net: _Net, part: list[int]) -> tuple[Any, np.ndarray]:
    """Return what a reader knows of the hidden cells of a part: matrix and right side of equations."""
    column = {cell: n for n, cell in enumerate(part)}
    numbers = sorted({number for cell in part for number in net.beside[cell]})
    rows, columns, signs, right = [], [], [], np.zeros(len(numbers))
    for row, number in enumerate(numbers):
        total, parts = net.sums[number]
        for cell, sign in [(total, -1.0), *((p, 1.0) for p in parts)]:
            if cell in column:
                rows.append(row)
                columns.append(column[cell])
                signs.append(sign)
            else:
                right[row] -= sign * net.values[cell]
    return csr_array((signs, (rows, columns)), shape=(len(numbers), len(part))), right


def _is_wide(
    matrix: Any, right: np.ndarray, place: int, most: float, width: int, low: np.ndarray, high: np.ndarray
) -> bool:
    """Look for whole-numbered readings of the table in which a cell is as small and as large as can be; widen what they show."""
    for sign in (-1.0, 1.0):
        wish = np.zeros(matrix.shape[1])
        wish[place] = sign
        found = milp(wish, constraints=LinearConstraint(matrix, right, right), integrality=1, bounds=Bounds(0, most)).x
        if found is not None:
            np.minimum(low, np.round(found), out=low)
            np.maximum(high, np.round(found), out=high)
        if high[place] - low[place] >= width:
            return True
    return False
