"""A whole installation for the stories: its own folder, a small demo, the server and its worker as people run them."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg

from .active import keys_of_activities
from .matters import told_matter
from .meetings import keys_of_meetings
from .neighbours import keys_of_neighbours
from .places import found_place
from .projects import keys_of_projects
from .self_governed import keys_of_self_government

ROOT = Path(__file__).resolve().parents[2]
SCALE = "0.05"  # two units a village, all 124 villages
PLANNED = "510113001000"
DATABASE = f"stories_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}"


@dataclass(frozen=True)
class Served:
    """Where it answers, who may sign in, and what `weiduan coverage` says of it."""

    url: str
    passwords: dict[str, str]
    coverage: dict
    env: dict[str, str]  # what its processes are started with

    def gap(self, reason: str) -> dict:
        """Return a unit that is not covered for this reason."""
        return next(gap for gap in self.coverage["gaps"] if gap["reason"] == reason)


def environment(home: Path) -> dict[str, str]:
    """Return what the server's processes need to know; on PostgreSQL make their database."""
    own = {
        "WEIDUAN_TEST_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tests.stories.settings", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "WEIDUAN_STORIES_DATABASE": DATABASE, "WEIDUAN_MIGRATE": "yes",
    }  # fmt: skip
    if os.environ.get("WEIDUAN_TEST_DATABASE") == "postgresql":
        where = f"host=127.0.0.1 port={os.environ['WEIDUAN_TEST_PORT']} user=weiduan dbname=postgres"
        with psycopg.connect(where, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
            server.execute(f"CREATE DATABASE {DATABASE}")
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
    return inherited | own  # the server is no worker: its home is the one given


def weiduan(env: dict[str, str], *words: str) -> str:
    """Run a command of the installation to its end; return what it prints."""
    command = [sys.executable, "-m", "weiduan", *words]
    return subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def set_up(home: Path) -> tuple[dict[str, str], dict, dict[str, str]]:
    """Load the demo; return the environment, its coverage, and the passwords of its accounts."""
    env = environment(home)
    weiduan(env, "demo", "--scale", SCALE)
    planned = weiduan(env, "plan", "organise", "--area", PLANNED).split()[1]
    rooms = weiduan(env, "plan", "venues", "--area", PLANNED).split()[1]
    accounts = json.loads((home / "demo-accounts.json").read_text(encoding="utf-8"))
    coverage = json.loads(weiduan(env, "coverage", "--format", "json"))
    return (
        env,
        coverage
        | {
            "proposal": planned,
            "rooms": rooms,
            "venue": found_place(env),
            "matter": told_matter(env),
            "governed": keys_of_activities(env)
            | keys_of_self_government(env)
            | keys_of_projects(env)
            | keys_of_neighbours(env)
            | keys_of_meetings(env),
        },
        {account["username"]: account["password"] for account in accounts},
    )


def serve(env: dict[str, str], port: int, log: Path) -> subprocess.Popen:
    """Start the server and wait until it answers."""
    command = [sys.executable, "-m", "weiduan", "serve", "--port", str(port), "--workers", "1"]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=env, cwd=ROOT, stdout=out, stderr=out)
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return server
        except OSError:
            time.sleep(0.2)
    server.terminate()
    raise RuntimeError(f"The server did not answer:\n{log.read_text(errors='replace')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
