"""Planning against published optima, and against PySAL's spopt (with CBC) on the same inputs.

Each measurement is its own process; seconds are model building and solving together, without imports. Ours is asked
twice: the first time includes starting the solver's process, which a running system pays once. What takes ours more than
30 s is asked once.

Usage: benchmarks/plan_peers.py [--published FOLDER] [--sizes 200 1000] [--ours-only 20000] [--peer-seconds 300]
  --published  a folder of OR-Library files: scp41.txt ... scpa5.txt, pmed1.txt ... pmed20.txt; none are downloaded
  --sizes      units; rooms are half as many. 5000 takes the peer minutes for each problem
  --ours-only  sizes to run without the peer
  --peer-python  a Python with spopt, numpy and scipy (spopt 0.8 needs 3.12); it brings much that the product doesn't need
  --peer-gb    memory it may take; what it asks for beyond fails
  --problems   some of: cover most median center
"""

import argparse
import importlib
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from measuring import ROOT, measured, table
from scipy import sparse
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import cKDTree

from weiduan.planning.answers import Solution
from weiduan.planning.cover import max_cover, min_cost_cover
from weiduan.planning.siting import p_center, p_median

SCP = dict(zip([f"scp4{k}" for k in range(1, 11)], [429, 512, 516, 494, 512, 560, 430, 492, 641, 514], strict=True))
SCP |= dict(zip([f"scpa{k}" for k in range(1, 6)], [253, 252, 232, 234, 236], strict=True))
PMED = dict(enumerate([5819, 4093, 4250, 3034, 1355, 7824, 5631, 4445, 2734, 1255,
                       7696, 6634, 4374, 2968, 1729, 8162, 6999, 4809, 2845, 1789], start=1))  # fmt: skip
PROBLEMS = ("cover", "most", "median", "center")
NEAR = 40  # sites listed for each unit where a dense matrix would be too large
DENSE = 2000  # units; beyond, ours gets lists of near rooms, and a gap of 0.1 % is enough for the median
OURS = 120.0  # seconds ours may take for one problem


