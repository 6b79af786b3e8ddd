"""Tasks over a Ray cluster: one of many machines by its address, or one started here for the run and ended after it.

Every node needs the same Python and `pip install 'weiduan[cluster]'`. Whoever can talk to a cluster can run code on it: one
started here takes a token; who starts a cluster by `ray start` sets RAY_AUTH_MODE=token and RAY_USAGE_STATS_ENABLED=0 there,
and keeps it in a closed network.
"""

import contextlib
import importlib.util
import logging
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import Any, ClassVar

from weiduan.planning.apart import at_most, complaint, function_named
from weiduan.planning.tasks import Answers, Task, numbered

CHUNK_SECONDS = 1.0  # work that makes a trip worth it, and that little is lost with a worker
MOST_IN_CHUNK = 50
STORE_BYTES = 128 * 1024 * 1024  # shared memory for what travels: tasks and answers are small


class NotInstalled(ValueError):
    """Ray isn't installed here."""


@dataclass(frozen=True)
class Ray:
    """A Ray cluster.

    address  "host:6379" of a cluster that is there; None starts one on this machine
    workers  how many at once; None is as many as the cluster has cores
    chunk    tasks a trip; None follows how long they take

    :raises NotInstalled: Ray isn't installed here
    """

    address: str | None = None
    workers: int | None = None
    chunk: int | None = None
    name: ClassVar[str] = "ray"

    def __post_init__(self) -> None:
        if importlib.util.find_spec("ray") is None:
            raise NotInstalled("Ray is not installed: pip install 'weiduan[cluster]'")

    def run(self, target: str, tasks: Iterable[Any], *, seconds: float) -> Answers:
        """Yield (index, answer); see `Executor.run`."""
        with _connected(self.address, self.workers) as ray:
            trips = _Trips(ray, target, seconds, self.workers)
            waiting, size = numbered(tasks), self.chunk or 1
            try:
                while trips.fill(waiting, size):
                    chunk, answers, spent = trips.get()
                    if spent and not self.chunk:
                        size = max(1, min(int(CHUNK_SECONDS * len(chunk) / spent), MOST_IN_CHUNK))
                    for task, (answer, wrong) in zip(chunk, answers, strict=False):
                        if wrong:
                            raise task.fail(wrong)
                        yield task.index, answer
            finally:
                trips.stop()


class _Trips:
    """Chunks of tasks on their way through the cluster, some more than it has cores."""

    def __init__(self, ray: ModuleType, target: str, seconds: float, workers: int | None) -> None:
        self._ray, self._target, self._seconds, self._workers = ray, target, seconds, workers
        # Retries are ours: Ray's would run a whole chunk again and again for the one task that kills its worker.
        self._remote = ray.remote(num_cpus=1, max_retries=0)(answers_to)
        self._under_way: dict[Any, list[Task]] = {}
        self._again: list[Task] = []

    def fill(self, waiting: Iterator[Task], size: int) -> bool:
        """Send as much as may be under way, tasks to be tried again first and alone; return whether anything is."""
        most = self._workers or 2 * int(self._ray.cluster_resources().get("CPU", 1))  # machines may join and leave
        while len(self._under_way) < most:
            chunk = [self._again.pop()] if self._again else list(islice(waiting, size))
            if not chunk:
                break
            sent = self._remote.remote(self._target, [task.body for task in chunk], self._seconds)
            self._under_way[sent] = chunk
        return bool(self._under_way)

    def get(self) -> tuple[list[Task], list[tuple[Any, str]], float]:
        """Wait for a chunk; return its tasks, per task its answer or complaint, and the seconds it took.

        A chunk that came to nothing has no answers: its tasks are tried again.

        :raises Failed: a task could not even be begun, as where weiduan isn't installed on a node, or answered
        :raises Lost: a task had its last try
        """
        [sent], _ = self._ray.wait(list(self._under_way), num_returns=1)
        chunk = self._under_way.pop(sent)
        try:
            answers, spent = self._ray.get(sent)
        except self._ray.exceptions.RayTaskError as wrong:
            if len(chunk) == 1:
                raise chunk[0].fail(wrong) from wrong
        except self._ray.exceptions.RayError as death:
            for task in chunk:
                task.count_death(complaint(death))
        else:
            return chunk, answers, spent
        self._again += chunk
        return chunk, [], 0.0

    def stop(self) -> None:
        """Kill the workers of what is under way."""
        for sent in self._under_way:
            self._ray.cancel(sent, force=True)


def answers_to(target: str, bodies: list[Any], seconds: float) -> tuple[list[tuple[Any, str]], float]:
    """Return per task its answer or complaint, and the seconds all took: what a worker does with a chunk."""
    function, answers, began = function_named(target), [], time.perf_counter()
    for body in bodies:
        try:
            with at_most(seconds):
                answers.append((function(body), ""))
        except Exception as wrong:
            answers.append((None, complaint(wrong)))
            break
    return answers, time.perf_counter() - began


@contextlib.contextmanager
def _connected(address: str | None, workers: int | None) -> Iterator[ModuleType]:
    """Yield Ray, connected; disconnect or end it after, unless whoever called was connected already."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    ray = importlib.import_module("ray")  # after the environment is set: Ray reads it once
    if ray.is_initialized():
        yield ray
        return
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address:
        ray.init(address, **quiet)
    else:
        ray.init("local", num_cpus=workers, include_dashboard=False, object_store_memory=STORE_BYTES, **quiet)
    try:
        yield ray
    finally:
        ray.shutdown()
