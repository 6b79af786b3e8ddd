"""kill -9 of everything under mixed load: telling over HTTP, handling, voting, signing up, counting, and loading a survey.

For so many minutes something chosen at random is killed every second or two: a web process, the worker, the whole server, staff at
work, a voter, somebody who signs up, a count, a load, and on PostgreSQL a backend or the database. A table: what was acknowledged, lost,
doubled. The short forms, each with its control, are in tests/faults.
Usage: [WEIDUAN_TEST_DATABASE=postgresql] benchmarks/faults.py [MINUTES] [SEED]
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from tests.faults.clusters import Cluster  # noqa: E402
from tests.faults.conftest import FIRST, SECOND, modelled  # noqa: E402
from tests.faults.installation import ON_POSTGRESQL, ROOT, Installation, finish, new_installation  # noqa: E402
from tests.faults.residents import Gateway, Residents  # noqa: E402
from tests.faults.test_reports_killed import Running, job, receipt_hash, state  # noqa: E402
from tests.postgresql import _free_port  # noqa: E402

VOTERS, PEOPLE, DISTRICT = 4_000, 4_000, "519901"


def started(installation: Installation, module: str, *words: object, **pipes: Any) -> subprocess.Popen:
    own: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }
    command = [sys.executable, "-u", "-m", f"tests.faults.{module}", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment, **(own | pipes))


class Repeated:
    """Work in a process of its own that is begun again when it is killed, or falls over; its lines are what was acknowledged."""

    def __init__(
        self, installation: Installation, folder: Path, name: str, words: Callable[[int], list[object]]
    ) -> None:
        self.installation, self.folder, self.name, self.words = installation, folder, name, words
        self.times, self.process = 0, None

    def keep_going(self) -> None:
        """Begin again if it isn't running; how often it was begun tells it where to go on."""
        if self.process is None or self.process.poll() is not None:
            with (self.folder / f"{self.name}-{self.times}").open("w") as out:
                self.process = started(
                    self.installation, *map(str, self.words(self.times)), stdout=out, stderr=subprocess.DEVNULL
                )
            assert self.process.stdin is not None
            self.process.stdin.write("begin\n")
            self.process.stdin.close()
            self.times += 1

    def kill(self) -> None:
        """Kill it with -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def lines(self) -> Iterator[list[str]]:
        """Yield the words of each whole line; one cut off says nothing."""
        for path in sorted(self.folder.glob(f"{self.name}-*")):
            yield from (line.split() for line in path.read_text().split("\n")[:-1])


def main(minutes: float, seed: int) -> None:
    """Run, kill, and print the table."""
    chance, cluster, gateway = random.Random(seed), Cluster() if ON_POSTGRESQL else None, Gateway()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        installation = new_installation(folder / "home", cluster and cluster.address)
        installation.environment |= {
            "WEIDUAN_SMS_URL": gateway.url, "WEIDUAN_CLOCK_SECONDS": "0", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
        }  # fmt: skip
        keys = json.loads(finish(started(installation, "mixed", "prepare", VOTERS, PEOPLE))[-1])
        demos = [modelled(DISTRICT, each, on) for each, on in ((1, FIRST), (2, SECOND))]
        installation.run("found", installation.keep("divisions", demos[0].divisions), FIRST)
        files = [installation.keep(f"survey-{n}", demo.rows) for n, demo in enumerate(demos)]
        codes = keys["codes"]

        def voter(times: int) -> list[object]:
            return ["voting", "vote", keys["ballot"], *codes[times * 40 : times * 40 + 400]]

        def comer(times: int) -> list[object]:
            return ["signing_up", "come", keys["activity"], times * 40, 1, PEOPLE]

        def loader(times: int) -> list[object]:
            return ["working", "load", files[times % 2], DISTRICT + "000000", (FIRST, SECOND)[times % 2]]

        works = {"vote": voter, "come": comer, "count": lambda _times: ["counting", "count"], "load": loader}
        others = [Repeated(installation, folder, name, words) for name, words in works.items()]
        running = Running(installation, _free_port(), cluster, folder / "log")
        running.start_web()
        running.start_staff()
        residents = Residents(running.port)
        residents.begin(3)
        killed, until = Counter[str](), time.monotonic() + 60 * minutes
        kinds = ["one web process", "worker", "all", "staff", *(["backend", "database"] if ON_POSTGRESQL else [])]
        while time.monotonic() < until:
            for one in others:
                one.keep_going()
            time.sleep(chance.uniform(0.8, 2.0))
            what = chance.choice([*kinds, *others])
            if isinstance(what, Repeated):
                what.kill()
                killed[what.name] += 1
            else:
                running.kill(what)
                killed[what] += 1
        residents.end(within_s=60)
        for one in others:
            one.kill()
        running.stop()
        tell_all(installation, keys, residents, running, others, killed)
    gateway.close()
    if cluster is not None:
        cluster.stop()


def tell_all(
    installation: Installation, keys: Any, residents: Residents, running: Running, others: Any, killed: Any
) -> None:
    """Compare what was acknowledged with what is kept."""
    finish(job(installation, "settle"))
    votes, comers, _counts, loads = others
    kept, settled = (
        state(installation),
        json.loads(finish(started(installation, "mixed", "settle", keys["ballot"]))[-1]),
    )
    signed = json.loads(finish(started(installation, "signing_up", "state", keys["activity"], PEOPLE))[-1])
    hashes = Counter(row["hash"] for row in kept["reports"])
    deeds, done = (
        running.done_by_staff(),
        Counter((row["key"], what) for row in kept["reports"] for what, _n in row["steps"]),
    )
    receipts = Counter(settled["receipts"])
    voted = {line[0]: line[1] for line in votes.lines() if len(line) == 2}
    seats = {int(line[0]): line[2] for line in comers.lines() if len(line) == 3 and line[1] != "full"}
    numbers = Counter(n for n, _state, _number in signed["rows"])
    right = {n: str(number) for n, _state, number in signed["rows"]}
    rows = [
        ("reports told", len(residents.told), sum(not hashes[receipt_hash(one)] for one in residents.told), over(hashes)),
        ("deeds of staff", len(deeds), sum(not done[deed] for deed in deeds), sum(done[deed] > 1 for deed in set(deeds))),
        ("votes", len(voted), sum(not receipts[one] for one in voted.values()), over(receipts)),
        ("sign-ups", len(seats), sum(right.get(n) != number for n, number in seats.items()), over(numbers)),
    ]  # fmt: skip
    print("| what | acknowledged | lost | doubled |\n|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(f"surveys loaded: {sum(line[0] in ('changed', 'untouched') for line in loads.lines() if line)}; "
          f"counts that differ from a recount: {len(settled['wrong'])}; breaks of the ledger: {settled['breaks']}")  # fmt: skip
    print(f"killed: {sum(killed.values())}: {dict(killed)}")


def over(found: Counter[Any]) -> int:
    """Count what is there more than once."""
    return sum(count > 1 for count in found.values())


if __name__ == "__main__":
    words = sys.argv[1:]
    main(float(words[0]) if words else 10.0, int(words[1]) if len(words) > 1 else 1)
