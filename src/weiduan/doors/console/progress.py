"""Progress bars, on the error stream, so that output can be piped."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


def bar() -> Progress:
    """Return a progress bar to be used in a `with`."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn()
    return Progress(*columns, console=Console(stderr=True))


def told_to(progress: Progress, title: str) -> Callable[[float, str], None]:
    """Return what a long action calls with (per cent done, what it is doing)."""
    task = progress.add_task(title, total=100)
    return lambda share, what: progress.update(task, completed=share, description=f"{title}：{what}")
