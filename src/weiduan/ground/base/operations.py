"""Changes of tables that people go on writing to: nobody waits for them longer than a moment.

An ordinary index or check locks its table while every row is read. These read the rows beside the writing; on the embedded database,
which has one writer anyway, they are the ordinary ones. A migration with one of them has `atomic = False` and nothing else in it.
"""

from typing import Any

from django.db.migrations.operations import AddConstraint, AddIndex


class AddIndexBeside(AddIndex):
    """Adds an index while the table is written to; one left half done by a breakdown is made anew."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make the index, on PostgreSQL concurrently."""
        if schema_editor.connection.vendor != "postgresql":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
            schema_editor.add_index(model, self.index, concurrently=True)


class AddCheckBeside(AddConstraint):
    """Adds a check that holds for new rows at once, then reads the old ones without locking anybody out."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make the constraint, on PostgreSQL in two steps."""
        if schema_editor.connection.vendor != "postgresql":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            table, name = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(self.constraint.name)
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            schema_editor.execute(f"{self.constraint.create_sql(model, schema_editor)} NOT VALID")
            schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
