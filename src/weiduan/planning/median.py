"""The p-median problem: p sites, so that the households' way to the nearest is shortest in all."""

from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from weiduan.planning.answers import NOWHERE, Clock, Numbers, Places, Size, Solution, Status, gap_between, status_of
from weiduan.planning.checking import check_median
from weiduan.planning.cover import min_cost_cover
from weiduan.planning.engines import Engine, Highs, Limits, Problem, problem_of
from weiduan.planning.inputs import Roads, amounts, check_limits, count_of, roads
from weiduan.planning.interchange import exchanged, greedy_median, served
from weiduan.planning.lagrange import Core, Dual, Market, core, not_past, raised
from weiduan.planning.reasons import out_of_reach, too_few

MOST_WAYS = 3_000_000  # of a dense matrix the nearest sites are enough; the rest is held by a bound
MOST_DECIDED = 400_000  # ways left undecided; with more a solver would use much memory and prove nothing in time
EASILY_DECIDED = 15_000
PLANS, SMALL = 8, 1000  # plans remembered for recombining, and units below which that is not worth an engine's time
STEPS = 3000


def p_median(
    distance: Any, weight: Any, p: int, *, beyond: Any = None,
    time_limit: float = 60.0, gap: float = 0.0, seed: int = 0, engine: Engine | None = None,
) -> Solution:  # fmt: skip
    """Choose p sites so that the sum of weight x distance to the nearest chosen site is least.

    distance  (units, sites), metres >= 0; dense: inf where there is no way; sparse: no entry where there is no way
    weight    (units,), >= 0, households as a rule
    p         whole, 1 to sites
    beyond    (units,), metres: for sparse distances that list only near sites, none left out is nearer than this. The
              plan then uses the listed ways only, and bound and proof still hold for the whole problem.

    A unit without any way is left out and named in `uncoverable`. Infeasible if p sites can't serve the others;
    `needs` is then the fewest that can. Raises ValueError for a bad value, shapes that disagree, or no site at all.
    Source: see lagrange; the rest is solved as the radius formulation of Elloumi (2010).
    """
    clock, engine = Clock(time_limit), engine or Highs()
    check_limits(time_limit, gap)
    ways, left_out = roads(distance, most=None if sparse.issparse(distance) else MOST_WAYS)
    units, sites = ways.shape
    weight, p = amounts(weight, units, "weight", of="unit"), count_of(p, sites, "p", least=1)
    outside = (
        left_out if beyond is None else np.minimum(left_out, amounts(beyond, units, "beyond", of="unit", forever=True))
    )
    uncoverable = ways.unreached
    if len(uncoverable) == units:
        status: Status = "infeasible" if units else "optimal"
        return Solution(NOWHERE, np.inf, np.inf, np.inf, status, uncoverable, seconds=clock.spent, seed=seed,
                        reasons=out_of_reach(uncoverable))  # fmt: skip
    market = _market(ways, weight, outside, p)
    solution = _Search(market, engine, Limits(time_limit, gap, seed), clock).run()
    return _told(solution, ways, distance, weight, p, uncoverable, clock)


def _market(ways: Roads, weight: Numbers, outside: Numbers, p: int) -> Market:
    """Return the problem without the units that have no way; those left are numbered anew."""
    listed = np.flatnonzero(np.diff(ways.first))
    number = np.zeros(ways.shape[0], dtype=np.int64)
    number[listed] = np.arange(len(listed))
    first = np.append(ways.first[listed], ways.first[-1])
    edge = np.full(len(weight), np.inf)
    known = np.isfinite(outside)
    edge[known] = weight[known] * outside[known]
    cost = weight[ways.unit] * ways.metres
    return Market(first, number[ways.unit], ways.site, cost, edge[listed], ways.shape[1], p)


