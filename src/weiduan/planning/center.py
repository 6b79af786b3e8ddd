"""The p-center problem: p sites, so that nobody's way to the nearest is longer than need be."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy import sparse

from weiduan.planning.answers import NOWHERE, Clock, Places, Size, Solution, Status, gap_between, status_of
from weiduan.planning.checking import check_center
from weiduan.planning.engines import Engine, Highs, Limits, problem_of
from weiduan.planning.inputs import Roads, check_limits, count_of, roads
from weiduan.planning.median import nearest_of
from weiduan.planning.reduction import kernel
from weiduan.planning.rough import cover_bound, greedy_cover

NO_MODEL = Size()


@dataclass(frozen=True, eq=False)
class Reply:
    """Whether p sites can reach everyone within a radius; with a plan if they can."""

    verdict: Literal["yes", "no", "unknown"]
    chosen: Places = field(default_factory=NOWHERE.copy)
    size: Size = NO_MODEL
    note: str = ""


def p_center(
    distance: Any, p: int, *, time_limit: float = 60.0, gap: float = 0.0, seed: int = 0, engine: Engine | None = None
) -> Solution:
    """Choose at most p sites so that the longest way of any unit to its nearest chosen site is shortest.

    distance  (units, sites), metres >= 0; dense: inf where there is no way; sparse: no entry where there is no way
    p         whole, 1 to sites

    A unit without any way is left out and named in `uncoverable`. Infeasible if p sites can't reach the others at all.
    Raises ValueError for a bad value, shapes that disagree, or no site at all.
    Source: binary search over covering problems, Minieka (1970).
    """
    clock, engine = Clock(time_limit), engine or Highs()
    check_limits(time_limit, gap)
    ways, _ = roads(distance)
    p, uncoverable = count_of(p, ways.shape[1], "p", least=1), ways.unreached
    if len(uncoverable) == ways.shape[0] > 0:
        return Solution(NOWHERE, np.inf, np.inf, np.inf, "infeasible", uncoverable, seconds=clock.spent, seed=seed)
    search = _Search(ways, p, engine, Limits(time_limit, gap, seed), clock)
    search.run()
    return search.told(distance, uncoverable)


class _Search:
    """One p-center question: radii up to `low` are too short, `high` is reached by `chosen`."""

    def __init__(self, ways: Roads, p: int, engine: Engine, limits: Limits, clock: Clock) -> None:
        self.ways, self.p, self.engine, self.limits, self.clock = ways, p, engine, limits, clock
        self.radii = np.unique(ways.metres)
        self.low, self.high = -1, len(self.radii)  # places in `radii`; at the end: nothing is known to be long enough
        self.chosen, self.size, self.note = NOWHERE, Size(), ""

    def run(self) -> None:
        """Narrow low and high: first without a solver, then with one, until they meet or time is up."""
        if not len(self.radii):
            return
        nearest = self.ways.metres[self.ways.first[:-1][np.diff(self.ways.first) > 0]].max()
        self.low = int(np.searchsorted(self.radii, nearest)) - 1
        self._narrow_roughly()
        while self.high - self.low > 1 and self.clock.left > 0 and not self._close_enough():
            middle = (self.low + self.high) // 2 if self.high < len(self.radii) else len(self.radii) - 1
            if not self._learn(middle, self._decide(middle)):
                break

    def _narrow_roughly(self) -> None:
        """Find the shortest radius at which a greedy cover is small enough; what greedy proves too short counts too."""
        low, high = self.low, self.high
        while high - low > 1:
            middle = (low + high) // 2
            matrix = self._within(middle)
            chosen = greedy_cover(matrix, np.ones(matrix.shape[1]))
            if len(chosen) <= self.p:
                self._learn(middle, Reply("yes", chosen))
                high = middle
            else:
                low = middle

    def _learn(self, middle: int, reply: Reply) -> bool:
        """Move low or high by a reply; False if there was none."""
        self.size, self.note = max(self.size, reply.size, key=lambda size: size.entries), reply.note or self.note
        if reply.verdict == "no":
            self.low = max(self.low, middle)
        elif reply.verdict == "yes" and middle < self.high:
            self.chosen = reply.chosen
            self.high = int(np.searchsorted(self.radii, self._reach(reply.chosen)))
        return reply.verdict != "unknown"

    def _within(self, place: int) -> sparse.csr_array:
        """Return who is reached from where within a radius; units without any way are left out."""
        near = self.ways.metres <= self.radii[place]
        unit, site = self.ways.unit[near], self.ways.site[near]
        matrix = sparse.csr_array(sparse.coo_array((np.ones(len(unit)), (unit, site)), shape=self.ways.shape))
        return matrix[np.diff(self.ways.first) > 0]

    def _decide(self, place: int) -> Reply:
        """Ask whether p sites can reach everyone within a radius: reason first, then an engine."""
        matrix = self._within(place)
        core = kernel(matrix, np.ones(matrix.shape[1]))
        part, left = matrix[core.rows][:, core.columns], self.p - len(core.taken)
        if left < 0 or (part.shape[0] and cover_bound(part, np.ones(part.shape[1])) > left + 1e-6):
            return Reply("no")
        greedy = greedy_cover(part, np.ones(part.shape[1]))
        if len(greedy) <= left:
            return Reply("yes", np.union1d(core.taken, core.columns[greedy]))
        return self._asked(part, left, core.columns, core.taken)

    def _asked(self, part: sparse.csr_array, left: int, columns: Places, taken: Places) -> Reply:
        rows, sites = part.shape
        matrix = sparse.vstack([part, sparse.csr_array(np.ones((1, sites)))])
        lower, upper = np.append(np.ones(rows), -np.inf), np.append(np.full(rows, np.inf), float(left))
        problem = problem_of(matrix, np.ones(sites), lower, upper)
        limits = Limits(max(0.05, self.clock.left), 0.0, self.limits.seed, target=float(left))
        answer = self.engine.solve(problem, limits)
        if answer.values is not None and answer.verdict != "failed":
            chosen = np.union1d(taken, columns[answer.values > 0.5])
            return Reply("yes", chosen, problem.size, answer.note)
        return Reply("no" if answer.verdict == "infeasible" else "unknown", NOWHERE, problem.size, answer.note)

    def _reach(self, chosen: Places) -> float:
        """Return the longest way of any unit to its nearest chosen site."""
        nearest = np.full(self.ways.shape[0], np.inf)
        mine = np.isin(self.ways.site, chosen)
        np.minimum.at(nearest, self.ways.unit[mine], self.ways.metres[mine])
        return float(nearest[np.diff(self.ways.first) > 0].max())

    def _worth(self) -> tuple[float, float]:
        """Return the longest way of the best plan, and the shortest radius not yet proved too short."""
        ends = np.append(self.radii, np.inf)
        objective = float(ends[self.high])
        return objective, min(objective, float(ends[min(self.low + 1, len(self.radii))]))

    def _close_enough(self) -> bool:
        return self.limits.gap > 0 and gap_between(*self._worth()) <= self.limits.gap

    def told(self, distance: Any, uncoverable: Places) -> Solution:
        """Return what was found, checked."""
        objective, bound = self._worth() if len(self.radii) else (0.0, 0.0)
        engine = self.engine.name if self.size.rows else "none"
        if not np.isfinite(objective):
            status: Status = "infeasible" if np.isinf(bound) else "stopped"
            return Solution(NOWHERE, np.inf, bound, np.inf, status, uncoverable, seconds=self.clock.spent,
                            size=self.size, engine=engine, seed=self.limits.seed, note=self.note)  # fmt: skip
        assigned = nearest_of(distance, self.chosen)
        distance_left = gap_between(objective, bound)
        return Solution(
            self.chosen, objective, bound, distance_left, status_of(distance_left, self.limits.gap), uncoverable, assigned,
            self.clock.spent, self.size, engine, self.limits.seed,
            check_center(distance, self.p, self.chosen, assigned, uncoverable, objective), note=self.note,
        )  # fmt: skip
