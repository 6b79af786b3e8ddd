"""Backups: of one moment while others write, whole or not there, restored to the row; what was erased stays erased."""

import hashlib
import json
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.installation import ON_POSTGRESQL, ROOT, Installation, finish, new_installation
from tests.postgresql import programs
from weiduan.ground.backups import archive, chest
from weiduan.systems.governance.reports.grams import grams_of

SESSION = b"session-key-of-somebody-signed-in"
TELEPHONE, WORDS = "13812345678", "王某某在楼道堆放纸箱"


def job(installation: Installation, *words: str) -> subprocess.Popen:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, "-u", "-m", "tests.faults.backing", *words]
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment, **pipes)


def weiduan(installation: Installation, *words: object, fails: bool = False) -> str:
    command = [sys.executable, "-m", "weiduan", *map(str, words)]
    done = subprocess.run(command, env=installation.environment, cwd=ROOT, capture_output=True, text=True)
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def seen(installation: Installation) -> dict[str, Any]:
    return json.loads(finish(job(installation, "seen"))[-1])


def beside(installation: Installation, home: Path) -> Installation:
    """Return an empty place for another installation with the same keys in its environment."""
    home.mkdir()
    own = {"WEIDUAN_HOME": str(home)}
    if ON_POSTGRESQL:
        old = installation.environment
        own["WEIDUAN_DB_NAME"] = f"{old['WEIDUAN_DB_NAME']}_{secrets.token_hex(4)}"
        with psycopg.connect(
            f"host={old['WEIDUAN_DB_HOST']} port={old['WEIDUAN_DB_PORT']} user=postgres", autocommit=True
        ) as one:
            one.execute(f"CREATE DATABASE {own['WEIDUAN_DB_NAME']} TEMPLATE template0")  # type: ignore[call-overload]
    return Installation(home, installation.environment | own)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Installation:
    """One installation for all of these; what changes it stands last."""
    folder = tmp_path_factory.mktemp("prepared")
    installation = new_installation(folder / "home")
    finish(job(installation, "prepare"))
    weiduan(installation, "backup-key", folder / "private.pem")
    return installation


def private_of(prepared: Installation) -> Path:
    return prepared.home.with_name("private.pem")


