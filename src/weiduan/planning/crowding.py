"""Why rooms can't hold everyone: which units reach only rooms that are too small for them together."""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from weiduan.planning.answers import Clock, Places, Reason
from weiduan.planning.engines import Engine, Limits, problem_of
from weiduan.planning.reasons import crowded, sites_of, smallest, too_few, too_poor
from weiduan.planning.rooms import Rooms, assigning, fitted

LEAST = 0.05  # seconds that a question gets at least


def why_impossible(
    rooms: Rooms, count: int | None, budget: float | None, engine: Engine, seed: int, clock: Clock
) -> tuple[Reason, ...]:
    """Say why no plan obeys all rules: what is crowded; then, if there were room, what number and money would be needed.

    Reasons of crowding share no unit and no site. Those that time did not suffice for are missing.
    """
    return _Inquiry(rooms, engine, seed, clock).run(count, budget)


class _Inquiry:
    """Questions about one set of rooms."""

    def __init__(self, rooms: Rooms, engine: Engine, seed: int, clock: Clock) -> None:
        self.rooms, self.engine, self.seed, self.clock = rooms, engine, seed, clock

    def run(self, count: int | None, budget: float | None) -> tuple[Reason, ...]:
        reasons = self._crowds()
        found = list(reasons)
        roomy = self._with_room(reasons)
        if count is not None:
            fewest = self._least(replace(roomy, price=np.ones(len(roomy.price)), base=0.0), None)
            if fewest > count:
                found.append(too_few(roomy.links, count, fewest))
                count = None
        if budget is not None:
            least = self._least(roomy, count) + roomy.base
            if least > budget * (1 + 1e-9):
                found.append(too_poor(least, budget))
        return tuple(found)

    def _least(self, rooms: Rooms, count: int | None) -> float:
        """Return the least that opening rooms costs, or a number below it where time is up."""
        problem = assigning(rooms, count=count)
        answer = self.engine.solve(problem, Limits(max(LEAST, self.clock.left / 2), 0.0, self.seed))
        if answer.verdict == "optimal" and answer.values is not None:
            return float(problem.cost @ answer.values)
        whole = np.all(problem.cost == np.floor(problem.cost))
        return float(np.ceil(answer.bound - 1e-6)) if whole and np.isfinite(answer.bound) else answer.bound

    def _with_room(self, reasons: list[Reason]) -> Rooms:
        """Return the same rooms with room for everyone where it is short."""
        capacity = self.rooms.capacity.copy()
        for reason in reasons:
            capacity[list(reason.sites)] = self.rooms.weight.sum()
        return replace(self.rooms, capacity=capacity)

    def _crowds(self) -> list[Reason]:
        """Return reasons until the units that reach none of the sites named fit."""
        links, left = self.rooms.links, self.rooms.served
        reasons: list[Reason] = []
        while len(left) and not self._fits(left):
            crowd = smallest(self._suspects(links, left).tolist(), self._fits)
            reasons.append(crowded(links, self.rooms.weight, self.rooms.capacity, crowd))
            named = np.zeros(links.shape[1])
            named[sites_of(links, crowd)] = 1.0
            left = left[(links[left] @ named) == 0]
        return reasons

    def _fits(self, units: Places) -> bool:
        """Tell whether units fit together; yes where that is unknown, so that no unit is left out of a reason wrongly."""
        if not len(units):
            return True
        part = self.rooms.only(units)
        if part.weight[units].sum() > part.capacity[np.unique(part.site)].sum() * (1 + 1e-9):
            return False
        if fitted(part) is not None:
            return True
        answer = self.engine.solve(assigning(part), Limits(max(LEAST, self.clock.left / 4), 0.0, self.seed))
        return answer.verdict != "infeasible"

    def _suspects(self, links: sparse.csr_array, units: Places) -> Places:
        """Return units, of those given, that surely don't fit together: few of them, if that is easily told."""
        overfull = self._overfull(links, units)
        units = overfull if len(overfull) and not self._fits(overfull) else units
        part = links[units]
        _, group = connected_components(sparse.block_array([[None, part], [part.T, None]]), directed=False)
        for each in np.unique(group[: len(units)]):
            mine = units[group[: len(units)] == each]
            if len(mine) < len(units) and not self._fits(mine):
                return mine
        return units

    def _overfull(self, links: sparse.csr_array, units: Places) -> Places:
        """Return units whose sites are too small even if units could be divided; empty if there are none.

        Source: the dual of the transport problem; its sites with a price are full and their units go nowhere else (Hall).
        """
        pairs = links[units].tocoo()
        ways, many = np.arange(pairs.nnz), len(units)
        weight = self.rooms.weight[units][pairs.row]
        matrix = sparse.coo_array(
            (np.append(np.ones(pairs.nnz), weight), (np.append(pairs.row, many + pairs.col), np.append(ways, ways))),
            shape=(many + links.shape[1], pairs.nnz),
        )
        problem = problem_of(
            matrix, -weight, np.full(matrix.shape[0], -np.inf), np.append(np.ones(many), self.rooms.capacity),
            integral=np.zeros(pairs.nnz, dtype=np.bool_),
        )  # fmt: skip
        answer = self.engine.solve(problem, Limits(max(LEAST, self.clock.left / 4), 0.0, self.seed))
        if answer.duals is None:
            return units[:0]
        free = (answer.duals[many:] > -0.5).astype(np.float64)
        return units[(links[units] @ free) == 0]
