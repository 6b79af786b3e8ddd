"""Whatever is killed while reports come in: each that was acknowledged is there once and whole, and each message has one effect."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults.clusters import Cluster, children, descendants
from tests.faults.installation import ON_POSTGRESQL, ROOT, WEIDUAN, Installation, finish, new_installation
from tests.faults.residents import Gateway, Residents, Told
from tests.postgresql import _free_port

RESIDENTS = 4
WITH_DATABASE = ("one web process", "backend", "worker", "all", "database", "staff", "backend")
KILLS = WITH_DATABASE if ON_POSTGRESQL else ("one web process", "worker", "all", "worker", "staff", "all")
BETWEEN_S = 1.0
TOLD_OF = {"accept", "answer"}


@dataclass
class Running:
    """The server with its worker, staff at work, and on PostgreSQL the database: all that may be killed."""

    installation: Installation
    port: int
    cluster: Cluster | None
    log: Path
    lines: list[Path] = field(default_factory=list)

    def start_web(self) -> None:
        """Start the server, which starts its worker; whether it answers yet is not waited for."""
        with self.log.open("ab") as out:
            self.web = subprocess.Popen(
                [WEIDUAN, "serve", "--port", str(self.port), "--workers", "2"], env=self.installation.environment, cwd=ROOT,
                stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def start_staff(self) -> None:
        """Let staff accept and answer whatever comes; what they were told is done is kept."""
        self.lines.append(self.log.with_name(f"staff-{len(self.lines)}"))
        with self.lines[-1].open("wb") as out:
            self.staff = job(self.installation, "handle", stdout=out)

    def kill(self, what: str) -> None:
        """Kill something with -9, and start again what nobody else would."""
        if what == "all":
            self.kill_web()
            self.start_web()
        elif what in ("worker", "one web process"):
            gone(self._child(b"\0worker\0" if what == "worker" else b"\0serve\0"))
        elif what == "staff":
            self.staff.kill()
            self.staff.wait()
            self.start_staff()
        elif self.cluster is not None and what == "backend":
            self.cluster.kill_backend()
        elif self.cluster is not None:
            self.cluster.kill()
            self.cluster.start()

    def _child(self, wanted: bytes) -> int:
        """Return a process the server started; one just killed is soon there again."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            for child in children(self.web.pid):
                if wanted in command_of(child):
                    return child
            time.sleep(0.05)
        raise AssertionError(f"{wanted!r} was not started again:\n{self.log.read_text(errors='replace')[-2000:]}")

    def kill_web(self) -> None:
        for process in [self.web.pid, *descendants(self.web.pid)]:
            gone(process)
        self.web.wait()

    def stop(self) -> None:
        """Kill what still runs, for good."""
        self.staff.kill()
        self.staff.wait()
        self.kill_web()

    def done_by_staff(self) -> list[tuple[str, str]]:
        """Return (key of the report, what) of each deed that staff were told is done; a line cut off says nothing."""
        said = [line.split() for path in self.lines for line in path.read_text().split("\n")[:-1]]
        return [(key, what) for key, what in said]


