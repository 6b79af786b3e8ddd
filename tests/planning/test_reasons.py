"""Every reason is true, each one counts, and with all of them out of the way there is a plan: tried on every small case."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.planning.brute import least_center, sets_of
from weiduan.planning.capacitated import capacitated_cover
from weiduan.planning.cover import max_cover, min_cost_cover
from weiduan.planning.engines import Gscip
from weiduan.planning.reasons import smallest
from weiduan.planning.siting import p_center, p_median

FEW = settings(max_examples=150, deadline=None)


@dataclass(frozen=True, eq=False)
class World:
    """Rooms and who could use them; all that planning is told, and no arithmetic of its."""

    reaches: np.ndarray
    weight: np.ndarray
    capacity: np.ndarray
    open_cost: np.ndarray
    opened: frozenset[int]
    shut: frozenset[int]
    count: int | None
    budget: float | None

    def plan(self, **more):
        return capacitated_cover(
            self.reaches, self.weight, self.capacity, self.open_cost, already_open=sorted(self.opened),
            close_cost=None, shut=sorted(self.shut), count=self.count, budget=self.budget, **more,
        )  # fmt: skip

    def possible(self) -> bool:
        """Whether some plan obeys all rules, by trying every way of sending each unit that fits somewhere."""
        if self.opened & self.shut:
            return False
        fits = self.reaches & (self.weight[:, None] <= self.capacity[None, :])
        fits[:, sorted(self.shut)] = False
        choices = [np.flatnonzero(row).tolist() for row in fits if row.any()]
        weights = self.weight[fits.any(axis=1)]
        return any(self._allowed(to, weights) for to in product(*choices))

    def _allowed(self, to, weights) -> bool:
        held = np.bincount(np.array(to, dtype=int), weights, minlength=len(self.capacity))
        is_open = set(to) | self.opened
        spent = sum(self.open_cost[site] for site in is_open - self.opened)
        return bool(
            np.all(held <= self.capacity + 1e-9)
            and (self.count is None or len(is_open) <= self.count)
            and (self.budget is None or spent <= self.budget + 1e-9)
        )

    def without(self, reason) -> "World":
        """The same world with what a reason names out of the way."""
        if reason.kind == "too little room":
            roomy = self.capacity.copy()
            roomy[list(reason.sites)] = self.weight.sum()
            # Units that fitted nowhere stay left out: more room is not for them.
            lost = ~(self.reaches & (self.weight[:, None] <= self.capacity[None, :])).any(axis=1)
            return replace(self, capacity=roomy, reaches=self.reaches & ~lost[:, None])
        if reason.kind == "kept and shut":
            torn, cost = frozenset(reason.sites), self.open_cost.copy()
            cost[list(torn)] = 0  # neither kept nor shut: it may be used, as it is open already
            return replace(self, opened=self.opened - torn, shut=self.shut - torn, open_cost=cost)
        return replace(self, **({"count": None} if reason.kind == "too few sites" else {"budget": None}))


@st.composite
def worlds(draw):
    units, sites = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    some = st.sets(st.integers(0, sites - 1), max_size=2)
    return World(
        draw(arrays(bool, (units, sites))), draw(arrays(np.float64, units, elements=st.integers(0, 6))),
        draw(arrays(np.float64, sites, elements=st.integers(0, 12))),
        draw(arrays(np.float64, sites, elements=st.integers(0, 9))), frozenset(draw(some)), frozenset(draw(some)),
        draw(st.one_of(st.none(), st.integers(0, sites))), draw(st.one_of(st.none(), st.integers(0, 12))),
    )  # fmt: skip


OF_PLANS = {"too little room", "too few sites", "too little money", "kept and shut"}


@FEW
@given(worlds())
def test_rooms_are_impossible_just_when_trying_every_way_says_so_and_the_reasons_are_all_of_it(world):
    plan = world.plan()
    reasons = [reason for reason in plan.reasons if reason.kind in OF_PLANS]
    if len(plan.uncoverable) == len(world.weight):
        return

    assert (plan.status == "infeasible") == (not world.possible()) == bool(reasons) and plan.broken == ()
    freed = world
    for reason in reasons:
        freed = freed.without(reason)
    assert freed.possible()
    for left in reasons:
        others = world
        for reason in reasons:
            others = others if reason is left else others.without(reason)
        assert not others.possible()


@FEW
@given(worlds())
def test_a_crowd_reaches_only_the_rooms_named_does_not_fit_and_does_with_any_one_left_out(world):
    world = replace(world, count=None, budget=None, shut=frozenset())
    for reason in world.plan().reasons:
        if reason.kind == "too little room":
            crowd = list(reason.units)
            fits = world.reaches & (world.weight[:, None] <= world.capacity[None, :])
            assert set(np.flatnonzero(fits[crowd].any(axis=0)).tolist()) == set(reason.sites)
            assert (reason.needed, reason.have) == (world.weight[crowd].sum(), world.capacity[list(reason.sites)].sum())
            assert not _only(world, crowd).possible()
            assert all(_only(world, [u for u in crowd if u != out]).possible() for out in crowd)


def _only(world: World, units: list[int]) -> World:
    return replace(world, reaches=world.reaches[units], weight=world.weight[units], opened=frozenset())


@FEW
@given(worlds())
def test_number_and_money_that_are_named_as_needed_do(world):
    for reason in world.plan().reasons:
        if reason.kind == "too few sites":
            assert reason.have == world.count < reason.needed
        if reason.kind == "too little money":
            assert reason.have == world.budget < reason.needed
    reasons = [reason for reason in world.plan().reasons if reason.kind in OF_PLANS]
    if [reason.kind for reason in reasons] == ["too few sites"]:
        assert replace(world, count=int(reasons[0].needed)).possible()
        assert not replace(world, count=int(reasons[0].needed) - 1).possible()
    if [reason.kind for reason in reasons] == ["too little money"]:
        assert replace(world, budget=reasons[0].needed).possible()
        assert not replace(world, budget=reasons[0].needed - 0.5).possible()


def test_each_unit_left_out_is_told_why():
    reaches = np.array([[0, 0, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0]], dtype=bool)

    plan = capacitated_cover(reaches, [1, 9, 2, 3], [4, 5, 6], [1, 1, 1], shut=[2])

    told = {reason.units: (reason.kind, reason.sites, reason.needed, reason.have) for reason in plan.reasons}
    assert told == {
        (0,): ("nothing in reach", (), None, None),
        (1,): ("too large", (0, 1), 9, 5),
        (2,): ("only shut sites", (2,), None, None),
    }
    assert plan.status == "optimal" and plan.uncoverable.tolist() == [0, 1, 2] and plan.chosen.tolist() == [0]


def test_units_that_do_not_divide_are_told_so():
    plan = capacitated_cover(np.ones((3, 2), dtype=bool), [2, 2, 2], [3, 3], [1, 1])

    [reason] = plan.reasons
    assert (reason.kind, reason.units, reason.sites, reason.needed, reason.have) == (
        "too little room", (0, 1, 2), (0, 1), 6, 6,
    )  # fmt: skip
    assert "as a whole" in reason.note


def test_a_shut_room_that_is_open_is_closed_at_its_cost():
    plan = capacitated_cover(
        np.ones((1, 2), dtype=bool), [1], [1, 1], [5, 5], already_open=[0], close_cost=[3, 3], shut=[0]
    )

    assert (plan.chosen.tolist(), plan.objective, plan.status, plan.broken) == ([1], 8, "optimal", ())


def test_a_crowd_among_many_is_found_small():
    rng = np.random.default_rng(4)
    reaches = rng.random((300, 60)) < 0.1
    reaches[:, 0] = False
    reaches[:4] = False
    reaches[:4, 0] = True
    capacity = np.full(60, 1000.0)
    capacity[0] = 30

    for engine in (None, Gscip()):
        plan = capacitated_cover(reaches, np.full(300, 10.0), capacity, np.ones(60), engine=engine)
        [reason] = [reason for reason in plan.reasons if reason.kind == "too little room"]
        assert (plan.status, reason.units, reason.sites, reason.needed, reason.have) == (
            "infeasible",
            (0, 1, 2, 3),
            (0,),
            40,
            30,
        )


@pytest.mark.parametrize(
    "more", [{"count": 3}, {"count": -1}, {"budget": -1}, {"budget": np.nan}, {"shut": [2]}, {"shut": [0.5]}]
)
def test_a_bad_question_about_rooms_is_refused(more):
    with pytest.raises(ValueError, match=r"count must|budget must|shut names|shut must"):
        capacitated_cover(np.ones((2, 2)), [1, 1], [1, 1], [1, 1], **more)


@st.composite
def ways(draw):
    units, sites = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    metres = st.one_of(st.just(np.inf), st.just(np.inf), st.integers(0, 20))
    return draw(arrays(np.float64, (units, sites), elements=metres)), draw(st.integers(1, sites))


@FEW
@given(ways())
def test_too_few_sites_says_how_many_would_do_and_whom_they_can_not_share(world):
    distance, p = world
    there = np.isfinite(distance)
    fewest = min(
        len(s) for s in sets_of(distance.shape[1]) if np.array_equal(there[:, s].any(axis=1), there.any(axis=1))
    )
    for plan in (p_median(distance, np.ones(len(distance)), p), p_center(distance, p)):
        lost = [reason.units for reason in plan.reasons if reason.kind == "nothing in reach"]
        short = [reason for reason in plan.reasons if reason.kind == "too few sites"]
        assert lost == ([tuple(plan.uncoverable.tolist())] if len(plan.uncoverable) else [])
        if there.any():
            assert bool(short) == (fewest > p) == (plan.status == "infeasible")
        for reason in short:
            assert (reason.needed, reason.have, plan.needs) == (fewest, p, fewest)
            assert np.isfinite(least_center(distance, int(reason.needed)))
            if reason.units:
                assert len(reason.units) == p + 1 and there[list(reason.units)].sum(axis=0).max() <= 1


def test_covers_name_whom_nothing_reaches():
    for plan in (min_cost_cover([[0, 1], [0, 0]], [1, 1]), max_cover([[0, 1], [0, 0]], [1, 1], count=1)):
        assert [(reason.kind, reason.units) for reason in plan.reasons] == [("nothing in reach", (1,))]
    [reason] = min_cost_cover([[0], [0]], [1]).reasons
    assert reason.units == (0, 1)


@given(st.sets(st.integers(0, 11), min_size=1))
def test_the_smallest_part_that_does_not_fit_is_found(culprits):
    found = smallest(list(range(12)), lambda units: not culprits <= set(units.tolist()))

    assert set(found.tolist()) == culprits
