"""From today's arrangement to a better one with the least change: the whole trade-off as a curve.

A body that stays “the same” keeps its label; a place has moved when its label changes, or when it gets one for the
first time. Columns are (set, label), each label used once at most; a set may also be a body with a new label.
Bodies may be kept just as they are, and places told to stay with theirs: wishes that can't all be had are named.
A body of today with members enough may stay just as large and scattered as it is: how many places and members a body may
have, and how far apart, is asked of what is formed anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from weiduan.planning.answers import Clock
from weiduan.planning.districting import LEFT_OUT, Level, Packing, level_of, tightened_pool
from weiduan.planning.engines import Engine, Highs, Limits, problem_of
from weiduan.planning.narrowing import narrowed
from weiduan.planning.pool import BodyRules, Places, indices

NEW = -1
NO_PLAN = ("infeasible", "unsolved")  # proved that there is none; none found before the time was up


class Contradiction(ValueError):
    """What was asked to be kept can't all be kept: without any one of these it could."""

    def __init__(self, keep: tuple[int, ...], stay: tuple[int, ...]) -> None:
        super().__init__(
            f"bodies {list(keep)} kept and places {list(stay)} staying contradict one another or the rules"
        )
        self.keep, self.stay = keep, stay


@dataclass(frozen=True)
class Wishes:
    """What people fixed beforehand.

    keep  bodies of today, by index, that stay just as they are, whatever the rules say of them
    stay  places, by index, that stay with the body they are in, whoever else joins or leaves it
    """

    keep: tuple[int, ...] = ()
    stay: tuple[int, ...] = ()


NO_WISHES = Wishes()


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


@dataclass(frozen=True)
class Curve:
    """The trade-off between moves and bodies; `is_whole` where it was followed to the fewest bodies there can be."""

    points: tuple[Point, ...]
    is_whole: bool


def curve(places: Places, rules: BodyRules, today: Sequence[Sequence[int]], **options: Any) -> tuple[Point, ...]:
    """Return the points of `whole_curve`."""
    return whole_curve(places, rules, today, **options).points


def whole_curve(
    places: Places,
    rules: BodyRules,
    today: Sequence[Sequence[int]],
    *,
    wishes: Wishes = NO_WISHES,
    most_points: int | None = None,
    time_limit: float = 60.0,
    seed: int = 0,
    engine: Engine | None = None,
) -> Curve:
    """Return the trade-off between moves and bodies, fewest moves first; no more than `most_points` of it.

    Every point leaves as few households out as any arrangement must. The first is today's repaired with
    the fewest moves; the last has the fewest bodies; each point between has fewer bodies for more moves.

    Raises ValueError for bad places or bodies of today that overlap, and Contradiction (one of them) for
    wishes that can't all be had.
    """
    clock, engine = Clock(time_limit), engine or Highs()
    places.refuse_bad()
    _refuse_overlap(today, len(places))
    _refuse_unknown(wishes, today)
    rules, pool = tightened_pool(places, rules)
    model = Labelled(places, pool, today, wishes, rules)
    if (wishes.keep or wishes.stay) and not model.is_possible(clock, seed, engine):
        raise _least_contradiction(places, rules, pool, today, wishes, Clock(time_limit), seed, engine)
    if not model.columns:
        return Curve((Point((), (), 0, float(places.households.sum()), 0, ()),), True)
    left_out = model.best(-model.covered, clock, seed, engine, LEFT_OUT, base=float(places.households.sum()))
    if left_out.status in NO_PLAN:
        return Curve((model.at_hand(clock.spent),), False)
    if not model.cover_all():
        model.push(-model.covered, left_out.value - float(places.households.sum()))
    return _points(model, left_out, most_points, clock, seed, engine)


def at_price(points: Sequence[Point], price: float) -> Point:
    """Return the arrangement that is best when each move costs `price` bodies; fewer moves on a tie."""
    if not price >= 0:
        raise ValueError("the price of a move must be 0 or more")
    return min(points, key=lambda point: (point.count + price * point.moves, point.moves))


