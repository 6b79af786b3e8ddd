"""A PostgreSQL server of a test's own, that can be killed and started again; what it acknowledged is on the disk (fsync)."""

import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests import postgresql


class Cluster:
    """One server; `address` is what Django's settings call HOST, PORT and USER."""

    def __init__(self, conf: str = "") -> None:
        """Start one; `conf` is added to its configuration."""
        self.folder = Path(tempfile.mkdtemp(prefix="weiduan-pg-"))  # not pytest's, which only its own user can enter
        self.programs = postgresql.programs()
        self.address = {"HOST": "127.0.0.1", "PORT": str(postgresql._free_port()), "USER": "postgres"}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        postgresql._run(
            self.programs / "initdb", "-D", self.folder / "data", "-U", "postgres", "--auth=trust", "--locale=C.UTF-8",
            "--encoding=UTF8", "-N",
        )  # fmt: skip
        self._configure(conf)
        self.start()

    def _configure(self, conf: str) -> None:
        with (self.folder / "data/postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(conf)

    def start(self) -> None:
        """Start it, as often as it takes: what is left of one just killed must have ended first."""
        options = f"-p {self.address['PORT']} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        for _try in range(20):
            with suppress(RuntimeError):
                postgresql._run(
                    self.programs / "pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start"
                )  # fmt: skip
                return
            time.sleep(0.2)
        raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])

    @property
    def postmaster(self) -> int:
        """Number of the process that all others of the server come from."""
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def kill_backend(self) -> None:
        """Kill a process that works for a connection; the server throws all others off and recovers."""
        for _try in range(100):  # none is there while the server recovers
            with suppress(OSError):
                for backend in children(self.postmaster):
                    if b"postgres: postgres faults_" in Path(f"/proc/{backend}/cmdline").read_bytes():
                        os.kill(backend, signal.SIGKILL)
                        return
            time.sleep(0.05)
        raise RuntimeError("Nobody is connected.")

    def kill(self) -> None:
        """Kill the server, the first process first."""
        known = [self.postmaster, *children(self.postmaster)]
        for process in known:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def stop(self) -> None:
        """Stop it for good, and take its folder away."""
        with suppress(RuntimeError, OSError):
            postgresql._run(self.programs / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def children(process: int) -> list[int]:
    """Return the processes that a process started and that are still there."""
    with suppress(OSError):
        tasks = [*Path(f"/proc/{process}/task").iterdir()]
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def descendants(process: int) -> list[int]:
    """Return all that stem from a process, nearest first."""
    own = children(process)
    return [*own, *(below for child in own for below in descendants(child))]
