"""The dual of the p-median problem: a bound on every plan, and what that bound rules out.

Each unit offers a price for being served; a site is worth what it earns from units that offer more than their way costs.
The prices plus the p best sites' worth is below the cost of every plan, so raising it by subgradient steps gives a
bound, and forcing a poor site open (or a good one shut) that lifts it above a known plan proves the site shut (open).
Source: Cornuéjols, Fisher & Nemhauser (1977); Beasley (1993); fixing as in Briant & Naddef (2004).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from weiduan.planning.answers import Clock, Numbers, Places

PATIENCE = 15  # steps without a better bound before steps get shorter
MEMORY = 0.6  # how much of the last direction is kept: damps the zigzag of plain subgradients
SHORTEST = 2e-4
LOOK = 100  # steps between looks at the sites that the prices favour


@dataclass(frozen=True, eq=False)
class Market:
    """A p-median problem as entries sorted by unit, then by cost.

    first  (units + 1,) where each unit's entries begin; unit, site, cost  (entries,) cost = weight x metres
    outside  (units,) no site without an entry serves the unit for less; inf: none serves it at all
    """

    first: Places
    unit: Places
    site: Places
    cost: Numbers
    outside: Numbers
    sites: int
    p: int

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.first) - 1

    @property
    def whole(self) -> bool:
        """Whether every plan's cost is a whole number; unknown, so no, where ways were left out."""
        return bool(np.all(self.cost == np.floor(self.cost)) and np.all(np.isinf(self.outside)))


@dataclass(frozen=True, eq=False)
class Dual:
    """Prices (units,), worth of each site (sites,) <= 0, and the bound they prove."""

    prices: Numbers
    worth: Numbers
    bound: float


@dataclass(frozen=True, eq=False)
class Core:
    """What can still be part of a plan better than the best known: sites that are open, sites to decide, ways."""

    opened: Places
    undecided: Places
    ways: np.ndarray


def totals(index: Places, values: Numbers, many: int) -> Numbers:
    """Sum values by index: (many,)."""
    return np.bincount(index, values, minlength=many).astype(np.float64, copy=False)


def valued(market: Market, prices: Numbers) -> Dual:
    """Return what prices prove."""
    earns = np.maximum(prices[market.unit] - market.cost, 0.0)
    worth = -totals(market.site, earns, market.sites)
    best = np.partition(worth, market.p - 1)[: market.p]
    return Dual(prices, worth, float(prices.sum() + best.sum()))


def best_sites(dual: Dual, p: int) -> Places:
    """Return the p sites that the prices favour, ascending."""
    return np.sort(np.argsort(dual.worth, kind="stable")[:p])


def raised(
    market: Market, upper: float, clock: Clock, *, seconds: float, steps: int, good_enough: float,
    seen: Callable[[Places], float],
) -> Dual:  # fmt: skip
    """Raise the bound until it is good enough, steps get too short, or time is up.

    upper  the cost of a known plan; seen  is shown promising sites now and then, and returns the best cost known
    good_enough  a relative gap
    """
    prices, best, stale, length = _second_nearest(market), None, 0, 1.0
    direction = np.zeros(market.units)
    until = clock.spent + seconds
    for step in range(steps):
        dual = valued(market, prices)
        if best is None or dual.bound > best.bound + 1e-7 * abs(best.bound):
            best, stale = dual, 0
        else:
            stale += 1
        if step % LOOK == LOOK - 1:
            upper = seen(best_sites(dual, market.p))
        if upper - best.bound <= good_enough * abs(upper) or length < SHORTEST or clock.spent > until:
            break
        if stale >= PATIENCE:
            length, stale, prices, direction = length * 0.6, 0, best.prices, np.zeros(market.units)
            continue
        direction = MEMORY * direction + (1 - MEMORY) * _slope(market, dual)
        stride = length * max(upper * 1.005 - dual.bound, 1e-9) / max(float(direction @ direction), 1e-9)
        prices = np.clip(prices + stride * direction, 0.0, market.outside)
    assert best is not None
    return best


def _second_nearest(market: Market) -> Numbers:
    """Start with each unit offering what its second nearest site costs."""
    at = np.minimum(market.first[:-1] + 1, market.first[1:] - 1)
    return np.minimum(market.cost[at], market.outside)


def _slope(market: Market, dual: Dual) -> Numbers:
    """Return how the bound changes with each price: up by 1, down by 1 for each favoured site it pays."""
    favoured = np.zeros(market.sites, dtype=np.bool_)
    favoured[best_sites(dual, market.p)] = True
    pays = favoured[market.site] & (market.cost < dual.prices[market.unit])
    slope = 1.0 - totals(market.unit[pays], np.ones(int(pays.sum())), market.units)
    slope[(slope > 0) & (dual.prices >= market.outside)] = 0.0
    return slope


def core(market: Market, dual: Dual, upper: float) -> Core:
    """Rule out, with the bound, what no plan cheaper than `upper` holds."""
    enough = (upper - 1.0 + 1e-6) if market.whole else upper - 1e-9 * abs(upper)
    order = np.sort(dual.worth)
    last, following = order[market.p - 1], order[market.p] if market.p < market.sites else np.inf
    forced_open = dual.bound + np.maximum(dual.worth - last, 0.0)
    forced_shut = dual.bound + np.maximum(following - dual.worth, 0.0)
    possible = forced_open <= enough
    must = (forced_shut > enough) & possible
    undecided = np.flatnonzero(possible & ~must)
    loss = np.maximum(market.cost - dual.prices[market.unit], 0.0)
    ways = possible[market.site] & (forced_open[market.site] + loss <= enough)
    return Core(np.flatnonzero(must), undecided, ways & not_past(market, np.flatnonzero(must)))


def not_past(market: Market, opened: Places) -> np.ndarray:
    """Tell which ways are no longer than the unit's way to a site that is surely open."""
    is_open = np.zeros(market.sites, dtype=np.bool_)
    is_open[opened] = True
    nearest = np.full(market.units, np.inf)
    sure = is_open[market.site]
    np.minimum.at(nearest, market.unit[sure], market.cost[sure])
    return market.cost <= nearest[market.unit]
