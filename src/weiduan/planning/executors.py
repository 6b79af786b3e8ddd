"""Who works through many independent tasks: this process, a pool of its children, or a Ray cluster; the answers are the same.

A task is a picklable thing, and the function is named, not sent: "module:function" is imported where it runs.
"""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from queue import SimpleQueue
from typing import Any, ClassVar, Protocol

from weiduan.planning.apart import Died, Worker, complaint, function_named, give_back, take
from weiduan.planning.clusters import Ray
from weiduan.planning.tasks import Answers, Failed, Lost, Task, numbered

__all__ = ["Executor", "Failed", "Here", "Lost", "Pool", "Ray", "executor_of"]


class Executor(Protocol):
    """Whatever can put many tasks to one function."""

    @property
    def name(self) -> str:
        """What it is asked for by: here, pool or ray."""

    def run(self, target: str, tasks: Iterable[Any], *, seconds: float) -> Answers:
        """Yield (index of the task, answer) as answers come in, in any order.

        target   "module:function" of one argument
        tasks    taken lazily, a few ahead of the workers
        seconds  after which a task's worker is killed, as one that hangs; `Here` can't

        A task whose worker died is tried again. Closing the iterator stops what is under way.

        :raises Failed: a task raised
        :raises Lost: a task's worker died three times
        """


@dataclass(frozen=True)
class Here:
    """This process, one task after the other: for tests, and to look at one task closely."""

    name: ClassVar[str] = "here"

    def run(self, target: str, tasks: Iterable[Any], *, seconds: float) -> Answers:
        function = function_named(target)
        for task in numbered(tasks):
            try:
                answer = function(task.body)
            except Exception as wrong:
                raise task.fail(complaint(wrong)) from wrong
            yield task.index, answer


@dataclass(frozen=True)
class Pool:
    """Child processes on this machine, one a core unless told otherwise; kept for the next run."""

    workers: int | None = None
    name: ClassVar[str] = "pool"

    def run(self, target: str, tasks: Iterable[Any], *, seconds: float) -> Answers:
        crew, waiting = _Crew(self.workers or cores(), target, seconds), numbered(tasks)
        try:
            # Twice as many as work, so that nobody waits for the next while an answer is looked at.
            under_way = sum(crew.put(task) for task in islice(waiting, 2 * crew.size))
            while under_way:
                task, answer = crew.get()
                if isinstance(answer, Died):
                    task.count_death(answer)
                    crew.put(task)
                else:
                    under_way += sum(crew.put(task) for task in islice(waiting, 1)) - 1
                    yield task.index, answer
        finally:
            crew.stop()


class _Crew:
    """Threads that each ask a child process: what is put in comes out answered, in any order."""

    def __init__(self, size: int, target: str, seconds: float) -> None:
        self.size, self._target, self._seconds = size, target, seconds
        self._questions: SimpleQueue[Task | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Task, Any, Exception | None]] = SimpleQueue()
        self._lock, self._busy, self._stopped = threading.Lock(), set[Worker](), False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(size)]
        for thread in self._threads:
            thread.start()

    def put(self, task: Task) -> int:
        """Hand in one task; return that it is one."""
        self._questions.put(task)
        return 1

    def get(self) -> tuple[Task, Any]:
        """Wait for a task and its answer, or the death of its worker.

        :raises Failed: the task raised
        """
        task, answer, wrong = self._answers.get()
        if wrong is not None:
            raise wrong
        return task, answer

    def stop(self) -> None:
        """End the threads, and with them the workers that are busy; idle ones are kept."""
        with self._lock:
            self._stopped = True
            for worker in self._busy:
                worker.kill()
        for _ in self._threads:
            self._questions.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (task := self._questions.get()) is not None and not self._stopped:
            try:
                self._answers.put((task, self._ask(task), None))
            except Exception as wrong:
                self._answers.put((task, None, wrong))

    def _ask(self, task: Task) -> Any:
        try:
            with self._worker() as worker:
                answer, wrong = worker.ask(self._target, (task.body,), self._seconds)
        except Died as death:
            return death
        except Exception as unpicklable:
            raise task.fail(complaint(unpicklable)) from unpicklable
        if wrong:
            raise task.fail(wrong)
        return answer

    @contextlib.contextmanager
    def _worker(self) -> Iterator[Worker]:
        worker = take()
        with self._lock:
            self._busy.add(worker)
            if self._stopped:
                worker.kill()
        try:
            yield worker
        finally:
            with self._lock:
                self._busy.remove(worker)
        give_back(worker)  # only after an answer: one that gave none has been ended


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def executor_of(name: str, address: str | None = None, workers: int | None = None) -> Executor:
    """Return the executor of that name.

    name     "here", "pool" or "ray"
    address  of a Ray cluster, "host:6379"; without one, Ray is started on this machine
    workers  how many tasks at once; by default as many as there are cores

    :raises ValueError: no such executor, an address without Ray, fewer than one worker
    :raises NotInstalled: a ValueError too; Ray isn't here
    """
    if workers is not None and workers < 1:
        raise ValueError(f"{workers} workers can do nothing: at least 1 is needed")
    if address is not None and name != "ray":
        raise ValueError(f"an address is of a Ray cluster; {name} works on this machine alone")
    match name:
        case "here":
            return Here()
        case "pool":
            return Pool(workers)
        case "ray":
            return Ray(address, workers)
    raise ValueError(f"there is no executor {name!r}: here, pool and ray are")
