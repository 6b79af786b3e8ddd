"""A plan whose planner is killed goes on where it was, and is the same plan in the end."""

import json
import subprocess
import time
from contextlib import closing

from tests.faults.conftest import FIRST, modelled, with_divisions
from tests.faults.installation import WEIDUAN, Installation


def weiduan(installation: Installation, *words: object) -> str:
    done = subprocess.run([WEIDUAN, *map(str, words)], env=installation.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def plans(installation: Installation) -> dict[str, list]:
    """Return proposal → the villages planned for it, as told."""
    with closing(installation._connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT proposal_id, code, plan FROM proposals_villageplan ORDER BY code")
        found: dict[str, list] = {}
        for key, _code, plan in cursor.fetchall():
            found.setdefault(str(key).replace("-", ""), []).append(json.loads(plan) if isinstance(plan, str) else plan)
        return found


def test_killed_while_planning_it_is_taken_up_again_and_ends_the_same(tmp_path):
    small = modelled(
        "519901", 1, FIRST, units=26
    )  # of a village: long enough to be killed in, and proved within seconds
    installation = with_divisions(tmp_path / "home", [small])
    installation.run("load", installation.keep("first", small.rows), "519901000000", FIRST)
    asked = ("plan", "organise", "--area", "519901000000", "--on", FIRST, "--workers", 1, "--seconds", 2)
    weiduan(installation, *asked)
    [(_key, whole)] = plans(installation).items()

    process = subprocess.Popen(
        [WEIDUAN, *map(str, asked)], env=installation.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 120
    while len(plans(installation)) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.wait()
    [key] = [key for key, villages in plans(installation).items() if len(villages) < len(whole)] or [None]
    assert key, "the machine was faster than the kill"

    said = subprocess.run(
        [WEIDUAN, "plan", "resume", key], env=installation.environment, capture_output=True, text=True
    )
    assert said.returncode != 0  # somebody may still be at it
    silence(installation, key)
    weiduan(installation, "plan", "resume", key, "--seconds", 2)
    assert [(p["code"], p["digest"]) for p in plans(installation)[key]] == [(p["code"], p["digest"]) for p in whole]
    for resumed, before in zip(plans(installation)[key], whole, strict=True):
        assert not contradict(proved(resumed), proved(before))


def proved(plan: dict) -> dict[str, float]:
    """Return what is proved of the least change: that much no limit of time can alter."""
    return {level["name"]: level["value"] for level in plan["points"][0]["levels"] if level["status"] == "optimal"}


def contradict(one: dict[str, float], other: dict[str, float]) -> bool:
    return any(one[name] != other[name] for name in one.keys() & other.keys())


def silence(installation: Installation, key: str) -> None:
    """Let the last sign of life be an hour ago."""
    with closing(installation._connect()) as connection:
        connection.cursor().execute(
            "UPDATE proposals_proposal SET alive_at = '2018-01-01 00:00:00+00:00' WHERE state = 'planning'"
        )
        connection.commit()
