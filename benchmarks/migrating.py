"""Changes of a table with five million rows, on PostgreSQL, while people ask and write: how long those who write wait.

The table is that of the steps of reports, of which every telling and every note writes. Three changes are made as the house makes them
(ground/base/operations.py), with the wait for a lock that `weiduan migrate` allows; the controls are what Django would do by itself.
Usage: benchmarks/migrating.py [MILLIONS OF STEPS, by default 5]
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from load import OPEN, UNITS, WRITES, Took, Traffic, own_server
from measuring import WEIDUAN, in_home, installation, measured, table
from reports import Database, served, within

STEPS_OF_A_REPORT = 4
TIMES_PEAK, MOST_MINUTES, AROUND_S = 3, 20, 4.0
PROGRAM = """
import sys
sys.path[:0] = ["benchmarks"]
import migrating_within
print(migrating_within.change(sys.argv[1]))
"""
CHANGES = {
    "nothing": "nothing, to compare",
    "a column": "a column that may be empty",
    "an index beside": "an index, beside",
    "a check beside": "a check, beside",
    "an index": "control: an ordinary index",
    "a check": "control: an ordinary check",
}
HEADS = ("change", "it took s", "writes meanwhile", "median ms", "worst ms", "failed", "worst of those who read, ms")


def main(millions: float) -> None:
    rows = []
    with own_server(), installation("postgresql") as environment:
        environment = environment | {"WEIDUAN_HOSTS": "testserver,localhost", "WEIDUAN_CLOCK_SECONDS": "0"}
        world = within(environment, "set_up", UNITS, OPEN)
        within(environment, "grow_to", int(millions * 1_000_000 / STEPS_OF_A_REPORT))
        measured([WEIDUAN, "insight", "rebuild"], environment)  # as the clock would have counted them, one by one
        Database(environment).settle()
        with served(environment) as web:
            web.wait()
            traffic = Traffic(world, web.port)
            traffic.warm_up()
            for seed, (name, told) in enumerate(CHANGES.items()):
                rows.append((told, *changed(environment, traffic, name, seed)))
                print(*rows[-1], file=sys.stderr, flush=True)
    table(HEADS, rows)


def changed(environment: dict[str, str], traffic: Traffic, name: str, seed: int) -> tuple[str, ...]:
    """Make a change while everybody goes on; return what it took, and what those met who asked."""
    with ThreadPoolExecutor(1) as pool:
        change = pool.submit(_change, environment, name)
        found = traffic.run(TIMES_PEAK, MOST_MINUTES, seed, change.done)
        took = change.result()
    wrote, read = ([each for each in found if (each.kind in WRITES) is writes] for writes in (True, False))
    ms = sorted(each.ms for each in wrote)
    failed = sum(not each.well for each in found)
    return f"{took:.1f}", str(len(ms)), f"{ms[len(ms) // 2]:.0f}", f"{ms[-1]:.0f}", str(failed), f"{_worst(read):.0f}"


def _change(environment: dict[str, str], name: str) -> float:
    time.sleep(AROUND_S)
    took = float(in_home(PROGRAM, environment, name).said.strip().splitlines()[-1])
    time.sleep(AROUND_S)
    return took


def _worst(found: list[Took]) -> float:
    return max(each.ms for each in found)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5)
