"""Two constraints Django lacks, the same on SQLite and PostgreSQL: NoOverlap and AppendOnly.

PostgreSQL has exclusion constraints and trigger functions; SQLite has triggers. Triggers are
written while the table is created, as deferred statements that know their table: Django's
SQLite editor alters a table by making it anew, and so writes them anew under the new one.

On PostgreSQL NoOverlap needs the extension btree_gist: BtreeGistExtension() comes first in the
migration of an app that uses it.

(`model` and `schema_editor` are Any: Django passes a model class and its editor, its stubs say they may be None.)
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, DateTimeField, Model, Q
from django.utils.translation import gettext_lazy as _


class TriggerConstraint(BaseConstraint):
    """A constraint kept by triggers, at least on SQLite.

    Subclasses say with `triggers` which statements make it, and in `trigger_names` what they are called.
    """

    trigger_names: ClassVar[tuple[str, ...]] = ()
    arguments: ClassVar[tuple[str, ...]] = ()

    def triggers(self, model: Any, schema_editor: Any) -> list[Statement]:
        """Return the statements that make the triggers, each knowing its table."""
        raise NotImplementedError

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Called while CREATE TABLE is written: nothing goes into it, the triggers follow it."""
        schema_editor.deferred_sql.extend(self.triggers(model, schema_editor))
        return None

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return one statement, as Django expects, and leave the others for the end of the migration."""
        first, *others = self.triggers(model, schema_editor)
        schema_editor.deferred_sql.extend(others)
        return first

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return the statement that drops the triggers (asked on PostgreSQL only; SQLite remakes the table)."""
        table = schema_editor.quote_name(model._meta.db_table)
        names = (schema_editor.quote_name(f"{self.name}_{event}") for event in self.trigger_names)
        return "; ".join(f"DROP TRIGGER {name} ON {table}" for name in names)

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {name: getattr(self, name) for name in self.arguments}

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TriggerConstraint):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as Django's own constraints


class NoOverlap(TriggerConstraint):
    """Rows that agree in all `equal` fields may not overlap in time.

    Times are half-open, [since, until); an empty `until` is open. A row whose time is empty
    (since = until) overlaps nothing, and an empty `equal` field agrees with nothing. That
    since <= until is for a CheckConstraint beside it.

    among  field → values: only rows whose field is one of them are kept apart; empty, all are
    unlike only rows that differ in these fields are kept apart: one account, two of these duties

    Give the table an index that begins with the `equal` fields: SQLite looks there at each write.
    """

    default_violation_error_message = _("There is already an entry for the same thing at that time.")
    trigger_names = ("on_insert", "on_update")
    arguments = ("equal", "since", "until")

    def __init__(
        self,
        *,
        name: str,
        equal: Iterable[str],
        since: str = "since",
        until: str = "until",
        among: Mapping[str, Iterable[str]] | None = None,
        unlike: Iterable[str] = (),
        violation_error_code: str | None = None,
        violation_error_message: Any = None,
    ) -> None:
        self.equal, self.since, self.until = tuple(equal), since, until
        self.among = {field: tuple(values) for field, values in (among or {}).items()}
        self.unlike = tuple(unlike)
        super().__init__(
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        more = {"among": self.among, "unlike": self.unlike}
        return path, args, kwargs | {name: value for name, value in more.items() if value}

    @property
    def looked_at(self) -> tuple[str, ...]:
        """Every field looked at, each once."""
        return tuple(dict.fromkeys((*self.equal, *self.among, *self.unlike, self.since, self.until)))

    def _check(self, model: Any, connection: Any) -> list[Any]:
        return self._check_references(model, {(field,) for field in self.looked_at})  # type: ignore[attr-defined]

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.vendor != "postgresql":
            return super().constraint_sql(model, schema_editor)
        column = _columns(model, schema_editor)
        kind = "tstzrange" if isinstance(model._meta.get_field(self.since), DateTimeField) else "daterange"
        pairs = [(field, "=") for field in self.equal] + [(field, "<>") for field in self.unlike]
        same = ", ".join(f"{column(field)} WITH {operator}" for field, operator in pairs)
        time = f"{kind}({column(self.since)}, {column(self.until)}, '[)') WITH &&"
        which = self._which(column, schema_editor)
        where = f" WHERE ({which})" if which else ""
        return f"CONSTRAINT {schema_editor.quote_name(self.name)} EXCLUDE USING gist ({same}, {time}){where}"

    def _which(self, column: Any, schema_editor: Any, row: str = "") -> str:
        """Say which rows it holds for; `row` is what their columns are read from ("NEW.")."""
        quoted = {field: ", ".join(map(schema_editor.quote_value, values)) for field, values in self.among.items()}
        return " AND ".join(f"{row}{column(field)} IN ({values})" for field, values in quoted.items())

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.vendor != "postgresql":
            return super().create_sql(model, schema_editor)
        return Statement(
            "ALTER TABLE %(table)s ADD %(constraint)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            constraint=self.constraint_sql(model, schema_editor),
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.vendor != "postgresql":
            return super().remove_sql(model, schema_editor)
        table, name = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(self.name)
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}"

    def triggers(self, model: Any, schema_editor: Any) -> list[Statement]:
        """SQLite: AFTER, since only then a new row has its key, and an upsert has become an update."""
        column = _columns(model, schema_editor)
        since, until, pk = column(self.since), column(self.until), column(model._meta.pk.name)
        which = [self._which(column, schema_editor, row) for row in ("NEW.", "other.") if self.among]
        pairs = [(field, "=") for field in self.equal] + [(field, "<>") for field in self.unlike]
        same = " AND ".join([*which, *(f"other.{column(field)} {sign} NEW.{column(field)}" for field, sign in pairs)])
        open_end = "'9999-12-31 24'"  # after every date and time as SQLite keeps them, as text
        watched = ", ".join(column(field) for field in self.looked_at)
        return [
            Statement(
                "CREATE TRIGGER %(name)s AFTER %(event)s ON %(table)s FOR EACH ROW "
                "WHEN EXISTS (SELECT 1 FROM %(table)s AS other WHERE %(overlap)s) "
                "BEGIN SELECT RAISE(ABORT, '%(message)s'); END",
                name=schema_editor.quote_name(f"{self.name}_{event_name}"),
                event=event,
                table=Table(model._meta.db_table, schema_editor.quote_name),
                overlap=(
                    f"{same} AND other.{pk} <> NEW.{pk}"
                    f" AND other.{since} < coalesce(NEW.{until}, {open_end})"
                    f" AND NEW.{since} < coalesce(other.{until}, {open_end})"
                    f" AND other.{since} < coalesce(other.{until}, {open_end})"
                    f" AND NEW.{since} < coalesce(NEW.{until}, {open_end})"
                ),
                message=self.name,
            )
            for event_name, event in zip(self.trigger_names, ("INSERT", f"UPDATE OF {watched}"), strict=True)
        ]

    def validate(self, model: Any, instance: Model, exclude: Any = None, using: str = DEFAULT_DB_ALIAS) -> None:
        """Refuse in a form what the database would refuse."""
        attributes = {name: getattr(instance, model._meta.get_field(name).attname) for name in self.looked_at}
        since, until = attributes[self.since], attributes[self.until]
        if set(self.looked_at) & set(exclude or ()) or any(
            attributes[name] is None for name in (*self.equal, self.since)
        ):
            return
        if until is not None and since >= until:
            return
        if any(attributes[field] not in values for field, values in self.among.items()):
            return
        others = model._default_manager.using(using).filter(**{name: attributes[name] for name in self.equal})
        others = others.filter(**{f"{field}__in": values for field, values in self.among.items()})
        for name in self.unlike:
            others = others.exclude(**{name: attributes[name]})
        if until is not None:
            others = others.filter(**{f"{self.since}__lt": until})
        others = others.filter(Q(**{f"{self.until}__isnull": True}) | Q(**{f"{self.until}__gt": since}))
        if others.exclude(pk=instance.pk).exists():
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)