class _Search:
    """One p-median question on its way: the best plan and the best bound so far."""

    def __init__(self, market: Market, engine: Engine, limits: Limits, clock: Clock) -> None:
        self.market, self.engine, self.limits, self.clock = market, engine, limits, clock
        self.chosen, self.best, self.bound = NOWHERE, np.inf, 0.0
        self.size, self.note = Size(), ""
        self.plans: deque[Places] = deque(maxlen=PLANS)

    def run(self) -> Solution:
        """Find a plan, raise the bound, rule out, and let an engine decide the rest."""
        self._start()
        if not np.isfinite(self.best):
            impossible = self._impossible()
            if impossible is not None:
                return impossible
        dual = self._raise()
        self._polish()
        if np.isfinite(self.best) and not self._done():
            self._recombine(dual)
        if np.isfinite(self.best) and not self._done():
            self._decide(dual)
        return self._solution()

    def _start(self) -> None:
        chosen = greedy_median(self.market, NOWHERE)
        self._look(exchanged(self.market, chosen, self.clock, seconds=0.15 * self.clock.left))

    def _look(self, chosen: Places) -> float:
        """Keep a plan if it serves everyone and costs less than the best known; return the best cost known."""
        plan = served(self.market, chosen)
        if plan.complete:
            self.plans.append(chosen)
            if plan.total < self.best:
                self.chosen, self.best = chosen, plan.total
        return self.best

    def _impossible(self) -> Solution | None:
        """Find any plan that serves everyone; return the refusal where there is none."""
        market = self.market
        # A copy: whoever sorts the table's entries would sort the market's too.
        links = sparse.csr_array(
            (np.ones(len(market.site)), market.site.copy(), market.first), (market.units, market.sites)
        )
        fewest = min_cost_cover(
            links,
            np.ones(market.sites),
            time_limit=max(0.1, 0.5 * self.clock.left),
            seed=self.limits.seed,
            engine=self.engine,
        )
        self.size = fewest.size
        if len(fewest.chosen) <= market.p:
            chosen = greedy_median(market, fewest.chosen)
            self._look(chosen)
            self._look(exchanged(market, chosen, self.clock, seconds=0.15 * self.clock.left))
            return None
        if fewest.bound <= market.p or np.isfinite(market.outside).any():
            self.note = "no plan found that serves every unit by a listed way"
            return None
        return Solution(
            NOWHERE, np.inf, np.inf, np.inf, "infeasible", size=fewest.size, engine=fewest.engine,
            seed=self.limits.seed, needs=fewest.objective if fewest.status == "optimal" else None,
        )  # fmt: skip

    def _raise(self) -> Dual:
        start = self.best if np.isfinite(self.best) else 2.0 * float(self.market.cost.max()) * self.market.units
        dual = raised(
            self.market, start, self.clock, seconds=0.35 * self.clock.left, steps=STEPS,
            good_enough=max(self.limits.gap, 1e-9), seen=self._shown,
        )  # fmt: skip
        self._prove(dual.bound)
        return dual

    def _shown(self, chosen: Places) -> float:
        """Look at sites that the prices favour, improved a little."""
        better = exchanged(self.market, chosen, self.clock, seconds=0.03 * self.clock.left)
        known = self._look(better)
        return known if np.isfinite(known) else 2.0 * float(self.market.cost.max()) * self.market.units

    def _polish(self) -> None:
        if len(self.chosen) and not self._done():
            self._look(exchanged(self.market, self.chosen, self.clock, seconds=0.2 * self.clock.left))

    def _prove(self, bound: float) -> None:
        whole = float(np.ceil(bound - 1e-6 * max(1.0, abs(bound)))) if self.market.whole else bound
        self.bound = max(self.bound, min(whole, self.best))

    def _done(self) -> bool:
        return gap_between(self.best, self.bound) <= max(self.limits.gap, 1e-9)

    def _decide(self, dual: Dual) -> None:
        """Let an engine find the best plan among those not ruled out; no better one being left is a proof too.

        Where much is left, first suppose that the best plan costs little more than the bound: that rules out nearly
        everything, and whatever the engine says holds up to the supposed cost.
        """
        supposed = self._first_guess(dual)
        while self.clock.left > 0 and not self._done():
            last = supposed >= self.best
            supposed = min(supposed, self.best)
            left = core(self.market, dual, supposed)
            if left.ways.sum() > MOST_DECIDED:
                self.note = f"{int(left.ways.sum())} ways are left undecided: too many for an engine"
                return
            going_on = self._ask(left, supposed, self.clock.left if last else self.clock.left / 2)
            if last or not going_on:
                return
            supposed = self._raised_guess(dual, supposed)

    def _recombine(self, dual: Dual) -> None:
        """Have an engine make one better plan from the sites of those seen; sites that all of them hold stay.

        This proves nothing. Source: heuristic concentration, Rosing & ReVelle (1997).
        """
        times = np.bincount(np.concatenate(self.plans), minlength=self.market.sites)
        seen = np.flatnonzero((times > 0) & (times < len(self.plans)))
        ways = (times > 0)[self.market.site]
        if len(seen) and ways.sum() <= MOST_DECIDED and self.market.units > SMALL:
            always = np.flatnonzero(times == len(self.plans))
            hopeless = core(self.market, dual, self._first_guess(dual)).ways.sum() > MOST_DECIDED  # nothing will follow
            share = 0.9 if hopeless else 0.3
            self._ask(Core(always, seen, ways & not_past(self.market, always)), -np.inf, share * self.clock.left)

    def _first_guess(self, dual: Dual) -> float:
        """Return the cost to suppose first: the best known, unless that leaves too much."""
        if core(self.market, dual, self.best).ways.sum() <= EASILY_DECIDED:
            return self.best
        return self._whole(dual.bound + max(0.9 * self.limits.gap * dual.bound, (self.best - dual.bound) / 16))

    def _raised_guess(self, dual: Dual, supposed: float) -> float:
        return self._whole(dual.bound + 3 * (supposed - dual.bound))

    def _whole(self, cost: float) -> float:
        return float(np.ceil(cost)) if self.market.whole else cost

    def _ask(self, left: Core, supposed: float, seconds: float) -> bool:
        """Have an engine choose among what is left; False if it failed.

        supposed  every plan that costs less uses only what is left (-inf: nothing is known of that)
        """
        problem, start = radius(self.market, left)
        if not np.isfinite(start) or not len(problem.cost):
            self._prove(supposed)
            return True
        self.size = max(self.size, problem.size, key=lambda size: size.entries)
        target = None if self.limits.gap == 0 else self.bound * (1 + 0.9 * self.limits.gap) - start
        answer = self.engine.solve(problem, replace(self.limits, seconds=max(0.05, seconds), target=target))
        self.note = answer.note
        if answer.verdict == "failed":
            return False
        if answer.verdict == "infeasible":
            self._prove(supposed)
            return True
        if answer.values is not None:
            self._look(np.union1d(left.opened, left.undecided[answer.values[: len(left.undecided)] > 0.5]))
            self._polish()
        self._prove(min(supposed, start + answer.bound))
        return True

    def _solution(self) -> Solution:
        distance = gap_between(self.best, self.bound)
        engine = self.engine.name if self.size.rows else "none"
        return Solution(
            self.chosen, self.best, self.bound, distance, status_of(distance, self.limits.gap),
            size=self.size, engine=engine, seed=self.limits.seed, note=self.note,
        )  # fmt: skip


