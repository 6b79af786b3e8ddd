"""Covering: which sites reach every unit for the least cost, or the most households for the money there is."""

from typing import Any

import numpy as np
from scipy import sparse

from weiduan.planning.answers import NOWHERE, Clock, Numbers, Places, Size, Solution, gap_between, status_of, tightened
from weiduan.planning.checking import check_cover, check_max_cover
from weiduan.planning.elimination import eliminated
from weiduan.planning.engines import Answer, Engine, Gscip, Highs, Limits, Problem, problem_of
from weiduan.planning.inputs import amounts, check_limits, count_of, money, reach_matrix
from weiduan.planning.reasons import out_of_reach
from weiduan.planning.reduction import dominated, kernel
from weiduan.planning.rough import cover_bound, greedy_cover, greedy_most, most_bound, without_needless


def min_cost_cover(
    reaches: Any, cost: Any, *, time_limit: float = 60.0, gap: float = 0.0, seed: int = 0, engine: Engine | None = None
) -> Solution:
    """Choose sites that reach every unit for the least total cost.

    reaches     (units, sites), sparse or dense, true where the site serves the unit
    cost        (sites,), >= 0, any unit of money or effort
    time_limit  seconds; gap: relative; a stopped solve returns the best found with its bound
    engine      who solves it; if not given, what is left after reduction is solved by elimination, or by HiGHS where that
                would take too long

    A unit that no site reaches is left out and named in `uncoverable`; if that is so of every unit the status is
    infeasible. Raises ValueError for a bad value, shapes that disagree or no site at all.
    Source: set covering; reductions of Beasley (1987).
    """
    clock = Clock(time_limit)
    check_limits(time_limit, gap)
    matrix = reach_matrix(reaches)
    cost = amounts(cost, matrix.shape[1], "cost", of="site")
    uncoverable = np.flatnonzero(np.diff(matrix.indptr) == 0)
    reasons = out_of_reach(uncoverable)
    if len(uncoverable) == matrix.shape[0] > 0:
        return Solution(NOWHERE, np.inf, np.inf, np.inf, "infeasible", uncoverable, seconds=clock.spent, seed=seed,
                        reasons=reasons)  # fmt: skip
    inner = matrix[np.diff(matrix.indptr) > 0]
    chosen, bound, answer, size = _least_cover(inner, cost, engine, Limits(time_limit, gap, seed), clock)
    objective = float(cost[chosen].sum())
    bound = min(tightened(bound, cost), objective)
    distance = gap_between(objective, bound)
    return Solution(
        chosen, objective, bound, distance, status_of(distance, gap), uncoverable,
        seconds=clock.spent, size=size, engine=(engine or Highs()).name if size.rows else "none", seed=seed,
        broken=check_cover(matrix, cost, chosen, uncoverable, objective), note=answer.note, reasons=reasons,
    )  # fmt: skip


def _least_cover(
    matrix: sparse.csr_array, cost: Numbers, engine: Engine | None, limits: Limits, clock: Clock
) -> tuple[Places, float, Answer, Size]:
    """Return the columns of the best cover found, a bound on every cover, the engine's answer and its model's size."""
    core = kernel(matrix, cost)
    if not len(core.rows):
        chosen = without_needless(matrix, cost, core.taken)
        return chosen, float(cost[chosen].sum()), Answer("optimal", note="solved by reasoning alone"), Size()
    part, price = matrix[core.rows][:, core.columns], cost[core.columns]
    easy = eliminated(part, price) if engine is None else None
    if easy is not None:
        chosen = without_needless(matrix, cost, np.union1d(core.taken, core.columns[easy]))
        return chosen, float(cost[chosen].sum()), Answer("optimal", note="solved by elimination"), Size()
    problem = _covering(part, price)
    answer = (engine or Highs()).solve(problem, Limits(clock.left, limits.gap, limits.seed))
    found, bound = _best_cover(part, price, answer)
    chosen = np.union1d(core.taken, core.columns[found])
    return without_needless(matrix, cost, chosen), bound + float(cost[core.taken].sum()), answer, problem.size


def _covering(matrix: sparse.csr_array, cost: Numbers) -> Problem:
    rows = matrix.shape[0]
    return problem_of(matrix, cost, np.ones(rows), np.full(rows, np.inf))


def _best_cover(matrix: sparse.csr_array, cost: Numbers, answer: Answer) -> tuple[Places, float]:
    """Return the better of the engine's cover and the greedy one, where the engine did not finish, and the better bound."""
    found = NOWHERE if answer.values is None else np.flatnonzero(answer.values > 0.5)
    if answer.verdict == "optimal" and answer.values is not None:
        return found, answer.bound
    greedy = greedy_cover(matrix, cost)
    if answer.values is None or answer.verdict == "failed" or cost[greedy].sum() < cost[found].sum():
        found = greedy
    return found, max(answer.bound, cover_bound(matrix, cost))


