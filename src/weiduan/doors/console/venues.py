"""weiduan venues"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from weiduan.ground.territory.queries import area_by_code, top_areas
from weiduan.ground.territory.rules import Level, level_of
from weiduan.outlook.insight.corner_words import REASON_TITLES, step_words, why_sentence
from weiduan.outlook.insight.reach_maps import bands_in
from weiduan.outlook.insight.venue_books import write_corners, write_use
from weiduan.outlook.insight.venue_use import month_of, use_in
from weiduan.outlook.insight.venue_words import KIND_TITLES, USE_TITLES
from weiduan.outlook.insight.venues import VenueReach, venue_reach
from weiduan.systems.venues.facilities.queries import facilities_in

from .saying import say
from .setting_up import DAY, ready_database, today

AREA = click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")
ON = click.option("--on", type=DAY, default=None, help="哪一天（默认今天）/ which day, default today")
FORM = click.option("--format", "form", type=click.Choice(["table", "json", "xlsx"]), default="table")
OUTPUT = click.option(
    "--output", type=click.Path(path_type=Path), default=None, help="xlsx 写到哪个文件 / file for xlsx"
)


@click.group()
def venues() -> None:
    """党群服务中心与微阵地 / centres and micro-venues."""


@venues.command("dead-corners")
@AREA
@ON
@FORM
@OUTPUT
def dead_corners(area: str | None, on: date | None, form: str, output: Path | None) -> None:
    """阵地死角：哪些单元步行够不着微阵地、为什么、怎么办 / units without an open place within reach."""
    ready_database()
    code, day = _where(area, on)
    reach = venue_reach(code, on=day)
    if form == "json":
        click.echo(json.dumps(_told(reach), ensure_ascii=False, indent=1))
    elif form == "xlsx":
        path = output or Path(f"dead-corners-{code}-{day}.xlsx")
        write_corners(path, reach, bands_in(code, on=day))
        click.echo(str(path))
    else:
        _print(reach)


def _where(area: str | None, on: date | None) -> tuple[str, date]:
    """Return the area and day asked for, known to be there; without an area the first of the widest."""
    day = on or today()
    code = area or next(iter(top_areas(on=day)), "")
    return area_by_code(code, on=day).code, day


def _told(reach: VenueReach) -> dict[str, Any]:
    corners = [
        {
            "code": corner.unit.code, "name": corner.unit.name, "households": corner.unit.households, "reason": corner.reason,
            "why": why_sentence(corner), "step": step_words(corner.step), "limit_m": corner.unit.limit_m,
        }
        for corner in reach.corners
    ]  # fmt: skip
    return {
        "on": str(reach.on),
        "along_streets": reach.along,
        **reach.total,
        "parts": _parts(reach),
        "corners": corners,
    }


def _parts(reach: VenueReach) -> list[dict[str, Any]]:
    below = {Level.DISTRICT: Level.TOWN, Level.TOWN: Level.VILLAGE, Level.VILLAGE: Level.GRID}.get(level_of(reach.code))
    return reach.parts(below) if below else []


def _print(reach: VenueReach) -> None:
    total, console = reach.total, Console()
    table = Table(title=f"{total['name']} · {reach.on}")
    for title in ("区域", "单元", "步行可达", "死角", "死角户数"):
        table.add_column(title, justify="left" if title == "区域" else "right")
    for row in [*_parts(reach), total]:
        figures = (str(row[key]) for key in ("units", "within", "dead_corners", "households_without"))
        table.add_row(f"{row['code']} {row['name']}", *figures)
    console.print(table)
    for reason, count in total["by_reason"].items():
        console.print(f"  {REASON_TITLES[reason]}：{count}")


@venues.command("list")
@AREA
@ON
def listed(area: str | None, on: date | None) -> None:
    """开放中的党群服务中心和微阵地 / centres and micro-venues open on a day."""
    ready_database()
    code, day = _where(area, on)
    found = list(facilities_in(code, on=day))
    for place in found:
        say(f"{place.pk}  {KIND_TITLES[place.kind]}  {place.name}  {place.address}")
    say(f"共 {len(found)} 处")


@venues.command("use")
@AREA
@click.option("--month", default=None, help="哪个月，如 2018-11（默认本月）/ which month, default this one")
@click.option("--output", type=click.Path(path_type=Path), default=None, help="写成 xlsx / write an xlsx")
def use(area: str | None, month: str | None, output: Path | None) -> None:
    """场所使用情况：开放与使用小时数，按用途、按单元，不记个人 / hours open and used, never by whom."""
    ready_database()
    code, day = _where(area, None)
    since, until = month_of(month or f"{day:%Y-%m}")
    rows = use_in(code, since=since, until=until)
    if output:
        write_use(output, rows, since=since, until=until)
        click.echo(str(output))
        return
    table = Table(title=f"{since:%Y-%m}")
    for title in ("场所", "开放（小时）", "使用（小时）", "使用率", "用途"):
        table.add_column(title)
    for row in rows:
        uses = "、".join(f"{USE_TITLES[what]} {hours:g}" for what, hours in row.by_use)
        percent = "" if row.percent is None else f"{row.percent:g} %"
        table.add_row(row.name, f"{row.open_hours:g}", f"{row.used_hours:g}", percent, uses)
    Console().print(table)


COMMANDS = [venues]
