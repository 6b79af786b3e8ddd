"""What migrating.py does within an installation: one change of the table of steps, as a migration would make it."""

import time
from typing import Any

from django.db import connection, models
from django.db.migrations.operations import AddConstraint, AddField, AddIndex
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Q

APP, MODEL = "governance", "step"


def change(name: str) -> float:
    """Make it, waiting for a lock no longer than `weiduan migrate` does; return the seconds it took, tries and all."""
    from weiduan.doors.console import migrating

    if name == "nothing":
        time.sleep(10)
        return 0.0
    operation = _operations()[name]
    before = _state()
    after = before.clone()
    operation.state_forwards(APP, after)

    def make(*_words: Any, **_more: Any) -> None:
        with connection.schema_editor(atomic=getattr(operation, "atomic", True)) as editor:
            operation.database_forwards(APP, editor, before, after)

    began = time.perf_counter()
    migrating.call_command = make
    migrating.migrate_beside()
    return time.perf_counter() - began


def _operations() -> dict[str, Operation]:
    from weiduan.ground.base.operations import AddCheckBeside, AddIndexBeside

    def index(name: str) -> models.Index:
        return models.Index(name=name, fields=["what", "at"])

    def check(name: str) -> models.CheckConstraint:
        return models.CheckConstraint(name=name, condition=~Q(what=""))

    return {
        "a column": AddField(MODEL, "measured", models.TextField(null=True)),
        "an index beside": AddIndexBeside(MODEL, index("measured_beside")),
        "a check beside": AddCheckBeside(MODEL, check("measured_check_beside")),
        "an index": AddIndex(MODEL, index("measured_plainly")),
        "a check": AddConstraint(MODEL, check("measured_check_plainly")),
    }


def _state() -> ProjectState:
    from django.db.migrations.loader import MigrationLoader

    return MigrationLoader(connection).project_state()
