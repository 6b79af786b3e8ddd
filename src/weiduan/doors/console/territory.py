"""weiduan territory"""

from datetime import date
from pathlib import Path

import click

from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.actions import found_divisions
from weiduan.ground.territory.reform import open_successions, plan_reform, reform, settle_succession
from weiduan.ground.territory.tables import edition_year, read_divisions, read_lineage
from weiduan.systems.organisation.organisations.queries import without_seat

from .saying import say
from .setting_up import CONSOLE, DAY, now, ready_database, today

TITLES = {"kept": "不变", "recoded": "改码或改名", "merged": "并入他处", "without_heir": "去向待定", "founded": "新设"}


@click.group()
def territory() -> None:
    """区划、网格与单元 / divisions, grids and units."""


@territory.command("found")
@click.argument("edition", type=click.Path(path_type=Path))
@click.option("--on", type=DAY, default=None, help="从哪天起（默认表名年份的 1 月 1 日）/ from which day")
def found(edition: Path, on: date | None) -> None:
    """载入区划代码表，新装的系统从这里开始 / load divisions: how a new installation begins."""
    ready_database()
    year = edition_year(edition) if on is None else on.year
    laid = found_divisions(read_divisions(edition), edition=str(year), on=on or date(year, 1, 1), by=CONSOLE, at=now())
    say(f"✓ 新载入 {laid} 个区划。接着：weiduan survey template 摸底.xlsx --area 区域编码")


@territory.command("reform")
@click.option("--edition", type=click.Path(path_type=Path), required=True, help="新区划表 CSV / the new divisions")
@click.option("--lineage", type=click.Path(path_type=Path), required=True, help="新旧对照表 CSV / from old to new")
@click.option("--on", type=DAY, default=None, help="生效日期（默认新表年份的 1 月 1 日）/ the day it takes effect")
@click.option("--check", is_flag=True, help="只看会怎样，不改数据 / only say what it would do")
def reform_command(edition: Path, lineage: Path, on: date | None, check: bool) -> None:
    """区划调整：新表盖旧表，组织党员跟着单元走 / load a new edition over the old one."""
    ready_database()
    day = on or date(edition_year(edition), 1, 1)
    plan = plan_reform(read_divisions(edition), read_lineage(lineage), edition=str(edition_year(edition)), on=day)
    click.echo("、".join(f"{TITLES[key]} {count}" for key, count in plan.counts().items()))
    for code in plan.heirless:
        said = plan.lineage.get(code, {}).get("basis") or "对照表没有写去向"
        say(f"  ? {code} {plan.old[code].name}：{said}")
    if check:
        click.echo("只是预演，数据没有改动。去掉 --check 就执行。")
        return
    waiting = reform(plan, by=CONSOLE, at=now())
    say(f"✓ 自 {day} 起按新区划。{len(waiting)} 个去向待定，用 weiduan territory settle 逐个决定。")


@territory.command("pending")
@click.option("--area", default="", help="区域编码 / area code")
def pending(area: str) -> None:
    """去向待定的区划 / what still waits for a decision."""
    ready_database()
    waiting = open_successions(area)
    for succession in waiting:
        say(f"{succession.old_code} {succession.old_name}  {succession.basis}")
    say(f"共 {len(waiting)} 个")
    seatless = without_seat(on=today())
    for organisation in seatless:
        say(f"{organisation.number} {organisation.name}：驻地已并入他处，请决定新驻地或撤销")


@territory.command("settle")
@click.argument("old_code")
@click.option("--into", required=True, help="并入的区划编码 / the heir's code")
@click.option("--on", type=DAY, default=None, help="从哪天起（默认今天）/ from which day")
def settle(old_code: str, into: str, on: date | None) -> None:
    """决定一个待定区划并到哪里 / let one go over into its heir."""
    ready_database()
    found = [s for s in open_successions("") if s.old_code == old_code]
    if not found:
        raise BadInput(f"{old_code} 不在待定清单里，用 weiduan territory pending 看清单。")
    settle_succession(found[0], into=into, on=on or today(), by=CONSOLE, at=now())
    say(f"✓ {old_code} → {into}")


COMMANDS = [territory]
