"""The levels of a plan for micro-venues: the fewest new rooms or the most households, then the shortest ways; checked."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack
from scipy.spatial import KDTree

from weiduan.planning.answers import NOWHERE, Clock, Numbers, Places, Solution, gap_between, status_of
from weiduan.planning.checking import check_cover, check_max_cover
from weiduan.planning.cover import max_cover, min_cost_cover
from weiduan.planning.engines import Engine
from weiduan.planning.siting import p_median

from .venues_ground import Site, VenueGround, on_plane


class UnsoundVenues(Exception):
    """The independent check found a rule broken: the plan is thrown away, whatever the solver says."""


@dataclass(frozen=True, eq=False)
class Question:
    """The ground as planning sees it.

    sites    those that may be used; barred: rooms that were to be left out or whose owner said no, but not both
    metres   between units and all sites, as points; reaches: (units, sites) of `sites`, metres within reach
    fixed    (sites,) true where the room must be in the plan; held: where a micro-venue is already
    """

    ground: VenueGround
    reach_m: float
    budget: int | None
    sites: tuple[Site, ...]
    barred: tuple[Site, ...]
    unit_m: Numbers
    site_m: Numbers
    barred_m: Numbers
    reaches: csr_array
    fixed: np.ndarray
    held: np.ndarray

    @property
    def weight(self) -> Numbers:
        """Households, at least one a unit: a unit is never worth nothing."""
        return np.maximum([unit.households for unit in self.ground.units], 1).astype(np.float64)

    def reached(self, chosen: Places) -> np.ndarray:
        """(units,) true where one of these sites is within reach."""
        return np.diff(self.reaches[:, chosen].indptr) > 0

    @property
    def reachable(self) -> np.ndarray:
        """(units,) true where any site is within reach."""
        return np.diff(self.reaches.indptr) > 0


def question_of(ground: VenueGround, reach_m: float, budget: int | None, keep: set[str], drop: set[str]) -> Question:
    """Lay the ground out for planning; keep and drop are numbers of rooms."""
    hurdles = [0 if site.held else (site.consent == "no") + (site.number in drop) for site in ground.sites]
    sites = tuple(site for site, many in zip(ground.sites, hurdles, strict=True) if many == 0)
    barred = tuple(site for site, many in zip(ground.sites, hurdles, strict=True) if many == 1)
    about = [unit.point for unit in ground.units]
    unit_m, site_m, barred_m = (
        on_plane([thing.point for thing in things], about) for things in (ground.units, sites, barred)
    )
    return Question(
        ground, reach_m, budget, sites, barred, unit_m, site_m, barred_m, _reaches(unit_m, site_m, reach_m),
        np.array([site.held or site.number in keep for site in sites], dtype=bool),
        np.array([site.held for site in sites], dtype=bool),
    )  # fmt: skip


def _reaches(units_m: Numbers, rooms_m: Numbers, reach_m: float) -> csr_array:
    """Return (units, rooms), the metres where a room lies within reach of a unit; no entry elsewhere."""
    if not len(rooms_m):
        return csr_array((len(units_m), 0))
    near = KDTree(rooms_m).query_ball_point(units_m, reach_m)
    unit = np.repeat(np.arange(len(units_m)), [len(found) for found in near])
    room = np.array([room for found in near for room in found], dtype=np.int64)
    metres = np.linalg.norm(units_m[unit] - rooms_m[room], axis=1)
    return csr_array((metres, (unit, room)), shape=(len(units_m), len(rooms_m)))


def solve(asked: Question, clock: Clock, engine: Engine | None) -> tuple[Solution, Solution | None]:
    """Solve level by level, and let code that knows only the rules look at the outcome."""
    first = fewest(asked, clock, engine) if asked.budget is None else _most(asked, clock, engine)
    shortest = _shortest(asked, first.chosen, clock, engine)
    chosen = first.chosen if shortest is None else shortest.chosen
    solution = _weighed(asked, replace(first, chosen=chosen, seconds=clock.spent))
    broken = (*solution.broken, *(shortest.broken if shortest else ()), *_broken(asked, chosen))
    if broken:
        raise UnsoundVenues(broken[0])
    return solution, shortest


def fewest(asked: Question, clock: Clock, engine: Engine | None) -> Solution:
    """Choose the fewest new rooms that reach, with those that are fixed, every unit that can be reached."""
    fixed = np.flatnonzero(asked.fixed)
    left = _fewest_for(asked, asked.reachable & ~asked.reached(fixed), clock, engine)
    new = float((asked.fixed & ~asked.held).sum())
    return replace(left, chosen=np.union1d(fixed, left.chosen), bound=new + left.bound)


def _fewest_for(asked: Question, units: np.ndarray, clock: Clock, engine: Engine | None) -> Solution:
    """Choose the fewest rooms besides the fixed ones that reach these units (each within reach of one of them)."""
    free = np.flatnonzero(~asked.fixed)
    if not units.any():
        return Solution(NOWHERE, 0.0, 0.0, 0.0, "optimal")
    limit = max(clock.left, 0.1)
    part = _marks(asked.reaches[units][:, free])
    found = min_cost_cover(part, np.ones(len(free)), time_limit=limit, engine=engine)
    return replace(found, chosen=free[found.chosen])


def _most(asked: Question, clock: Clock, engine: Engine | None) -> Solution:
    """Choose new rooms within the budget for the most households, and no more rooms than those households need."""
    fixed, free = np.flatnonzero(asked.fixed), np.flatnonzero(~asked.fixed)
    count = min((asked.budget or 0) - int((asked.fixed & ~asked.held).sum()), len(free))
    reached = asked.reached(fixed)
    left = asked.reachable & ~reached
    there = float(asked.weight[reached].sum())
    if not count or not left.any():
        return Solution(fixed, there, there, 0.0, "optimal")
    part = _marks(asked.reaches[left][:, free])
    found = max_cover(part, asked.weight[left], count=count, time_limit=max(clock.left, 0.1), engine=engine)
    served = left & asked.reached(free[found.chosen])
    fewer = _fewest_for(asked, served, clock, engine)
    chosen = fewer.chosen if len(fewer.chosen) <= len(found.chosen) else free[found.chosen]
    return replace(
        found, chosen=np.union1d(fixed, chosen), bound=there + found.bound, broken=(*found.broken, *fewer.broken)
    )


def _marks(metres: csr_array) -> csr_array:
    """Return true where there is an entry; a room on the spot is one too."""
    return csr_array((np.ones(len(metres.data), dtype=bool), metres.indices, metres.indptr), shape=metres.shape)


def _shortest(asked: Question, chosen: Places, clock: Clock, engine: Engine | None) -> Solution | None:
    """Choose as many rooms again, the fixed ones among them, so that the units reached now have the shortest way.

    A fixed room stands in as a place of its own that weighs nothing and that only this room serves. Where time is up
    before anything shorter is found, the rooms stay as they are, with the bound there is by then.
    """
    if len(chosen) == 0 or bool(asked.fixed[chosen].all()):
        return None
    served, fixed = asked.reached(chosen), np.flatnonzero(asked.fixed)
    own = csr_array((np.zeros(len(fixed)), (np.arange(len(fixed)), fixed)), shape=(len(fixed), len(asked.sites)))
    ways = vstack([asked.reaches[served].tocoo(), own.tocoo()])
    weight = np.concatenate([asked.weight[served], np.zeros(len(fixed))])
    found = p_median(ways, weight, len(chosen), time_limit=max(clock.left, 0.1), engine=engine)
    metres = KDTree(asked.site_m[chosen]).query(asked.unit_m[served])[0]
    now = float((asked.weight[served] * metres).sum())
    if len(found.chosen) and found.objective <= now:
        return found
    gap = gap_between(now, found.bound)
    return replace(found, chosen=chosen, objective=now, gap=gap, status=status_of(gap, 0.0), broken=())


def _weighed(asked: Question, solution: Solution) -> Solution:
    """Weigh the plan anew from what is chosen."""
    if asked.budget is None:
        objective = float((~asked.held[solution.chosen]).sum())
        bound = min(solution.bound, objective)
    else:
        objective = float(asked.weight[asked.reached(solution.chosen)].sum())
        bound = max(solution.bound, objective)
    gap = gap_between(objective, bound)
    return replace(solution, objective=objective, bound=bound, gap=gap, status=status_of(gap, 0.0))


def _broken(asked: Question, chosen: Places) -> tuple[str, ...]:
    """Check the whole plan by its rules: reach, budget, what must stay and what must not come."""
    missing = np.setdiff1d(np.flatnonzero(asked.fixed), chosen)
    broken = [f"room {asked.sites[site].number} must be in the plan" for site in missing[:1]]
    new = (~asked.held).astype(np.float64)
    marks = _marks(asked.reaches)
    if asked.budget is None:
        unreachable = np.flatnonzero(~asked.reachable)
        return (*broken, *check_cover(marks, new, chosen, unreachable, float(new[chosen].sum())))
    within = float(asked.weight[asked.reached(chosen)].sum())
    return (*broken, *check_max_cover(marks, asked.weight, new, float(asked.budget), None, chosen, within))
