"""Plans and bounds without a solver: what is left to say when one is stopped or fails, and a start for searches."""

import heapq

import numpy as np
from scipy import sparse

from weiduan.planning.answers import Numbers, Places


def greedy_cover(matrix: sparse.csr_array, cost: Numbers) -> Places:
    """Cover every row, always by the column with the most new rows for its cost, then leave out what is needless.

    matrix  (rows, columns) of ones, no empty row
    Source: Chvátal (1979); at most ln(rows) + 1 times the least cost.
    """
    columns = matrix.tocsc()
    open_rows = np.ones(matrix.shape[0], dtype=np.bool_)
    heap = [(price, j) for j, price in enumerate(_price(cost, np.diff(columns.indptr)))]
    heapq.heapify(heap)
    chosen: list[int] = []
    while open_rows.any():
        price, j = heapq.heappop(heap)
        mine = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        now = float(_price(cost[j : j + 1], np.array([open_rows[mine].sum()]))[0])
        if now > price:  # it covers less than when it was put in: back in its place
            if np.isfinite(now):
                heapq.heappush(heap, (now, j))
            continue
        chosen.append(j)
        open_rows[mine] = False
    return without_needless(matrix, cost, np.array(sorted(chosen), dtype=np.int64))


def _price(cost: Numbers, rows: np.ndarray) -> np.ndarray:
    return np.where(rows > 0, cost / np.maximum(rows, 1), np.inf)


def without_needless(matrix: sparse.csr_array, cost: Numbers, chosen: Places) -> Places:
    """Leave out chosen columns whose rows are all covered by others, the dearest first."""
    columns = matrix.tocsc()
    covered = np.asarray(matrix[:, chosen].sum(axis=1)).ravel()
    kept = set(chosen.tolist())
    for j in sorted(chosen.tolist(), key=lambda j: (-cost[j], -j)):
        mine = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        if np.all(covered[mine] > 1):
            covered[mine] -= 1
            kept.discard(j)
    return np.array(sorted(kept), dtype=np.int64)


def cover_bound(matrix: sparse.csr_array, cost: Numbers) -> float:
    """Return a cost below which nothing covers every row: what rows can pay without overpaying any column.

    Source: dual ascent; the sum is a feasible dual of the linear relaxation, so it holds for every plan.
    """
    left, total = cost.astype(np.float64).copy(), 0.0
    for row in np.argsort(np.diff(matrix.indptr), kind="stable"):
        mine = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        pays = left[mine].min()
        left[mine] -= pays
        total += float(pays)
    return total


def greedy_most(
    matrix: sparse.csr_array, weight: Numbers, cost: Numbers | None, budget: float | None, count: int | None
) -> Places:
    """Reach much weight within budget and count: always the affordable column with the most new weight for its cost."""
    columns = matrix.tocsc()
    fresh = weight.astype(np.float64).copy()
    money, places = np.inf if budget is None else budget, matrix.shape[1] if count is None else count
    price = np.ones(matrix.shape[1]) if cost is None or budget is None else np.maximum(cost, 1e-12)
    paid = np.zeros(matrix.shape[1]) if cost is None or budget is None else cost
    heap = [(-gain, j) for j, gain in enumerate((columns.T @ fresh) / price) if gain > 0]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < places:
        promised, j = heapq.heappop(heap)
        mine = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        gain = float(fresh[mine].sum() / price[j])
        if gain <= 0 or paid[j] > money:
            continue
        if -gain > promised:
            heapq.heappush(heap, (-gain, j))
            continue
        chosen.append(j)
        money -= float(paid[j])
        fresh[mine] = 0.0
    return np.array(sorted(chosen), dtype=np.int64)


def most_bound(
    matrix: sparse.csr_array,
    weight: Numbers,
    cost: Numbers | None,
    budget: float | None,
    count: int | None,
    chosen: Places,
) -> float:
    """Return a weight above which nothing reaches within budget and count.

    Whatever plan is best, it adds to `chosen` no more than its columns would add one by one; the best such columns
    within count (or, in fractions, within budget) bound it. Source: Nemhauser, Wolsey & Fisher (1978).
    """
    reached = np.asarray(matrix[:, chosen].sum(axis=1)).ravel() > 0
    base = float(weight[reached].sum())
    adds = np.sort(matrix.T @ np.where(reached, 0.0, weight))[::-1] if count is not None else None
    bounds = [float(weight[np.diff(matrix.indptr) > 0].sum())]
    if adds is not None:
        bounds.append(base + float(adds[:count].sum()))
    if budget is not None and cost is not None:
        bounds.append(base + _fractional(matrix.T @ np.where(reached, 0.0, weight), cost, budget))
    return min(bounds)


def _fractional(gain: Numbers, cost: Numbers, budget: float) -> float:
    """Return the most gain that money buys when the last thing may be bought in part."""
    order = np.argsort(-gain / np.maximum(cost, 1e-12), kind="stable")
    spent = np.cumsum(cost[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    total = float(gain[order[:whole]].sum())
    if whole == len(order):
        return total
    rest = budget - (float(spent[whole - 1]) if whole else 0.0)
    return total + float(gain[order[whole]]) * rest / float(cost[order[whole]])
