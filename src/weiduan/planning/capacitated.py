"""Rooms that can be full: which to open, keep or close, and which unit goes where."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from weiduan.planning.answers import (
    NOWHERE,
    Clock,
    Numbers,
    Places,
    Size,
    Solution,
    Status,
    gap_between,
    status_of,
    tightened,
)
from weiduan.planning.checking import check_capacitated
from weiduan.planning.engines import Answer, Engine, Highs, Limits, Problem, problem_of
from weiduan.planning.inputs import amounts, check_limits, reach_matrix
from weiduan.planning.rough import cover_bound


@dataclass(frozen=True, eq=False)
class Rooms:
    """The problem with every number checked; ways are (unit, site) pairs the unit fits through.

    price  (sites,) what having it open costs more (or, below 0, less) than having it shut
    base   what having every open room shut costs; must: sites that stay open
    """

    unit: Places
    site: Places
    weight: Numbers
    capacity: Numbers
    price: Numbers
    base: float
    must: np.ndarray

    @property
    def served(self) -> Places:
        """The units that have a way, ascending."""
        return np.unique(self.unit)


def capacitated_cover(
    reaches: Any, weight: Any, capacity: Any, open_cost: Any, *, already_open: Any = (), close_cost: Any = None,
    time_limit: float = 60.0, gap: float = 0.0, seed: int = 0, engine: Engine | None = None,
) -> Solution:  # fmt: skip
    """Choose rooms and send every unit to one it reaches, none over its capacity, for the least cost of change.

    reaches       (units, sites), sparse or dense, true where the site can serve the unit
    weight        (units,), >= 0, people or households; capacity  (sites,), >= 0, in the same unit
    open_cost     (sites,), >= 0, of opening a room that is shut
    already_open  site indices; they cost nothing to keep
    close_cost    (sites,), >= 0, of closing one that is open (inf: it stays); without it all stay

    A unit that no site reaches, or that fits into none it reaches, is left out and named in `uncoverable`. If the rooms
    can't hold the others the status is infeasible. Raises ValueError for a bad value, shapes that disagree, or no site.
    Source: capacitated facility location with one source per unit, with the linking rows of Krarup & Pruzan (1983).
    """
    clock, engine = Clock(time_limit), engine or Highs()
    check_limits(time_limit, gap)
    matrix = reach_matrix(reaches)
    units, sites = matrix.shape
    weight = amounts(weight, units, "weight", of="unit")
    capacity = amounts(capacity, sites, "capacity", of="site")
    open_cost = amounts(open_cost, sites, "open_cost", of="site")
    opened = _sites(already_open, sites)
    close = None if close_cost is None else amounts(close_cost, sites, "close_cost", of="site", forever=True)
    rooms = _rooms(matrix, weight, capacity, open_cost, opened, close)
    uncoverable = np.setdiff1d(np.arange(units), rooms.served)
    if len(uncoverable) == units > 0:
        return Solution(NOWHERE, np.inf, np.inf, np.inf, "infeasible", uncoverable, seconds=clock.spent, seed=seed)
    problem = _assigning(rooms)
    answer = engine.solve(problem, Limits(max(0.05, clock.left), gap, seed))
    check = partial(check_capacitated, matrix, weight, capacity, open_cost, opened, close)
    return _told(rooms, answer, problem.size, uncoverable, gap, seed, engine.name, clock, check)


def _sites(given: Any, sites: int) -> Places:
    """Return site indices, ascending.

    Raises ValueError for one that does not exist or is no whole number.
    """
    indices = np.asarray(given if len(given) else NOWHERE)
    if indices.ndim != 1 or not np.issubdtype(indices.dtype, np.integer):
        raise ValueError("already_open must list site numbers")
    if np.any((indices < 0) | (indices >= sites)):
        raise ValueError("already_open names a site that does not exist")
    return np.unique(indices.astype(np.int64))


def _rooms(
    matrix: sparse.csr_array,
    weight: Numbers,
    capacity: Numbers,
    open_cost: Numbers,
    opened: Places,
    close: Numbers | None,
) -> Rooms:
    pairs = matrix.tocoo()
    fits = weight[pairs.row] <= capacity[pairs.col]
    price, must = open_cost.copy(), np.zeros(len(capacity), dtype=np.bool_)
    closing = np.full(len(capacity), np.inf) if close is None else close
    must[opened] = np.isinf(closing[opened])
    closable = opened[~must[opened]]
    price[opened], price[closable] = 0.0, -closing[closable]
    return Rooms(
        pairs.row[fits].astype(np.int64), pairs.col[fits].astype(np.int64), weight, capacity, price,
        float(closing[closable].sum()), must,
    )  # fmt: skip


def _assigning(rooms: Rooms) -> Problem:
    """Columns: sites, then ways. Rows: each unit goes one way; a site holds its capacity; a way needs its site open; some stay."""
    sites, ways, served = len(rooms.capacity), len(rooms.unit), rooms.served
    number = np.zeros(len(rooms.weight), dtype=np.int64)
    number[served] = np.arange(len(served))
    way, units = np.arange(ways), len(served)
    must = np.flatnonzero(rooms.must)
    link = units + sites + way
    rows = np.concatenate([number[rooms.unit], units + rooms.site, units + np.arange(sites), link, link,
                           units + sites + ways + np.arange(len(must))])  # fmt: skip
    columns = np.concatenate([sites + way, sites + way, np.arange(sites), sites + way, rooms.site, must])
    values = np.concatenate([np.ones(ways), rooms.weight[rooms.unit], -rooms.capacity, np.ones(ways), -np.ones(ways),
                             np.ones(len(must))])  # fmt: skip
    shape = (units + sites + ways + len(must), sites + ways)
    matrix = sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=shape))
    lower = np.concatenate([np.ones(units), np.full(sites + ways, -np.inf), np.ones(len(must))])
    upper = np.concatenate([np.ones(units), np.zeros(sites + ways), np.ones(len(must))])
    return problem_of(matrix, np.concatenate([rooms.price, np.zeros(ways)]), lower, upper)


def _told(
    rooms: Rooms, answer: Answer, size: Size, uncoverable: Places, gap: float, seed: int, engine: str, clock: Clock,
    check: Callable[[Places, Places, Places, float], tuple[str, ...]],
) -> Solution:  # fmt: skip
    bound = max(answer.bound + rooms.base, _least(rooms))
    chosen, assigned = _plan(rooms, answer)
    if not len(assigned):
        status: Status = "infeasible" if answer.verdict == "infeasible" else "stopped"
        bound = np.inf if status == "infeasible" else bound
        return Solution(NOWHERE, np.inf, bound, np.inf, status, uncoverable, seconds=clock.spent, size=size,
                        engine=engine, seed=seed, note=answer.note)  # fmt: skip
    open_now = np.zeros(len(rooms.price), dtype=np.bool_)
    open_now[chosen] = True
    objective = float(rooms.price[open_now].sum()) + rooms.base
    bound = min(tightened(bound, np.append(rooms.price, rooms.base)), objective)
    distance = gap_between(objective, bound)
    return Solution(
        chosen, objective, bound, distance, status_of(distance, gap), uncoverable, assigned, clock.spent, size, engine, seed,
        check(chosen, assigned, uncoverable, objective), note=answer.note,
    )  # fmt: skip


def _least(rooms: Rooms) -> float:
    """Return a cost that every plan has, capacities aside: that of covering, with open rooms for nothing."""
    pairs = sparse.csr_array(sparse.coo_array((np.ones(len(rooms.unit)), (rooms.unit, rooms.site)),
                                              shape=(len(rooms.weight), len(rooms.capacity))))  # fmt: skip
    return cover_bound(pairs[np.diff(pairs.indptr) > 0], np.maximum(rooms.price, 0.0))


def _plan(rooms: Rooms, answer: Answer) -> tuple[Places, Places]:
    """Return the engine's plan or a simple one, whichever costs less; nothing where neither has one."""
    plans = [plan for plan in (_found(rooms, answer), _fitted(rooms, answer)) if plan is not None]
    if not plans:
        return NOWHERE, NOWHERE
    return min(plans, key=lambda plan: float(rooms.price[plan[0]].sum()))


