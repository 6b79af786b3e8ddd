"""Keys change under load, and are killed in the middle of it: everything stays readable, nothing written meanwhile is lost."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.installation import ON_POSTGRESQL, ROOT, Installation, finish, new_installation

PERSONS, KILLS = 4_000, 3


def job(installation: Installation, *words: str, **pipes: Any) -> subprocess.Popen:
    own = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-u", "-m", "tests.faults.rotating", *words]
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment, text=True, **(own | pipes))


@contextmanager
def at_work(installation: Installation, folder: Path) -> Iterator[None]:
    """Let one write and one read all the time; neither may fall over."""
    with (folder / "writes").open("w") as writes, (folder / "reads").open("w") as reads:
        both = [job(installation, "write", stdout=writes), job(installation, "read", stdout=reads)]
        try:
            while not ((folder / "writes").stat().st_size and (folder / "reads").stat().st_size):
                time.sleep(0.05)
            yield
            assert [process.poll() for process in both] == [None, None]
        finally:
            for process in both:
                process.kill()
                process.wait()


def test_killed_again_and_again_beside_writers_every_row_is_readable_and_the_old_key_can_go(tmp_path):
    installation = new_installation(tmp_path / "home")
    finish(job(installation, "prepare", str(PERSONS)))
    if ON_POSTGRESQL:  # the first two of the steps of docs/deploy.md: the new key everywhere, then in use
        both = json.dumps({"k1": "11" * 32, "k2": "22" * 32})
        installation.environment |= {"WEIDUAN_SEALED_KEYS": both, "WEIDUAN_SEALED_KEY_IN_USE": "k2"}
    seen = []
    with at_work(installation, tmp_path):
        for kill in range(KILLS):
            new_key = ["new-key"] if kill == 0 and not ON_POSTGRESQL else []
            rotation = job(installation, "rotate", *new_key)
            assert rotation.stdout is not None
            seen.append(rotation.stdout.readline().strip())
            for _batch in range(1 + kill):
                rotation.stdout.readline()
            rotation.kill()
            rotation.wait()
    assert seen[-1] == "k1 k2"  # it was killed in the middle indeed

    found = json.loads(finish(job(installation, "finish"))[-1])
    assert found["keys"] == {"k2": 2 * PERSONS} and found["installed"] == (["k1", "k2"] if ON_POSTGRESQL else ["k2"])
    assert all(found["rows"][f"P{n}"][0] == f"张{n}" for n in range(PERSONS))
    last = dict(line.split() for line in (tmp_path / "writes").read_text().split("\n")[:-1])
    unanswered = [number for number, (_name, contact) in found["rows"].items() if contact != last.get(number, "0")]
    assert len(last) > 20 and len(unanswered) <= 1  # the one whose answer was cut off
    counts = (tmp_path / "reads").read_text().split("\n")[:-1]
    assert counts and set(counts) == {str(PERSONS)}  # at every moment everybody could be read
