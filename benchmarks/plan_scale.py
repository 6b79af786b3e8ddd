"""Plans of groups for a modelled country: one modelled village for each real village code, in samples, over a pool or Ray.

A village is made up from its code alone, so a sample has the very villages of the whole; a smaller sample is part of a
larger one. CPU is that of the worker and its solver. Groups alone are planned, from no groups today.
Usage: benchmarks/plan_scale.py [DIVISIONS.csv[.gz]] [--samples 0.001 0.01] [--engine pool ray] [--workers 1 2] ...
DIVISIONS has the columns code (12 digits), level (5: village or community) and kind ("community": more units); without
it the district of the demo is planned, whole.
"""

import argparse
import csv
import gzip
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from glob import glob
from itertools import product
from pathlib import Path

import numpy as np
from measuring import ROOT, table
from plan_villages import modelled

from weiduan.planning.executors import Executor, executor_of
from weiduan.planning.pool import BodyRules
from weiduan.planning.villages import Ground, VillageTask, plan_village

LEAST, MOST = 5, 60  # units of a village
MEDIAN = {"village": 10.0, "community": 16.0}  # a district in Chengdu has 7 to 15
SPREAD = 0.4  # of the logarithm of units: one village in a hundred has 2.5 times the median
TARGET = "plan_scale:planned"
DISTRICT = ROOT / "src/weiduan/outlook/demo/data/qbj_divisions_2018.csv"


@dataclass(frozen=True)
class Village:
    """What came back of a village."""

    code: int
    units: int
    proved: bool
    left_out: float
    bodies: int
    cpu_seconds: float
    seconds: float
    worker_mb: float


def planned(task: tuple[int, bool, float]) -> Village:
    """Make a village up from (code, whether it is urban, seconds it may take) and plan it: what a worker does."""
    code, urban, seconds = task
    began, cpu = time.perf_counter(), _cpu()
    places = modelled(units_of(code, urban), code)
    groups = plan_village(VillageTask(Ground(places, BodyRules()), seconds=seconds)).groups
    if groups.broken:
        raise ValueError(f"village {code}: {groups.broken[0]}")
    point = groups.arrangements[0].point
    return Village(code, len(places), groups.is_proved, point.left_out_households, point.count, _cpu() - cpu,
                   time.perf_counter() - began, _held_mb())  # fmt: skip


def units_of(code: int, urban: bool) -> int:
    """Draw the number of units of a village: from its code, so always the same."""
    median = MEDIAN["community" if urban else "village"]
    drawn = median * np.exp(SPREAD * np.random.default_rng(code).standard_normal())
    return int(np.clip(np.round(drawn), LEAST, MOST))


def _cpu() -> float:
    """Seconds of CPU of this process and its children, dead and alive."""
    spent = sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in (0, -1))
    return spent + sum(_cpu_of(pid) for pid in _children())


def _cpu_of(pid: str) -> float:
    """Seconds of CPU of a process that lives, from what the kernel's scheduler counts."""
    return sum(int(text.split()[0]) for text in _read(f"/proc/{pid}/task/*/schedstat")) / 1e9


def _children() -> list[str]:
    return [pid for text in _read("/proc/self/task/*/children") for pid in text.split()]


def _held_mb() -> float:
    """Memory of this process and its children now, MB; what they share counts in each."""
    pages = sum(int(text.split()[1]) for pid in ["self", *_children()] for text in _read(f"/proc/{pid}/statm"))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _read(pattern: str) -> Iterator[str]:
    """Yield what the kernel says in files that may go while one looks: threads and processes end."""
    for path in glob(pattern):
        with suppress(OSError):
            yield Path(path).read_text()


class Country:
    """The codes of all villages, in an order as good as random that is always the same."""

    def __init__(self, divisions: Path) -> None:
        reader = gzip.open if divisions.suffix == ".gz" else open
        with reader(divisions, "rt") as lines:
            places = (row for row in csv.DictReader(lines) if row["level"] == "5")
            pairs = ((int(row["code"]), row["kind"] == "community") for row in places)
            both = np.fromiter(pairs, dtype=[("code", np.int64), ("urban", np.bool_)])
        self.codes, self.urban = both["code"], both["urban"]
        order = np.argsort(_mixed(self.codes.astype(np.uint64)), kind="stable")
        self.codes, self.urban = self.codes[order], self.urban[order]

    def __len__(self) -> int:
        return len(self.codes)

    def tasks(self, share: float, seconds: float, done: set[int]) -> Iterator[tuple[int, bool, float]]:
        """Yield the villages of a sample that aren't done."""
        for number in range(self.count(share)):
            if (code := int(self.codes[number])) not in done:
                yield code, bool(self.urban[number]), seconds

    def count(self, share: float) -> int:
        return max(1, round(share * len(self)))


