"""Who solves a mixed-integer programme: one Protocol, two solvers, each kept in a process of its own.

A solver can hang, crash or be wrong. So it runs in a child process that is killed when it overruns, an answer is
believed only after plain arithmetic agrees with it, and a failure is an answer too, never an exception.
"""

import importlib
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from weiduan.planning.answers import Numbers, Size
from weiduan.planning.apart import Died, ask

Verdict = Literal["optimal", "infeasible", "stopped", "failed"]
GRACE = 3.0  # seconds a solver may overrun its own limit before it is killed
CLOSE = 1e-5  # how far a solver's values may be from whole numbers, and its rows from their bounds


@dataclass(frozen=True, eq=False)
class Problem:
    """Minimise cost·x with row_lower <= A x <= row_upper, 0 <= x <= upper, x whole where `integral`.

    starts, index, value  A by columns (compressed sparse columns)
    cost, upper, integral  (columns,)
    row_lower, row_upper   (rows,); -inf and inf leave a side open
    """

    starts: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Numbers
    cost: Numbers
    row_lower: Numbers
    row_upper: Numbers
    upper: Numbers
    integral: NDArray[np.bool_]

    @property
    def size(self) -> Size:
        """Rows, columns and entries."""
        return Size(len(self.row_lower), len(self.cost), len(self.index))


@dataclass(frozen=True)
class Limits:
    """When to stop: seconds, a relative gap, a value good enough to stop at; and the seed of every random choice."""

    seconds: float = 60.0
    gap: float = 0.0
    seed: int = 0
    target: float | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What came back: the best values found (or none), what no values can beat, and how it ended.

    optimal     finished: within the gap asked for
    infeasible  proved that nothing obeys the rows
    stopped     a limit came first
    failed      the solver crashed, hung, was refused or contradicted itself; `note` says which

    duals       (rows,) only where no column must be whole, and only from solvers that tell: how much the least cost rises
                for each unit that a row's bound is raised; arithmetic has confirmed that they prove `bound`
    """

    verdict: Verdict
    values: Numbers | None = None
    bound: float = -np.inf
    note: str = ""
    duals: Numbers | None = None


class Engine(Protocol):
    """Whatever can solve a Problem within Limits, the same way for the same seed, without ever raising."""

    @property
    def name(self) -> str:
        """Solver and version, as a certificate names it."""

    def solve(self, problem: Problem, limits: Limits) -> Answer:
        """Return the best values and bound found within the limits."""


@dataclass(frozen=True)
class Apart:
    """Run a solver in a child process that is killed `grace` seconds after its limit.

    solver  "module:function" of a function (Problem, Limits) -> Answer, which the child imports
    """

    solver: str
    package: str = ""
    grace: float = GRACE

    @property
    def name(self) -> str:
        return named(self.solver, self.package)

    def solve(self, problem: Problem, limits: Limits) -> Answer:
        try:
            answer = ask(self.solver, problem, limits, seconds=limits.seconds + self.grace)
        except Died as death:
            return Answer("failed", note=str(death))
        return believed(problem, answer)


@dataclass(frozen=True)
class Here:
    """Run a solver in this very process: for tests and tiny models; nothing saves the caller from a crash."""

    solver: str
    package: str = ""

    @property
    def name(self) -> str:
        return named(self.solver, self.package)

    def solve(self, problem: Problem, limits: Limits) -> Answer:
        module, _, function = self.solver.partition(":")
        return believed(problem, getattr(importlib.import_module(module), function)(problem, limits))


HIGHS = ("weiduan.planning.highs:solve", "highspy")
GSCIP = ("weiduan.planning.gscip:solve", "ortools")


def Highs(*, grace: float = GRACE) -> Apart:
    """HiGHS in a child process: the default for covering, siting and capacities."""
    return Apart(*HIGHS, grace=grace)


def Gscip(*, grace: float = GRACE) -> Apart:
    """SCIP (through OR-tools) in a child process: best with budgets, and a second opinion on HiGHS."""
    return Apart(*GSCIP, grace=grace)


@cache
def named(solver: str, package: str) -> str:
    """Return "highs 1.13.1": the solver's module and the version installed."""
    short = solver.partition(":")[0].rpartition(".")[2]
    return f"{short} {version(package)}" if package else short


