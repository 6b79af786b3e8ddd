"""kill -9 among those who sign up: what was acknowledged is kept, nobody is there twice, numbers have no gap, no place too many."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.faults.installation import ROOT, Installation, finish, new_installation

PEOPLE, SEATS, WAITING, KILLS = 240, 60, 120, 2
EARLY = 170  # those among whom the kills come: fewer than there are places, whoever of both is faster


def started(installation: Installation, *words: object) -> subprocess.Popen:
    command = [sys.executable, "-u", "-m", "tests.faults.signing_up", *map(str, words)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment, **pipes)


def begun(installation: Installation, key: str, people: int) -> list[subprocess.Popen]:
    """Start two who sign up half of the people each; both begin in one moment."""
    both = [started(installation, "come", key, half, 2, people) for half in (0, 1)]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("begin\n")
        process.stdin.flush()
    return both


def killed_after(lines: int, process: subprocess.Popen) -> list[str]:
    """Kill a process once it acknowledged so many; return all it acknowledged before it was dead."""
    first = "".join(process.stdout.readline() for _line in range(lines))
    process.kill()
    return (first + process.stdout.read()).splitlines()


def told(lines: list[str]) -> dict[int, tuple[str, str]]:
    return {int(n): (state, number) for n, state, number in (line.split() for line in lines if line.count(" ") == 2)}


def check(kept: dict) -> None:
    """What must hold whenever one looks."""
    assert kept["counters"] == kept["counted"] and kept["breaks"] == 0
    numbers = [number for _n, _state, number in kept["rows"]]
    assert numbers == list(range(1, len(numbers) + 1)) and len({n for n, _s, _nr in kept["rows"]}) == len(numbers)
    states = [state for _n, state, _number in kept["rows"]]
    assert states == (["seated"] * SEATS + ["waiting"] * WAITING)[: len(states)]
    assert kept["readable"] == kept["sealed"]  # the key of each was whole on the disk before its row was


def test_killed_again_and_again_whoever_was_told_a_number_has_it(tmp_path):
    installation = new_installation(tmp_path / "home")
    key = finish(started(installation, "prepare", SEATS, WAITING))[-1]
    acknowledged: dict[int, tuple[str, str]] = {}
    for kill in range(KILLS):
        both = begun(installation, key, EARLY)
        with ThreadPoolExecutor(2) as pool:  # each by itself, for one may long wait for the other
            said = list(pool.map(partial(killed_after, 3 + 10 * kill), both))
        for lines in said:
            for n, answer in told(lines).items():
                assert acknowledged.setdefault(n, answer) == answer  # told again, it is the same number
    assert 0 < len(acknowledged) < EARLY, "the kills came before the first or after the last"
    kept = json.loads(finish(started(installation, "state", key, PEOPLE))[-1])
    check(kept)
    rows = {n: (state, str(number)) for n, state, number in kept["rows"]}
    assert {n: rows.get(n) for n in acknowledged} == acknowledged
    assert len(rows) - len(acknowledged) <= 2 * KILLS  # in, but killed before the answer went out

    lines = [process.communicate()[0].splitlines() for process in begun(installation, key, PEOPLE)]
    answers = told([line for each in lines for line in each])
    kept = json.loads(finish(started(installation, "state", key, PEOPLE))[-1])
    check(kept)
    assert len(kept["rows"]) == SEATS + WAITING
    assert sum(state == "full" for state, _number in answers.values()) == PEOPLE - SEATS - WAITING
    assert {n: answers[n] for n in acknowledged} == acknowledged

    finish(started(installation, "lose", key))  # the control: a row taken away behind the application's back is seen
    with pytest.raises(AssertionError):
        check(json.loads(finish(started(installation, "state", key, PEOPLE))[-1]))
