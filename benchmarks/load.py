"""A district at its peak, three times over, on one machine: how long answers take, what fails, whether memory grows.

Requests come when they come, whether those before are answered or not, and the time of each counts from when it was due: a server that
falls behind can't hide it. PostgreSQL writes to the disk (fsync), two web processes and the worker run as `weiduan serve` starts them,
and whoever asks shares the cores with them. Limits are off, for all of it comes from one address.
Usage: benchmarks/load.py [TIMES×MINUTES …], by default 1x2 3x30 10x1; a soak is 1x360.
"""

import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from measuring import ROOT, installation, resident_mb, table
from reports import FORM, HEADERS, SECRET, Asked, Database, served, telling_by_key, telling_by_portal, within

UNITS, OPEN, REPORTS = 5_000, 1_000, 100_000
IN_VILLAGE = 100  # of those open, as reports_within.py tells them
CLIENTS = 96
PHASES = ((1, 2.0), (3, 30.0), (10, 1.0))
# Requests a second in the peak hour. Half a million residents are taken to make 1,500 reports a day
# and to look at 150,000 pages, a thousand staff at 60,000; of a day 15 and 20 % fall into the busiest hour. All of this is assumed.
PEAK = {
    "find": 2.0, "unit": 2.0, "reports of an area": 0.8, "form": 0.5, "my report": 1.0,
    "today": 1.0, "list": 1.0, "one report": 1.3,
    "tell": 0.06, "tell by key": 0.06, "note": 0.6,
}  # fmt: skip
WRITES = ("tell", "tell by key", "note")
HEADS = ("load", "request", "asked", "a second", "median ms", "p95 ms", "p99 ms", "worst ms", "failed")


@dataclass(frozen=True)
class Took:
    """One request: what it was, milliseconds from when it was due, and whether it was answered as it should be."""

    kind: str
    ms: float
    well: bool


