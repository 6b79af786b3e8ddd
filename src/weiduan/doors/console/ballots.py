"""weiduan ballot"""

import json
from pathlib import Path

import click

from .saying import say


@click.group()
def ballot() -> None:
    """表决 / votes"""


@ballot.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--receipt", default="", help="自己的回执（64 位）/ one's own receipt")
@click.option("--root", default="", help="公示栏上的根值（64 位）/ the root that was put up")
def verify(file: Path, receipt: str, root: str) -> None:
    """核对公布的表决文件：根值、票数、结果、自己的票 / check a published ballot: root, sums, outcome, one's own vote.

    只用这一个文件，不连数据库 / with nothing but the file.
    """
    from weiduan.systems.governance.ballots.verifying import faults_of

    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise click.ClickException("这不是公布的表决文件。 This is no published ballot.") from error
    faults = faults_of(told, receipt=receipt.strip().lower(), root=root.strip().lower())
    for fault in faults:
        say(f"✗ {fault}")
    if faults:
        raise SystemExit(1)
    click.echo(
        f"✓ {len(told['votes'])} 票，根值 {told['root']}，票数与结果核对无误。 Votes, root, sums and outcome hold."
    )


COMMANDS = [ballot]