def test_a_drill_finds_everything_again_and_would_see_what_is_missing(prepared, tmp_path):
    command = [sys.executable, "-m", "tests.faults.drilling", str(tmp_path / "drill")]
    done = subprocess.run(command, env=prepared.environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["nothing"] == [] and found["files"] == 3 and found["rows"] > 500
    assert found["row changed"] == ["accounts_user: 1 → 1"] and found["row gone"] == ["accounts_user: 1 → 0"]
    assert any(line.endswith("missing") for line in found["ledger cut"])
    assert any(line.startswith("ledger_entry: ") for line in found["ledger cut"])
    assert any(line.startswith("ledger: ") and "链" in line for line in found["ledger cut"])


def test_neither_what_words_are_found_by_nor_who_is_signed_in_is_in_a_backup(prepared, tmp_path):
    weiduan(prepared, "backup", tmp_path / "backups")
    assert prepared.count("django_session") == 1 and prepared.count("governance_searchwords") == 3
    [made] = (tmp_path / "backups").iterdir()
    (tmp_path / "out").mkdir()
    archive.unpack(made, tmp_path / "out", chest.read_private(private_of(prepared)))
    raw = (tmp_path / "out/database").read_bytes()
    if ON_POSTGRESQL:
        raw = subprocess.run(
            [programs() / "pg_restore", "-f", "-", tmp_path / "out/database"], capture_output=True, check=True
        ).stdout
    with_them = prepared.all_bytes()
    traces = [gram.encode() for gram in grams_of(WORDS).split()[:3]] + [SESSION]
    assert [trace in with_them for trace in traces] == [True] * 4
    assert [trace in raw for trace in traces] == [False] * 4
    assert not any("case-keys" in path.as_posix() for path in (tmp_path / "out").rglob("*"))


def test_a_backup_under_way_is_killed_and_leaves_nothing_that_passes_for_one(prepared, tmp_path):
    folder, private = tmp_path / "backups", private_of(prepared)
    command = [sys.executable, "-m", "weiduan", "backup", str(folder)]
    begun = time.monotonic()
    weiduan(prepared, "backup", folder)
    lasts, whole = time.monotonic() - begun, set(folder.glob("*.chest"))
    for part in (0.8, 0.9, 1.0):
        process = subprocess.Popen(
            command, env=prepared.environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(lasts * part)
        process.send_signal(signal.SIGKILL)
        process.wait()
    for made in folder.glob("*.chest"):
        apart = beside(prepared, tmp_path / f"k{made.stem[-8:-1]}") if made not in whole else None
        if apart is not None:  # killed when it was through
            weiduan(apart, "restore", made, "--key", private)
    weiduan(prepared, "backup", folder)
    assert not list(folder.glob(".*")) and not (prepared.home / ".backups").exists()


def test_a_living_installation_is_not_overwritten_and_a_damaged_backup_changes_nothing(prepared, tmp_path):
    folder, key = tmp_path / "backups", ("--key", private_of(prepared))
    weiduan(prepared, "backup", folder)
    before = prepared.content()
    weiduan(prepared, "restore", folder, *key, fails=True)
    assert prepared.content() == before
    [archive] = folder.iterdir()
    spoilt = archive.read_bytes()
    archive.write_bytes(spoilt[: len(spoilt) // 2])
    apart = beside(prepared, tmp_path / "apart")
    weiduan(apart, "restore", folder, *key, fails=True)
    assert not (apart.home / "weiduan.sqlite3").exists() and not (apart.home / "files").exists()


def hash_of(number: str) -> str:
    return hashlib.sha256(f"{int(number):032x}".encode()).hexdigest()


def test_what_was_erased_after_the_backup_is_erased_again_after_it_came_back(prepared, tmp_path):
    folder, key = tmp_path / "backups", ("--key", private_of(prepared))
    weiduan(prepared, "backup-keys", folder)
    weiduan(prepared, "backup", folder)
    finish(job(prepared, "erase"))
    weiduan(prepared, "backup-keys", tmp_path / "later")

    # All is lost but the copies; the newest copy of the keys knows what was erased, the backup and the older copy don't.
    anew = beside(prepared, tmp_path / "anew")
    weiduan(anew, "restore-keys", folder, *key)
    weiduan(anew, "restore-keys", tmp_path / "later", *key)
    weiduan(anew, "restore", folder, *key)
    assert seen(anew) == {
        "words": ["", WORDS, WORDS], "contacts": ["", "", TELEPHONE], "pictures": 2, "found": 2, "volunteers": 0, "sign_up": [],
        "wish": [], "bookings": 0, "reports": 3,
    }  # fmt: skip

    # The control: without the list all of it is back.
    naive = beside(prepared, tmp_path / "naive")
    weiduan(naive, "restore-keys", folder, *key)
    weiduan(naive, "restore", folder, *key)
    assert seen(naive) == {
        "words": [WORDS] * 3, "contacts": [TELEPHONE] * 3, "pictures": 3, "found": 3, "volunteers": 1, "sign_up": [TELEPHONE],
        "wish": [TELEPHONE], "bookings": 1, "reports": 3,
    }  # fmt: skip


def test_taken_while_others_write_it_holds_everything_acknowledged_before(prepared, tmp_path):
    writer = job(prepared, "tell", "100")
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().split()[0] for _report in range(5)]
    weiduan(prepared, "backup", tmp_path / "backups")
    writer.kill()
    later = [line.split()[0] for line in writer.stdout.read().split("\n")[:-1]]
    apart = beside(prepared, tmp_path / "apart")
    weiduan(apart, "restore", tmp_path / "backups", "--key", private_of(prepared))
    there = set(json.loads(finish(job(apart, "kept"))[-1]))

    assert {hash_of(n) for n in acknowledged} <= there
    assert len(later) > 3 and hash_of(later[-1]) not in there
