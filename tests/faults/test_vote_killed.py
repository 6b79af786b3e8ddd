"""kill -9 among voters and during the count: every acknowledged vote is counted once, and nobody has two."""

import json
import subprocess
import sys
import time

from tests.faults.installation import ROOT, Installation, finish, new_installation

VOTERS, KILLS = 600, 2


def started(installation: Installation, *words: object) -> subprocess.Popen:
    command = [sys.executable, "-u", "-m", "tests.faults.voting", *map(str, words)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment, **pipes)


def test_killed_again_and_again_every_acknowledged_vote_is_counted_once(tmp_path):
    installation = new_installation(tmp_path / "home")
    told = json.loads(finish(started(installation, "prepare", VOTERS))[-1])
    key, codes = told["key"], told["codes"]
    acknowledged: dict[str, str] = {}
    for kill in range(KILLS):
        half = [started(installation, "vote", key, *codes[start::2]) for start in (0, 1)]
        for process in half:
            assert process.stdout.readline() == "ready\n"
        for process in half:  # both begin in one moment, so neither is done before the other has begun
            process.stdin.write("begin\n")
            process.stdin.flush()
        first = [process.stdout.readline() for process in half]
        time.sleep(0.02 + 0.03 * kill)  # each time a little later in the vote
        for process in half:
            process.kill()
        for process, line in zip(half, first, strict=True):
            for each in (line + process.stdout.read()).splitlines():
                code, receipt = each.split()
                assert acknowledged.setdefault(code, receipt) == receipt
    assert 0 < len(acknowledged) < VOTERS, "the kills came before the first vote or after the last"

    cut_off = started(installation, "count", key)
    cut_off.stdout.readline()
    time.sleep(0.02)
    cut_off.kill()
    cut_off.communicate()
    counted = json.loads(finish(started(installation, "count", key))[-1])

    receipts = counted["receipts"]
    assert len(set(receipts)) == len(receipts) and set(acknowledged.values()) <= set(receipts)
    assert len(receipts) - len(acknowledged) <= 2 * KILLS  # in, but killed before the answer went out
    assert counted["breaks"] == 0
