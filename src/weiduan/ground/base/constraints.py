"""Constraints Django lacks: NoOverlap and AppendOnly, the same on SQLite and PostgreSQL, and OnlyInScope, on PostgreSQL alone.

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


class OnlyInScope(TriggerConstraint):
    """Rows are given out only to whoever works where they lie, as the connection says (`scope.py`); without a limit all are.

    areas    paths to an `Area`: one that ever lay in the limit is enough, and one of several paths
    through  foreign keys: the row is given out where the row it points to is

    It guards what is read, changed and removed; what may be added, actions ask. Nothing on SQLite.
    """

    arguments = ("areas", "through")

    def __init__(self, *, name: str, areas: Iterable[str] = (), through: Iterable[str] = ()) -> None:
        self.areas, self.through = tuple(areas), tuple(through)
        super().__init__(name=name)

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        return super().constraint_sql(model, schema_editor) if schema_editor.connection.vendor == "postgresql" else None

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        return super().create_sql(model, schema_editor) if schema_editor.connection.vendor == "postgresql" else None

    def triggers(self, model: Any, schema_editor: Any) -> list[Statement]:
        quote = schema_editor.quote_name
        table = Table(model._meta.db_table, quote)
        shown = [_reaches_area(model, path, quote) for path in self.areas]
        shown += [_reaches_row(model, field, quote) for field in self.through]
        return [
            Statement("ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY", table=table),
            Statement("ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY", table=table),
            Statement(
                "CREATE POLICY %(name)s ON %(table)s USING (%(shown)s) WITH CHECK (true)",
                name=quote(self.name), table=table, shown=" OR ".join([_NO_LIMIT, *shown]),
            ),
        ]  # fmt: skip

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        table = schema_editor.quote_name(model._meta.db_table)
        drop = f"DROP POLICY {schema_editor.quote_name(self.name)} ON {table}"
        return (
            f"{drop}; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        )

    def validate(self, model: Any, instance: Model, exclude: Any = None, using: str = DEFAULT_DB_ALIAS) -> None:
        """Nothing a form could get wrong."""


# In parentheses of its own, so that it is asked once a query and not once a row.
_NO_LIMIT = "(SELECT coalesce(current_setting('weiduan.scope', true), '') = '')"
_IN_LIMIT = "v.code ^@ ANY (string_to_array(current_setting('weiduan.scope', true), ','))"


def _reaches_area(model: Any, path: str, quote: Any) -> str:
    """Return the condition that a row of `model` leads to an area which lies, or ever lay, in the limit."""
    here, meta, joins = quote(model._meta.db_table), model._meta, []
    *steps, last = path.split("__")
    for number, step in enumerate(steps):
        field, there = meta.get_field(step), f"t{number}"
        target = field.related_model._meta
        forwards = not field.auto_created
        own, other = (field.column, target.pk.column) if forwards else (meta.pk.column, field.field.column)
        joins.append((f"{quote(target.db_table)} {there}", f"{there}.{quote(other)} = {here}.{quote(own)}"))
        here, meta = there, target
    joins.append(('"territory_areaversion" v', f"v.area_id = {here}.{quote(meta.get_field(last).column)}"))
    tables, conditions = ", ".join(table for table, _on in joins), " AND ".join(on for _table, on in joins)
    return f"EXISTS (SELECT 1 FROM {tables} WHERE {conditions} AND {_IN_LIMIT})"


def _reaches_row(model: Any, field: str, quote: Any) -> str:
    """Return the condition that the row a foreign key points to is given out."""
    key = model._meta.get_field(field)
    target = key.related_model._meta
    mine = f"{quote(model._meta.db_table)}.{quote(key.column)}"
    return f"EXISTS (SELECT 1 FROM {quote(target.db_table)} t WHERE t.{quote(target.pk.column)} = {mine})"


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
