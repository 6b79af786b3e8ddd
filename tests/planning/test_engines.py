"""Solvers hang, crash, lie and overrun; the question is still answered, in time and with a bound that holds."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

from tests.planning.brute import least_capacitated, least_center, least_cover, least_median, most_cover
from tests.planning.test_cover import coverings
from tests.planning.test_siting import distances, rooms
from weiduan.planning import apart
from weiduan.planning.cover import max_cover, min_cost_cover
from weiduan.planning.engines import GSCIP, HIGHS, Apart, Gscip, Here, Highs, Limits, problem_of
from weiduan.planning.siting import capacitated_cover, p_center, p_median

FEW = settings(max_examples=40, deadline=None)
TRIANGLE = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
NOTHING = Here("tests.planning.fakes:find_nothing")


def fake(name: str, grace: float = 0.3) -> Apart:
    return Apart(f"tests.planning.fakes:{name}", grace=grace)


def triangle():
    return problem_of(sparse.csr_array(TRIANGLE), np.array([2.0, 3.0, 4.0]), np.ones(3), np.full(3, np.inf))


def a_hard_cover(units: int = 400, sites: int = 250):
    rng = np.random.default_rng(1)
    reaches = rng.random((units, sites)) < 0.05
    return reaches, rng.integers(1, 10, sites).astype(float)


@pytest.fixture(autouse=True, scope="module")
def started():
    """Pay for starting the children once, so that the times below are those of the kill."""
    assert Highs().solve(triangle(), Limits()).verdict == "optimal"


@pytest.mark.parametrize("engine", [Highs(), Gscip(), Here(*HIGHS), Here(*GSCIP)])
def test_both_solvers_answer_the_same_here_and_in_a_child(engine):
    answer = engine.solve(triangle(), Limits(seconds=10))

    assert (answer.verdict, answer.values.tolist(), answer.bound) == ("optimal", [1, 1, 0], 5)


@pytest.mark.parametrize("engine", [Highs(), Gscip()])
def test_rows_that_contradict_each_other_are_infeasible_not_an_error(engine):
    rows = sparse.csr_array([[1.0, 1.0], [1.0, 1.0]])

    answer = engine.solve(
        problem_of(rows, np.ones(2), np.array([2, -np.inf]), np.array([np.inf, 1])), Limits(seconds=10)
    )

    assert (answer.verdict, answer.values) == ("infeasible", None)


@pytest.mark.parametrize("name", ["sleep_for_ever", "hold_the_interpreter"])
def test_a_solver_that_hangs_is_killed_and_the_plan_still_made(name):
    apart.ask("tests.planning.fakes:find_nothing", None, None, seconds=60)
    began = time.perf_counter()

    plan = min_cost_cover(TRIANGLE, [2, 3, 4], time_limit=0.5, engine=fake(name))

    assert time.perf_counter() - began < 5
    assert (plan.status, plan.broken, plan.objective) == ("stopped", (), 5)
    assert plan.bound <= 5 and "killed" in plan.note


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("abort", "crashed"),
        ("complain", "RuntimeError: no licence"),
        ("break_rows", "a row is broken"),
        ("halve", "a fraction"),
        ("boast", "the bound is worse"),
    ],
)
def test_a_solver_that_crashes_or_lies_is_not_believed_and_the_plan_still_made(name, why):
    plan = min_cost_cover(TRIANGLE, [2, 3, 4], engine=fake(name))

    assert (plan.status, plan.broken, plan.objective) == ("stopped", (), 5)
    assert plan.bound <= 5 and why in plan.note
    assert min_cost_cover(TRIANGLE, [2, 3, 4]).status == "optimal", "the next question finds a child that works"


def test_what_a_solver_prints_does_not_get_into_its_answers():
    assert fake("chatter").solve(triangle(), Limits(seconds=10)).verdict == "stopped"


def test_a_child_is_kept_for_the_next_question():
    first = apart.ask("os:getpid", seconds=60)

    assert [apart.ask("os:getpid", seconds=60) for _ in range(3)] == [first] * 3
    assert first != os.getpid()


def test_several_threads_may_ask_at_once():
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: Highs().solve(triangle(), Limits(seconds=20)).bound, range(12)))

    assert answers == [5] * 12


def test_a_process_that_was_forked_has_children_of_its_own():
    apart.ask("os:getpid", seconds=60)
    mine = {worker._process.pid for worker in apart._idle}
    reader, writer = os.pipe()
    if not (child := os.fork()):
        os.write(writer, str(apart.ask("os:getpid", seconds=60)).encode())
        apart.end_all()
        os._exit(0)
    os.waitpid(child, 0)

    assert int(os.read(reader, 20)) not in mine
    assert apart.ask("os:getpid", seconds=60) in mine


def test_a_cover_stopped_by_the_clock_has_a_plan_and_a_bound_in_time():
    reaches, cost = a_hard_cover()
    began = time.perf_counter()

    plan = min_cost_cover(reaches, cost, time_limit=0.7)

    assert time.perf_counter() - began < 5
    assert (plan.status, plan.broken) == ("stopped", ())
    assert 0 < plan.bound < plan.objective and plan.gap == pytest.approx(1 - plan.bound / plan.objective)


def test_a_gap_that_is_good_enough_ends_the_search_and_is_said():
    reaches, cost = a_hard_cover(160, 100)

    plan = min_cost_cover(reaches, cost, gap=0.5)

    assert (plan.status, plan.broken) == ("feasible", ()) and 0 < plan.gap <= 0.5


@FEW
@given(coverings())
def test_without_a_solver_bounds_of_covers_hold_on_both_sides(world):
    reaches, cost, weight = world

    least = min_cost_cover(reaches, cost, engine=NOTHING)
    most = max_cover(reaches, weight, cost, 10.0, 1, engine=NOTHING)

    if least.status != "infeasible":
        assert least.bound - 1e-6 <= least_cover(reaches, cost) <= least.objective + 1e-6 and least.broken == ()
    assert (
        most.objective - 1e-6 <= most_cover(reaches, weight, cost, 10.0, 1) <= most.bound + 1e-6 and most.broken == ()
    )


@FEW
@given(distances())
def test_without_a_solver_bounds_of_sites_hold_on_both_sides(world):
    distance, p = world

    median = p_median(distance, np.ones(len(distance)), p, engine=NOTHING)
    center = p_center(distance, p, engine=NOTHING)

    if np.isfinite(distance).any():
        assert median.bound - 1e-6 <= least_median(distance, np.ones(len(distance)), p) <= median.objective + 1e-6
        assert center.bound <= least_center(distance, p) <= center.objective
        assert median.broken == center.broken == ()


@FEW
@given(rooms())
def test_without_a_solver_bounds_of_rooms_hold_on_both_sides(world):
    reaches, weight, capacity, open_cost, already_open, close_cost = world

    plan = capacitated_cover(
        reaches, weight, capacity, open_cost, already_open=already_open, close_cost=close_cost, engine=NOTHING
    )

    if plan.status != "infeasible":
        assert plan.bound - 1e-6 <= least_capacitated(*world) <= plan.objective + 1e-6 and plan.broken == ()


def test_a_plan_that_is_there_is_not_called_impossible_whatever_the_solver_says():
    plan = capacitated_cover(np.ones((2, 2)), [1, 1], [2, 2], [3, 4], engine=fake("deny"))

    assert (plan.status, plan.chosen.tolist(), plan.broken, plan.reasons) == ("optimal", [0], (), ())