def _mixed(codes: np.ndarray) -> np.ndarray:
    """Spread codes over 64 bits. Source: splitmix64, Steele, Lea and Flood (2014)."""
    codes = codes + np.uint64(0x9E3779B97F4A7C15)
    codes = (codes ^ (codes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    codes = (codes ^ (codes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return codes ^ (codes >> np.uint64(31))


@dataclass
class Run:
    """One sample over one engine with so many workers: what is done of it, now and in runs before."""

    engine: str
    workers: int
    share: float
    of: int
    villages: list[Village]
    before: int = 0
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.share:g} {self.engine} {self.workers}"

    @property
    def cpu_a_village(self) -> float:
        return float(np.mean([one.cpu_seconds for one in self.villages]))

    @property
    def rate(self) -> float:
        """Villages a second, of this run alone."""
        return (len(self.villages) - self.before) / self.seconds if self.seconds else 0.0


class Kept:
    """A file of villages done, one a line, by which a run is taken up again."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("a+") if path else None

    def of(self, name: str) -> list[Village]:
        if self._file is None:
            return []
        self._file.seek(0)
        return [Village(**line["village"]) for line in map(json.loads, self._file) if line["run"] == name]

    def add(self, name: str, village: Village) -> None:
        if self._file is not None:
            self._file.write(json.dumps({"run": name, "village": asdict(village)}) + "\n")
            self._file.flush()


def work(run: Run, executor: Executor, country: Country, kept: Kept, seconds: float, limit: float) -> None:
    """Work through a sample, or as much of it as the limit leaves time for."""
    run.villages += kept.of(run.name)
    run.before = len(run.villages)
    tasks = country.tasks(run.share, seconds, {one.code for one in run.villages})
    began = said = time.perf_counter()
    # The plan keeps to its own limit: the executor's is for one that hangs.
    with closing(executor.run(TARGET, tasks, seconds=4 * seconds)) as answers:
        for _, village in answers:
            run.villages.append(village)
            kept.add(run.name, village)
            run.seconds = time.perf_counter() - began
            if run.seconds > limit:
                break
            if time.perf_counter() - said > 5:
                said = time.perf_counter()
                print(f"{run.name}: {len(run.villages)} of {run.of}, {run.rate:.1f} a second", file=sys.stderr)


def main() -> None:
    asked = _asked()
    country, kept, runs = Country(asked.divisions), Kept(asked.resume), list[Run]()
    print(f"{len(country)} villages", file=sys.stderr)
    try:
        for share, engine, workers in product(asked.samples, asked.engine, asked.workers):
            executor = executor_of(engine, asked.address if engine == "ray" else None, workers)
            runs.append(Run(engine, workers, share, country.count(share), []))
            work(runs[-1], executor, country, kept, asked.seconds, asked.limit_seconds)
    except KeyboardInterrupt:
        print("stopped: this is what is done", file=sys.stderr)
    tell([run for run in runs if run.villages], len(country))


def tell(runs: list[Run], whole: int) -> None:
    """Print what runs showed: the cost of villages, and what the engines made of it."""
    heads = ("sample", "engine", "workers", "villages", "units", "proved")
    costs = ("CPU s a village", "median", "p95", "max", "growth", "core-hours, country")
    table(heads + costs, [_cost_row(run, runs, whole) for run in runs])
    print()
    heads = (
        "sample",
        "engine",
        "workers",
        "seconds",
        "villages/s",
        "efficiency",
        "busy",
        "worker MB",
        "left out",
        "bodies",
    )
    table(heads, [_engine_row(run, runs) for run in runs])
    print(
        f"\nMost memory held by the process that asks: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB."
    )


def _cost_row(run: Run, runs: list[Run], whole: int) -> tuple[object, ...]:
    cpu = np.array([one.cpu_seconds for one in run.villages])
    first = next(one for one in runs if (one.engine, one.workers) == (run.engine, run.workers))
    return (
        f"{run.share:g}", run.engine, run.workers, _of(len(cpu), run.of), sum(one.units for one in run.villages),
        sum(one.proved for one in run.villages), f"{cpu.mean():.3f}", f"{np.median(cpu):.3f}",
        f"{np.quantile(cpu, 0.95):.3f}", f"{cpu.max():.2f}", f"{run.cpu_a_village / first.cpu_a_village:.2f}",
        f"{run.cpu_a_village * whole / 3600:,.1f}",
    )  # fmt: skip


def _engine_row(run: Run, runs: list[Run]) -> tuple[object, ...]:
    alone = [one.rate for one in runs if (one.engine, one.share, one.workers) == (run.engine, run.share, 1)]
    cpu = sum(one.cpu_seconds for one in run.villages[run.before :])
    return (
        f"{run.share:g}", run.engine, run.workers, f"{run.seconds:.0f}", f"{run.rate:.2f}",
        f"{run.rate / run.workers / alone[0]:.0%}" if alone and alone[0] else "",
        f"{cpu / run.seconds / run.workers:.0%}" if run.seconds else "",
        f"{max(one.worker_mb for one in run.villages):.0f}",
        f"{sum(one.left_out for one in run.villages):.0f}", sum(one.bodies for one in run.villages),
    )  # fmt: skip


def _of(done: int, all_: int) -> str:
    return str(done) if done == all_ else f"{done} of {all_}"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("divisions", type=Path, nargs="?", default=DISTRICT, help="CSV of divisions, may be gzipped")
    parser.add_argument("--samples", type=float, nargs="+", default=[1.0], help="shares of all villages, 0 to 1")
    parser.add_argument("--engine", nargs="+", default=["pool"], choices=["here", "pool", "ray"])
    parser.add_argument("--address", help="of a Ray cluster")
    parser.add_argument("--workers", type=int, nargs="+", default=[2])
    parser.add_argument("--seconds", type=float, default=60.0, help="a village may take")
    parser.add_argument("--limit-seconds", type=float, default=float("inf"), help="one sample may take")
    parser.add_argument("--resume", type=Path, help="file to keep what is done in, and to go on from")
    return parser.parse_args()


if __name__ == "__main__":
    main()
