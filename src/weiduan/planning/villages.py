"""One village whole: groups over its units and branches over its grids, with heads, reasons and proofs.

Arithmetic in, arithmetic out: a task can be sent to another process or another machine, and the answer is the same.
"""

from dataclasses import dataclass

import numpy as np

from weiduan.planning.answers import Clock
from weiduan.planning.bodies_checking import broken_rules
from weiduan.planning.districting import tightened_pool
from weiduan.planning.engines import Engine, Highs
from weiduan.planning.heads import Heads, propose
from weiduan.planning.openings import Why, why_left_out
from weiduan.planning.pool import BodyRules, Places
from weiduan.planning.prices import RulePrice, rule_prices
from weiduan.planning.replan import NEW, NO_WISHES, Contradiction, Point, Wishes, curve, whole_curve


@dataclass(frozen=True, eq=False)
class Persons:
    """Who could head a body: no names, no keys; the order is the asker's.

    place        (persons,) the place each counts for, -1 for none
    full         (persons,) bool: full members
    lives_there  (persons,) bool: lives in that place
    posts        (persons,) posts held, that of leading a body of today not counted
    leads        (persons,) the body of today led, -1 for none
    """

    place: np.ndarray
    full: np.ndarray
    lives_there: np.ndarray
    posts: np.ndarray
    leads: np.ndarray

    def __len__(self) -> int:
        return len(self.place)


def nobody() -> Persons:
    """Return no persons."""
    none = np.empty(0, dtype=int)
    return Persons(none, none.astype(bool), none.astype(bool), none, none)


@dataclass(frozen=True, eq=False)
class Ground:
    """What bodies are planned over: groups over units, or branches over grids.

    today    places of each body there is; they don't overlap
    persons  who could head them
    """

    places: Places
    rules: BodyRules
    today: tuple[tuple[int, ...], ...] = ()
    persons: Persons | None = None
    wishes: Wishes = NO_WISHES


@dataclass(frozen=True, eq=False)
class VillageTask:
    """A village to be planned; `seconds` for each of groups and branches, `seed` for the solver."""

    groups: Ground
    branches: Ground | None = None
    seconds: float = 20.0
    seed: int = 0


@dataclass(frozen=True)
class IfStayed:
    """What had happened to the least change if one place it moves had stayed: all figures are differences.

    possible  False where no arrangement that obeys the rules leaves it there
    """

    possible: bool
    left_out_households: float = 0.0
    bodies: int = 0
    moves: int = 0


@dataclass(frozen=True, eq=False)
class Arrangement:
    """One point of the curve with who could head it and why places stay outside.

    heads  posts are the bodies in their order, persons those of the Ground
    why    per place in no body
    """

    point: Point
    heads: Heads
    why: dict[int, Why]


@dataclass(frozen=True, eq=False)
class Bodies:
    """The plan of groups, or of branches.

    arrangements   the curve, fewest moves first; empty where `contradiction` is told
    if_stayed      per place moved by the first arrangement out of a body of today
    prices         what loosening each rule by one step would bring
    rules, sets    those planned by (tightened where more sets were allowed than can be looked at), and how many they allow
    is_whole       the curve was followed to the fewest bodies there can be
    broken         what an independent check found broken: a plan with anything here is not to be used
    """

    arrangements: tuple[Arrangement, ...]
    if_stayed: dict[int, IfStayed]
    prices: tuple[RulePrice, ...]
    rules: BodyRules
    sets: int
    engine: str
    seed: int
    seconds: float
    broken: tuple[str, ...] = ()
    contradiction: Wishes | None = None
    is_whole: bool = True

    @property
    def is_proved(self) -> bool:
        """Whether every figure of every arrangement is proved."""
        return all(one.point.is_proved for one in self.arrangements) and not self.contradiction


@dataclass(frozen=True, eq=False)
class VillageAnswer:
    """Groups over units, and branches over grids where they were asked for."""

    groups: Bodies
    branches: Bodies | None


