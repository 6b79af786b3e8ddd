"""Rooms that can be full: which to open, keep or close, and which unit goes where."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from weiduan.planning.answers import (
    NOWHERE,
    Clock,
    Numbers,
    Places,
    Reason,
    Solution,
    gap_between,
    status_of,
    tightened,
)
from weiduan.planning.checking import check_capacitated
from weiduan.planning.crowding import why_impossible
from weiduan.planning.engines import Answer, Engine, Highs, Limits
from weiduan.planning.inputs import amounts, check_limits, count_of, money, reach_matrix
from weiduan.planning.reasons import kept_and_shut, only_shut, out_of_reach, too_large
from weiduan.planning.rooms import Rooms, assigning, fitted
from weiduan.planning.rough import cover_bound


def capacitated_cover(
    reaches: Any, weight: Any, capacity: Any, open_cost: Any, *, already_open: Any = (), close_cost: Any = None,
    shut: Any = (), count: int | None = None, budget: float | None = None,
    time_limit: float = 60.0, gap: float = 0.0, seed: int = 0, engine: Engine | None = None,
) -> Solution:  # fmt: skip
    """Choose rooms and send every unit to one it reaches, none over its capacity, for the least cost of change.

    reaches       (units, sites), sparse or dense, true where the site can serve the unit
    weight        (units,), >= 0, people or households; capacity  (sites,), >= 0, in the same unit
    open_cost     (sites,), >= 0, of opening a room that is shut
    already_open  site indices; they cost nothing to keep
    close_cost    (sites,), >= 0, of closing one that is open (inf: it stays); without it all stay
    shut          site indices of rooms that may not be used; one that is open is closed
    count         no more rooms than this may be open; budget  opening and closing may cost no more than this

    A unit that no site serves, or that fits into none it reaches, is left out and named in `uncoverable`. If the others
    can't be served the status is infeasible. Either way `reasons` say why. Raises ValueError for a bad value, shapes that
    disagree, or no site.
    Source: capacitated facility location with one source per unit, with the linking rows of Krarup & Pruzan (1983).
    """
    clock, engine = Clock(time_limit), engine or Highs()
    check_limits(time_limit, gap)
    matrix = reach_matrix(reaches)
    units, sites = matrix.shape
    asked = _Asked(
        matrix, amounts(weight, units, "weight", of="unit"), amounts(capacity, sites, "capacity", of="site"),
        amounts(open_cost, sites, "open_cost", of="site"), _sites(already_open, sites, "already_open"),
        None if close_cost is None else amounts(close_cost, sites, "close_cost", of="site", forever=True),
        _sites(shut, sites, "shut"), None if count is None else count_of(count, sites, "count"), money(budget),
    )  # fmt: skip
    rooms, torn = asked.rooms()
    uncoverable = np.setdiff1d(np.arange(units), rooms.served)
    reasons = (*torn, *asked.why_left_out(uncoverable))
    if len(uncoverable) == units > 0:
        return Solution(NOWHERE, np.inf, np.inf, np.inf, "infeasible", uncoverable, seconds=clock.spent, seed=seed,
                        reasons=reasons)  # fmt: skip
    problem = assigning(rooms, count=asked.count, budget=asked.budget)
    answer = engine.solve(problem, Limits(max(0.05, clock.left), gap, seed))
    solution = _told(asked, rooms, answer, Limits(time_limit, gap, seed))
    if solution.status == "infeasible":
        reasons = (*reasons, *why_impossible(rooms, asked.count, asked.budget, engine, seed, clock))
    if torn:
        solution = Solution(NOWHERE, np.inf, np.inf, np.inf, "infeasible")
    needs = [reason.needed for reason in reasons if reason.kind in ("too few sites", "too little money")]
    return replace(
        solution, uncoverable=uncoverable, seconds=clock.spent, size=problem.size, engine=engine.name, seed=seed,
        note=answer.note, reasons=reasons, needs=needs[0] if len(needs) == 1 else None,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Asked:
    """What was asked, with every number checked."""

    reaches: sparse.csr_array
    weight: Numbers
    capacity: Numbers
    open_cost: Numbers
    opened: Places
    close_cost: Numbers | None
    shut: Places
    count: int | None
    budget: float | None

    def rooms(self) -> tuple[Rooms, tuple[Reason, ...]]:
        """Return the problem, and what contradicts itself in it: of such sites neither rule is followed."""
        sites = len(self.capacity)
        price, must, shut = self.open_cost.copy(), np.zeros(sites, dtype=np.bool_), np.zeros(sites, dtype=np.bool_)
        closing = np.full(sites, np.inf) if self.close_cost is None else self.close_cost
        must[self.opened], shut[self.shut] = np.isinf(closing[self.opened]), True
        torn = np.flatnonzero(must & shut)
        closable = self.opened[~must[self.opened]]
        price[self.opened], price[closable] = 0.0, -closing[closable]
        price[shut] = 0.0
        must[torn] = shut[torn] = False
        pairs = self.reaches.tocoo()
        fits = (self.weight[pairs.row] <= self.capacity[pairs.col]) & ~shut[pairs.col]
        rooms = Rooms(
            pairs.row[fits].astype(np.int64), pairs.col[fits].astype(np.int64), self.weight, self.capacity, price,
            float(closing[closable].sum()), must, shut,
        )  # fmt: skip
        return rooms, kept_and_shut(torn)

    def why_left_out(self, units: Places) -> tuple[Reason, ...]:
        """Say of each unit that is left out whether nothing is in reach, it is too large, or all it fits into is shut."""
        fits = self.reaches.tocsr()[units]
        reached = np.diff(fits.indptr) > 0
        return (*out_of_reach(units[~reached]), *(self._why_none_fits(unit) for unit in units[reached].tolist()))

    def _why_none_fits(self, unit: int) -> Reason:
        sites = self.reaches.indices[self.reaches.indptr[unit] : self.reaches.indptr[unit + 1]]
        large, usable = self.capacity[sites].max(), np.setdiff1d(sites, self.shut)
        if self.weight[unit] <= large or not len(usable):
            return only_shut(unit, sites)
        return too_large(unit, sites, float(self.weight[unit]), float(large))

    def check(self, chosen: Places, assigned: Places, uncoverable: Places, objective: float) -> tuple[str, ...]:
        """Check a plan by the rules alone."""
        return check_capacitated(
            self.reaches, self.weight, self.capacity, self.open_cost, self.opened, self.close_cost, chosen, assigned,
            uncoverable, objective, shut=self.shut, count=self.count, budget=self.budget,
        )  # fmt: skip


def _sites(given: Any, sites: int, name: str) -> Places:
    """Return site indices, ascending.

    Raises ValueError for one that does not exist or is no whole number.
    """
    indices = np.asarray(given if len(given) else NOWHERE)
    if indices.ndim != 1 or not np.issubdtype(indices.dtype, np.integer):
        raise ValueError(f"{name} must list site numbers")
    if np.any((indices < 0) | (indices >= sites)):
        raise ValueError(f"{name} names a site that does not exist")
    return np.unique(indices.astype(np.int64))


def _told(asked: _Asked, rooms: Rooms, answer: Answer, limits: Limits) -> Solution:
    bound = max(answer.bound + rooms.base, _least(rooms))
    chosen, assigned = _plan(asked, rooms, answer)
    if not len(assigned):
        impossible = answer.verdict == "infeasible"
        return Solution(
            NOWHERE, np.inf, np.inf if impossible else bound, np.inf, "infeasible" if impossible else "stopped"
        )
    objective = float(rooms.price[chosen].sum()) + rooms.base
    bound = min(tightened(bound, np.append(rooms.price, rooms.base)), objective)
    distance = gap_between(objective, bound)
    broken = asked.check(chosen, assigned, np.setdiff1d(np.arange(len(rooms.weight)), rooms.served), objective)
    status = status_of(distance, limits.gap)
    return Solution(chosen, objective, bound, distance, status, assigned=assigned, broken=broken)


def _least(rooms: Rooms) -> float:
    """Return a cost that every plan has, capacities aside: that of covering, with open rooms for nothing."""
    links = rooms.links
    return cover_bound(links[np.diff(links.indptr) > 0], np.maximum(rooms.price, 0.0))


def _plan(asked: _Asked, rooms: Rooms, answer: Answer) -> tuple[Places, Places]:
    """Return the engine's plan or a simple one, whichever costs less; nothing where neither has one.

    A simple one is looked for even where the engine says that there is none: a plan that obeys the rules is there.
    """
    plans = [_found(rooms, answer)]
    if answer.verdict != "optimal":
        plans.append(_affordable(asked, rooms, fitted(rooms)))
    there = [plan for plan in plans if plan is not None]
    return min(there, key=lambda plan: float(rooms.price[plan[0]].sum()), default=(NOWHERE, NOWHERE))


def _affordable(asked: _Asked, rooms: Rooms, plan: tuple[Places, Places] | None) -> tuple[Places, Places] | None:
    """Return the plan if it keeps to number and money."""
    if plan is None or (asked.count is not None and len(plan[0]) > asked.count):
        return None
    dear = asked.budget is not None and float(rooms.price[plan[0]].sum()) + rooms.base > asked.budget
    return None if dear else plan


def _found(rooms: Rooms, answer: Answer) -> tuple[Places, Places] | None:
    if answer.values is None or answer.verdict == "failed":
        return None
    sites = len(rooms.capacity)
    taken = answer.values[sites:] > 0.5
    assigned = np.full(len(rooms.weight), -1)
    assigned[rooms.unit[taken]] = rooms.site[taken]
    return np.flatnonzero(answer.values[:sites] > 0.5), assigned
