"""From today's arrangement to a better one with the least change: the whole trade-off as a curve.

A body that stays “the same” keeps its label; a place has moved when its label changes, or when it gets one for the
first time. Columns are (set, label), each label used once at most; a set may also be a body with a new label.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from weiduan.planning.answers import Clock
from weiduan.planning.districting import LEFT_OUT, Level, Packing, level_of, tightened_pool
from weiduan.planning.engines import Engine, Highs, Limits, problem_of
from weiduan.planning.pool import BodyRules, Places, indices

NEW = -1


@dataclass(frozen=True)
class Point:
    """One arrangement on the curve.

    bodies  tuples of place indices; labels  the index of today's body each continues, NEW for none
    moves   places whose body changes, those covered for the first time among them
    left_out_households, count  what it reaches
    levels  the proof of each of its figures
    """

    bodies: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]
    moves: int
    left_out_households: float
    count: int
    levels: tuple[Level, ...]

    @property
    def is_proved(self) -> bool:
        return all(level.status == "optimal" for level in self.levels)


def curve(
    places: Places,
    rules: BodyRules,
    today: Sequence[Sequence[int]],
    *,
    time_limit: float = 60.0,
    seed: int = 0,
    engine: Engine | None = None,
) -> tuple[Point, ...]:
    """Return the trade-off between moves and bodies, fewest moves first.

    Every point leaves as few households out as any arrangement must. The first is today's repaired with
    the fewest moves; the last has the fewest bodies; each point between has fewer bodies for more moves.

    Raises ValueError for bad places or bodies of today that overlap.
    """
    clock, engine = Clock(time_limit), engine or Highs()
    places.refuse_bad()
    _refuse_overlap(today, len(places))
    rules, pool = tightened_pool(places, rules)
    model = Labelled(places, pool, today)
    if not model.columns:
        return (Point((), (), 0, float(places.households.sum()), 0, ()),)
    left_out = model.best(-model.covered, clock, seed, engine, LEFT_OUT, base=float(places.households.sum()))
    model.push(-model.covered, left_out.value - float(places.households.sum()))
    return _points(model, left_out, clock, seed, engine)


def at_price(points: Sequence[Point], price: float) -> Point:
    """Return the arrangement that is best when each move costs `price` bodies; fewer moves on a tie."""
    if not price >= 0:
        raise ValueError("the price of a move must be 0 or more")
    return min(points, key=lambda point: (point.count + price * point.moves, point.moves))


def _points(model: "Labelled", left_out: Level, clock: Clock, seed: int, engine: Engine) -> tuple[Point, ...]:
    """Walk from the fewest moves to the fewest bodies: each step asks for at least one body fewer."""
    points: list[Point] = []
    while True:
        moves = model.best(model.moves, clock, seed, engine, "moves")
        if moves.status == "infeasible":
            return tuple(points)
        model.push(model.moves, moves.value)
        bodies = model.best(model.ones, clock, seed, engine, "bodies")
        points.append(model.point((left_out, moves, bodies)))
        model.pop()
        if clock.left <= 0 or not model.chosen:
            return tuple(points)
        model.cap_bodies(len(model.chosen) - 1)


def _refuse_overlap(today: Sequence[Sequence[int]], n: int) -> None:
    named = [place for body in today for place in body]
    if len(named) != len(set(named)) or any(not 0 <= place < n for place in named):
        raise ValueError("today's bodies must not overlap and must name places that are there")


class Labelled:
    """Set packing over (set, label): places once, labels once, and the rows that hold what was reached."""

    def __init__(self, places: Places, pool: list[int], today: Sequence[Sequence[int]]) -> None:
        old = [sum(1 << place for place in body) for body in today]
        self.columns = [(mask, label) for mask in pool for label in [*_touched(mask, old), NEW]]
        base = Packing(places, [mask for mask, _label in self.columns])
        labels = np.array([label for _mask, label in self.columns], dtype=int)
        used = np.flatnonzero(labels != NEW)
        rows = csr_array((np.ones(len(used)), (labels[used], used)), shape=(len(old), len(self.columns)))
        self.rows: list[csr_array] = [base.matrix, rows]
        self.upper = [np.ones(len(places)), np.ones(len(old))]
        self.covered = base.matrix.T @ places.households.astype(float)
        kept = [(mask & old[label]).bit_count() if label != NEW else 0 for mask, label in self.columns]
        self.moves = np.array([m.bit_count() for m, _label in self.columns], dtype=float) - kept
        self.ones = np.ones(len(self.columns))
        self.most: float | None = None
        self.chosen: list[int] = []
        self._households = float(places.households.sum())

    def push(self, cost: np.ndarray, value: float) -> None:
        """Let nothing later cost more than `value` on this count."""
        self.rows.append(csr_array(cost[None, :]))
        self.upper.append(np.array([value]))

    def pop(self) -> None:
        """Take the last such row away again."""
        self.rows.pop()
        self.upper.pop()

    def cap_bodies(self, most: float) -> None:
        """From now on allow at most so many bodies."""
        if self.most is not None:
            self.rows.pop()
            self.upper.pop()
        self.most = most
        self.push(self.ones, most)

    def best(self, cost: np.ndarray, clock: Clock, seed: int, engine: Engine, name: str, *, base: float = 0.0) -> Level:
        """Minimise one count; `chosen` is the plan found, as it was before where nothing better came."""
        began = clock.spent
        matrix = csr_array(vstack(self.rows))
        upper = np.concatenate(self.upper)
        problem = problem_of(matrix, cost, np.full(len(upper), -np.inf), upper)
        answer = engine.solve(problem, Limits(seconds=max(clock.left, 0.05), seed=seed))
        if answer.values is None:
            return Level(name, np.inf, answer.bound + base, np.inf, "infeasible", clock.spent - began)
        self.chosen = [int(i) for i in np.flatnonzero(answer.values > 0.5)]
        return level_of(name, float(cost[self.chosen].sum()), answer.bound, base, clock.spent - began)

    def point(self, levels: tuple[Level, ...]) -> Point:
        """Read the plan chosen last as a point of the curve."""
        found = sorted((tuple(indices(self.columns[i][0])), self.columns[i][1]) for i in self.chosen)
        left = self._households - float(self.covered[self.chosen].sum())
        moves = int(self.moves[self.chosen].sum())
        return Point(tuple(b for b, _l in found), tuple(label for _b, label in found), moves, left, len(found), levels)


def _touched(mask: int, old: list[int]) -> list[int]:
    """Labels worth keeping for a set: bodies of today that share a place with it."""
    return [label for label, body in enumerate(old) if mask & body]
