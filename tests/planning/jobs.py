"""Tasks for executors, each as its name says; what they did is left in files, for they run elsewhere."""

import os
import re
import signal
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from weiduan.planning import apart
from weiduan.planning.engines import Highs, Limits, problem_of


def square(number: int) -> int:
    """Return it."""
    return number * number


def refuse_13(number: int) -> int:
    """Raise for one number."""
    if number == 13:
        raise ValueError("13 brings bad luck")
    return number


def least_cover(seed: int) -> tuple[float, list[int]]:
    """Solve a small programme in a child of the process that was asked."""
    rng = np.random.default_rng(seed)
    rows = sparse.csr_array((rng.random((12, 8)) < 0.3) | (np.arange(12)[:, None] % 8 == np.arange(8)))
    cost = rng.integers(1, 9, 8).astype(float)
    answer = Highs().solve(problem_of(rows, cost, np.ones(12), np.full(12, np.inf)), Limits(seconds=20))
    assert answer.values is not None
    return answer.bound, np.flatnonzero(answer.values).tolist()


def threads_allowed(_: Any) -> str | None:
    """Return how many threads native code may take."""
    return os.environ.get("OMP_NUM_THREADS")


def die_once(task: tuple[str, int]) -> int:
    """Be killed the first time, leaving a mark by which the second try knows."""
    folder, number = task
    mark = Path(folder) / str(number)
    if number % 10 == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_always(task: tuple[str, int]) -> int:
    """Be killed over number 3 every time, counting the tries."""
    folder, number = task
    if number == 3:
        with (Path(folder) / "tries").open("a") as tries:
            tries.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def hang(_: Any) -> None:
    """Hang in native code that lets no other thread run."""
    re.match("(a+)+$", "a" * 64 + "b")


def tell_and_hang(path: str) -> None:
    """Say whose child this is and which process, all at once, then hang."""
    unread = Path(path + ".unread")
    unread.write_text(f"{os.getppid()} {os.getpid()}")
    unread.rename(path)
    hang(None)


def hang_with_a_solver(path: str) -> None:
    """Wait for a child of one's own that hangs."""
    apart.ask("tests.planning.jobs:tell_and_hang", path, seconds=600)


def hang_over_odd(task: tuple[str, int]) -> int:
    """Answer at once for even numbers, never for odd ones."""
    folder, number = task
    if number % 2:
        tell_and_hang(f"{folder}/{number}")
    return number


def bring_what_can_not_travel(_: Any) -> Any:
    """Return something that only means anything here."""
    return (number for number in range(3))
