"""A new version is installed while the old one runs: no change of a table locks people out or breaks the code still running."""

from collections.abc import Iterator

import pytest
from django.contrib.postgres.operations import NotInTransactionMixin
from django.db import models
from django.db.migrations import operations as plain
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from weiduan.ground.base.operations import AddCheckBeside, AddIndexBeside

# What was there before anybody had an installation to bring up to date: app → the last such migration.
FIRST_RELEASE = {
    "accounts": 8, "governance": 9, "holds": 1, "insight": 2, "ledger": 2, "organisation": 5, "proposals": 3, "reminders": 1, "rulebook": 1,
    "services": 4, "signs": 1, "survey": 1, "territory": 1, "venues": 9,
}  # fmt: skip
GENTLE = (AddIndexBeside, AddCheckBeside, NotInTransactionMixin)
HARMLESS = (
    plain.AlterModelOptions,
    plain.AlterModelManagers,
    plain.CreateModel,
    plain.RemoveConstraint,
    plain.RemoveIndex,
)


def flaws(migration: Migration) -> Iterator[str]:
    """Yield what would lock people out, or break the version that still runs."""
    new = {operation.name.lower() for operation in migration.operations if isinstance(operation, plain.CreateModel)}
    for operation in migration.operations:
        model = getattr(operation, "model_name", getattr(operation, "name", "")).lower()
        if model not in new and not isinstance(operation, HARMLESS):
            yield from (f"{operation.describe()}: {flaw}" for flaw in _judge(operation)(migration, operation))


def _judge(operation):
    return next((judge for kinds, judge in JUDGES.items() if isinstance(operation, kinds)), _unknown)


def _gentle(migration, operation):
    if migration.atomic or len(migration.operations) > 1:
        yield "needs a migration of its own with atomic = False"


def _new_field(migration, operation):
    field = operation.field
    if not field.null and field.db_default is models.NOT_PROVIDED and not field.many_to_many:
        yield "the version still running can't fill it; give it null or db_default"
    if (field.unique or field.db_index) and not field.null:
        yield "makes an index under a lock; add it without, then AddIndexBeside"


def _changed_field(migration, operation):
    if not getattr(migration, "same_column", False):
        yield "may write every row anew; if only words change, say same_column = True"


def _locking(migration, operation):
    yield "locks the table; use AddIndexBeside or AddCheckBeside"


def _removed(migration, operation):
    if not getattr(migration, "unused_since", ""):
        yield "the version still running reads it; name the version that stopped (unused_since)"


def _program(migration, operation):
    if migration.atomic and not getattr(migration, "few_rows", False):
        yield "holds its locks to the end; go by batches with atomic = False, or say few_rows = True"


def _unknown(migration, operation):
    yield "nobody has judged this kind of change"


# The first that fits judges.
JUDGES = {
    GENTLE: _gentle,
    (plain.AddField,): _new_field,
    (plain.AlterField,): _changed_field,
    (plain.AddIndex, plain.AddConstraint): _locking,
    (plain.RemoveField, plain.DeleteModel): _removed,
    (plain.RunPython,): _program,
}


def _ours() -> list[Migration]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return [one for (app, _name), one in loader.disk_migrations.items() if app in FIRST_RELEASE]


def test_no_migration_since_the_first_release_locks_people_out():
    later = [one for one in _ours() if int(one.name[:4]) > FIRST_RELEASE[one.app_label]]
    assert {f"{one}: {flaw}" for one in later for flaw in flaws(one)} == set()


def _migration(*operations, **marks):
    return type("Migration", (Migration,), {"operations": operations, **marks})("0099_x", "governance")


INDEX = models.Index(name="x", fields=["state"])
CHECK = models.CheckConstraint(name="x", condition=models.Q(state="a"))


@pytest.mark.parametrize("operation, marks, words", [
    (plain.AddIndex("report", INDEX), {}, "AddIndexBeside"), (plain.AddConstraint("report", CHECK), {}, "AddCheckBeside"),
    (AddIndexBeside("report", INDEX), {}, "atomic = False"), (plain.RemoveField("report", "state"), {}, "unused_since"),
    (plain.DeleteModel("report"), {}, "unused_since"), (plain.RenameField("report", "state", "way"), {}, "nobody has judged"),
    (plain.RenameModel("report", "matter"), {}, "nobody has judged"), (plain.RunSQL("LOCK TABLE x"), {}, "nobody has judged"),
    (plain.AddField("report", "x", models.CharField(max_length=3)), {}, "db_default"), (plain.RunPython(print), {}, "batches"),
    (plain.AlterField("report", "state", models.TextField()), {}, "same_column"),
    (plain.AddField("report", "x", models.CharField(max_length=3, db_default="", unique=True)), {}, "under a lock"),
])  # fmt: skip
def test_a_change_that_locks_or_breaks_is_found(operation, marks, words):
    assert any(words in flaw for flaw in flaws(_migration(operation, **marks)))


@pytest.mark.parametrize("operation, marks", [
    (AddIndexBeside("report", INDEX), {"atomic": False}), (AddCheckBeside("report", CHECK), {"atomic": False}),
    (plain.AddField("report", "x", models.CharField(max_length=3, null=True)), {}),
    (plain.AddField("report", "x", models.CharField(max_length=3, db_default="")), {}),
    (plain.RemoveField("report", "state"), {"unused_since": "1.2"}),
    (plain.CreateModel("x", [("id", models.BigAutoField(primary_key=True))]), {}),
])  # fmt: skip
def test_a_gentle_change_passes(operation, marks):
    assert list(flaws(_migration(operation, **marks))) == []
