"""The rules of each problem, checked on a finished plan by code that knows no model and shares nothing with the solvers.

Every check returns what is broken, in plain English; an empty tuple means that the plan obeys every rule.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from weiduan.planning.answers import Numbers, Places

Broken = tuple[str, ...]
NOBODY = np.empty(0, dtype=np.int64)


def check_cover(reaches: Any, cost: Numbers, chosen: Places, uncoverable: Places, objective: float) -> Broken:
    """Every unit is reached by a chosen site or named as uncoverable; the cost is that of the chosen sites."""
    absent = _of_existence(reaches.shape[1], reaches.shape[0], chosen, NOBODY, uncoverable)
    if absent:
        return absent
    reached = _reached(reaches, chosen)
    named = _named(uncoverable, reached.shape[0])
    broken = _of_choice(chosen)
    if np.any(~reached & ~named):
        broken.append(f"unit {np.flatnonzero(~reached & ~named)[0]} is neither reached nor named as uncoverable")
    broken += _of_naming(reaches, uncoverable)
    broken += _of_worth(float(sum(cost[site] for site in chosen)), objective)
    return tuple(broken)


def check_max_cover(
    reaches: Any, weight: Numbers, cost: Numbers | None, budget: float | None, count: int | None,
    chosen: Places, objective: float,
) -> Broken:  # fmt: skip
    """Budget and count hold; the objective is the weight of the units reached."""
    absent = _of_existence(reaches.shape[1], reaches.shape[0], chosen, NOBODY, NOBODY)
    if absent:
        return absent
    broken = [*_of_choice(chosen), *_of_many(chosen, count)]
    broken += _of_money(0.0 if cost is None else float(sum(cost[site] for site in chosen)), budget)
    broken += _of_worth(float(weight[_reached(reaches, chosen)].sum()), objective)
    return tuple(broken)


def check_median(
    distance: Any, weight: Numbers, p: int, chosen: Places, assigned: Places, uncoverable: Places, objective: float
) -> Broken:
    """Exactly p sites; each unit goes to its nearest chosen one; the objective is the weighted distance."""
    absent = _of_existence(distance.shape[1], distance.shape[0], chosen, assigned, uncoverable)
    if absent:
        return absent
    broken = [*_of_choice(chosen), *_of_number(chosen, p)]
    lengths = _lengths(distance, assigned)
    broken += _of_assignment(lengths, chosen, assigned, uncoverable)
    served = assigned >= 0
    nearest = _nearest(distance, chosen)
    if np.any(lengths[served] > nearest[served] + 1e-9):
        broken.append("a unit goes past a nearer chosen site")
    return (*broken, *_of_worth(float((weight[served] * lengths[served]).sum()), objective))


def check_center(
    distance: Any, p: int, chosen: Places, assigned: Places, uncoverable: Places, objective: float
) -> Broken:
    """No more than p sites; the objective is the longest way of any unit to its site."""
    absent = _of_existence(distance.shape[1], distance.shape[0], chosen, assigned, uncoverable)
    if absent:
        return absent
    broken = [*_of_choice(chosen), *_of_many(chosen, p)]
    lengths = _lengths(distance, assigned)
    broken += _of_assignment(lengths, chosen, assigned, uncoverable)
    return (*broken, *_of_worth(float(lengths[assigned >= 0].max(initial=0.0)), objective))


def check_capacitated(
    reaches: Any, weight: Numbers, capacity: Numbers, open_cost: Numbers, already_open: Places,
    close_cost: Numbers | None, chosen: Places, assigned: Places, uncoverable: Places, objective: float, *,
    shut: Places | Sequence[int] = (), count: int | None = None, budget: float | None = None,
) -> Broken:  # fmt: skip
    """Each unit goes to one open site it reaches; no site holds more than it can; kept sites are kept, shut ones shut."""
    absent = _of_existence(reaches.shape[1], reaches.shape[0], chosen, assigned, uncoverable)
    if absent:
        return absent
    broken = [*_of_choice(chosen), *_of_many(chosen, count)]
    if set(np.asarray(shut).tolist()) & set(chosen.tolist()):
        broken.append("a site that must stay shut is open")
    lengths = np.where(_links(reaches, assigned), 0.0, np.inf)
    broken += _of_assignment(lengths, chosen, assigned, uncoverable)
    held = np.bincount(assigned[assigned >= 0], weight[assigned >= 0], minlength=reaches.shape[1])
    over = np.flatnonzero(held > capacity * (1 + 1e-9) + 1e-9)
    broken += [f"site {site} holds {held[site]}, it can hold {capacity[site]}" for site in over[:1]]
    opened, closed = np.setdiff1d(chosen, already_open), np.setdiff1d(already_open, chosen)
    if len(closed) and (close_cost is None or np.isinf(close_cost[closed]).any()):
        return (*broken, "a site that must stay open is closed")
    worth = float(open_cost[opened].sum()) + (0.0 if close_cost is None else float(close_cost[closed].sum()))
    return (*broken, *_of_money(worth, budget), *_of_worth(worth, objective))


def _of_existence(sites: int, units: int, chosen: Places, assigned: Places, uncoverable: Places) -> Broken:
    """Sites and units that aren't there; nothing more can be said of such a plan."""
    there = {
        "a chosen site does not exist": np.all((chosen >= 0) & (chosen < sites)),
        "a unit goes to a site that does not exist": np.all((assigned >= -1) & (assigned < sites)),
        "not every unit is assigned": assigned is NOBODY or len(assigned) == units,
        "a unit named as uncoverable does not exist": np.all((uncoverable >= 0) & (uncoverable < units)),
    }
    return tuple(sentence for sentence, right in there.items() if not right)