def radius(market: Market, left: Core) -> tuple[Problem, float]:
    """Build the radius formulation of what is left, and return the cost that every plan pays before it.

    Columns: undecided sites, then one per unit and level of cost: is every open site farther than this level?
    """
    keep = left.ways
    unit, site, cost = market.unit[keep], market.site[keep], market.cost[keep]
    sure = np.zeros(market.sites, dtype=np.bool_)
    sure[left.opened] = True
    new = np.ones(len(unit), dtype=np.bool_)
    new[1:] = (unit[1:] != unit[:-1]) | (cost[1:] != cost[:-1])
    level = np.cumsum(new) - 1
    level_unit, level_cost = unit[new], cost[new]
    begins = np.ones(len(level_unit), dtype=np.bool_)
    begins[1:] = level_unit[1:] != level_unit[:-1]
    ends = np.append(begins[1:], True)
    step = np.append(level_cost[1:], 0.0) - level_cost
    step[ends] = market.outside[level_unit[ends]] - level_cost[ends]
    closed = (np.bincount(level[sure[site]], minlength=len(step)) > 0) | (ends & ~np.isfinite(step))
    missing = np.setdiff1d(np.arange(market.units), level_unit)  # left without a way: only outside can serve them
    start = float(level_cost[begins].sum() + market.outside[missing].sum())
    return _radius_problem(market, left, site, level, begins, step, closed), start


def _radius_problem(
    market: Market, left: Core, site: Places, level: Places, begins: np.ndarray, step: Numbers, closed: np.ndarray
) -> Problem:
    """Rows: level k's column + open sites at this level >= level k-1's column (1 before the first); p sites in all."""
    many, sites = len(step), len(left.undecided)
    number = np.full(market.sites, -1)
    number[left.undecided] = np.arange(sites)
    free = number[site] >= 0
    later = np.flatnonzero(~begins)
    sure = np.bincount(level[~free], minlength=many) > 0  # an open site at this level: its row always holds
    rows = np.concatenate([level[free], np.arange(many), later, np.full(sites, many)])
    columns = np.concatenate([number[site[free]], sites + np.arange(many), sites + later - 1, np.arange(sites)])
    values = np.concatenate([np.ones(int(free.sum()) + many), -np.ones(len(later)), np.ones(sites)])
    matrix = sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=(many + 1, sites + many)))
    lower = np.append(np.where(sure, -np.inf, begins.astype(np.float64)), market.p - len(left.opened))
    upper = np.append(np.full(many, np.inf), market.p - len(left.opened))
    cost = np.concatenate([np.zeros(sites), np.where(closed, 0.0, step)])
    most = np.concatenate([np.ones(sites), np.where(closed, 0.0, 1.0)])
    return problem_of(matrix, cost, lower, upper, upper=most, integral=np.arange(sites + many) < sites)


def _told(
    solution: Solution, ways: Roads, distance: Any, weight: Numbers, p: int, uncoverable: Places, clock: Clock
) -> Solution:
    """Add who goes where in the units' own numbers, and the check."""
    reasons = out_of_reach(uncoverable)
    if solution.status == "infeasible":
        reasons = (*reasons, too_few(ways.links, p, solution.needs or p + 1.0))
    if not len(solution.chosen):
        return replace(solution, uncoverable=uncoverable, seconds=clock.spent, reasons=reasons)
    plan = nearest_of(ways, solution.chosen)
    broken = check_median(distance, weight, p, solution.chosen, plan, uncoverable, solution.objective)
    return replace(
        solution, assigned=plan, uncoverable=uncoverable, broken=broken, seconds=clock.spent, reasons=reasons
    )


def nearest_of(ways: Roads, chosen: Places) -> Places:
    """Return for each unit the nearest chosen site, the first of equally near ones; -1 where none is reached."""
    nearest = np.full(ways.shape[0], -1)
    at = np.flatnonzero(np.isin(ways.site, chosen))[::-1]
    nearest[ways.unit[at]] = ways.site[at]  # the last written is the first in order: the nearest
    return nearest
