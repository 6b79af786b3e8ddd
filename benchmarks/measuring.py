"""What the benchmarks share: an installation of their own on either database, child processes measured, tables."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
WEIDUAN = Path(sys.executable).with_name("weiduan")
DATABASES = ("sqlite", "postgresql")
PAGE = os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def installation(database: str) -> Iterator[dict[str, str]]:
    """Yield the environment of an empty installation; on PostgreSQL with a private server, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="weiduan-benchmark-") as home:
        environment = os.environ | {"WEIDUAN_HOME": home, "WEIDUAN_LANG": "zh", "WEIDUAN_RATE_LIMITS": "off"}
        if database == "postgresql":
            environment |= _production()
        else:
            environment |= {"DJANGO_SETTINGS_MODULE": "weiduan.config.settings.embedded"}
        yield environment


def _production() -> dict[str, str]:
    """Return what production settings read from the environment, for the server the tests use too."""
    from tests.postgresql import database

    server = database()
    return {
        "DJANGO_SETTINGS_MODULE": "weiduan.config.settings.production", "WEIDUAN_MIGRATE": "1",
        "WEIDUAN_SECRET_KEY": secrets.token_urlsafe(48), "WEIDUAN_SEALED_KEYS": json.dumps({"k1": "11" * 32}),
        "WEIDUAN_SEALED_KEY_IN_USE": "k1", "WEIDUAN_SEALED_INDEX_KEY": "22" * 32, "WEIDUAN_HOSTS": "testserver",
        "WEIDUAN_DB_NAME": server["NAME"], "WEIDUAN_DB_USER": server["USER"], "WEIDUAN_DB_PASSWORD": "trusted",
        "WEIDUAN_DB_HOST": server["HOST"], "WEIDUAN_DB_PORT": server["PORT"],
    }  # fmt: skip


@dataclass
class Run:
    """A child process that ended well: seconds on the wall, seconds of CPU, most memory held (MB, its children with it)."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    said: str


def measured(command: Sequence[object], environment: dict[str, str]) -> Run:
    """Run a command to its end and measure it; what the database server does is not counted.

    :raises RuntimeError: it failed
    """
    began, before = time.perf_counter(), os.times()
    process = subprocess.Popen([str(part) for part in command], env=environment, cwd=ROOT, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    peak = _watched(process.pid)
    said, wrong = process.communicate()
    after = os.times()
    if process.returncode:
        raise RuntimeError(f"{command}: {wrong[-2000:]}")
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return Run(time.perf_counter() - began, cpu, peak() / 1e6, said)


def _watched(pid: int):
    """Look every 50 ms at the memory of a process and its children together; return a function to ask for the most."""
    most, ended = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.05):
            most = max(most, sum(_resident(each) for each in [pid, *_children(pid)]))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()

    def most_held() -> int:
        ended.set()
        watcher.join()
        return most

    return most_held


def resident_mb(pid: int) -> float:
    """Return the memory that a process and its children hold now, MB."""
    return sum(map(_resident, [pid, *_children(pid)])) / 1e6


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def in_home(program: str, environment: dict[str, str], *arguments: object) -> Run:
    """Run a piece of Python with Django set up in an installation, as a child process."""
    begin = "import django; django.setup()\nfrom django.utils import translation; translation.activate('zh-hans')\n"
    return measured([sys.executable, "-c", begin + program, *arguments], environment)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table as Markdown, so that it can be kept as it is."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(heads), *texts]) for i in range(len(heads))]
    for row in [list(heads), ["-" * width for width in widths], *texts]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    sys.stdout.flush()