class World:
    """Units and rooms at random in a square, each room within reach of about ten units, no unit out of every reach."""

    def __init__(self, units: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.units, self.rooms = rng.random((units, 2)) * 1e4, rng.random((units // 2, 2)) * 1e4
        self.weight = rng.integers(1, 100, units).astype(float)
        self.reach = 1e4 * float(np.sqrt(10 / (np.pi * units)))
        self.open, self.some = units // 20, units // 40

    def distance(self) -> np.ndarray:
        """(units, rooms) metres; a unit out of every reach is put at the edge of its nearest room's."""
        metres = np.hypot(*(self.units[:, None, :] - self.rooms[None, :, :]).transpose(2, 0, 1))
        nearest = metres.argmin(axis=1)
        rows = np.arange(len(metres))
        metres[rows, nearest] = np.minimum(metres[rows, nearest], self.reach)
        return metres

    def within(self, metres: float) -> sparse.coo_array:
        """The same distances as entries, those up to some metres only."""
        tree = cKDTree(self.rooms)
        pairs = cKDTree(self.units).sparse_distance_matrix(tree, metres, output_type="coo_matrix")
        far, nearest = tree.query(self.units)
        lonely = np.flatnonzero(far > self.reach)
        kept = ~((pairs.col == nearest[pairs.row]) & (far[pairs.row] > self.reach))
        rows = np.append(pairs.row[kept], lonely)
        columns, values = (
            np.append(pairs.col[kept], nearest[lonely]),
            np.append(pairs.data[kept], np.full(len(lonely), self.reach)),
        )
        return sparse.coo_array((values, (rows, columns)), shape=(len(self.units), len(self.rooms)))

    def nearest(self) -> tuple[Any, Any]:
        """The same distances as entries, those of the nearest rooms only; and how far the first left out is."""
        metres, room = cKDTree(self.rooms).query(self.units, k=NEAR + 1)
        metres[:, 0] = np.minimum(metres[:, 0], self.reach)
        rows = np.repeat(np.arange(len(self.units)), NEAR)
        shape = (len(self.units), len(self.rooms))
        return sparse.coo_array((metres[:, :NEAR].ravel(), (rows, room[:, :NEAR].ravel())), shape=shape), metres[
            :, NEAR
        ]


def ours(problem: str, world: World) -> Solution:
    """Solve with ours, from coordinates on."""
    if problem in ("cover", "most"):
        reaches = world.within(world.reach).astype(bool)
        reaches.data[:] = True  # a distance of 0 is a reach too
        if problem == "cover":
            return min_cost_cover(reaches, np.ones(len(world.rooms)), time_limit=OURS)
        return max_cover(reaches, world.weight, count=world.some, time_limit=OURS)
    if problem == "median":
        gap = 0.0 if len(world.units) <= DENSE else 1e-3
        if len(world.units) <= DENSE:
            return p_median(world.distance(), world.weight, world.open, time_limit=OURS, gap=gap)
        near, beyond = world.nearest()
        return p_median(near, world.weight, world.open, beyond=beyond, time_limit=OURS, gap=gap)
    if len(world.units) <= DENSE:
        return p_center(world.distance(), world.open, time_limit=OURS)
    edge = 3 * world.reach
    plan = p_center(world.within(edge), world.open, time_limit=OURS)
    assert plan.objective <= edge, "a way that was left out could be shorter"
    return plan


def theirs(problem: str, world: World, seconds: float) -> float:
    """Solve with spopt from a distance matrix on, as its users do; return the objective, computed anew."""
    pulp, locate = importlib.import_module("pulp"), importlib.import_module("spopt.locate")  # slow: already loaded here
    metres = world.distance()
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds)
    if problem == "cover":
        model = locate.LSCP.from_cost_matrix(metres, world.reach)
    elif problem == "most":
        model = locate.MCLP.from_cost_matrix(metres, world.weight, world.reach, p_facilities=world.some)
    elif problem == "median":
        model = locate.PMedian.from_cost_matrix(metres, world.weight, p_facilities=world.open)
    else:
        model = locate.PCenter.from_cost_matrix(metres, p_facilities=world.open)
    model.solve(solver)
    chosen = [j for j, variable in enumerate(model.fac_vars) if (variable.value() or 0) > 0.5]
    return worth(problem, world, metres, chosen)


def worth(problem: str, world: World, metres: np.ndarray, chosen: list[int]) -> float:
    """Return what a choice of rooms is worth; inf or 0 where it serves nobody."""
    nearest = metres[:, chosen].min(axis=1, initial=np.inf)
    if problem == "cover":
        return float(len(chosen)) if np.all(nearest <= world.reach) else float("inf")
    if problem == "most":
        return float(world.weight[nearest <= world.reach].sum())
    return float((world.weight * nearest).sum()) if problem == "median" else float(nearest.max())


def child(who: str, problem: str, units: int, seconds: float, gigabytes: float) -> None:
    """Measure one problem in this process and print what was seen."""
    world, times = World(units), []
    if who == "theirs":
        importlib.import_module("spopt.locate")
        resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * 1e9),) * 2)
        signal.alarm(int(seconds) + 120)  # its limit is for solving only: building may take for ever
        began = time.perf_counter()
        said: dict[str, Any] = {"objective": theirs(problem, world, seconds)}
        times.append(time.perf_counter() - began)
    else:
        while len(times) < 2 and sum(times) < 30:
            began = time.perf_counter()
            plan = ours(problem, world)
            times.append(time.perf_counter() - began)
        assert not plan.broken, plan.broken
        said = {"objective": plan.objective, "bound": plan.bound, "status": plan.status}
    print(json.dumps(said | {"seconds": times}))


def compare(units: int, given: argparse.Namespace, with_peer: bool) -> list[tuple[str, ...]]:
    """Measure both on each problem."""
    rows = []
    for problem in given.problems:
        mine = ask(sys.executable, "ours", problem, units, given)
        peer = ask(given.peer_python, "theirs", problem, units, given) if with_peer else None
        rows.append(line(problem, units, mine, peer))
        print(*rows[-1], file=sys.stderr, flush=True)
    return rows


def ask(python: str, who: str, problem: str, units: int, given: argparse.Namespace) -> dict[str, Any] | None:
    """Run one measurement in a process of its own; None if it failed."""
    command = [python, __file__, "--child", who, problem, units, given.peer_seconds, given.peer_gb]
    try:
        run = measured(command, os.environ | {"PYTHONPATH": str(ROOT / "src")})
    except RuntimeError as wrong:
        print(f"{who} {problem} {units}: {str(wrong)[-300:]}", file=sys.stderr)
        return None
    return json.loads(run.said.splitlines()[-1]) | {"mb": run.peak_mb}


