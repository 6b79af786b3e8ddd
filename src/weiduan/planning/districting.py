"""Which places make one body together: as few left out as can be, then as few bodies, then as compact as can be.

Each level is proved before the next is asked, with what it reached held fast: no hidden weights. The models are set
packing over the pool of all sets that keep to the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

from weiduan.planning.answers import Clock, gap_between
from weiduan.planning.engines import Answer, Engine, Highs, Limits, Problem, problem_of
from weiduan.planning.narrowing import narrowed
from weiduan.planning.openings import Why, why_left_out
from weiduan.planning.pool import BRANCH_RULES, BodyRules, Places, TooMany, indices, sets_within, span_m

LEFT_OUT, BODIES, SPREAD = "households left out", "bodies", "household-metres to the middle"
Cost = tuple[str, NDArray[np.float64], float]  # a level's name, what each set costs, what that counts from
FEWEST_PLACES = 2  # where the rules allow too many sets, bodies are kept smaller, but not below this


@dataclass(frozen=True)
class Level:
    """One level of a plan: the value reached, what no plan can beat given the levels before, and the gap."""

    name: str
    value: float
    bound: float
    gap: float
    status: str
    seconds: float


@dataclass(frozen=True)
class Districting:
    """A plan of bodies.

    bodies    tuples of place indices, in order of their first place
    left_out  places in no body; why says for each what stands in the way and what alone would open it
    levels    households left out, bodies, spread: each with its proof
    rules     those planned by: `most_places` is lower than asked where the pool would have been too large
    pool      how many sets the rules allow
    """

    bodies: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...]
    why: dict[int, Why]
    levels: tuple[Level, ...]
    rules: BodyRules
    pool: int
    engine: str
    seed: int
    seconds: float

    @property
    def is_proved(self) -> bool:
        """Whether every level is proved best."""
        return all(level.status == "optimal" for level in self.levels)


def assign_groups(
    places: Places,
    rules: BodyRules,
    *,
    fixed: Sequence[Sequence[int]] = (),
    time_limit: float = 60.0,
    gap: float = 0.0,
    seed: int = 0,
    engine: Engine | None = None,
) -> Districting:
    """Plan bodies over places: basic units into groups, or grids into branches.

    fixed       bodies that stay just as they are, whatever the rules say of them
    time_limit  seconds for all levels together; the best plan found comes back with its bounds

    Raises ValueError for bad places or fixed bodies that overlap.
    """
    clock, engine = Clock(time_limit), engine or Highs()
    places.refuse_bad()
    held = masks_of(fixed, len(places))
    rules, sets = tightened_pool(places, rules)
    pool = pool_around(held, sets)
    model = Packing(places, pool, [pool.index(mask) for mask in held])
    levels, chosen = solve_levels(model, clock, gap, seed, engine)
    bodies = tuple(sorted(tuple(indices(pool[i])) for i in chosen))
    left_out = tuple(sorted(set(range(len(places))) - {p for body in bodies for p in body}))
    why = {place: why_left_out(place, places, rules) for place in left_out}
    return Districting(bodies, left_out, why, levels, rules, len(pool), engine.name, seed, clock.spent)


def assign_branches(places: Places, rules: BodyRules | None = None, **options) -> Districting:
    """Plan branches over grids, by BRANCH_RULES if no others are given."""
    return assign_groups(places, rules or BRANCH_RULES, **options)


def tightened_pool(places: Places, rules: BodyRules) -> tuple[BodyRules, list[int]]:
    """Return the pool, with smaller bodies where the rules allow too many sets; the rules used are told."""
    while True:
        try:
            return rules, sets_within(places, rules)
        except TooMany:
            if rules.most_places <= FEWEST_PLACES:
                raise
            rules = BodyRules(**(vars(rules) | {"most_places": rules.most_places - 1}))


def masks_of(fixed: Sequence[Sequence[int]], n: int) -> list[int]:
    """Return fixed bodies as bit masks.

    Raises ValueError for a body that is empty, names what isn't there, or overlaps another.
    """
    masks = []
    for body in fixed:
        if not body or not all(0 <= place < n for place in body):
            raise ValueError("a fixed body must name places that are there")
        masks.append(sum(1 << place for place in set(body)))
    if sum(mask.bit_count() for mask in masks) != len({p for body in fixed for p in body}):
        raise ValueError("fixed bodies must not overlap")
    return masks


def pool_around(held: list[int], sets: list[int]) -> list[int]:
    """Return the sets that can stand beside the bodies held, and those bodies, in a fixed order."""
    taken = 0
    for mask in held:
        taken |= mask
    return sorted({*held, *(mask for mask in sets if not mask & taken)})


class Packing:
    """Set packing over a pool: each place in at most one body; a level reached becomes a row."""

    def __init__(self, places: Places, pool: list[int], forced: list[int] | None = None) -> None:
        self.forced = np.zeros(len(pool), dtype=bool)
        self.forced[forced or []] = True
        self._bodies = [indices(mask) for mask in pool]
        rows = np.fromiter((p for body in self._bodies for p in body), dtype=int)
        columns = np.repeat(np.arange(len(pool)), [len(body) for body in self._bodies])
        self.matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(places), len(pool)))
        self.upper = np.ones(len(places))
        self.lower = np.zeros(len(places))
        self.households = places.households.astype(float)
        self.far = span_m(places)

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """(sets,) how far each set's households live from its middle, in household-metres."""
        return np.array([self._spread_of(body) for body in self._bodies]) if self._bodies else np.zeros(0)

    def _spread_of(self, body: list[int]) -> float:
        """Household-metres of a body to its most central place, in whole metres."""
        inside = np.ix_(body, body)
        return float(np.round((self.far[inside] * self.households[body]).sum(axis=1).min()))

    def costs(self) -> list[Cost]:
        """Return per level its name, its cost per set and what it counts from."""
        return [*self.costs_of_cover(), (SPREAD, self.spread, 0.0)]

    def costs_of_cover(self) -> list[Cost]:
        """Return the same for the first two levels: households left out, and bodies."""
        covered = self.matrix.T @ self.households
        return [(LEFT_OUT, -covered, float(self.households.sum())), (BODIES, np.ones(len(covered)), 0.0)]

    def greedy(self) -> NDArray[np.int64]:
        """Return a plan at once, to fall back on: fixed bodies, then whatever covers most and still fits."""
        order = np.argsort(-(self.matrix.T @ self.households), kind="stable")
        order = np.concatenate([np.flatnonzero(self.forced), order[~self.forced[order]]])
        free, taken = np.ones(len(self.households), dtype=bool), []
        columns = csc_array(self.matrix)
        for body in order:
            inside = columns.indices[columns.indptr[body] : columns.indptr[body + 1]]
            if free[inside].all():
                free[inside] = False
                taken.append(int(body))
        return np.array(sorted(taken), dtype=np.int64)

    def hold(self, cost: NDArray[np.float64], value: float) -> None:
        """Let no later level undo what this one reached."""
        self.matrix = csr_array(vstack([self.matrix, csr_array(cost[None, :])]))
        self.upper, self.lower = np.append(self.upper, value), np.append(self.lower, -np.inf)

    def covers_all(self, chosen: NDArray[np.int64]) -> bool:
        """Tell whether sets leave no household out but those of places that are in no set at all."""
        covered = self.matrix[: len(self.households), chosen].sum(axis=1) > 0
        return bool(covered[self._coverable].all())

    def cover_all(self) -> None:
        """Let no later level leave a place out: where `covers_all`, this says so more sharply than `hold`."""
        self.lower[: len(self.households)][self._coverable] = 1.0

    @cached_property
    def _coverable(self) -> NDArray[np.bool_]:
        """Places with households that stand in some set."""
        return (self.households > 0) & (np.diff(self.matrix.indptr)[: len(self.households)] > 0)

    def problem(self, cost: NDArray[np.float64], *, all_covered: bool = False) -> Problem:
        lower = np.where(self._forced_rows(), 1.0, self.lower)
        if all_covered:
            lower[: len(self.households)][self._coverable] = 1.0
        return problem_of(csc_array(self.matrix), cost, lower, self.upper)

    def _forced_rows(self) -> NDArray[np.bool_]:
        """Rows of places in fixed bodies: no other set has them, so covering them takes the body."""
        return np.append(
            (self.matrix[: len(self.households)] @ self.forced) > 0,
            np.zeros(len(self.upper) - len(self.households), bool),
        )


