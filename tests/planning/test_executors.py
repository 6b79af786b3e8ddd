"""Many tasks, whoever works through them: the same answers, whatever dies on the way, and nothing left behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from weiduan.planning import clusters
from weiduan.planning.executors import Failed, Here, Lost, Pool, Ray, executor_of

JOBS = "tests.planning.jobs:"
SOON = 20.0  # seconds that what happens at once may take on a busy machine


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """One local cluster for all tests; its token is its own, so that nothing is written into anyone's home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", "of-the-tests" * 4)
        with clusters._connected(None, 2):
            yield


@pytest.fixture(params=["here", "pool", "ray"])
def executor(request):
    if request.param == "ray":
        request.getfixturevalue("cluster")
    return executor_of(request.param, workers=None if request.param == "here" else 2)


@pytest.fixture(params=["pool", "ray"])
def far(request):
    """Executors whose workers can die without us."""
    if request.param == "ray":
        request.getfixturevalue("cluster")
    return executor_of(request.param, workers=2)


@pytest.fixture(params=["pool", "ray", "ray in chunks"])
def far_or_in_chunks(request):
    """The same, and one that loses several tasks with a worker."""
    if request.param == "pool":
        return Pool(2)
    request.getfixturevalue("cluster")
    return Ray(workers=2, chunk=None if request.param == "ray" else 5)


def run(executor, target, tasks, seconds=60.0):
    return dict(executor.run(JOBS + target, tasks, seconds=seconds))


def test_all_give_the_same_answers_through_solvers_of_their_own(executor):
    answers = run(executor, "least_cover", range(20))

    assert answers == run(Here(), "least_cover", range(20)) and len(answers) == 20


def test_every_task_is_answered_once_under_its_own_number(executor):
    answers = list(executor.run(JOBS + "square", iter(range(300)), seconds=20))

    assert sorted(answers) == [(n, n * n) for n in range(300)]


def test_no_tasks_have_no_answers(executor):
    assert run(executor, "square", []) == {}


def test_tasks_are_taken_as_they_are_worked_on_and_closing_ends_the_run(executor):
    taken = count()
    answers = executor.run(JOBS + "square", taken, seconds=20)

    first = [next(answers) for _ in range(10)]
    answers.close()

    assert all(answer == index**2 for index, answer in first)
    assert next(taken) <= 10 + 4 * clusters.MOST_IN_CHUNK


def test_a_task_that_raises_is_named_and_not_tried_again(executor):
    with pytest.raises(Failed, match="task 13: ValueError: 13 brings bad luck"):
        run(executor, "refuse_13", range(40))


