"""weiduan streets"""

from datetime import date
from pathlib import Path

import click

from weiduan.ground.base.geo import SYSTEMS
from weiduan.outlook.survey.lines import read_lines
from weiduan.systems.venues.reach.actions import load_streets

from .setting_up import CONSOLE, DAY, now, ready_database, today


@click.group()
def streets() -> None:
    """步行路网 / networks of streets, along which ways on foot are measured."""


@streets.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--area", required=True, help="区域编码 / code of the area these streets are of")
@click.option("--source", required=True, help="路网来源（写明出处和年份）/ where they are from")
@click.option("--crs", type=click.Choice(list(SYSTEMS)), default="wgs84", help="GeoJSON 的坐标系 / coordinate system")
@click.option("--gcj02", is_flag=True, help="同 --crs gcj02（高德、腾讯地图坐标）/ same as --crs gcj02")
@click.option("--on", type=DAY, default=None, help="从哪天起（默认今天）/ from which day, default today")
def load(file: Path, area: str, source: str, crs: str, gcj02: bool, on: date | None) -> None:
    """载入路网（GeoJSON、GeoPackage、zip 打包的 Shapefile，线要素）/ load lines of streets."""
    ready_database()
    shapes = read_lines(file, coordinates="gcj02" if gcj02 else crs)
    count = load_streets(shapes, code=area, source=source, on=on or today(), by=CONSOLE, at=now())
    click.echo(f"✓ 载入 {count} 条路线，从 {on or today()} 起步行距离沿路网计算。")


COMMANDS = [streets]