def solve_levels(
    model: Packing,
    clock: Clock,
    gap: float,
    seed: int,
    engine: Engine,
    *,
    known: Sequence[int] | None = None,
    costs: Sequence[Cost] | None = None,
) -> tuple[tuple[Level, ...], list[int]]:
    """Solve level after level; one that stops early still hands its best plan on, with its bound.

    known  a plan to start from, as places in the pool; costs  some of `model.costs()`, all if not given
    """
    chosen = model.greedy() if known is None else np.array(sorted(known), dtype=np.int64)
    costs = model.costs() if costs is None else costs
    limits = Limits(max(clock.left / 2, 0.05), gap, seed)
    ahead = None if model.covers_all(chosen) else _covering_all(model, engine, limits)
    if ahead is not None and ahead.values is not None:
        chosen = np.flatnonzero(ahead.values > 0.5)
    levels: list[Level] = []
    began = 0.0
    for number, (name, cost, base) in enumerate(costs):
        limits = Limits(max(clock.left / (len(costs) - number), 0.05), gap, seed)
        if name == LEFT_OUT and model.covers_all(chosen):
            answer = Answer("optimal", None, float(cost[chosen].sum()))
        elif name == BODIES and ahead is not None and ahead.verdict == "optimal":
            answer = ahead
        else:
            # Metres leave the relaxation's prices too little to rule out: there the engine is sooner by itself.
            problem = model.problem(cost)
            answer = engine.solve(problem, limits) if name == SPREAD else narrowed(problem, chosen, engine, limits)
        if answer.values is not None:
            found = np.flatnonzero(answer.values > 0.5)
            if cost[found].sum() <= cost[chosen].sum() + 1e-9:
                chosen = found
        value = float(cost[chosen].sum())
        levels.append(level_of(name, value, answer.bound, base, clock.spent - began, gap))
        began = clock.spent
        if name == LEFT_OUT and model.covers_all(chosen):
            model.cover_all()
        else:
            model.hold(cost, value)
    return tuple(levels), [int(i) for i in chosen]


