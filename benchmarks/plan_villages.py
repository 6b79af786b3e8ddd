"""Plans of groups for modelled villages, by size: how many are proved, and what they cost.

Harder than the demo: members are few and spread, units touch many others. Each village is planned level by level
(households left out, bodies, spread). CPU is that of this process and the solver's.
Usage: benchmarks/plan_villages.py [VILLAGES A SIZE] [SECONDS A VILLAGE]
"""

import resource
import sys
import time

import numpy as np
from measuring import table
from scipy.spatial import Delaunay

from weiduan.planning.apart import end_all
from weiduan.planning.bodies_checking import broken_rules
from weiduan.planning.districting import Districting, assign_groups
from weiduan.planning.pool import BodyRules, Places

SIZES = (15, 30, 45, 60)
SIDE_M = 1_800.0  # of a village of 60 units; smaller ones are as dense


def main(count: int, seconds: float) -> None:
    rows = []
    for size in SIZES:
        began = _cpu(), time.perf_counter()
        plans = [_planned(size, seed, seconds) for seed in range(count)]
        end_all()  # the solver's process tells its CPU only when it has ended
        spent, wall = _cpu() - began[0], time.perf_counter() - began[1]
        fewest = sum(plan.levels[0].status == plan.levels[1].status == "optimal" for plan in plans)
        rows.append((
            size, count, f"{np.median([plan.pool for plan in plans]):,.0f}", fewest, sum(plan.is_proved for plan in plans),
            f"{spent / count:.2f}", f"{wall / count:.2f}",
        ))  # fmt: skip
    heads = (
        "units",
        "villages",
        "sets (median)",
        "fewest proved",
        "all levels proved",
        "CPU s a village",
        "seconds a village",
    )
    table(heads, rows)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _planned(size: int, seed: int, seconds: float) -> Districting:
    village = modelled(size, seed)
    plan = assign_groups(village, BodyRules(), time_limit=seconds)
    broken = broken_rules(plan.bodies, plan.left_out, village, plan.rules)
    if broken:
        raise SystemExit(f"village {seed} of {size} units: {broken[0]}")
    return plan


def modelled(size: int, seed: int) -> Places:
    """Make a village up: units at random, neighbours by triangulation, two members a unit on average."""
    rng = np.random.default_rng([seed, size])
    point_m = rng.uniform(0, SIDE_M * (size / 60) ** 0.5, (size, 2))
    near: list[set[int]] = [set() for _ in range(size)]
    for corners in Delaunay(point_m).simplices:
        for a in map(int, corners):
            near[a] |= {int(b) for b in corners if b != a and np.hypot(*(point_m[a] - point_m[b])) < 500}
    members = rng.poisson(2.2, size)
    households = rng.integers(20, 300, size)
    return Places(tuple(tuple(sorted(n)) for n in near), point_m, households, members, rng.binomial(members, 0.93))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 124, float(sys.argv[2]) if len(sys.argv) > 2 else 60.0)