def test_tasks_that_can_not_be_taken_end_the_run_with_what_they_raised(executor):
    with pytest.raises(ZeroDivisionError):
        run(executor, "square", (1 // (5 - n) for n in range(10)))


def test_workers_use_one_thread_each(far):
    assert run(far, "threads_allowed", range(4)) == dict.fromkeys(range(4), "1")


def test_a_killed_workers_tasks_are_run_again(far_or_in_chunks, tmp_path):
    answers = run(far_or_in_chunks, "die_once", ((str(tmp_path), n) for n in range(15)))

    assert answers == {n: n for n in range(15)}
    assert sorted(mark.name for mark in tmp_path.iterdir()) == ["13", "3"], "it did die, twice"


def test_a_task_that_kills_every_worker_is_lost_after_three(far_or_in_chunks, tmp_path):
    with pytest.raises(Lost, match="task 3 was tried 3 times"):
        run(far_or_in_chunks, "die_always", ((str(tmp_path), n) for n in range(15)))

    assert (tmp_path / "tries").read_text() == "xxx"


def test_a_task_that_hangs_in_native_code_is_lost_too(far):
    run(far, "square", range(8))  # starting a worker takes longer than the task may

    with pytest.raises(Lost, match="task 0 was tried 3 times"):
        run(far, "hang", [None], seconds=0.1)


def test_closing_ends_what_is_under_way(far, tmp_path):
    answers = far.run(JOBS + "hang_over_odd", ((str(tmp_path), n) for n in count()), seconds=4000)
    even = next(answers)[1]
    _, hanging = told(tmp_path / "1")

    answers.close()

    assert even % 2 == 0 and all_end([hanging])


def test_an_answer_that_can_not_travel_is_the_tasks_fault(far):
    with pytest.raises(Failed, match=r"task 0: (.|\n)*pickle"):
        run(far, "bring_what_can_not_travel", [None])


def test_a_task_that_can_not_be_found_is_named():
    for nowhere in ("weiduan.planning.nowhere:plan", "math:nowhere"):
        with pytest.raises(Failed, match=r"task 0: .*nowhere"):
            list(Pool(1).run(nowhere, [None], seconds=20))


@pytest.fixture
def asking(tmp_path):
    """Another process that asks two workers, each of which waits for a solver that hangs."""
    program = f"""
from weiduan.planning.executors import Pool
if __name__ == "__main__":
    list(Pool(2).run({JOBS + "hang_with_a_solver"!r}, ["{tmp_path}/0", "{tmp_path}/1"], seconds=600))
"""
    process = subprocess.Popen([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": os.getcwd()})
    yield process
    process.kill()
    process.wait()


def test_workers_and_their_solvers_end_with_the_process_that_asked(asking, tmp_path):
    family = [*told(tmp_path / "0"), *told(tmp_path / "1")]

    asking.kill()

    assert len(set(family)) == 4 and all_end(family)


def test_a_solver_ends_with_its_worker_and_the_task_is_run_again(asking, tmp_path):
    worker, solver = told(tmp_path / "0")
    (tmp_path / "0").unlink()

    os.kill(worker, signal.SIGKILL)

    assert all_end([worker, solver])
    assert not {worker, solver} & set(told(tmp_path / "0"))


def test_a_cluster_that_is_there_is_joined_by_its_address_and_left_running(cluster, tmp_path):
    import ray

    address = ray.get_runtime_context().gcs_address
    program = f"""
from weiduan.planning.executors import executor_of
print(sorted(executor_of("ray", {address!r}, 1).run({JOBS + "square"!r}, range(5), seconds=20)))
"""
    said = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": os.getcwd()}, capture_output=True, text=True
    )

    assert said.stdout.strip() == str([(n, n * n) for n in range(5)]), said.stderr
    assert run(Ray(), "square", [3]) == {0: 9}


def test_a_cluster_started_for_a_run_takes_a_token_and_ends_with_the_run(tmp_path):
    home = {"HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    program = f"""
from weiduan.planning.executors import executor_of
answers = executor_of("ray", workers=1).run({JOBS + "square"!r}, range(5), seconds=20)
print(next(answers))
answers.close()
"""
    said = subprocess.run([sys.executable, "-c", program], env=plain | home, capture_output=True, text=True)

    assert said.stdout == "(0, 0)\n", said.stderr
    assert (tmp_path / ".ray/auth_token").exists()
    assert by_and_by(lambda: not at_home_in(tmp_path))


def test_without_ray_it_is_said_how_to_have_it(monkeypatch):
    monkeypatch.setattr(clusters.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(clusters.NotInstalled, match=r"pip install 'weiduan\[cluster\]'"):
        executor_of("ray")


@pytest.mark.parametrize(
    ("asked", "why"),
    [(("dask",), "no executor 'dask'"), (("pool", "host:6379"), "an address"), (("pool", None, 0), "at least 1")],
)
def test_what_makes_no_sense_is_refused(asked, why):
    with pytest.raises(ValueError, match=why):
        executor_of(*asked)


def told(path: Path) -> list[int]:
    """Wait for a file with process ids and return them."""
    assert by_and_by(path.exists), "it never began"
    return [int(pid) for pid in path.read_text().split()]


def all_end(pids: list[int]) -> bool:
    """Wait for processes to end; a zombie has ended."""
    return by_and_by(lambda: not any(lives(pid) for pid in pids))


def at_home_in(folder: Path) -> list[str]:
    """Return the processes whose home is a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"HOME={folder}\0".encode() in (path / "environ").read_bytes():
                found.append(path.name)
    return found


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def by_and_by(happens: Callable[[], bool]) -> bool:
    """Wait until something happens, but not for ever."""
    late = time.monotonic() + SOON
    while not happens() and time.monotonic() < late:
        time.sleep(0.02)
    return happens()
