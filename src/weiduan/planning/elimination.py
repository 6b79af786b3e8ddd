"""Covering solved exactly by deciding one site after another: fast where sites hang together loosely, as they do on a map.

A site is decided once for every choice of those it shares units with; what it then costs is all that the others need to know
of it. That takes two to the power of how many sites hang together at once: about 15 of them in what is left of a town's
covering problem after reduction, where thousands of sites are left in all.
Source: nonserial dynamic programming, Bertelè & Brioschi (1972); bucket elimination, Dechter (1999).
"""

import heapq
from collections import defaultdict

import numpy as np
from scipy import sparse

from weiduan.planning.answers import Numbers, Places

WIDEST = 20  # sites that may hang together at once: a table of 2 ** 20 numbers is 8 MB
MOST_WORK = 2e7  # numbers in all tables together: about a second
MOST_PAIRS = 2e6  # pairs of sites with a unit in common, counted by unit


def eliminated(matrix: sparse.csr_array, cost: Numbers) -> Places | None:
    """Return the columns of a best cover, ascending; None where that would take too long to be worth it.

    matrix  (rows, columns) of ones, no empty row
    cost    (columns,) >= 0
    """
    order = _order(matrix)
    if order is None:
        return None
    place = {column: at for at, column in enumerate(order)}
    tables: dict[int, list[tuple[list[int], Numbers]]] = defaultdict(list)
    for row in range(matrix.shape[0]):
        scope = sorted(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist(), key=place.__getitem__)
        tables[scope[0]].append((scope, _covered(len(scope))))
    decisions = []
    for column in order:
        mine = tables.pop(column, [])
        others = sorted({other for scope, _ in mine for other in scope} - {column}, key=place.__getitem__)
        total = _together(mine, [column, *others])
        total[1] += cost[column]
        decisions.append((column, others, total[1] < total[0]))
        if others:
            tables[others[0]].append((others, np.minimum(total[0], total[1])))
    return _read(decisions)


def _order(matrix: sparse.csr_array) -> list[int] | None:
    """Return columns, always the one next that hangs together with fewest; None where that is too many."""
    size = np.diff(matrix.indptr).astype(np.float64)
    if size.max(initial=0.0) > WIDEST or float(size @ size) > MOST_PAIRS:
        return None  # the sites of one unit hang together all at once
    shared = (matrix.T @ matrix).tocsr()
    near = {
        column: set(shared.indices[shared.indptr[column] : shared.indptr[column + 1]].tolist()) - {column}
        for column in range(matrix.shape[1])
    }
    heap = [(len(others), column) for column, others in near.items()]
    heapq.heapify(heap)
    order, work = [], 0.0
    while heap:
        many, column = heapq.heappop(heap)
        if column not in near or len(near[column]) != many:
            continue  # it hangs together with more or fewer by now: it stands elsewhere in the heap too
        work += 2.0**many
        if many >= WIDEST or work > MOST_WORK:
            return None
        others = near.pop(column)
        order.append(column)
        for other in others:
            near[other] = (near[other] | others) - {column, other}
            heapq.heappush(heap, (len(near[other]), other))
    return order


def _covered(columns: int) -> Numbers:
    """Return what choosing (1) or leaving (0) each of a row's columns costs: for ever if all are left."""
    table = np.zeros((2,) * columns)
    table[(0,) * columns] = np.inf
    return table


def _together(tables: list[tuple[list[int], Numbers]], scope: list[int]) -> Numbers:
    """Add up tables of some columns each; both they and `scope` are in the order of elimination."""
    total = np.zeros((2,) * len(scope))
    for columns, table in tables:
        total += table.reshape([2 if column in columns else 1 for column in scope])
    return total


def _read(decisions: list[tuple[int, list[int], np.ndarray]]) -> Places:
    """Decide backwards: each column by what was decided for those after it."""
    chosen: dict[int, int] = {}
    for column, others, choose in reversed(decisions):
        chosen[column] = int(choose[tuple(chosen[other] for other in others)])
    return np.array(sorted(column for column, taken in chosen.items() if taken), dtype=np.int64)
