"""Choosing among very many columns: solve the relaxation first, then only the columns that a best plan can hold.

By the relaxation's prices a column is dearer than the bound by its reduced cost, so a plan that costs no more than
supposed holds only columns whose reduced cost is within what is supposed. Suppose little first: nearly everything is ruled
out, and whatever comes back holds for all columns, up to what was supposed. Then suppose more, until plan and bound meet.
"""

from dataclasses import replace

import numpy as np
from scipy import sparse

from weiduan.planning.answers import Clock, Places
from weiduan.planning.engines import Answer, Engine, Limits, Problem

WIDER = 3  # how many times what was supposed is supposed next
FIRST = 16  # the part of the distance between bound and known plan that is supposed first
LEAST = 0.05  # seconds that a question gets at least


def narrowed(
    problem: Problem, known: Places | None, engine: Engine, limits: Limits, *, tries: int | None = None
) -> Answer:
    """Solve a problem of 0 or 1 with whole costs, as the engine would by itself, but sooner.

    known  the columns of a plan that obeys the rows, if there is one
    tries  give up after supposing so often

    Where a cost isn't whole, or the engine tells no prices, the engine solves it by itself.
    Source: reduced-cost fixing in set partitioning, Balas & Padberg (1976).
    """
    clock = Clock(limits.seconds)
    if not len(problem.cost) or np.any(problem.cost != np.floor(problem.cost)):
        return engine.solve(problem, limits)
    relaxed = engine.solve(replace(problem, integral=np.zeros(len(problem.cost), dtype=np.bool_)), limits)
    if relaxed.verdict == "infeasible":
        return relaxed
    if relaxed.duals is None or relaxed.verdict != "optimal":
        return engine.solve(problem, replace(limits, seconds=max(LEAST, clock.left)))
    return _Narrowing(problem, known, relaxed, engine, limits, clock).run(tries)


class _Narrowing:
    """One problem on its way: the best plan known, what no plan can beat, and each column's reduced cost."""

    def __init__(
        self, problem: Problem, known: Places | None, relaxed: Answer, engine: Engine, limits: Limits, clock: Clock
    ) -> None:
        assert relaxed.duals is not None
        self.problem, self.engine, self.limits, self.clock = problem, engine, limits, clock
        self.matrix = sparse.csc_array(
            (problem.value, problem.index, problem.starts), shape=(len(problem.row_lower), len(problem.cost))
        )
        self.dearer = problem.cost - self.matrix.T @ relaxed.duals
        self.relaxed, self.bound = relaxed.bound, _whole(relaxed.bound)
        self.chosen, self.best = known, np.inf if known is None else float(problem.cost[known].sum())
        self.note = relaxed.note

    def run(self, tries: int | None) -> Answer:
        """Suppose more and more, until the best plan is proved, nothing was ruled out, or time is up."""
        supposed, tried = self._first(), 0
        while not self._done() and self.clock.left > 0 and (tries is None or tried < tries):
            supposed, tried = min(supposed, self.best - 1), tried + 1
            if not self._ask(supposed):
                break
            supposed = _whole(self.relaxed + WIDER * (supposed + 1 - self.relaxed))
        if self.chosen is None:
            return Answer("infeasible" if np.isinf(self.bound) else "stopped", None, self.bound, self.note)
        values = np.zeros(len(self.problem.cost))
        values[self.chosen] = 1.0
        return Answer("optimal" if self._done() else "stopped", values, min(self.bound, self.best), self.note)

    def _first(self) -> float:
        if np.isinf(self.best):
            return self.bound
        return max(self.bound, _whole(self.relaxed + (self.best - self.relaxed) / FIRST) - 1)

    def _done(self) -> bool:
        if np.isinf(self.best):
            return bool(np.isinf(self.bound))
        return self.best - self.bound <= self.limits.gap * abs(self.best) + 1e-9

    def _ask(self, supposed: float) -> bool:
        """Have the engine choose among the columns that a plan of no more than `supposed` can hold; False if it stopped."""
        columns = np.flatnonzero(self.dearer <= supposed - self.relaxed + 1e-6 * max(1.0, abs(self.relaxed)))
        part = self._part(columns)
        answer = self.engine.solve(part, replace(self.limits, seconds=max(LEAST, self.clock.left)))
        self.note = answer.note
        if answer.values is not None and answer.verdict != "failed":
            found = columns[answer.values > 0.5]
            worth = float(self.problem.cost[found].sum())
            if worth < self.best:
                self.chosen, self.best = found, worth
        if answer.verdict == "failed":
            return False
        beyond = np.inf if len(columns) == len(self.dearer) else supposed + 1  # nothing was ruled out: it holds for all
        least = beyond if answer.verdict == "infeasible" else min(beyond, _whole(answer.bound))
        self.bound = max(self.bound, least)
        return answer.verdict != "stopped"

    def _part(self, columns: Places) -> Problem:
        part = self.matrix[:, columns]
        return replace(
            self.problem, starts=part.indptr.astype(np.int32), index=part.indices.astype(np.int32), value=part.data,
            cost=self.problem.cost[columns], upper=self.problem.upper[columns], integral=self.problem.integral[columns],
        )  # fmt: skip


def _whole(cost: float) -> float:
    """Round up to the whole number that a whole cost can be; a little below one counts as that one."""
    return float(np.ceil(cost - 1e-6 * max(1.0, abs(cost))))
