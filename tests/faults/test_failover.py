"""The database server is lost: the other one takes over, and what was acknowledged is on it. The long form is benchmarks/failover.py."""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests import postgresql
from tests.faults.clusters import Cluster, descendants
from tests.faults.installation import ON_POSTGRESQL
from tests.faults.writers import Writers, lost

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="the embedded database is a file")


class Second(Cluster):
    """A server that follows another, and can take its place."""

    def __init__(self, first: Cluster) -> None:
        self.folder = Path(str(first.folder) + "-second")
        self.folder.mkdir()
        self.programs, self.address = first.programs, first.address | {"PORT": str(postgresql._free_port())}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        where = f"host=127.0.0.1 port={first.address['PORT']} user=postgres application_name=second"
        postgresql._run(
            self.programs / "pg_basebackup", "-D", self.folder / "data", "-R", "--checkpoint=fast", "-d", where
        )
        self.start()

    def receiver(self, how: signal.Signals) -> None:
        """Let what it receives wait (SIGSTOP) or go on (SIGCONT)."""
        for process in descendants(self.postmaster):
            with suppress(OSError):
                if b"walreceiver" in Path(f"/proc/{process}/cmdline").read_bytes():
                    os.kill(process, how)

    def promote(self) -> None:
        """Take writes from now on."""
        postgresql._run(self.programs / "pg_ctl", "-D", self.folder / "data", "-W", "promote")


@pytest.mark.parametrize("synchronous", [True, False], ids=["synchronous", "the control: it isn't waited for"])
def test_of_what_was_acknowledged_nothing_is_lost_when_the_other_server_takes_over(tmp_path, synchronous):
    first = Cluster("max_wal_senders = 4\nwal_level = replica\n")
    second = writers = None
    try:
        second = Second(first)
        if synchronous:
            with psycopg.connect(at(first), autocommit=True) as raw:
                raw.execute("ALTER SYSTEM SET synchronous_standby_names = 'second'")
                raw.execute("SELECT pg_reload_conf()")
        ports = f"{first.address['PORT']},{second.address['PORT']}"
        writers = Writers(tmp_path, "127.0.0.1,127.0.0.1", ports, number=2)
        writers.begin()
        wait_for(lambda: len(writers.acknowledged()) > 100)
        second.receiver(signal.SIGSTOP)  # it lags behind, as over a slow line
        time.sleep(1)
        first.kill()
        lost_at = time.time()
        second.promote()
        second.receiver(signal.SIGCONT)  # what lay on the wire is gone with it
        wait_for(lambda: max(writers.acknowledged().values()) > lost_at + 0.3)
        writers.end()
        missing = lost(writers.acknowledged(), at(second))
        print(
            f"{len(writers.acknowledged())} acknowledged, {len(missing)} lost, silent for {writers.longest_silence_s():.1f} s"
        )
        assert bool(missing) != synchronous
        assert writers.longest_silence_s() < 30
    finally:
        if writers is not None:
            writers.end()
        for server in (first, second):
            if server is not None:
                server.stop()


def at(server: Cluster) -> str:
    return f"host=127.0.0.1 port={server.address['PORT']} user=postgres dbname=postgres"


def wait_for(happens, within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.1)