def _found(rooms: Rooms, answer: Answer) -> tuple[Places, Places] | None:
    if answer.values is None or answer.verdict == "failed":
        return None
    sites = len(rooms.capacity)
    taken = answer.values[sites:] > 0.5
    assigned = np.full(len(rooms.weight), -1)
    assigned[rooms.unit[taken]] = rooms.site[taken]
    return np.flatnonzero(answer.values[:sites] > 0.5), assigned


def _fitted(rooms: Rooms, answer: Answer) -> tuple[Places, Places] | None:
    """Put the heaviest units first into the fullest open room that still holds them; open the cheapest if none does.

    Only where the engine did not finish. None where a unit finds no room that way.
    """
    if answer.verdict in ("optimal", "infeasible"):
        return None
    left, is_open = rooms.capacity.copy(), rooms.must | (rooms.price <= 0)
    assigned = np.full(len(rooms.weight), -1)
    order = np.argsort(rooms.unit, kind="stable")
    first = np.searchsorted(rooms.unit[order], np.arange(len(rooms.weight) + 1))
    served = rooms.served
    for unit in served[np.lexsort((served, -rooms.weight[served]))].tolist():
        sites = rooms.site[order[first[unit] : first[unit + 1]]]
        sites = sites[left[sites] >= rooms.weight[unit]]
        if not len(sites):
            return None
        best = sites[np.lexsort((left[sites], np.where(is_open[sites], 0.0, rooms.price[sites]), ~is_open[sites]))[0]]
        assigned[unit], is_open[best] = best, True
        left[best] -= rooms.weight[unit]
    used = np.zeros(len(rooms.price), dtype=np.bool_)
    used[assigned[served]] = True
    return np.flatnonzero(used | rooms.must | (rooms.price < 0)), assigned
