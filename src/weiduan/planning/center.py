"""The p-center problem: p sites, so that nobody's way to the nearest is longer than need be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy import sparse

from weiduan.planning.answers import NOWHERE, Clock, Places, Size, Solution, Status, gap_between, status_of
from weiduan.planning.checking import check_center
from weiduan.planning.cover import min_cost_cover
from weiduan.planning.engines import Answer, Engine, Gscip, Highs, Limits, Problem, problem_of
from weiduan.planning.inputs import Roads, check_limits, count_of, roads
from weiduan.planning.median import nearest_of
from weiduan.planning.reasons import out_of_reach, too_few
from weiduan.planning.reduction import kernel
from weiduan.planning.rough import greedy_cover

NO_MODEL = Size()
SCIP_ROWS = (
    1000  # up to so many SCIP says no three to ten times as soon as HiGHS; with many more HiGHS finds plans sooner
)
FIRST = 1.0  # seconds of patience with a radius at first
MORE = 3  # how many times as patient, when nothing was decided


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
    engine    who solves it; if not given, HiGHS, or SCIP where that decides sooner

    A unit without any way is left out and named in `uncoverable`. Infeasible if p sites can't reach the others at all;
    `needs` is then the fewest that can. Raises ValueError for a bad value, shapes that disagree, or no site at all.
    Source: binary search over covering problems, Minieka (1970).
    """
    clock = Clock(time_limit)
    check_limits(time_limit, gap)
    ways, _ = roads(distance)
    p, uncoverable = count_of(p, ways.shape[1], "p", least=1), ways.unreached
    if len(uncoverable) == ways.shape[0] > 0:
        return Solution(NOWHERE, np.inf, np.inf, np.inf, "infeasible", uncoverable, seconds=clock.spent, seed=seed,
                        reasons=out_of_reach(uncoverable))  # fmt: skip
    search = _Search(ways, p, engine, Limits(time_limit, gap, seed), clock)
    search.run()
    return search.told(distance, uncoverable)


