"""Several writers at once, and what they were told is written."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import psycopg

from tests.faults.installation import ROOT


class Writers:
    """So many processes that write through the product's database layer into servers of which one takes writes."""

    def __init__(self, folder: Path, host: str, port: str, password: str = "trusted", number: int = 3) -> None:
        self.folder, self.number = folder, number
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "weiduan.config.settings.production", "WEIDUAN_SECRET_KEY": "s" * 64,
            "WEIDUAN_SEALED_KEYS": json.dumps({"k1": "11" * 32}), "WEIDUAN_SEALED_KEY_IN_USE": "k1",
            "WEIDUAN_SEALED_INDEX_KEY": "22" * 32, "WEIDUAN_HOSTS": "localhost", "WEIDUAN_DB_NAME": "postgres",
            "WEIDUAN_DB_USER": "postgres", "WEIDUAN_DB_PASSWORD": password, "WEIDUAN_DB_HOST": host, "WEIDUAN_DB_PORT": port,
            "WEIDUAN_HOME": str(folder), "WEIDUAN_DB_POOL": "4",
        }  # fmt: skip
        self.processes: list[subprocess.Popen[bytes]] = []

    def begin(self) -> None:
        """Lay the table and let all of them write."""
        subprocess.run(
            [sys.executable, "-m", "tests.faults.writing", "table"], env=self.environment, cwd=ROOT, check=True
        )
        for writer in range(self.number):
            command = [sys.executable, "-u", "-m", "tests.faults.writing", str(writer)]
            with self._lines(writer).open("wb") as out:
                self.processes.append(
                    subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=out, stderr=subprocess.DEVNULL)
                )

    def _lines(self, writer: int) -> Path:
        return self.folder / f"writer-{writer}"

    def acknowledged(self) -> dict[tuple[int, int], float]:
        """Return (writer, n) → when it was acknowledged; a line cut off says nothing."""
        lines = {writer: self._lines(writer).read_text().split("\n")[:-1] for writer in range(self.number)}
        return {
            (writer, int(line.split()[0])): float(line.split()[1]) for writer, said in lines.items() for line in said
        }

    def longest_silence_s(self) -> float:
        """Return how long nobody was told that anything is written, at most."""
        times = sorted(self.acknowledged().values())
        return max((after - before for before, after in pairwise(times)), default=0.0)

    def end(self) -> None:
        """Stop all of them."""
        for process in self.processes:
            process.kill()
            process.wait()


def lost(acknowledged: dict[tuple[int, int], float], address: str) -> list[tuple[int, int]]:
    """Return what was acknowledged and isn't there."""
    with psycopg.connect(address) as raw:
        there = set(raw.execute("SELECT writer, n FROM told").fetchall())
    return sorted(set(acknowledged) - there)
