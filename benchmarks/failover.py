"""Three PostgreSQL servers under Patroni and etcd, made of deploy/three: the one that takes writes is killed -9 again and again.

Writers go on through the product's database layer. A table: each kill, how long nobody was told anything is written, what was lost.
The control is the same without synchronous replication, with what the others receive held back before the kill: it must lose.
Usage: benchmarks/failover.py [KILLS]
"""

import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from tests.faults.trio import PASSWORD, Trio  # noqa: E402
from tests.faults.writers import Writers, lost  # noqa: E402


def killed(kills: int, *, synchronous: bool, held_back_s: float = 0.0) -> None:
    """Kill so many times, and print what came of it."""
    trio = Trio(synchronous=synchronous)
    with tempfile.TemporaryDirectory() as folder:
        writers = Writers(Path(folder), trio.hosts, trio.port_list, PASSWORD)
        try:
            leader = trio.wait()
            writers.begin()
            while len(writers.acknowledged()) < 100:
                time.sleep(0.5)
            for kill in range(kills):
                time.sleep(5)
                leader = trio.wait()
                before = len(writers.acknowledged())
                if held_back_s:
                    others = [name for name in trio.names if name != leader]
                    for name in others:
                        trio.freeze(name, signal.SIGSTOP)
                    time.sleep(held_back_s)
                    trio.kill(leader)
                    for name in others:
                        trio.freeze(name, signal.SIGCONT)
                else:
                    trio.kill(leader)
                gone_at = time.time()
                while not any(when > gone_at + 0.5 for when in writers.acknowledged().values()):
                    time.sleep(0.2)
                back = min(when for when in writers.acknowledged().values() if when > gone_at + 0.5) - gone_at
                print(f"| {kill + 1} | {leader} | {before} | {back:.1f} |", flush=True)
                trio.start(leader)
            time.sleep(3)
            leader = trio.wait()
            writers.end()
            told = writers.acknowledged()
            missing = lost(told, trio.address(leader))
            print(f"synchronous {synchronous}: {len(told)} acknowledged, {len(missing)} lost, longest silence "
                  f"{writers.longest_silence_s():.1f} s", flush=True)  # fmt: skip
        finally:
            writers.end()
            trio.stop()


if __name__ == "__main__":
    print("| kill | server | acknowledged before | back after s |\n|---|---|---|---|")
    killed(int(sys.argv[1]) if len(sys.argv) > 1 else 5, synchronous=True)
    killed(1, synchronous=False, held_back_s=2.0)