def _covering_all(model: Packing, engine: Engine, limits: Limits) -> Answer | None:
    """Look for few bodies that leave out none but the places in no set at all: often there are such bodies.

    One that is found settles the first level and mostly the second. None where parts of bodies don't suffice either, or
    none was found soon.
    """
    cost = np.ones(model.matrix.shape[1])
    answer = narrowed(model.problem(cost, all_covered=True), None, engine, limits, tries=2)
    return answer if answer.values is not None else None


def level_of(name: str, value: float, bound: float, base: float, seconds: float, asked: float = 0.0) -> Level:
    """Say what a level reached; value and bound count from `base`."""
    value, bound = value + base, _whole(min(bound, value)) + base
    distance = 0.0 if value == bound else gap_between(value, bound)
    status = "optimal" if distance <= 1e-9 else "feasible" if distance <= asked else "stopped"
    return Level(name, value, bound, distance, status, seconds)


def _whole(bound: float) -> float:
    """All costs are whole numbers, so a bound may be rounded up to one."""
    return float(np.ceil(bound - 1e-6)) if np.isfinite(bound) else bound


def middles(result: Districting, places: Places) -> list[int]:
    """Return each body's most central place."""
    far = span_m(places)
    return [
        int(body[int((far[np.ix_(body, body)] * places.households[list(body)]).sum(axis=1).argmin())])
        for body in result.bodies
    ]