class Traffic:
    """All who ask, and what they need to know for it."""

    def __init__(self, world: dict[str, Any], port: int) -> None:
        self.port, self.own, self.number = port, threading.local(), count()
        self.drafts: deque[str] = deque(maxlen=100)
        village, report = world["sessions"]["village"], iter(_round(world["reports"]))
        unit = iter(_round(world["units"]))
        self.asks: dict[str, Callable[[], Asked]] = {
            "find": lambda: _page("/"),
            "unit": lambda: _page(f"/u/{next(unit)}/"),
            "reports of an area": lambda: _page(f"/a/{next(unit)[:12]}/reports/"),
            "form": lambda: _page("/report/"),
            "my report": lambda: _page(f"/r/{next(self.number) % (OPEN - IN_VILLAGE):024d}/"),
            "today": lambda: _page("/desk/", village),
            "list": lambda: _page("/desk/reports/", village),
            "one report": lambda: _page(f"/desk/reports/{next(report)}/", village),
            "tell": lambda: telling_by_portal(world, self.drafts.pop()),
            "tell by key": lambda: telling_by_key(world, next(self.number)),
            "note": lambda: _note(next(report), village),
        }

    def warm_up(self) -> None:
        """Ask for everything a few times: each process reads templates, code and areas once in its life."""
        for _time in range(8):
            for kind in sorted(PEAK, key=WRITES.count):
                took = self._ask(kind, self.asks[kind](), time.perf_counter())
                if not took.well:
                    raise RuntimeError(f"“{kind}” is not answered")
        for _form in range(20):  # whoever tells first has opened it before
            self._ask("form", self.asks["form"](), time.perf_counter())

    def run(self, times: float, minutes: float, seed: int, ended: Callable[[], bool] = lambda: False) -> list[Took]:
        """Ask so many times the peak for so many minutes, or until it has `ended`."""
        todo = arrivals(times, minutes * 60, seed)
        began = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            asked = []
            for due, kind in todo:
                if ended():
                    break
                time.sleep(max(0.0, began + due - time.perf_counter()))
                asked.append(pool.submit(self._ask, kind, self.asks[kind](), began + due))
            return [each.result() for each in asked]

    def _ask(self, kind: str, asked: Asked, due: float) -> Took:
        try:
            status, said = self._answer(*asked)
        except (OSError, http.client.HTTPException):
            self.own.connection = None
            status, said = 0, ""
        if kind == "form":
            self.drafts.extend(re.findall(r'name="draft" value="([^"]+)"', said)[-1:])
        wanted = {"tell": 302, "tell by key": 201, "note": 302}.get(kind, 200)
        return Took(kind, (time.perf_counter() - due) * 1000, status == wanted)

    def _answer(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        connection = getattr(self.own, "connection", None)
        if connection is None:
            connection = self.own.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")


def arrivals(times: float, seconds: float, seed: int) -> list[tuple[float, str]]:
    """Return (second, kind) of requests that come independently of each other at so many times the rates of the peak."""
    drawn, found = random.Random(seed), []
    for kind, rate in PEAK.items():
        due = drawn.expovariate(rate * times)
        while due < seconds:
            found.append((due, kind))
            due += drawn.expovariate(rate * times)
    return sorted(found)


def _round(rows: list[str]) -> Iterator[str]:
    while True:
        yield from rows


def _page(path: str, session: str = "") -> Asked:
    return "GET", path, "", HEADERS | ({"Cookie": f"__Host-session={session}"} if session else {})


def _note(report: str, session: str) -> Asked:
    said = {"do": "note", "words": "电话打过了，晚上再去看。", "csrfmiddlewaretoken": SECRET}
    cookies = f"__Host-session={session}; __Host-csrf={SECRET}"
    return "POST", f"/desk/reports/{report}/", urlencode(said), HEADERS | FORM | {"Cookie": cookies}


def rows_of(times: float, minutes: float, found: list[Took]) -> list[tuple[str, ...]]:
    """Return a row for each kind, then for all that read and all that write."""
    groups = {kind: [each for each in found if each.kind == kind] for kind in PEAK}
    groups["all that read"] = [each for each in found if each.kind not in WRITES]
    groups["all that write"] = [each for each in found if each.kind in WRITES]
    return [_row(f"{times:g} × peak, {minutes:g} min", kind, minutes, each) for kind, each in groups.items() if each]


def _row(load: str, kind: str, minutes: float, found: list[Took]) -> tuple[str, ...]:
    ms = sorted(each.ms for each in found)
    cuts = statistics.quantiles(ms, n=100, method="inclusive") if len(ms) > 1 else ms * 99
    figures = [f"{each:.0f}" for each in (cuts[49], cuts[94], cuts[98], ms[-1])]
    failed = sum(not each.well for each in found)
    return load, kind, f"{len(found):,}", f"{len(found) / minutes / 60:.1f}", *figures, str(failed)


@contextmanager
def own_server() -> Iterator[None]:
    """Run a PostgreSQL that writes to the disk, and let the installation be made in it."""
    from tests import postgresql
    from tests.faults.clusters import Cluster

    cluster = Cluster("max_connections = 100\n")
    os.environ[postgresql.PORT_VARIABLE] = cluster.address["PORT"]
    psql = ["-h", cluster.folder, "-p", cluster.address["PORT"], "-U", "postgres", "-c", postgresql.ROLE, "postgres"]
    try:
        postgresql._run(cluster.programs / "psql", *psql)
        yield
    finally:
        cluster.stop()


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """Let the worker tick beside, as it does wherever people ask."""
    process = subprocess.Popen([Path(sys.executable).with_name("weiduan"), "worker"], env=environment, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def main(phases: tuple[tuple[float, float], ...]) -> None:
    rows, held = [], []
    with own_server(), installation("postgresql") as environment:
        environment = environment | {"WEIDUAN_HOSTS": "testserver,localhost"}
        world = within(environment, "set_up", UNITS, OPEN)
        within(environment, "grow_to", REPORTS)
        Database(environment).settle()
        with served(environment) as web, worker(environment):
            web.wait()
            traffic = Traffic(world, web.port)
            traffic.warm_up()
            for seed, (times, minutes) in enumerate(phases):
                before, cpu = resident_mb(web.pid), web.cpu_ms()
                found = traffic.run(times, minutes, seed)
                busy = (web.cpu_ms() - cpu) / minutes / 600
                rows += rows_of(times, minutes, found)
                held.append((f"{times:g} × peak", f"{before:.0f}", f"{resident_mb(web.pid):.0f}", f"{busy:.0f} %"))
                print(*rows[-2:], held[-1], sep="\n", file=sys.stderr, flush=True)
    table(HEADS, rows)
    table(("load", "MB of the web before", "after", "of one core"), held)


if __name__ == "__main__":
    asked = [word.partition("x") for word in sys.argv[1:]]
    main(tuple((float(times), float(minutes)) for times, _x, minutes in asked) or PHASES)