def max_cover(
    reaches: Any, weight: Any, cost: Any = None, budget: float | None = None, count: int | None = None, *,
    time_limit: float = 60.0, gap: float = 0.0, seed: int = 0, engine: Engine | None = None,
) -> Solution:  # fmt: skip
    """Choose sites that reach the most weight within a budget, a number of sites, or both.

    reaches  (units, sites), sparse or dense, true where the site serves the unit
    weight   (units,), >= 0, households as a rule
    cost     (sites,), >= 0; needed with a budget
    budget   >= 0, in the unit of cost; count: whole, 0 to sites

    Here `bound` is above `objective`. Units that no site reaches are named in `uncoverable`. Raises ValueError for a bad
    value, shapes that disagree, no site at all, neither budget nor count, or a budget without costs.
    Source: the maximal covering problem, Church & ReVelle (1974).
    """
    clock, engine = Clock(time_limit), engine or Gscip()
    check_limits(time_limit, gap)
    matrix = reach_matrix(reaches)
    weight = amounts(weight, matrix.shape[0], "weight", of="unit")
    cost, budget, count = _means(cost, budget, count, matrix.shape[1])
    chosen, bound, answer, size = _most_cover(
        matrix, weight, cost, budget, count, engine, Limits(time_limit, gap, seed), clock
    )
    objective = _reached_weight(matrix, weight, chosen)
    bound = max(tightened(bound, weight, most=True), objective)
    distance = gap_between(objective, bound)
    uncoverable = np.flatnonzero(np.diff(matrix.indptr) == 0)
    return Solution(
        chosen, objective, bound, distance, status_of(distance, gap), uncoverable,
        seconds=clock.spent, size=size, engine=engine.name if size.rows else "none", seed=seed,
        broken=check_max_cover(matrix, weight, cost, budget, count, chosen, objective), note=answer.note,
        reasons=out_of_reach(uncoverable),
    )  # fmt: skip


def _means(
    cost: Any, budget: float | None, count: int | None, sites: int
) -> tuple[Numbers | None, float | None, int | None]:
    """Return costs, budget and count as numbers.

    Raises ValueError where they make no sense together.
    """
    if budget is None and count is None:
        raise ValueError("give a budget, a number of sites, or both")
    if budget is not None and cost is None:
        raise ValueError("a budget needs the cost of each site")
    return (
        None if cost is None else amounts(cost, sites, "cost", of="site"),
        money(budget),
        None if count is None else count_of(count, sites, "count"),
    )


def _most_cover(
    matrix: sparse.csr_array, weight: Numbers, cost: Numbers | None, budget: float | None, count: int | None,
    engine: Engine, limits: Limits, clock: Clock,
) -> tuple[Places, float, Answer, Size]:  # fmt: skip
    """Return the columns of the best plan found, a bound on every plan, the engine's answer and its model's size."""
    rows, merged = _merged(matrix, weight)
    price = np.zeros(matrix.shape[1]) if cost is None or budget is None else cost
    columns = np.flatnonzero(
        ~dominated(matrix[rows].T.tocsr(), price, smaller_goes=True) & (price <= (np.inf if budget is None else budget))
    )
    part = matrix[rows][:, columns]
    if not part.nnz:
        return NOWHERE, 0.0, Answer("optimal", note="nothing can be reached"), Size()
    problem = _reaching(part, merged, price[columns], budget, count)
    answer = engine.solve(problem, Limits(clock.left, limits.gap, limits.seed))
    found, bound = _best_most(part, merged, price[columns], budget, count, answer)
    return columns[found], bound, answer, problem.size


def _merged(matrix: sparse.csr_array, weight: Numbers) -> tuple[Places, Numbers]:
    """Return one row for all units reached by the very same sites, with their weight together; worthless units go."""
    groups: dict[bytes, list[int]] = {}
    for row in np.flatnonzero((weight > 0) & (np.diff(matrix.indptr) > 0)).tolist():
        groups.setdefault(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tobytes(), []).append(row)
    rows = np.array([rows[0] for rows in groups.values()], dtype=np.int64)
    return rows, np.array([weight[rows].sum() for rows in groups.values()])


def _reaching(
    matrix: sparse.csr_array, weight: Numbers, cost: Numbers, budget: float | None, count: int | None
) -> Problem:
    """Columns: sites, then units. A unit counts as reached only if one of its sites is chosen."""
    units, sites = matrix.shape
    blocks: list[list[Any]] = [[matrix, -sparse.eye_array(units)]]
    lower, upper = [np.zeros(units)], [np.full(units, np.inf)]
    for row, most in ((np.ones(sites), count), (cost, budget)):
        if most is not None:
            blocks.append([sparse.csr_array(row.reshape(1, -1)), None])
            lower.append(np.array([-np.inf]))
            upper.append(np.array([float(most)]))
    return problem_of(
        sparse.block_array(blocks), np.concatenate([np.zeros(sites), -weight]),
        np.concatenate(lower), np.concatenate(upper), integral=np.arange(sites + units) < sites,
    )  # fmt: skip


def _best_most(
    matrix: sparse.csr_array, weight: Numbers, cost: Numbers, budget: float | None, count: int | None, answer: Answer
) -> tuple[Places, float]:
    """Return the better of the engine's plan and the greedy one, where the engine did not finish, and the better bound."""
    found = NOWHERE if answer.values is None else np.flatnonzero(answer.values[: matrix.shape[1]] > 0.5)
    if answer.verdict == "optimal" and answer.values is not None:
        return found, -answer.bound
    greedy = greedy_most(matrix, weight, cost, budget, count)
    if answer.verdict == "failed" or _reached_weight(matrix, weight, greedy) > _reached_weight(matrix, weight, found):
        found = greedy
    return found, min(-answer.bound, most_bound(matrix, weight, cost, budget, count, found))


def _reached_weight(matrix: sparse.csr_array, weight: Numbers, chosen: Places) -> float:
    return float(weight[np.asarray(matrix[:, chosen].sum(axis=1)).ravel() > 0].sum())
