"""What the child processes of these tests do; started as `python -m tests.faults.working JOB …`."""

import pickle
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from weiduan.ground.ledger.actions import record  # noqa: E402
from weiduan.ground.ledger.models import Chain  # noqa: E402
from weiduan.ground.ledger.queries import breaks  # noqa: E402
from weiduan.ground.territory.actions import found_divisions  # noqa: E402
from weiduan.outlook.survey.actions import load_survey  # noqa: E402


def migrate() -> None:
    """Lay the tables."""
    call_command("migrate", verbosity=0)


def found(file: str, on: str) -> None:
    """Lay divisions."""
    rows = pickle.loads(Path(file).read_bytes())
    found_divisions(rows, edition="2018", on=date.fromisoformat(on), by="test", at=timezone.now())


def load(file: str, area: str, on: str) -> None:
    """Load survey rows; print the moment of each step, and at the end whether anything had changed."""
    rows = pickle.loads(Path(file).read_bytes())
    print("begun")
    diff = load_survey(
        rows, area=area, on=date.fromisoformat(on), by="test", at=timezone.now(), sha256=Path(file).name,
        progress=lambda share, what: print(time.time()),
    )  # fmt: skip
    print("untouched" if diff.is_empty else "changed")


def note(threads: str, times: str) -> None:
    """Record in the ledger from several threads at once, each so many times; print how often it was done."""

    def often(thread: int) -> int:
        try:
            for _time in range(int(times)):
                with transaction.atomic():
                    record(what="test.noted", about=Chain(number=thread), by="test", at=timezone.now())
            return int(times)
        finally:
            connection.close()

    print("begun")
    with ThreadPoolExecutor(int(threads)) as pool:
        print(sum(pool.map(often, range(int(threads)))))


def verify() -> None:
    """Check the ledger."""
    assert list(breaks()) == []


if __name__ == "__main__":
    jobs: dict[str, Callable[..., None]] = {
        "migrate": migrate, "found": found, "load": load, "note": note, "verify": verify,
    }  # fmt: skip
    jobs[sys.argv[1]](*sys.argv[2:])
