"""weiduan rules"""

from datetime import date

import click
from rich.console import Console
from rich.table import Table

from weiduan.ground.rulebook.actions import set_local_value
from weiduan.ground.rulebook.queries import overrides_on
from weiduan.ground.rulebook.rules import rules_in_force
from weiduan.ground.territory.rules import prefix_of

from .saying import say
from .setting_up import CONSOLE, DAY, now, ready_database, today


@click.group()
def rules() -> None:
    """规则与出处 / rules with their sources."""


@rules.command("list")
@click.option("--area", default="", help="区域编码 / area code")
@click.option("--on", type=DAY, default=None, help="哪一天 / which day")
def list_rules(area: str, on: date | None) -> None:
    """某地某日有效的规则 / the rules in force."""
    ready_database()
    day = on or today()
    table = Table()
    for title in ("规则", "要求", "效力", "出处"):
        table.add_column(title)
    for rule in rules_in_force(area=prefix_of(area) if area else "", on=day, overrides=overrides_on(day)):
        least = "≥" if rule.test == "min" else "≤"
        table.add_row(
            rule.id, f"{least} {rule.value} {rule.unit}", rule.force, f"{rule.act} {rule.article}\n{rule.source}"
        )
    Console().print(table)


@rules.command("set")
@click.argument("rule")
@click.argument("value", type=click.IntRange(0))
@click.option("--area", required=True, help="区域编码 / area code")
@click.option("--source", required=True, help="依据的文件 / the local document")
@click.option("--since", type=DAY, default=None, help="从哪天起（默认今天）/ from which day")
def set_rule(rule: str, value: int, area: str, source: str, since: date | None) -> None:
    """定一个地方数值；“必须”的规则改不了 / set a local value; a must can't be changed."""
    ready_database()
    set_local_value(rule, area=area, value=value, source=source, since=since or today(), by=CONSOLE, at=now())
    say(f"✓ {rule} = {value}（{area}）")


COMMANDS = [rules]
