"""What a rule costs, and what a place is worth: so that people see what they pay for what they ask.

Two different prices, not to be mixed up. A rule's price is the difference between two plans, each proved: exact, and paid in
whole households and bodies. A place's price is a rate, read off a relaxation in which bodies may be formed in part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from weiduan.planning.answers import Clock, Numbers
from weiduan.planning.districting import Level, Packing, masks_of, pool_around, solve_levels, tightened_pool
from weiduan.planning.engines import Engine, Highs, Limits
from weiduan.planning.pool import BodyRules, Places, TooMany, sets_within

STEP = 1.25  # how far a rule with many values is loosened at once: enough to matter, small enough to be acted on
SHORTEST = 0.05  # seconds that a question gets at least


@dataclass(frozen=True)
class RulePrice:
    """What loosening one rule by one step would change.

    rule            a field of BodyRules; before, after: its value as it is, and loosened
    left_out        households left out as it is, and with the rule loosened
    bodies          bodies as it is, and with the rule loosened, where that many households are left out
    is_proved       both are the least there is; else they are the best found within the limits
    """

    rule: str
    before: float
    after: float
    left_out: tuple[int, int]
    bodies: tuple[int, int]
    is_proved: bool

    @property
    def is_free(self) -> bool:
        """Whether the rule costs nothing: loosened, it leaves as many out, in as many bodies."""
        return self.left_out[0] == self.left_out[1] and self.bodies[0] == self.bodies[1]


@dataclass(frozen=True, eq=False)
class PlacePrices:
    """Prices of places, from the relaxation of the plan in which bodies may be formed in part.

    brings      (places,) households that could be covered more for each time more that this place could stand in a body:
                its own and those of others who need its members or its ground to make up a body. 0: another could take its
                part. Below 0 only in a fixed body. All together they are `most_covered`.
    most_covered  households; no plan covers more, as for every body allowed `brings` adds up to its households at least
    asks        (places,) bodies that covering this place asks for, given what is covered in all: parts of bodies; below 0
                where it spares more than it asks. All together, less `left_out` x `a_household`, they are `fewest_bodies`.
    a_household   bodies that covering one household more would ask for; 0 where nobody is left out
    fewest_bodies no plan that leaves no more than `left_out` households out has fewer
    left_out    households, as few as the engine's plan left out

    A rate holds for small changes, and where several prices prove the same bound this is one of them: so a price says
    where a plan is tight, not what a whole place more would change. For that ask again with the place changed.
    """

    brings: Numbers
    most_covered: float
    asks: Numbers
    a_household: float
    fewest_bodies: float
    left_out: float


def rule_prices(
    places: Places,
    rules: BodyRules,
    *,
    fixed: Sequence[Sequence[int]] = (),
    time_limit: float = 60.0,
    seed: int = 0,
    engine: Engine | None = None,
) -> tuple[RulePrice, ...]:
    """Plan again with each rule loosened by one step, and say what that would change.

    fixed       bodies that stay as they are
    time_limit  seconds for all questions together

    One price for each limit that can be loosened, in the order of BodyRules. Where the rules allow more sets than can be
    looked at, plans are made from part of them and nothing is called proved. Raises ValueError for bad places or fixed
    bodies.
    """
    clock, engine = Clock(time_limit), engine or Highs()
    places.refuse_bad()
    held = masks_of(fixed, len(places))
    used, sets = tightened_pool(places, rules)
    steps = _steps(used)
    now = _cover(places, pool_around(held, sets), held, (), clock.left / 2, seed, engine)
    prices = []
    for number, (rule, after) in enumerate(steps.items()):
        more, whole = _loosened(places, replace(used, **{rule: after}))
        wider = pool_around(held, sorted({*sets, *more}))
        share = clock.left / (len(steps) - number)
        then = now if wider == now.pool else _cover(places, wider, held, now.bodies, share, seed, engine)
        proved = whole and used == rules and now.is_proved and then.is_proved
        prices.append(_price(rule, float(getattr(used, rule)), float(after), now, then, proved))
    return tuple(prices)


@dataclass(frozen=True)
class _Cover:
    """A plan's first two levels, the pool it was made from, and its bodies as masks."""

    pool: list[int]
    bodies: tuple[int, ...]
    levels: tuple[Level, ...]

    @property
    def is_proved(self) -> bool:
        return all(level.status == "optimal" for level in self.levels)