class _Search:
    """One p-center question: radii up to `low` are too short, `high` is reached by `chosen`."""

    def __init__(self, ways: Roads, p: int, engine: Engine | None, limits: Limits, clock: Clock) -> None:
        self.ways, self.p, self.limits, self.clock = ways, p, limits, clock
        self.relaxer: Engine = engine or Highs()
        self.given = engine
        self.asked: list[str] = []
        self.radii = np.unique(ways.metres)
        self.low, self.high = -1, len(self.radii)  # places in `radii`; at the end: nothing is known to be long enough
        self.chosen, self.size, self.note = NOWHERE, Size(), ""

    def run(self) -> None:
        """Narrow low and high: by reasoning, by relaxing, then by solving with ever more patience, until they meet.

        Radii far from the answer are decided at once and those near it hardly at all, so no radius may take all the time,
        and halving goes on only as long as there are replies.
        """
        if not len(self.radii):
            return
        nearest = self.ways.metres[self.ways.first[:-1][np.diff(self.ways.first) > 0]].max()
        self.low = int(np.searchsorted(self.radii, nearest)) - 1
        self._narrow(self._greedily, unknown="no")
        self._narrow(self._relaxed, unknown="yes")
        patience, last = FIRST, False
        while self._going_on():
            before, began = (self.low, self.high), self.clock.spent
            self._ask_around(patience, last=last)
            last = patience > FIRST and self.high < before[1] and not last
            if (self.low, self.high) == before:
                if self.clock.spent - began < patience:
                    break  # the engine gives up of its own accord: more patience won't help
                patience *= MORE

    def _ask_around(self, patience: float, *, last: bool) -> None:
        """Ask about the radius in the middle; where that stays open, about one on either side, which is decided sooner.

        last  first ask whether the plan known is the best already: worth a try when a plan was hard to find
        """
        middle = (self.low + self.high) // 2
        for place in (*([self.high - 1] if last else []), middle, *self._sides(middle, patience)):
            if self._going_on() and self.low < place < self.high:
                reply = self._solved(place, seconds=patience)
                self._learn(place, reply)
                if reply.verdict != "unknown":
                    return

    def _sides(self, middle: int, patience: float) -> list[int]:
        """Return radii to ask about when the middle one stays open; at first ever nearer to one known to be long enough."""
        sides = [(middle + self.high) // 2]
        while patience == FIRST and self.high - sides[-1] > 1:
            sides.append((sides[-1] + self.high + 1) // 2)
        return [*sides, (self.low + middle) // 2]

    def _going_on(self) -> bool:
        close = self.limits.gap > 0 and gap_between(*self._worth()) <= self.limits.gap
        return self.high - self.low > 1 and self.clock.left > 0 and not close

    def _narrow(self, decide: Callable[[int], Reply], *, unknown: Literal["yes", "no"]) -> None:
        """Search between low and high by halves, going on as if unknown were yes or no; only what is known is kept."""
        low, high = self.low, self.high
        while high - low > 1 and self._going_on():
            middle = (low + high) // 2
            reply = decide(middle)
            self._learn(middle, reply)
            if (unknown if reply.verdict == "unknown" else reply.verdict) == "yes":
                high = min(middle, self.high)
            else:
                low = middle

    def _learn(self, middle: int, reply: Reply) -> None:
        """Move low or high by a reply."""
        self.size, self.note = max(self.size, reply.size, key=lambda size: size.entries), reply.note or self.note
        if reply.verdict == "no":
            self.low = max(self.low, middle)
        elif reply.verdict == "yes" and middle < self.high:
            self.chosen = reply.chosen
            self.high = int(np.searchsorted(self.radii, self._reach(reply.chosen)))

    def _within(self, place: int) -> sparse.csr_array:
        """Return who is reached from where within a radius; units without any way are left out."""
        near = self.ways.metres <= self.radii[place]
        unit, site = self.ways.unit[near], self.ways.site[near]
        matrix = sparse.csr_array(sparse.coo_array((np.ones(len(unit)), (unit, site)), shape=self.ways.shape))
        return matrix[np.diff(self.ways.first) > 0]

    def _greedily(self, place: int) -> Reply:
        matrix = self._within(place)
        chosen = greedy_cover(matrix, np.ones(matrix.shape[1]))
        return Reply("yes", chosen) if len(chosen) <= self.p else Reply("unknown")

    def _relaxed(self, place: int) -> Reply:
        """Say no where not even parts of sites are enough."""
        matrix = self._within(place)
        problem = self._covering(matrix, self.p, whole=False)
        answer = self._answer(self.relaxer, problem, self._patience(self.clock.left / 4))
        return Reply("no" if answer.verdict == "infeasible" else "unknown", size=problem.size, note=answer.note)

    def _solved(self, place: int, *, seconds: float) -> Reply:
        """Ask an engine whether p sites can reach everyone within a radius, after what reasoning can do."""
        matrix = self._within(place)
        core = kernel(matrix, np.ones(matrix.shape[1]))
        part, left = matrix[core.rows][:, core.columns], self.p - len(core.taken)
        if left < 0 or (part.shape[0] and left == 0):
            return Reply("no")
        if not part.shape[0]:
            return Reply("yes", core.taken)
        problem = self._covering(part, left, whole=True)
        decider = self.given or (Gscip() if part.shape[0] <= SCIP_ROWS else Highs())
        answer = self._answer(decider, problem, self._patience(seconds, target=float(left)))
        if answer.values is not None and answer.verdict != "failed":
            chosen = np.union1d(core.taken, core.columns[answer.values > 0.5])
            return Reply("yes", chosen, problem.size, answer.note)
        return Reply("no" if answer.verdict == "infeasible" else "unknown", size=problem.size, note=answer.note)

    def _answer(self, engine: Engine, problem: Problem, limits: Limits) -> Answer:
        if engine.name not in self.asked:
            self.asked.append(engine.name)
        return engine.solve(problem, limits)

    def _covering(self, matrix: sparse.csr_array, most: int, *, whole: bool) -> Problem:
        """Cover every row with no more than `most` sites, whole or in parts."""
        rows, sites = matrix.shape
        lower, upper = np.append(np.ones(rows), -np.inf), np.append(np.full(rows, np.inf), float(most))
        everything = sparse.vstack([matrix, sparse.csr_array(np.ones((1, sites)))])
        return problem_of(everything, np.ones(sites), lower, upper, integral=np.full(sites, whole))

    def _patience(self, seconds: float, target: float | None = None) -> Limits:
        return Limits(max(0.05, min(seconds, self.clock.left)), 0.0, self.limits.seed, target)

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

    def _fewest(self) -> float | None:
        """Return how many sites it takes to reach everyone at all, if that is told in the time left."""
        fewest = min_cost_cover(
            self.ways.links, np.ones(self.ways.shape[1]), time_limit=max(0.05, self.clock.left), engine=self.relaxer
        )
        return fewest.objective if fewest.status == "optimal" else None

    def told(self, distance: Any, uncoverable: Places) -> Solution:
        """Return what was found, checked."""
        objective, bound = self._worth() if len(self.radii) else (0.0, 0.0)
        engine = " and ".join(self.asked) or "none"
        reasons = out_of_reach(uncoverable)
        if not np.isfinite(objective):
            status: Status = "infeasible" if np.isinf(bound) else "stopped"
            needs = self._fewest() if status == "infeasible" else None
            if status == "infeasible":
                reasons = (*reasons, too_few(self.ways.links, self.p, needs or self.p + 1.0))
            return Solution(NOWHERE, np.inf, bound, np.inf, status, uncoverable, seconds=self.clock.spent, size=self.size,
                            engine=engine, seed=self.limits.seed, needs=needs, note=self.note, reasons=reasons)  # fmt: skip
        assigned = nearest_of(self.ways, self.chosen)
        distance_left = gap_between(objective, bound)
        return Solution(
            self.chosen, objective, bound, distance_left, status_of(distance_left, self.limits.gap), uncoverable, assigned,
            self.clock.spent, self.size, engine, self.limits.seed,
            check_center(distance, self.p, self.chosen, assigned, uncoverable, objective), note=self.note,
            reasons=reasons,
        )  # fmt: skip