def gone(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def command_of(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def job(installation: Installation, *words: str, **pipes: Any) -> subprocess.Popen:
    own = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE if "stdout" not in pipes else subprocess.DEVNULL}
    command = [sys.executable, "-m", "tests.faults.telling", *words]
    return subprocess.Popen(command, cwd=ROOT, env=installation.environment, text=True, **(own | pipes))


def state(installation: Installation) -> dict[str, Any]:
    return json.loads(finish(job(installation, "state"))[-1])


def receipt_hash(told: Told) -> str:
    return hashlib.sha256(told.receipt.encode()).hexdigest()


def wrongs(
    told: list[Told], deeds: list[tuple[str, str]], kept: dict[str, Any], effects: dict[str, dict[str, str]]
) -> list[str]:  # fmt: skip
    """Say what is lost, doubled or half-made: compared with what residents and staff were told is done."""
    by_hash: dict[str, list[dict[str, Any]]] = {}
    for row in kept["reports"]:
        by_hash.setdefault(row["hash"], []).append(row)
    found = [f"{one.text}: there {len(by_hash.get(receipt_hash(one), []))} times" for one in told
             if len(by_hash.get(receipt_hash(one), [])) != 1]  # fmt: skip
    for one in told:
        for row in by_hash.get(receipt_hash(one), []):
            if (row["text"], row["contact"], row["photos"]) != (one.text, one.contact, [True] * one.photos):
                found.append(f"{one.text}: not as it was told: {row}")
    if not len(told) == len(kept["reports"]) == kept["told_in_ledger"]:
        found.append(f"{len(told)} told, {len(kept['reports'])} kept, {kept['told_in_ledger']} in the ledger")
    found += [f"half-made: {row}" for row in kept["reports"] if not (row["is_found"] and row["in_ledger"])]
    done = [(row["key"], what) for row in kept["reports"] for what, _notice in row["steps"]]
    found += [f"{deed}: there {done.count(deed)} times" for deed in set(deeds) if done.count(deed) != 1]
    found += [f"the ledger breaks at {kept['breaks']} places"] if kept["breaks"] else []
    return found + _wrong_messages(kept, effects)


def _wrong_messages(kept: dict[str, Any], effects: dict[str, dict[str, str]]) -> list[str]:
    found, known = [], set()
    for row in kept["reports"]:
        for what, notice in row["steps"]:
            if bool(notice) != (what in TOLD_OF and bool(row["contact"])):
                found.append(f"{row['number']} {what}: told {notice}")
            if notice:
                key, ended = notice
                known.add(key)
                message = effects.get(key, {"to": "", "text": ""})
                if ended != "sent" or message["to"] != row["contact"] or row["number"] not in message["text"]:
                    found.append(f"{row['number']} {what}: {ended}, {message}")
    return found + [f"sent without a notice: {key}" for key in effects.keys() - known]


@pytest.fixture
def running(tmp_path):
    cluster = Cluster() if ON_POSTGRESQL else None
    gateway = Gateway()
    try:
        installation = new_installation(tmp_path / "home", cluster and cluster.address)
        installation.environment |= {
            "WEIDUAN_SMS_URL": gateway.url, "WEIDUAN_CLOCK_SECONDS": "0.3", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
        }  # fmt: skip
        finish(job(installation, "prepare"))
        running = Running(installation, _free_port(), cluster, tmp_path / "log")
        running.start_web()
        running.start_staff()
        try:
            yield running, gateway
        finally:
            running.stop()
    finally:
        gateway.close()
        if cluster is not None:
            cluster.stop()


def test_killed_at_any_moment_nothing_acknowledged_is_lost_doubled_or_half_made(running):
    parts, gateway = running
    residents = Residents(parts.port)
    residents.begin(RESIDENTS)
    while not residents.told:
        time.sleep(0.05)
    for what in KILLS:
        time.sleep(BETWEEN_S)
        parts.kill(what)
    time.sleep(2 * BETWEEN_S)
    residents.end(within_s=30)
    parts.stop()

    assert finish(job(parts.installation, "settle"))[-1] == "0"
    kept, deeds = state(parts.installation), parts.done_by_staff()
    assert wrongs(residents.told, deeds, kept, gateway.effects) == []
    print(f"{len(residents.told)} told in {residents.tries} tries, {len(deeds)} deeds, {len(gateway.effects)} messages in "
          f"{gateway.attempts} attempts, {len(KILLS)} kills")  # fmt: skip
    assert len(residents.told) > 20 and gateway.attempts > len(gateway.effects) > 10
    sees_what_is_lost(parts.installation, residents.told, deeds, kept, gateway.effects)


def sees_what_is_lost(installation: Installation, told: list[Told], deeds: Any, kept: Any, effects: Any) -> None:
    """The comparison would have seen it: one report, one message, one deed lost, one report there twice."""
    doubled = deepcopy(kept)
    doubled["reports"].append(kept["reports"][0])
    fewer = dict(list(effects.items())[1:])
    assert wrongs(told, deeds, doubled, effects) and wrongs(told, deeds, kept, fewer)
    assert wrongs(told, [*deeds, (kept["reports"][0]["key"], "pause")], kept, effects)
    finish(job(installation, "lose", receipt_hash(told[0])))
    assert f"{told[0].text}: there 0 times" in wrongs(told, deeds, state(installation), effects)
