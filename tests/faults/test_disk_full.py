"""The disk of the database is full: what can't be kept is refused whole, all can be read, and with room again all goes on.

The embedded database is shown in tests/doors/test_outages.py, where its file may not grow; here PostgreSQL's files lie on a small disk.
"""

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.faults.clusters import Cluster
from tests.faults.installation import ON_POSTGRESQL, finish, new_installation
from tests.faults.test_backups import job

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL or os.geteuid() != 0, reason="only root makes a small disk")


@contextmanager
def a_small_disk(megabytes: int) -> Iterator[Path]:
    """Make a disk of so many megabytes that PostgreSQL may use."""
    place = Path(tempfile.mkdtemp(prefix="weiduan-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", place]).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        shutil.chown(place, "postgres")
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
        place.rmdir()


@pytest.fixture
def cluster():
    """A server of its own: whatever others did on one whose disk is full could fail for that."""
    own = Cluster()
    yield own
    own.stop()


def test_what_can_not_be_kept_is_refused_whole_and_with_room_again_all_goes_on(tmp_path, cluster):
    installation = new_installation(tmp_path / "home", cluster.address)
    finish(job(installation, "village"))
    name, own = f"small_{secrets.token_hex(4)}", installation.environment
    server = f"host={own['WEIDUAN_DB_HOST']} port={own['WEIDUAN_DB_PORT']} user={own['WEIDUAN_DB_USER']}"
    with a_small_disk(64) as disk, psycopg.connect(f"{server} dbname=postgres", autocommit=True) as raw:
        raw.execute(f"CREATE TABLESPACE {name} LOCATION '{disk}'")
        raw.execute(f"CREATE DATABASE {name} TEMPLATE {own['WEIDUAN_DB_NAME']} TABLESPACE {name}")
        try:
            leave_little(f"{server} dbname={name}", disk)
            own["WEIDUAN_DB_NAME"] = name
            found = json.loads(finish(job(installation, "fill"))[-1])
        finally:
            raw.execute(f"DROP DATABASE {name} WITH (FORCE)")
            raw.execute(f"DROP TABLESPACE {name}")
    assert found["said"] == "DiskFull" and found["breaks"] == 0
    assert found["rows"] == [found["kept"]] * 3 and found["now"] == found["kept"] + 1
    print(found)


def leave_little(address: str, disk: Path) -> None:
    """Fill a disk with a table that can be dropped, up to two megabytes."""
    with psycopg.connect(address, autocommit=True) as raw:
        raw.execute("CREATE TABLE filler (content text)")
        raw.execute("ALTER TABLE filler ALTER content SET STORAGE PLAIN")
        while shutil.disk_usage(disk).free > 2_000_000:
            raw.execute("INSERT INTO filler SELECT repeat('x', 7000) FROM generate_series(1, 60)")