def _steps(rules: BodyRules) -> dict[str, Any]:
    """Return each rule's next looser value, where it has one."""
    steps = {
        "least_members": rules.least_members - 1,
        "least_full_members": rules.least_full_members - 1,
        "most_members": max(rules.most_members + 1, round(rules.most_members * STEP)),
        "most_places": rules.most_places + 1,
        "most_span_m": rules.most_span_m * STEP,
    }
    least = {"least_members": 1, "least_full_members": 0}
    return {rule: value for rule, value in steps.items() if value >= least.get(rule, 0)}


def _loosened(places: Places, rules: BodyRules) -> tuple[list[int], bool]:
    """Return sets the rules allow, and whether these are all of them."""
    try:
        return sets_within(places, rules), True
    except TooMany:
        return tightened_pool(places, rules)[1], False


def _cover(
    places: Places, pool: list[int], held: list[int], known: Sequence[int], seconds: float, seed: int, engine: Engine
) -> _Cover:
    """Solve the first two levels, from a plan known if there is one: a wider pool seldom beats it, and a bound says so."""
    model = Packing(places, pool, [pool.index(mask) for mask in held])
    start = [pool.index(mask) for mask in known] if known else None
    clock = Clock(max(SHORTEST, seconds))
    levels, chosen = solve_levels(model, clock, 0.0, seed, engine, known=start, costs=model.costs_of_cover())
    return _Cover(pool, tuple(pool[i] for i in chosen), levels)


def _price(rule: str, before: float, after: float, now: _Cover, then: _Cover, proved: bool) -> RulePrice:
    """Put two plans side by side."""
    (out_now, bodies_now), (out_then, bodies_then) = ([int(level.value) for level in c.levels] for c in (now, then))
    return RulePrice(rule, before, after, (out_now, out_then), (bodies_now, bodies_then), proved)


def place_prices(
    places: Places,
    rules: BodyRules,
    *,
    fixed: Sequence[Sequence[int]] = (),
    time_limit: float = 60.0,
    seed: int = 0,
    engine: Engine | None = None,
) -> PlacePrices | None:
    """Price each place by the dual values of the plan's linear relaxation, at level 1 (households) and level 2 (bodies).

    fixed       bodies that stay as they are
    time_limit  seconds for all questions together

    None where a limit came first, or the engine tells no duals (SCIP doesn't). Raises ValueError for bad places or fixed
    bodies. Source: linear programming duality; the relaxation is set packing over all sets that the rules allow.
    """
    clock, engine = Clock(time_limit), engine or Highs()
    places.refuse_bad()
    held = masks_of(fixed, len(places))
    pool = pool_around(held, tightened_pool(places, rules)[1])
    if not pool:
        nothing = np.zeros(len(places))
        return PlacePrices(nothing, 0.0, nothing, 0.0, 0.0, float(places.households.sum()))
    model = Packing(places, pool, [pool.index(mask) for mask in held])
    (_, cover, _), (_, bodies, _) = model.costs_of_cover()
    brings = _duals(model, cover, clock, seed, engine)
    mine = Clock(max(SHORTEST, clock.left / 2))
    best = solve_levels(model, mine, 0.0, seed, engine, costs=model.costs_of_cover()[:1])[0][0]  # and holds it
    asks = _duals(model, bodies, clock, seed, engine)
    if brings is None or asks is None:
        return None
    n, left_out = len(places), best.value
    a_household = -float(asks[n:].sum())  # no such row where nobody is left out: then each place is to be covered
    asks = asks[:n] + a_household * places.households
    return PlacePrices(
        -brings, -float(brings.sum()), asks, a_household, float(asks.sum()) - a_household * left_out, left_out
    )


def _duals(model: Packing, cost: Numbers, clock: Clock, seed: int, engine: Engine) -> Numbers | None:
    """Return the duals of a level's rows when sets may be taken in part.

    They need no upper bound of 1: the rows hold them, and so all that is earned is earned by rows.
    """
    many, whole = len(cost), model.problem(cost)
    relaxed = replace(whole, upper=np.full(many, np.inf), integral=np.zeros(many, dtype=np.bool_))
    answer = engine.solve(relaxed, Limits(max(SHORTEST, clock.left), 0.0, seed))
    return answer.duals if answer.verdict == "optimal" else None