class AppendOnly(TriggerConstraint):
    """Rows are added and never changed or removed: the database refuses UPDATE, DELETE and TRUNCATE."""

    default_violation_error_message = _("What was recorded can't be changed.")
    trigger_names = ("no_update", "no_delete", "no_truncate")

    def triggers(self, model: Any, schema_editor: Any) -> list[Statement]:
        table = Table(model._meta.db_table, schema_editor.quote_name)
        on_postgresql = schema_editor.connection.vendor == "postgresql"
        refuse = _REFUSE_POSTGRESQL if on_postgresql else _REFUSE_SQLITE
        made = [
            Statement(
                f"CREATE TRIGGER %(name)s BEFORE {event} ON %(table)s FOR EACH {each} {refuse}",
                name=schema_editor.quote_name(f"{self.name}_{event_name}"),
                table=table,
                message=self.name,
            )
            for event_name, event, each in zip(
                self.trigger_names, ("UPDATE", "DELETE", "TRUNCATE"), ("ROW", "ROW", "STATEMENT"), strict=True
            )
        ]
        return [Statement(_REFUSE_FUNCTION, table=table), *made] if on_postgresql else made[:2]  # no TRUNCATE in SQLite

    def validate(self, model: Any, instance: Model, exclude: Any = None, using: str = DEFAULT_DB_ALIAS) -> None:
        """Refuse in a form what the database would refuse."""
        if not instance._state.adding:
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)


_REFUSE_SQLITE = "BEGIN SELECT RAISE(ABORT, '%(message)s'); END"
_REFUSE_POSTGRESQL = "EXECUTE FUNCTION weiduan_refuse('%(message)s')"
# One function serves all tables, so it stays when a table goes. 23000: an integrity error to the caller.
_REFUSE_FUNCTION = (
    "CREATE OR REPLACE FUNCTION weiduan_refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$ "
    "BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = '23000'; END $refuse$"
)


def _columns(model: Any, schema_editor: Any) -> Any:
    """Return a function from field name to quoted column."""
    return lambda field: schema_editor.quote_name(model._meta.get_field(field).column)
