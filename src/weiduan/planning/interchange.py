"""Better p-median plans by exchanging one site for another, as long as that helps.

Source: Teitz & Bart (1968), with the gain, loss and correction of Resende & Werneck (2007), on sparse ways.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from weiduan.planning.answers import Clock, Numbers, Places
from weiduan.planning.lagrange import Market, totals

TRIED = 4000  # exchanges looked at in one round, the best first
TABLE = 4_000_000  # pairs of sites that a table may hold; beyond, pairs are sorted


@dataclass(frozen=True, eq=False)
class Served:
    """Who serves whom: nearest chosen site (-1: none), what it costs, and the next nearest and what that costs.

    Where there is none the cost is `penalty`, more than any way costs.
    """

    site: Places
    cost: Numbers
    next_site: Places
    second: Numbers
    total: float
    complete: bool


def penalty(market: Market) -> float:
    """Return what being unserved costs in a search: more than ten longest ways."""
    return 10.0 * float(market.cost.max(initial=0.0)) + 1.0


def served(market: Market, chosen: Places) -> Served:
    """Serve each unit from its nearest chosen site; of equally near ones from the first."""
    is_open = np.zeros(market.sites, dtype=np.bool_)
    is_open[chosen] = True
    at = np.flatnonzero(is_open[market.site])
    unit = market.unit[at]
    new = np.ones(len(at), dtype=np.bool_)
    new[1:] = unit[1:] != unit[:-1]
    nearest, following = at[new], np.flatnonzero(new) + 1
    follows = following < len(at)
    follows[follows] = unit[following[follows]] == unit[new][follows]
    site, cost = np.full(market.units, -1), np.full(market.units, penalty(market))
    next_site, second = site.copy(), cost.copy()
    site[unit[new]], cost[unit[new]] = market.site[nearest], market.cost[nearest]
    next_site[unit[new][follows]] = market.site[at[following[follows]]]
    second[unit[new][follows]] = market.cost[at[following[follows]]]
    return Served(site, cost, next_site, second, float(cost.sum()), bool(np.all(site >= 0)))


def greedy_median(market: Market, start: Places) -> Places:
    """Add to `start`, up to p sites, always the one that saves most."""
    order = np.argsort(market.site, kind="stable")
    first = np.searchsorted(market.site[order], np.arange(market.sites + 1))
    unit, cost = market.unit[order], market.cost[order]
    now = served(market, start).cost
    saves = totals(market.site, np.maximum(now[market.unit] - market.cost, 0.0), market.sites)
    heap = [(-saving, j) for j, saving in enumerate(saves.tolist()) if j not in set(start.tolist())]
    heapq.heapify(heap)
    chosen = start.tolist()
    while len(chosen) < market.p:
        promised, j = heapq.heappop(heap)
        mine = slice(first[j], first[j + 1])
        saving = float(np.maximum(now[unit[mine]] - cost[mine], 0.0).sum())
        if -saving > promised and heap and -saving > heap[0][0]:
            heapq.heappush(heap, (-saving, j))
            continue
        chosen.append(j)
        now[unit[mine]] = np.minimum(now[unit[mine]], cost[mine])
    return np.array(sorted(chosen), dtype=np.int64)


def exchanged(market: Market, chosen: Places, clock: Clock, *, seconds: float) -> Places:
    """Exchange sites until no single exchange helps or time is up; never returns a worse plan."""
    until = clock.spent + seconds
    now = served(market, chosen)
    while clock.spent < until:
        pairs = _best_pairs(market, chosen, now)
        if not pairs:
            break
        trial = _swapped(chosen, pairs)
        then = served(market, trial)
        if then.total > now.total - pairs[0][0] * (1 - 1e-9):  # exchanges got into each other's way: the best one alone
            trial = _swapped(chosen, pairs[:1])
            then = served(market, trial)
        if then.total >= now.total - 1e-9 * abs(now.total):
            break
        chosen, now = trial, then
    return chosen


def _swapped(chosen: Places, pairs: list[tuple[float, int, int]]) -> Places:
    goes, comes = [pair[2] for pair in pairs], [pair[1] for pair in pairs]
    return np.sort(np.concatenate([np.setdiff1d(chosen, goes), np.array(comes, dtype=np.int64)]))


def _best_pairs(market: Market, chosen: Places, now: Served) -> list[tuple[float, int, int]]:
    """Return exchanges that help (saving, site that comes, site that goes) and don't touch each other's units."""
    is_open = np.zeros(market.sites, dtype=np.bool_)
    is_open[chosen] = True
    near = np.flatnonzero(
        (market.cost < now.second[market.unit]) & ~is_open[market.site] & (now.site >= 0)[market.unit]
    )
    comes, goes, saving = _savings(market, chosen, now, near)
    helps = np.flatnonzero(saving > 1e-9 * abs(now.total))
    order = helps[np.argsort(-saving[helps], kind="stable")][:TRIED]
    if not len(order):
        return []
    areas = _Areas(market, now, near)
    return [
        (float(saving[at]), int(comes[at]), int(goes[at])) for at in order.tolist() if areas.take(comes[at], goes[at])
    ]


class _Areas:
    """Which sites' units an exchange touches; exchanges whose areas don't meet save what they save alone."""

    def __init__(self, market: Market, now: Served, near: Places) -> None:
        by_site = near[np.argsort(market.site[near], kind="stable")]
        self.cluster = now.site[market.unit[by_site]]
        self.from_site = np.searchsorted(market.site[by_site], np.arange(market.sites + 1))
        by_cluster = np.argsort(now.site, kind="stable")
        self.next_site = now.next_site[by_cluster]
        self.from_cluster = np.searchsorted(now.site[by_cluster], np.arange(market.sites + 1))
        self.taken = np.zeros(market.sites + 1, dtype=np.bool_)  # the last stands for "no site" and is never taken

    def take(self, comes: int, goes: int) -> bool:
        """Take the area of an exchange if no part of it is taken."""
        if self.taken[comes] or self.taken[goes]:
            return False
        area = np.concatenate([
            self.cluster[self.from_site[comes] : self.from_site[comes + 1]],
            self.next_site[self.from_cluster[goes] : self.from_cluster[goes + 1]], [comes, goes],
        ])  # fmt: skip
        if self.taken[area].any():
            return False
        self.taken[area] = True
        self.taken[-1] = False
        return True


def _savings(market: Market, chosen: Places, now: Served, near: Places) -> tuple[Places, Places, Numbers]:
    """Return what exchanges save: of all pairs that share units, and the best of those that share none.

    near  entries of closed sites that lie before their unit's second nearest open one
    """
    gain = totals(market.site, np.maximum(now.cost[market.unit] - market.cost, 0.0), market.sites)
    has = now.site >= 0
    loss = totals(now.site[has], (now.second - now.cost)[has], market.sites)
    unit = market.unit[near]
    spared = now.second[unit] - np.maximum(now.cost[unit], market.cost[near])
    comes, goes, spared = _summed(market.site[near], now.site[unit], spared, market.sites)
    shut = np.setdiff1d(np.arange(market.sites), chosen)
    if not len(shut):
        return comes, goes, spared
    apart = (shut[np.argmax(gain[shut])], chosen[np.argmin(loss[chosen])])
    comes, goes = np.append(comes, apart[0]), np.append(goes, apart[1])
    return comes, goes, gain[comes] - loss[goes] + np.append(spared, 0.0)


def _summed(comes: Places, goes: Places, values: Numbers, sites: int) -> tuple[Places, Places, Numbers]:
    """Sum values over equal pairs."""
    key = comes * sites + goes
    if sites * sites <= TABLE:
        total = totals(key, values, 1)
        kept = np.flatnonzero(total).astype(np.int64)
        return kept // sites, kept % sites, total[kept]
    unique, inverse = np.unique(key, return_inverse=True)
    return unique // sites, unique % sites, totals(inverse, values, len(unique))
