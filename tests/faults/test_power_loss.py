"""Power is cut, and all that wasn't synced is gone: what was acknowledged is there, with its words, its contact and its photos."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.faults.installation import ON_POSTGRESQL, Installation, finish, new_installation
from tests.faults.powerloss import Power
from tests.faults.test_backups import job

TELEPHONE, TOLD = "13812345678", 30
pytestmark = [
    pytest.mark.skipif(ON_POSTGRESQL, reason="the embedded database; PostgreSQL syncs by itself (fsync=on)"),
    pytest.mark.skipif(shutil.which("gcc") is None, reason="the disk that forgets is a little C"),
]


@pytest.fixture
def prepared(tmp_path) -> Installation:
    installation = new_installation(tmp_path / "home")
    finish(job(installation, "village"))
    return installation


def after_a_cut(installation: Installation, place: Path, *how: str) -> list[str]:
    """Tell reports, cut the power, start again on what is left; return what is wrong with those that were acknowledged."""
    power = Power(installation.home, place)
    at_risk = Installation(installation.home, installation.environment | power.environment)
    writer = job(at_risk, "tell_with_photos", *how)
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _report in range(TOLD)]
    writer.kill()
    writer.communicate()
    power.cut(place / "left")
    left = Installation(place / "left", installation.environment | {"WEIDUAN_HOME": str(place / "left")})
    found = json.loads(finish(job(left, "whole"))[-1])
    wrong = [n for n in acknowledged if found["reports"].get(hash_of(n)) != ["消防通道被车堵了", TELEPHONE, [True]]]
    return wrong + ["ledger"] * found["breaks"]


def hash_of(number: str) -> str:
    return hashlib.sha256(f"{int(number):032x}".encode()).hexdigest()


def test_after_a_power_cut_all_that_was_acknowledged_is_there_with_words_contact_and_photos(prepared, tmp_path):
    (tmp_path / "full").mkdir()
    assert after_a_cut(prepared, tmp_path / "full", "FULL") == []


def test_the_control_files_that_are_not_synced_are_lost(prepared, tmp_path):
    (tmp_path / "plain").mkdir()
    assert len(after_a_cut(prepared, tmp_path / "plain", "FULL", "as Django keeps them")) >= TOLD // 2


def test_the_control_a_database_that_syncs_later_loses_what_was_acknowledged(prepared, tmp_path):
    (tmp_path / "normal").mkdir()
    wrong = after_a_cut(prepared, tmp_path / "normal", "NORMAL")
    print(f"{len(wrong)} of {TOLD} lost")
    assert len(wrong) >= TOLD // 2
