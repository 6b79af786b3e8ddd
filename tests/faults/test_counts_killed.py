"""kill -9 of whoever writes and of whoever counts, again and again: the counts still equal a recount of everything."""

import json
import subprocess
import sys

from tests.faults.installation import ROOT, Installation, finish, new_installation

KILLS, EACH = 2, 12


def started(installation: Installation, *words: object) -> subprocess.Popen:
    command = [sys.executable, "-u", "-m", "tests.faults.counting", *map(str, words)]
    return subprocess.Popen(
        command, cwd=ROOT, env=installation.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def lines_of(process: subprocess.Popen, wanted: int) -> list[str]:
    """Read so many lines, kill the process, and return all it had printed."""
    first = [process.stdout.readline() for _n in range(wanted)]
    process.kill()
    return [*first, *process.stdout.read().splitlines()]


def test_killed_while_telling_and_while_counting_the_figures_are_right(tmp_path):
    installation = new_installation(tmp_path / "home")
    finish(started(installation, "prepare"))
    counted = 0
    for kill in range(KILLS):
        worker, counter = started(installation, "work", 100 * kill, 100 * kill + 99), started(installation, "count")
        lines_of(worker, EACH + kill)
        counted += len(lines_of(counter, 3 + 4 * kill))
    assert counted >= 5 * KILLS
    kept = json.loads(finish(started(installation, "state"))[-1])
    assert kept["wrong"] == [] and kept["reports"] >= KILLS * EACH and kept["read"] > kept["reports"]

    finish(started(installation, "spoil"))  # the control: a count that is wrong is seen
    assert json.loads(finish(started(installation, "state"))[-1])["wrong"]