def believed(problem: Problem, answer: Answer) -> Answer:
    """Return the answer with whole numbers made whole, or as failed where arithmetic contradicts it."""
    if answer.verdict == "failed" or answer.values is None:
        return answer if np.isfinite(answer.bound) else replace(answer, bound=-np.inf)
    values = np.where(problem.integral, np.round(answer.values), answer.values)
    wrong = _contradiction(problem, answer.values, values)
    if wrong:
        return Answer("failed", note=wrong)
    worth = float(problem.cost @ values)
    if answer.bound > worth + 1e-6 * max(1.0, abs(worth)):
        return Answer("failed", values, note="the bound is worse than the plan it came with")
    duals = answer.duals if answer.duals is not None and _proves(problem, answer.duals, worth) else None
    return replace(answer, values=values, bound=min(answer.bound, worth), duals=duals)


def _proves(problem: Problem, duals: Numbers, worth: float) -> bool:
    """Tell whether duals alone show that nothing costs less than `worth`: what rows and upper bounds earn adds up to it."""
    if duals.shape != problem.row_lower.shape or not np.isfinite(duals).all():
        return False
    columns = np.repeat(np.arange(len(problem.cost)), np.diff(problem.starts))
    reduced = problem.cost - np.bincount(columns, problem.value * duals[problem.index], minlength=len(problem.cost))
    sides = np.where(duals > 0, problem.row_lower, problem.row_upper)
    at_most = np.where(np.isfinite(problem.upper), problem.upper, 0.0)
    if np.any(np.isinf(sides) & (np.abs(duals) > CLOSE)) or np.any(np.isinf(problem.upper) & (reduced < -CLOSE)):
        return False
    earned = float(duals @ np.where(np.isfinite(sides), sides, 0.0)) + float(np.minimum(reduced, 0.0) @ at_most)
    return abs(earned - worth) <= CLOSE * max(1.0, abs(worth))


def _contradiction(problem: Problem, raw: Numbers, values: Numbers) -> str:
    """Name the first way in which values break the problem; empty if they obey it."""
    if len(values) != len(problem.cost) or not np.isfinite(values).all():
        return "the solver returned no usable values"
    if np.abs(raw - values).max(initial=0.0) > CLOSE:
        return "a whole number came back as a fraction"
    if np.any(values < -CLOSE) or np.any(values > problem.upper + CLOSE):
        return "a value is outside its bounds"
    columns = np.repeat(np.arange(len(values)), np.diff(problem.starts))
    rows = np.bincount(problem.index, problem.value * values[columns], minlength=len(problem.row_lower))
    slack = CLOSE * np.maximum(1.0, np.abs(rows))
    if np.any(rows < problem.row_lower - slack) or np.any(rows > problem.row_upper + slack):
        return "a row is broken"
    return ""


def problem_of(
    matrix: Any,
    cost: Numbers,
    row_lower: Numbers,
    row_upper: Numbers,
    *,
    upper: Numbers | None = None,
    integral: NDArray[np.bool_] | None = None,
) -> Problem:
    """Build a Problem from a sparse matrix (rows, columns); by default every column is 0 or 1."""
    columns = matrix.tocsc()
    columns.sort_indices()
    many = columns.shape[1]
    return Problem(
        columns.indptr.astype(np.int32), columns.indices.astype(np.int32), columns.data.astype(np.float64),
        np.asarray(cost, dtype=np.float64), np.asarray(row_lower, dtype=np.float64),
        np.asarray(row_upper, dtype=np.float64), np.ones(many) if upper is None else np.asarray(upper, dtype=np.float64),
        np.ones(many, dtype=np.bool_) if integral is None else integral,
    )  # fmt: skip
