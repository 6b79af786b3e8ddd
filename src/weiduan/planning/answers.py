"""What every plan says about itself: which sites, how good, how sure, and by whom it was found."""

import time
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Status = Literal["optimal", "feasible", "infeasible", "stopped"]

PROVED = 1e-6  # a relative gap at or below this is a proof: solvers count in floating point
NOWHERE: Places = np.empty(0, dtype=np.int64)


Kind = Literal[
    "nothing in reach", "too large", "only shut sites", "too little room", "too few sites", "too little money",
    "kept and shut",
]  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """Why some units can't be served, or why no plan obeys all rules: a fact that anyone can check.

    nothing in reach  no site serves these units at all
    too large         the unit fits into none of the sites it reaches: it needs room for `needed`, the largest has `have`
    only shut sites   every site that the unit reaches and fits into must stay shut
    too little room   these units reach only these sites, and don't fit into them together: they need room for `needed`,
                      the sites have `have`. Each unit counts: without any one of them the others fit.
                      Where needed <= have it is because a unit goes to one site as a whole.
    too few sites     serving every unit takes `needed` sites (at least), `have` are allowed; where units are named, no two of
                      them share a site, so each takes one of its own
    too little money  the cheapest plan costs `needed` (at least), `have` is there
    kept and shut     these sites must stay open and must be shut

    units, sites  indices, ascending; note  the same in plain English for an engineer
    """

    kind: Kind
    units: tuple[int, ...] = ()
    sites: tuple[int, ...] = ()
    needed: float | None = None
    have: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Size:
    """How large the largest model was that a solver saw; all 0 where none was needed."""

    rows: int = 0
    columns: int = 0
    entries: int = 0


@dataclass(frozen=True)
class Certificate:
    """The proof that goes with a plan: anyone with the inputs can check each line of it.

    value, bound  the plan's worth, and what no plan can beat
    gap           |value - bound| / |value|; 0 where proved
    broken        the rules an independent check found broken; empty means it passed
    engine        solver and version; "none" where reasoning alone was enough
    """

    value: float
    bound: float
    gap: float
    status: Status
    broken: tuple[str, ...]
    engine: str
    seed: int
    seconds: float
    size: Size


@dataclass(frozen=True, eq=False)
class Solution:
    """A plan.

    chosen       site indices, ascending
    objective    recomputed from `chosen`; inf where there is no plan
    bound        no plan is better than this
    gap          |objective - bound| / |objective|; inf where there is no plan
    status       optimal: proved; feasible: within the gap asked for; stopped: a limit or a solver's failure came first,
                 this is the best found; infeasible: proved that no plan obeys the rules
    uncoverable  unit indices which no site can serve; they are left out of the plan
    assigned     (units,) the site that serves each unit, -1 for none; empty where the problem assigns nobody
    needs        what would make an infeasible problem solvable (fewest sites; least money), if known
    reasons      why units are uncoverable; where the status is infeasible, why: with all of these reasons out of the way
                 there is a plan, and with one of them left there is none
    note         what happened on the way, in plain English for an engineer
    """

    chosen: Places
    objective: float
    bound: float
    gap: float
    status: Status
    uncoverable: Places = field(default_factory=NOWHERE.copy)
    assigned: Places = field(default_factory=NOWHERE.copy)
    seconds: float = 0.0
    size: Size = Size()
    engine: str = "none"
    seed: int = 0
    broken: tuple[str, ...] = ()
    needs: float | None = None
    note: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def certificate(self) -> Certificate:
        """The proof that goes with this plan."""
        return Certificate(
            self.objective,
            self.bound,
            self.gap,
            self.status,
            self.broken,
            self.engine,
            self.seed,
            self.seconds,
            self.size,
        )


class Clock:
    """How long one question has taken and how long it still may take."""

    def __init__(self, limit: float) -> None:
        self._limit, self._began = limit, time.perf_counter()

    @property
    def spent(self) -> float:
        """Seconds since the question was asked."""
        return time.perf_counter() - self._began

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._limit - self.spent)


def gap_between(objective: float, bound: float) -> float:
    """Return how far a plan may be from the best, as a part of its own worth: 0.01 is one percent.

    Works for least cost and for most households alike; inf where either is unknown.
    """
    if not np.isfinite(objective) or not np.isfinite(bound):
        return float("inf")
    difference = abs(objective - bound)
    return 0.0 if difference <= 1e-9 else difference / max(abs(objective), 1e-9)


def status_of(gap: float, asked: float) -> Status:
    """Name what a gap proves: nothing but the numbers decides, whatever a solver claims."""
    if gap <= PROVED:
        return "optimal"
    return "feasible" if gap <= asked + PROVED else "stopped"


def tightened(bound: float, worths: Numbers, *, most: bool = False) -> float:
    """Round a bound to the next whole number where every worth is whole, as the objective then is whole too."""
    if not np.isfinite(bound) or np.any(worths != np.floor(worths)):
        return bound
    slack = 1e-6 * max(1.0, abs(bound))
    return float(np.floor(bound + slack)) if most else float(np.ceil(bound - slack))
