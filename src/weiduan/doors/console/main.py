"""The `weiduan` command: each subcommand turns a line of shell into one query or action."""

import os
import sys

import click

from .saying import say


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def weiduan() -> None:
    """微端：从真实居住的基本单元做起 / govern and serve people unit by unit.

    数据放在 WEIDUAN_HOME（默认 ./var）/ data lives in WEIDUAN_HOME (default ./var).
    """


def main() -> None:
    """Run the command; a refusal is a sentence, not a traceback, and so is Ctrl-C at any moment."""
    try:
        _run()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\n已停下，数据保持原样。 Stopped; the data is as it was.", err=True)
        sys.exit(130)


def _run() -> None:
    """Set Django up first: commands import models."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weiduan.config.settings.embedded")
    import django

    django.setup()
    from django.utils import translation

    from weiduan.ground.base.errors import Refused

    translation.activate("en" if os.environ.get("WEIDUAN_LANG", "zh").startswith("en") else "zh-hans")
    _register()
    try:
        weiduan(standalone_mode=False)
    except Refused as refusal:
        say(f"✗ {refusal.message}", err=True)
        sys.exit(1)


def _register() -> None:
    """Commands import models, so they are read once Django is up."""
    from . import (
        backups,
        ballots,
        bookings,
        clock,
        coverage,
        demo,
        insight,
        keys,
        ledger,
        meetings,
        members,
        migrating,
        organisations,
        people,
        plan,
        posts,
        remind,
        reports,
        rules,
        serve,
        streets,
        survey,
        territory,
        venues,
    )

    for module in (
        demo,
        serve,
        migrating,
        clock,
        survey,
        coverage,
        plan,
        territory,
        ledger,
        backups,
        keys,
        insight,
        people,
        remind,
        rules,
        organisations,
        meetings,
        members,
        posts,
        ballots,
        bookings,
        reports,
        venues,
        streets,
    ):
        for command in module.COMMANDS:
            weiduan.add_command(command)
