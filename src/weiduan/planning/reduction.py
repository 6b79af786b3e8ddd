"""Smaller covering problems with the same best plans: what is implied need not be solved."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from weiduan.planning.answers import Numbers, Places

WORTH_A_PRODUCT = 3e7  # multiplications: about 0.1 s; beyond, a solver's presolve is the better bargain
SMALL_ENOUGH_WHOLE = 2000  # sets and members: below, a dense product costs less than that too
ROUNDS = 6


@dataclass(frozen=True, eq=False)
class Kernel:
    """What is left of a covering problem: these rows, these columns, and columns that every best plan may take."""

    rows: Places
    columns: Places
    taken: Places


def kernel(matrix: sparse.csr_array, cost: Numbers) -> Kernel:
    """Reduce a least-cost covering problem until nothing more is implied.

    matrix  (rows, columns) of ones, no empty row
    cost    (columns,) >= 0

    A column goes if another covers as much for no more; a row goes if covering another covers it too; a row with one
    column left takes that column. Some best plan of the whole is `taken` and a best plan of what is left.
    """
    rows, columns = np.arange(matrix.shape[0]), np.arange(matrix.shape[1])
    taken: list[Places] = []
    for _ in range(ROUNDS):
        before = (len(rows), len(columns))
        columns = columns[~dominated(matrix[rows][:, columns].T.tocsr(), cost[columns], smaller_goes=True)]
        part = matrix[rows][:, columns]
        rows = rows[~dominated(part, np.zeros(len(rows)), smaller_goes=False)]
        rows, columns, forced = _forced(matrix, rows, columns)
        taken.append(forced)
        if (len(rows), len(columns)) == before:
            break
    return Kernel(rows, columns, np.sort(np.concatenate(taken)))


def _forced(matrix: sparse.csr_array, rows: Places, columns: Places) -> tuple[Places, Places, Places]:
    """Take the only column of a row, and let go of the rows it covers and of columns that cover nothing more."""
    part = matrix[rows][:, columns]
    single = np.flatnonzero(np.diff(part.indptr) == 1)
    chosen = np.unique(part.indices[part.indptr[single]])
    left = rows[np.asarray(part[:, chosen].sum(axis=1)).ravel() == 0]
    useful = np.asarray(matrix[left][:, columns].sum(axis=0)).ravel() > 0
    return left, columns[useful], columns[chosen]


def dominated(sets: sparse.csr_array, cost: Numbers, *, smaller_goes: bool) -> np.ndarray:
    """Tell for each set (a row of ones) whether another makes it needless.

    smaller_goes  True: it lies in another that costs no more; False: another lies in it
    Of equal sets with equal costs the first stays. Nothing goes where telling would take too long.
    """
    size = np.diff(sets.indptr)
    within = _within(sets, size)
    if within is None:
        return np.zeros(sets.shape[0], dtype=np.bool_)
    one, other = within
    goes, stays = (one, other) if smaller_goes else (other, one)
    no_dearer = cost[stays] <= cost[goes]
    same = (size[one] == size[other]) & (cost[one] == cost[other])
    result = np.zeros(sets.shape[0], dtype=np.bool_)
    result[goes[no_dearer & (~same | (stays < goes))]] = True
    if smaller_goes:
        result |= size == 0
    return result


def _within(sets: sparse.csr_array, size: np.ndarray) -> tuple[Places, Places] | None:
    """Return all pairs (one, other) where one set lies in another; None where finding them would take too long."""
    width = np.bincount(sets.indices, minlength=sets.shape[1]).astype(np.float64)
    if float(width @ width) <= WORTH_A_PRODUCT:
        common = (sets @ sets.T).tocoo()
        inside = (common.data == size[common.row]) & (common.row != common.col)
        return common.row[inside].astype(np.int64), common.col[inside].astype(np.int64)
    if max(sets.shape) > SMALL_ENOUGH_WHOLE:
        return None
    whole = sets.toarray().astype(np.float32)
    inside = (whole @ whole.T) == size[:, None]
    np.fill_diagonal(inside, False)
    one, other = np.nonzero(inside)
    return one, other
