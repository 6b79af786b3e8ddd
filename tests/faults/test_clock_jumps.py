"""The clock of the machine jumps by a day, forth and back, while residents tell: nothing is lost, doubled, or out of order."""

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from tests.faults.installation import finish, new_installation
from tests.faults.residents import Residents
from tests.faults.test_away import Site
from tests.faults.test_reports_killed import job

DAY, EACH = 86_400, 6
FOUND = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
pytestmark = pytest.mark.skipif(not FOUND, reason="faketime is not installed")


def test_nothing_is_lost_or_doubled_and_every_deadline_is_right_whatever_the_clock_says(tmp_path):
    installation = new_installation(tmp_path / "home")
    finish(job(installation, "prepare"))
    clock = tmp_path / "clock"

    def jump(seconds: int) -> None:
        draft = clock.with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n")
        os.replace(draft, clock)

    jump(0)
    plain = dict(installation.environment)
    installation.environment |= {
        "LD_PRELOAD": str(FOUND[-1]), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "WEIDUAN_CLOCK_SECONDS": "1",
    }  # fmt: skip
    site = Site(installation, tmp_path / "log")
    residents = Residents(site.port)
    try:
        site.wait_for(200, within_s=90)
        residents.begin(3)
        for seconds in (0, DAY, -DAY, 40 * DAY, 0):
            jump(seconds)
            wanted, until = len(residents.told) + EACH, time.monotonic() + 60
            while len(residents.told) < wanted:
                assert time.monotonic() < until, f"nobody is answered once the clock is {seconds:+d} s"
                time.sleep(0.1)
        residents.end(within_s=30)
    finally:
        site.stop()

    installation.environment = plain
    found = json.loads(finish(job(installation, "state"))[-1])
    assert found["breaks"] == 0  # its order is that of writing, not of the clock
    by_hash = {row["hash"]: row for row in found["reports"]}
    assert len(by_hash) == len(found["reports"]) == len(residents.told) == found["told_in_ledger"]
    for one in residents.told:
        assert by_hash[hashlib.sha256(one.receipt.encode()).hexdigest()]["text"] == one.text
    days = {row["told_at"][:10] for row in found["reports"]}
    assert len(days) >= 4  # the clock did jump, there and back
    assert all(row["due_is_right"] for row in found["reports"])