def plan_village(task: VillageTask, engine: Engine | None = None) -> VillageAnswer:
    """Plan a village; the same task has the same answer anywhere, as long as no limit of time is met.

    Raises ValueError for figures that make no sense.
    """
    return VillageAnswer(
        plan_bodies(task.groups, seconds=task.seconds, seed=task.seed, engine=engine),
        plan_bodies(task.branches, seconds=task.seconds, seed=task.seed, engine=engine) if task.branches else None,
    )


def plan_bodies(ground: Ground, *, seconds: float, seed: int = 0, engine: Engine | None = None) -> Bodies:
    """Plan bodies over a ground: the curve, heads, reasons, prices, and a check that knows only the rules."""
    clock, engine = Clock(seconds), engine or Highs()
    ground.places.refuse_bad()
    rules, pool = tightened_pool(ground.places, ground.rules)
    shared = (rules, len(pool), engine.name, seed)
    try:
        found = whole_curve(
            ground.places,
            ground.rules,
            ground.today,
            wishes=ground.wishes,
            time_limit=seconds,
            seed=seed,
            engine=engine,
        )
    except Contradiction as no:
        return Bodies((), {}, (), *shared, clock.spent, contradiction=Wishes(no.keep, no.stay))
    points = found.points
    arrangements = tuple(Arrangement(point, heads_of(ground, point), _why(ground, point)) for point in points)
    if_stayed = _if_stayed(ground, points[0], clock, seed, engine)
    prices = rule_prices(ground.places, ground.rules, time_limit=max(clock.left, 1.0), seed=seed, engine=engine)
    broken = tuple(fault for point in points for fault in _faults(ground, point))
    return Bodies(arrangements, if_stayed, prices, *shared, clock.spent, broken, is_whole=found.is_whole)


def _faults(ground: Ground, point: Point) -> list[str]:
    kept = [ground.today[label] for label in ground.wishes.keep]
    return broken_rules(
        point.bodies, outside(ground, point), ground.places, ground.rules, fixed=kept, today=ground.today
    )


def outside(ground: Ground, point: Point) -> list[int]:
    """Return the places in no body."""
    return sorted(set(range(len(ground.places))) - {place for body in point.bodies for place in body})


def _why(ground: Ground, point: Point) -> dict[int, Why]:
    return {place: why_left_out(place, ground.places, ground.rules) for place in outside(ground, point)}


def _if_stayed(ground: Ground, first: Point, clock: Clock, seed: int, engine: Engine) -> dict[int, IfStayed]:
    """Ask of each place that leaves its body what it would cost to let it stay; none asked once the time is up."""
    before = {place: label for label, body in enumerate(ground.today) for place in body}
    now = {place: label for body, label in zip(first.bodies, first.labels, strict=True) for place in body}
    moved = [place for place, label in sorted(before.items()) if now.get(place, NEW) != label]
    return {place: _stayed(ground, place, first, clock.left, seed, engine) for place in moved if clock.left > 0}


def _stayed(ground: Ground, place: int, first: Point, seconds: float, seed: int, engine: Engine) -> IfStayed:
    wishes = Wishes(ground.wishes.keep, tuple(sorted({*ground.wishes.stay, place})))
    try:
        (other,) = curve(
            ground.places, ground.rules, ground.today, wishes=wishes, most_points=1,
            time_limit=seconds, seed=seed, engine=engine,
        )  # fmt: skip
    except Contradiction:
        return IfStayed(False)
    return IfStayed(
        True,
        other.left_out_households - first.left_out_households,
        other.count - first.count,
        other.moves - first.moves,
    )


def heads_of(ground: Ground, point: Point) -> Heads:
    """Propose who heads each body: whoever heads it today and is still in it, else ranked full members."""
    persons = ground.persons or nobody()
    eligible, lives, already = (np.zeros((len(point.bodies), len(persons)), dtype=bool) for _ in range(3))
    for post, (body, label) in enumerate(zip(point.bodies, point.labels, strict=True)):
        inside = np.isin(persons.place, body)
        eligible[post] = persons.full & inside
        lives[post] = persons.lives_there & inside
        already[post] = inside & (persons.leads == label) & (label != NEW)
    return propose(
        eligible, lives_there=lives, grid_worker=already, posts_held=np.minimum(persons.posts, 2),
        experience=np.zeros(len(persons), dtype=int),
    )  # fmt: skip
