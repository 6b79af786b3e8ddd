"""What every executor keeps of a task: its number, how often it was tried, and the two ways in which it can't end well."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

TRIES = 3  # in all: a worker can die by accident, but hardly three times over the same task

Answers = Generator[tuple[int, Any], None, None]  # a task's number and its answer; closing it stops the run


class Lost(Exception):
    """The worker died every time the task was tried; the message names the task and the last death."""


class Failed(Exception):
    """The task itself raised, and would again; the message names the task and what it raised."""


@dataclass
class Task:
    """One task: its place among all, what the function is given, and how many workers died over it."""

    index: int
    body: Any
    deaths: int = 0

    def count_death(self, death: object) -> None:
        """Note that a worker died over it.

        :raises Lost: that was the last try
        """
        self.deaths += 1
        if self.deaths == TRIES:
            raise Lost(f"task {self.index} was tried {TRIES} times, the worker died each time: {death}")

    def fail(self, wrong: object) -> Failed:
        """Return the error that says it raised."""
        return Failed(f"task {self.index}: {wrong}")


def numbered(bodies: Iterable[Any]) -> Iterator[Task]:
    """Yield tasks as they are asked for: a country does not fit in memory."""
    return (Task(index, body) for index, body in enumerate(bodies))