def _points(model: "Labelled", left_out: Level, most: int | None, clock: Clock, seed: int, engine: Engine) -> Curve:
    """Walk from the fewest moves to the fewest bodies: each step asks for at least one body fewer."""
    points: list[Point] = []
    while True:
        moves = model.best(model.moves, clock, seed, engine, "moves")
        if moves.status in NO_PLAN and points:
            return Curve(tuple(points), moves.status == "infeasible")
        if moves.status in NO_PLAN:  # the time was up: what covers most is as good as it gets
            points.append(model.point((left_out, *model.unproved())))
            return Curve(tuple(points), False)
        model.push(model.moves, moves.value)
        bodies = model.best(model.ones, clock, seed, engine, "bodies")
        bodies = model.unproved()[1] if bodies.status in NO_PLAN else bodies
        points.append(model.point((left_out, moves, bodies)))
        model.pop()
        if not model.chosen:
            return Curve(tuple(points), True)
        if clock.left <= 0 or len(points) == most:
            return Curve(tuple(points), False)
        model.cap_bodies(len(model.chosen) - 1)


def _refuse_overlap(today: Sequence[Sequence[int]], n: int) -> None:
    named = [place for body in today for place in body]
    if len(named) != len(set(named)) or any(not 0 <= place < n for place in named):
        raise ValueError("today's bodies must not overlap and must name places that are there")


def _refuse_unknown(wishes: Wishes, today: Sequence[Sequence[int]]) -> None:
    if any(not 0 <= label < len(today) for label in wishes.keep):
        raise ValueError("a body to be kept must be one of today's")
    covered = {place for body in today for place in body}
    if any(place not in covered for place in wishes.stay):
        raise ValueError("a place that is to stay must be in one of today's bodies")


def _least_contradiction(
    places: Places, rules: BodyRules, pool: list[int], today: Sequence[Sequence[int]], wishes: Wishes,
    clock: Clock, seed: int, engine: Engine,
) -> Contradiction:  # fmt: skip
    """Drop wish after wish; whatever can be dropped with the rest still impossible is no part of the trouble."""
    keep, stay = list(wishes.keep), list(wishes.stay)
    for held in (keep, stay):
        for wish in list(held):
            held.remove(wish)
            if Labelled(places, pool, today, Wishes(tuple(keep), tuple(stay)), rules).is_possible(clock, seed, engine):
                held.append(wish)
    return Contradiction(tuple(sorted(keep)), tuple(sorted(stay)))


def may_stay(body: Sequence[int], places: Places, rules: BodyRules) -> bool:
    """Tell whether a body of today has members enough to stay as it is, however large and scattered."""
    members, full = (int(numbers[list(body)].sum()) for numbers in (places.members, places.full_members))
    return bool(body) and members >= rules.least_members and full >= rules.least_full_members