def _of_choice(chosen: Places) -> list[str]:
    return ["a site is chosen twice"] if len(np.unique(chosen)) < len(chosen) else []


def _of_number(chosen: Places, p: int) -> list[str]:
    return [] if len(chosen) == p else [f"{len(chosen)} sites are chosen, not {p}"]


def _of_many(chosen: Places, most: int | None) -> list[str]:
    return [f"{len(chosen)} sites are chosen, {most} are allowed"] if most is not None and len(chosen) > most else []


def _of_money(spent: float, budget: float | None) -> list[str]:
    dear = budget is not None and spent > budget + 1e-9 * max(1.0, budget)
    return [f"{spent} is spent, the budget is {budget}"] if dear else []


def _of_worth(worth: float, objective: float) -> list[str]:
    return [] if abs(worth - objective) <= 1e-6 * max(1.0, abs(worth)) else [f"worth {worth}, not {objective} as said"]


def _of_naming(reaches: Any, uncoverable: Places) -> list[str]:
    """A unit may be named as uncoverable only if no site at all reaches it."""
    reachable = np.asarray(sparse.csr_array(reaches).sum(axis=1)).ravel() > 0
    return ["a unit named as uncoverable can be reached"] if reachable[uncoverable].any() else []


def _of_assignment(lengths: Numbers, chosen: Places, assigned: Places, uncoverable: Places) -> list[str]:
    broken = []
    if not np.isin(assigned[assigned >= 0], chosen).all():
        broken.append("a unit goes to a site that is not chosen")
    if np.any(np.isinf(lengths[assigned >= 0])):
        broken.append("a unit goes to a site it can't reach")
    if not np.array_equal(np.flatnonzero(assigned < 0), np.sort(uncoverable)):
        broken.append("the units without a site are not those named as uncoverable")
    return broken


def _named(units: Places, many: int) -> np.ndarray:
    named = np.zeros(many, dtype=np.bool_)
    named[units] = True
    return named


def _reached(reaches: Any, chosen: Sequence[int] | Places) -> np.ndarray:
    open_sites = np.zeros(reaches.shape[1])
    open_sites[chosen] = 1.0
    return np.asarray(sparse.csr_array(reaches, dtype=np.float64) @ open_sites).ravel() > 0


def _links(reaches: Any, assigned: Places) -> np.ndarray:
    """Whether each unit reaches the site it is assigned to; -1 counts as no."""
    pairs = sparse.csr_array(reaches, dtype=np.float64).tocoo()
    return np.bincount(pairs.row[(pairs.col == assigned[pairs.row]) & (pairs.data > 0)], minlength=len(assigned)) > 0


def _ways(distance: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if sparse.issparse(distance):
        pairs = sparse.coo_array(distance)
        return pairs.row, pairs.col, pairs.data
    unit, site = np.nonzero(np.isfinite(distance))
    return unit, site, np.asarray(distance)[unit, site]


def _lengths(distance: Any, assigned: Places) -> Numbers:
    """Metres from each unit to its site, inf where there is no way."""
    unit, site, metres = _ways(distance)
    mine = site == assigned[unit]
    lengths = np.full(len(assigned), np.inf)
    lengths[unit[mine]] = metres[mine]
    return lengths


def _nearest(distance: Any, chosen: Places) -> Numbers:
    """Metres from each unit to its nearest chosen site."""
    unit, site, metres = _ways(distance)
    open_ways = np.isin(site, chosen)
    nearest = np.full(distance.shape[0], np.inf)
    np.minimum.at(nearest, unit[open_ways], metres[open_ways])
    return nearest
