"""What every command needs first."""

import os
from datetime import date, datetime

import click
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from weiduan.ground.accounts.queries import local_day
from weiduan.systems.governance.categories.actions import ensure_categories

CONSOLE = "console"


def ready_database() -> None:
    """Bring the embedded database up to date; in production `weiduan migrate` is a step of its own."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        if connection.vendor != "sqlite" and not os.environ.get("WEIDUAN_MIGRATE"):
            raise click.ClickException(
                "数据库结构不是最新的，请先运行 weiduan migrate。 The database is not up to date: run “weiduan migrate”."
            )
        call_command("migrate", verbosity=0)
        ensure_categories(by=CONSOLE, at=now())


class Day(click.ParamType):
    """A day written 2018-10-31."""

    name = "date"

    def convert(self, value, param, ctx) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} 不是日期，请写成 2018-10-31 的样子 / not a date: write it as 2018-10-31", param, ctx)


DAY = Day()


def now() -> datetime:
    return timezone.now()


def today() -> date:
    return local_day(now())