class Labelled:
    """Set packing over (set, label): places once, labels once, and the rows that hold what was reached."""

    def __init__(
        self, places: Places, pool: list[int], today: Sequence[Sequence[int]], wishes: Wishes, rules: BodyRules
    ) -> None:
        old = [sum(1 << place for place in body) for body in today]
        standing = [label for label, body in enumerate(today) if may_stay(body, places, rules)]
        self.columns = _columns(pool, old, standing, wishes)
        base = Packing(places, [mask for mask, _label in self.columns])
        labels = np.array([label for _mask, label in self.columns], dtype=int)
        used = np.flatnonzero(labels != NEW)
        rows = csr_array((np.ones(len(used)), (labels[used], used)), shape=(len(old), len(self.columns)))
        self.rows: list[csr_array] = [base.matrix, rows]
        self.upper = [np.ones(len(places)), np.ones(len(old))]
        self.held = _held(wishes, today, len(places))
        self.covered = base.matrix.T @ places.households.astype(float)
        kept = [(mask & old[label]).bit_count() if label != NEW else 0 for mask, label in self.columns]
        self.moves = np.array([m.bit_count() for m, _label in self.columns], dtype=float) - kept
        self.ones = np.ones(len(self.columns))
        self.most: float | None = None
        self.chosen: list[int] = []
        self._households = float(places.households.sum())

    def cover_all(self) -> bool:
        """Hold every place fast that can be covered, where the plan covers them all; tell whether that is so."""
        n = len(self.held)
        can_be = np.diff(self.rows[0][:n].indptr) > 0
        covered = np.asarray(self.rows[0][:n][:, self.chosen].sum(axis=1)).ravel() > 0
        if np.any(can_be & ~covered):
            return False
        self.held = self.held | can_be
        return True

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
        lower = np.where(np.append(self.held, np.zeros(len(upper) - len(self.held), dtype=bool)), 1.0, -np.inf)
        problem = problem_of(matrix, cost, lower, upper)
        known = np.array(self.chosen, dtype=np.int64)
        obeys = bool(self.chosen) and bool(np.all(matrix[:, known].sum(axis=1) <= upper + 1e-9))
        obeys = obeys and bool(np.all(matrix[:, known].sum(axis=1) >= lower - 1e-9))
        limits = Limits(seconds=max(clock.left, 0.05), seed=seed)
        answer = narrowed(problem, known if obeys else None, engine, limits)
        if answer.values is None:
            status = "infeasible" if answer.verdict == "infeasible" else "unsolved"
            return Level(name, np.inf, answer.bound + base, np.inf, status, clock.spent - began)
        self.chosen = [int(i) for i in np.flatnonzero(answer.values > 0.5)]
        return level_of(name, float(cost[self.chosen].sum()), answer.bound, base, clock.spent - began)

    def is_possible(self, clock: Clock, seed: int, engine: Engine) -> bool:
        """Tell whether what is held fast can be had at all."""
        if not self.columns:
            return not self.held.any()
        return self.best(self.ones, clock, seed, engine, "possible").status != "infeasible"

    def unproved(self) -> tuple[Level, Level]:
        """Return the moves and bodies of the plan chosen last, where there was no time to do better."""
        moves, bodies = float(self.moves[self.chosen].sum()), float(len(self.chosen))
        return level_of("moves", moves, 0.0, 0.0, 0.0), level_of("bodies", bodies, 0.0, 0.0, 0.0)

    def at_hand(self, seconds: float) -> Point:
        """Return a plan without a solver, where it had no time: today's sets that still may be, then what covers most.

        Nothing of it is proved.
        """
        order = sorted(range(len(self.columns)), key=lambda i: (self._is_asked(i), self.moves[i], -self.covered[i]))
        taken, places, labels = [], 0, set[int]()
        for i in order:
            mask, label = self.columns[i]
            if not mask & places and (label == NEW or label not in labels):
                taken.append(i)
                places |= mask
                labels |= {label}
        self.chosen = sorted(taken)
        left = self._households - float(self.covered[self.chosen].sum())
        return self.point((level_of(LEFT_OUT, left, 0.0, 0.0, seconds), *self.unproved()))

    def _is_asked(self, column: int) -> int:
        """Sets with a place that must be covered come first."""
        return 0 if any(self.held[place] for place in indices(self.columns[column][0])) else 1

    def point(self, levels: tuple[Level, ...]) -> Point:
        """Read the plan chosen last as a point of the curve."""
        found = sorted((tuple(indices(self.columns[i][0])), self.columns[i][1]) for i in self.chosen)
        left = self._households - float(self.covered[self.chosen].sum())
        moves = int(self.moves[self.chosen].sum())
        return Point(tuple(b for b, _l in found), tuple(label for _b, label in found), moves, left, len(found), levels)


def _touched(mask: int, old: list[int]) -> list[int]:
    """Labels worth keeping for a set: bodies of today that share a place with it."""
    return [label for label, body in enumerate(old) if mask & body]


def _columns(pool: list[int], old: list[int], standing: list[int], wishes: Wishes) -> list[tuple[int, int]]:
    """Return every (set, label) that may be: sets clear of the bodies kept, with the label its staying places have."""
    kept = sum(old[label] for label in set(wishes.keep))
    inside = set(pool)
    free = [(mask, label) for mask in pool if not mask & kept for label in [*_touched(mask, old), NEW]]
    free += [(old[k], k) for k in standing if old[k] not in inside and not old[k] & kept]
    stays = [(1 << place, _label_of(place, old)) for place in wishes.stay]
    free = [(mask, label) for mask, label in free if all(label == own for bit, own in stays if mask & bit)]
    return [*free, *((old[label], label) for label in sorted(set(wishes.keep)))]


def _held(wishes: Wishes, today: Sequence[Sequence[int]], n: int) -> np.ndarray:
    """Return (n,) bool: places that must be in a body."""
    held = np.zeros(n, dtype=bool)
    held[[*wishes.stay, *(place for label in wishes.keep for place in today[label])]] = True
    return held


def _label_of(place: int, old: list[int]) -> int:
    """Return the body a place is in today."""
    return next(label for label, body in enumerate(old) if body >> place & 1)
