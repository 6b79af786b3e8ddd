"""Three PostgreSQL servers under Patroni and etcd, made of the very files that deploy/three hands out."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from string import Template

from tests import postgresql
from tests.faults.clusters import descendants
from tests.faults.installation import ROOT

FILES, PASSWORD = ROOT / "deploy/three", "a-password-of-the-tests"


class Trio:
    """Three servers; `synchronous` false is the control."""

    def __init__(self, *, synchronous: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="weiduan-trio-"))
        self.folder.chmod(0o755)
        self.names = ["one", "two", "three"]
        free = iter(sorted({postgresql._free_port() for _n in range(40)}))
        self.ports = {
            name: {word: next(free) for word in ("PORT", "REST", "ETCD_CLIENT", "ETCD_PEER")} for name in self.names
        }
        self.synchronous = synchronous
        self.etcd = [self._start("etcd", name) for name in self.names]
        self.patroni: dict[str, subprocess.Popen[bytes]] = {}
        for name in self.names:
            self.start(name)

    @property
    def hosts(self) -> str:
        """All hosts, as WEIDUAN_DB_HOST names them."""
        return ",".join(["127.0.0.1"] * 3)

    @property
    def port_list(self) -> str:
        """The port of each, as WEIDUAN_DB_PORT names them."""
        return ",".join(str(self.ports[name]["PORT"]) for name in self.names)

    def _words(self, name: str) -> dict[str, object]:
        return self.ports[name] | {
            "NAME": name, "HOST": "127.0.0.1", "FOLDER": self.folder / name, "NETWORK": "127.0.0.1/32",
            "BIN": postgresql.programs(), "SYNCHRONOUS": str(self.synchronous).lower(), "SUPERUSER_PASSWORD": PASSWORD,
            "REPLICATION_PASSWORD": PASSWORD, "REWIND_PASSWORD": PASSWORD,
            "ETCD_CLUSTER": ",".join(f"{each}=http://127.0.0.1:{own['ETCD_PEER']}" for each, own in self.ports.items()),
            "ETCD_HOSTS": json.dumps([f"127.0.0.1:{own['ETCD_CLIENT']}" for own in self.ports.values()]),
        }  # fmt: skip

    def _start(self, program: str, name: str) -> subprocess.Popen[bytes]:
        place = self.folder / name
        place.mkdir(exist_ok=True)
        config = place / f"{program}.yml"
        config.write_text(Template((FILES / config.name).read_text()).substitute(self._words(name)))
        command = {"etcd": ["etcd", "--config-file", str(config)], "patroni": ["patroni", str(config)]}[program]
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        if os.geteuid() == 0:
            for path in (place, config):
                shutil.chown(path, "postgres")
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        with (place / f"{program}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd="/tmp", stdout=log, stderr=log, env=environment, start_new_session=True
            )

    def start(self, name: str) -> None:
        """Start a server, or start it again after it was killed."""
        self.patroni[name] = self._start("patroni", name)

    def members(self) -> dict[str, tuple[str, str]]:
        """Return name → role and state, as any of the three knows it."""
        for name in self.names:
            with (
                suppress(OSError, ValueError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]['REST']}/cluster", timeout=2) as answer,
            ):
                return {one["name"]: (one["role"], one["state"]) for one in json.load(answer)["members"]}
        return {}

    def leader(self) -> str | None:
        """Return which server takes writes."""
        return next(
            (name for name, (role, state) in self.members().items() if role == "leader" and state == "running"), None
        )

    def wait(self, within_s: float = 90) -> str:
        """Wait until one takes writes and the two others follow it; return the first."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            roles = sorted(role for role, state in self.members().values() if state in ("running", "streaming"))
            wanted = ["leader", "replica", "sync_standby"] if self.synchronous else ["leader", "replica", "replica"]
            if roles == wanted and (leader := self.leader()):
                return leader
            time.sleep(0.5)
        raise RuntimeError(
            f"{self.members()}: " + (self.folder / "one/patroni.log").read_text(errors="replace")[-1500:]
        )

    def kill(self, name: str) -> None:
        """Kill a whole machine's worth with -9: what watches over the server, and the server with all its processes."""
        found = [self.patroni[name].pid, *descendants(self.patroni[name].pid)]
        with suppress(OSError):
            server = int((self.folder / name / "data/postmaster.pid").read_text().split()[0])
            found += [server, *descendants(server)]
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.patroni[name].wait()

    def freeze(self, name: str, how: signal.Signals) -> None:
        """Let what a server receives wait (SIGSTOP) or go on (SIGCONT)."""
        server = int((self.folder / name / "data/postmaster.pid").read_text().split()[0])
        for process in descendants(server):
            with suppress(OSError):
                if b"walreceiver" in Path(f"/proc/{process}/cmdline").read_bytes():
                    os.kill(process, how)

    def address(self, name: str) -> str:
        """Return how psycopg reaches one of them."""
        return f"host=127.0.0.1 port={self.ports[name]['PORT']} user=postgres password={PASSWORD} dbname=postgres connect_timeout=3"

    def stop(self) -> None:
        """Kill all, and take the folder away."""
        for name in self.names:
            if name in self.patroni:
                self.kill(name)
        for process in self.etcd:
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
