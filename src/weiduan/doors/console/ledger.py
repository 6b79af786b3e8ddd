"""weiduan ledger"""

import json
import sys
from pathlib import Path

import click

from weiduan.ground.ledger.queries import anchor as heads
from weiduan.ground.ledger.queries import breaks, count_entries, read_anchor

from .setting_up import now, ready_database


@click.group()
def ledger() -> None:
    """台账：核对与留证 / check the ledger, anchor it outside."""


@ledger.command()
@click.option(
    "--anchor", "file", type=click.Path(path_type=Path), default=None, help="此前留下的锚 / an anchor kept elsewhere"
)
def verify(file: Path | None) -> None:
    """逐条核对；有改动、删除、截断就列出 / find every edit, deletion and cut."""
    ready_database()
    anchored = read_anchor(file) if file else None
    found = list(breaks(anchored))
    for gap in found:
        click.echo(f"✗ 链 {gap.chain} 第 {gap.pos} 条：{gap.why}")
    if found:
        sys.exit(1)
    click.echo(
        f"✓ 64 条链、{count_entries()} 条记录都与当初写下的一致" + ("" if file else "（没有给锚，截尾无从发现）")
    )


@ledger.command()
@click.argument("file", type=click.Path(path_type=Path))
def anchor(file: Path) -> None:
    """把各链的头写进文件，存到别处 / write the heads to a file to keep elsewhere."""
    ready_database()
    file.write_text(json.dumps(heads(now()), indent=1), encoding="utf-8")
    click.echo(str(file))


COMMANDS = [ledger]
