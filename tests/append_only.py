"""What a superuser of the database can do: lift the append-only triggers, and put them back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from weiduan.ground.base.constraints import AppendOnly


@contextmanager
def lifted(connection: BaseDatabaseWrapper, *models: type[Model]) -> Iterator[None]:
    """Let rows of `models` (all, when none is given) be changed and removed while the block runs."""
    editor = connection.schema_editor(collect_sql=True)  # only writes the statements down, never runs them
    statements = []
    for model in models or apps.get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, AppendOnly):
                statements.append((model, constraint, [str(sql) for sql in constraint.triggers(model, editor)]))
    with connection.cursor() as cursor:
        for model, constraint, _made in statements:
            for event in constraint.trigger_names:
                on_table = f' ON "{model._meta.db_table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f'DROP TRIGGER IF EXISTS "{constraint.name}_{event}"{on_table}')
        try:
            yield
        finally:
            for sql in (sql for _model, _constraint, made in statements for sql in made):
                cursor.execute(sql)
