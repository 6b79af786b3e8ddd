"""Best plans by trying every set of sites: slow, obvious, and right."""

from itertools import chain, combinations, product

import numpy as np


def sets_of(sites: int):
    """Every set of sites, as lists."""
    return map(list, chain.from_iterable(combinations(range(sites), many) for many in range(sites + 1)))


def least_cover(reaches: np.ndarray, cost: np.ndarray) -> float:
    """Least cost that reaches every unit which some site reaches."""
    needed = reaches.any(axis=1)
    return min(cost[s].sum() for s in sets_of(len(cost)) if np.array_equal(reaches[:, s].any(axis=1), needed))


def most_cover(reaches, weight, cost, budget, count) -> float:
    """Most weight reached within budget and count."""
    return max(
        weight[reaches[:, s].any(axis=1)].sum()
        for s in sets_of(reaches.shape[1])
        if (count is None or len(s) <= count) and (budget is None or cost[s].sum() <= budget)
    )


def least_median(distance: np.ndarray, weight: np.ndarray, p: int) -> float:
    """Least weighted distance with p sites; inf if p can't serve the units that some site serves."""
    there = np.isfinite(distance).any(axis=1)
    return min(
        sum(
            w * d if np.isfinite(d) else np.inf
            for w, d in zip(weight[there], distance[there][:, s].min(axis=1), strict=True)
        )
        for s in map(list, combinations(range(distance.shape[1]), p))
    )


def least_center(distance: np.ndarray, p: int) -> float:
    """Shortest longest way with p sites; inf if p can't reach the units that some site reaches."""
    there = np.isfinite(distance).any(axis=1)
    return min(
        distance[there][:, s].min(axis=1).max(initial=0.0) for s in map(list, combinations(range(distance.shape[1]), p))
    )


def least_capacitated(reaches, weight, capacity, open_cost, already_open, close_cost) -> float:
    """Least cost of opening and closing; inf if the rooms can't hold the units that fit somewhere."""
    fits = reaches & (weight[:, None] <= capacity[None, :])
    units = [np.flatnonzero(row) for row in fits if row.any()]
    weights = weight[fits.any(axis=1)]
    used = {frozenset(to) for to in product(*units) if _holds(to, weights, capacity)}
    return min(
        (_change(s, open_cost, already_open, close_cost) for to in used for s in _around(to, len(capacity))),
        default=np.inf,
    )


def _holds(to, weights, capacity) -> bool:
    held = np.bincount(np.array(to, dtype=int), weights, minlength=len(capacity))
    return bool(np.all(held <= capacity + 1e-9))


def _around(used: frozenset, sites: int):
    """Every set of open sites that holds the used ones."""
    return (set(used) | set(more) for more in sets_of(sites))


def _change(chosen: set, open_cost, already_open, close_cost) -> float:
    before = set(already_open)
    closed = before - chosen
    if close_cost is None:
        return np.inf if closed else float(sum(open_cost[j] for j in chosen - before))
    return float(sum(open_cost[j] for j in chosen - before) + sum(close_cost[j] for j in closed))