def line(problem: str, units: int, mine: Any, peer: Any) -> tuple[str, ...]:
    """One row of the table."""
    if mine is None:
        return (problem, f"{units}", *["failed"] * 9)
    first, again = mine["seconds"][0], mine["seconds"][-1]
    gap = abs(mine["objective"] - mine["bound"]) / max(mine["objective"], 1e-9)
    own = (
        problem,
        f"{units}",
        f"{mine['objective']:.6g}",
        f"{gap:.2%} {mine['status']}",
        f"{first:.2f}",
        f"{again:.2f}",
    )
    if peer is None:
        return (*own, f"{mine['mb']:.0f}", "-", "-", "-", "-")
    theirs = peer["seconds"][0]
    return (*own, f"{mine['mb']:.0f}", f"{peer['objective']:.6g}", f"{theirs:.1f}", f"{peer['mb']:.0f}",
            f"{theirs / first:.0f} / {theirs / again:.0f}")  # fmt: skip


def published(folder: Path) -> list[tuple[str, ...]]:
    """Solve every instance whose file is there."""
    rows = []
    for name, optimum in SCP.items():
        if (folder / f"{name}.txt").exists():
            reaches, cost = set_cover(folder / f"{name}.txt")
            rows.append(result(name, optimum, min_cost_cover(reaches, cost, time_limit=60)))
    for number, optimum in PMED.items():
        if (folder / f"pmed{number}.txt").exists():
            distance, p = median(folder / f"pmed{number}.txt")
            weight = np.ones(len(distance))
            rows.append(result(f"pmed{number}", optimum, p_median(distance, weight, p, time_limit=60)))
            # No p-center optimum is published with these graphs: the proof and the check stand for themselves.
            rows.append(result(f"pmed{number} center", "-", p_center(distance, p, time_limit=60)))
    return rows


def result(name: str, optimum: int | str, plan: Solution) -> tuple[str, ...]:
    """One row: what was known and what was found."""
    row = (name, f"{optimum}", f"{plan.objective:.0f}", f"{plan.bound:.0f}", f"{plan.gap:.2%}", plan.status,
           f"{plan.seconds:.2f}", "; ".join(plan.broken) or "passed")  # fmt: skip
    print(*row, file=sys.stderr, flush=True)
    return row


def set_cover(file: Path) -> tuple[sparse.csr_array, np.ndarray]:
    """Read rows and columns, a cost for each column, then for each row how many columns cover it and which."""
    numbers = np.array(file.read_text().split(), dtype=np.int64)
    rows, columns = numbers[:2]
    cost, at, first, index = numbers[2 : 2 + columns], 2 + columns, [0], []
    for _ in range(rows):
        index.append(numbers[at + 1 : at + 1 + numbers[at]] - 1)
        first.append(first[-1] + int(numbers[at]))
        at += 1 + numbers[at]
    return sparse.csr_array((np.ones(first[-1]), np.concatenate(index), first), shape=(rows, columns)), cost.astype(
        float
    )


def median(file: Path) -> tuple[np.ndarray, int]:
    """Read vertices, edges, p and the edges; of two edges the last counts; distances are shortest paths."""
    numbers = np.array(file.read_text().split(), dtype=np.int64)
    vertices, _, p = numbers[:3]
    metres = np.full((vertices, vertices), np.inf)
    for one, other, length in numbers[3:].reshape(-1, 3):
        metres[one - 1, other - 1] = metres[other - 1, one - 1] = length
    return shortest_path(metres, directed=False), int(p)


def main(given: argparse.Namespace) -> None:
    if given.published:
        table(
            ("instance", "optimum", "value", "bound", "gap", "status", "seconds", "check"), published(given.published)
        )
        print()
    rows = [row for n in given.sizes for row in compare(n, given, True)]
    rows += [row for n in given.ours_only for row in compare(n, given, False)]
    if rows:
        table(("problem", "units", "ours", "gap", "first s", "again s", "MB", "spopt", "s", "MB", "times faster"), rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6]))
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--published", type=Path)
        parser.add_argument("--sizes", type=int, nargs="*", default=[200, 1000])
        parser.add_argument("--ours-only", type=int, nargs="*", default=[])
        parser.add_argument("--problems", nargs="*", choices=PROBLEMS, default=list(PROBLEMS))
        parser.add_argument("--peer-python", default=sys.executable)
        parser.add_argument("--peer-seconds", type=float, default=300)
        parser.add_argument("--peer-gb", type=float, default=10)
        main(parser.parse_args())
