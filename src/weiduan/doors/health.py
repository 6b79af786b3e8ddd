"""Whether every part this installation needs is there: for monitors, and for the banner people see when one is away."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from weiduan.ground.base.room import has_room

BEATS_EVERY_S = 10
AWAY_AFTER_S = 60  # six beats missed
LOOKED_AT_FOR_S = 5.0  # what pages show is this old at most


class State(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"  # people can do everything, some of it happens later
    DOWN = "down"


@dataclass(frozen=True)
class Part:
    """One part: how it is, and how much it matters when it is not."""

    name: str
    look: Callable[[], bool]
    without: State


def beat() -> None:
    """Note that the worker is alive."""
    path = _beat_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def worker_is_here() -> bool:
    """Tell whether the worker has given a sign of life lately; where there never was one, nothing waits for it."""
    age = beat_age_s()
    return age is None or age < AWAY_AFTER_S


def beat_age_s() -> float | None:
    """Return the seconds since the worker's last sign of life; None where there never was one."""
    try:
        return max(0.0, time.time() - _beat_path().stat().st_mtime)
    except OSError:
        return None


def disk_used() -> float:
    """Return which part of the disk that holds the files is used, 0 to 1."""
    usage = shutil.disk_usage(settings.HOME)
    return 1 - usage.free / usage.total if usage.total else 1.0


def _database_is_here() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except Error:
        return False


def _is_up_to_date() -> bool:
    """Tell whether every migration of this version was run; a database that is away is another part's matter."""
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return True


PARTS = (
    Part("database", _database_is_here, State.DOWN),
    Part("migrations", _is_up_to_date, State.DOWN),
    Part("worker", worker_is_here, State.DEGRADED),
    Part("disk", has_room, State.DEGRADED),
)


def looked_at() -> dict[str, State]:
    """Look at every part now: name → how it is."""
    return {part.name: State.OK if part.look() else part.without for part in PARTS}


def worst(states: dict[str, State]) -> State:
    """Return how the whole is."""
    return max(states.values(), key=list(State).index)


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer that this process answers and reaches its database; a supervisor may restart it otherwise."""
    if not _database_is_here():
        return HttpResponse("database away\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer part by part; 503 where requests had better go to another node."""
    states = looked_at()
    said = {"state": worst(states), "parts": states}
    return JsonResponse(said, status=503 if worst(states) is State.DOWN else 200)


_held: dict[str, Any] = {"at": 0.0, "missing": ()}


def missing_now() -> tuple[str, ...]:
    """Return the parts people should know are away; asked on every page, so looked at every few seconds only.

    Without the database there is no page to show it on; doors/outages.py answers then.
    """
    if time.monotonic() - _held["at"] > LOOKED_AT_FOR_S:
        watched = [part for part in PARTS if part.without is State.DEGRADED]
        _held["missing"] = tuple(part.name for part in watched if not part.look())
        _held["at"] = time.monotonic()
    missing: tuple[str, ...] = _held["missing"]
    return missing


def sentences() -> list[str]:
    """Return what a banner says about the parts that are away."""
    said = {
        "worker": _("Some things happen later just now: messages, plans and surveys wait. What you send is kept."),
        "disk": _("There is little room left just now, so photos can't be taken in. Text can."),
    }
    return [said[name] for name in missing_now()]


def _beat_path() -> Path:
    home: Path = settings.HOME
    return home / "worker.beat"
