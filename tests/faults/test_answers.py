"""Forty clicks on one transfer, from four processes at once: exactly one takes effect."""

import subprocess
import sys

from tests.faults.installation import ROOT, Installation, finish, new_installation


def started(installation: Installation, *words: object) -> subprocess.Popen:
    command = [sys.executable, "-u", "-m", "tests.faults.answering", *map(str, words)]
    return subprocess.Popen(
        command, cwd=ROOT, env=installation.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_of_forty_clicks_to_accept_or_return_a_transfer_exactly_one_takes_effect(tmp_path):
    installation = new_installation(tmp_path / "home")
    [key] = finish(started(installation, "prepare"))
    before = installation.count("ledger_entry")

    said = " ".join(finish(p)[-1] for p in [started(installation, "answer", key, 10) for _process in range(4)]).split()

    assert len(said) == 40
    assert said.count("refused") == 39
    assert installation.count("ledger_entry") == before + 1
    installation.run("verify")
