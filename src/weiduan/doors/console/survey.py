"""weiduan survey"""

import hashlib
import sys
from datetime import date
from pathlib import Path

import click

from weiduan.doors.context import is_demo
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import area_by_code
from weiduan.outlook.survey.actions import export_survey, load_shapes, load_survey
from weiduan.outlook.survey.intake import Taken, take_shapes, take_workbook
from weiduan.outlook.survey.workbook import write_marked, write_template

from .progress import bar, told_to
from .setting_up import CONSOLE, DAY, now, ready_database, today

FILE = click.Path(path_type=Path)
SHAPES = (".geojson", ".json", ".gpkg", ".zip")
area_option = click.option("--area", default=None, help="区域编码（默认按说明页）/ area code, default from the cover")
crs_option = click.option(
    "--crs", type=click.Choice(["wgs84", "cgcs2000", "gcj02"]), default=None, help="图形文件的坐标系 / of a shape file"
)


@click.group()
def survey() -> None:
    """摸清底数：模板、检查、载入、导出 / template, check, load, export."""


@survey.command()
@click.argument("file", type=FILE)
@click.option("--area", required=True, help="区域编码 / area code")
@click.option("--on", type=DAY, default=None, help="调查日期 / day of the survey")
def template(file: Path, area: str, on: date | None) -> None:
    """写一份空白模板 / write an empty workbook with drop-downs and an example."""
    ready_database()
    day = on or today()
    write_template(file, area=area, area_name=area_by_code(area, on=day).name, on=day)
    click.echo(str(file))


@survey.command()
@click.argument("file", type=FILE)
@area_option
@crs_option
@click.option("--on", type=DAY, default=None, help="图形从哪天起（默认今天）/ day of a shape file")
@click.option("--marked", type=FILE, default=None, help="有错时写出标注的副本 / where to write the marked copy")
def check(file: Path, area: str | None, crs: str | None, on: date | None, marked: Path | None) -> None:
    """只检查，说明会有什么变化 / check only, and say what would change."""
    ready_database()
    if file.suffix.lower() in SHAPES:
        _checked_shapes(file, area, crs, on)
    else:
        _tell(_checked(file, area, marked))


@survey.command()
@click.argument("file", type=FILE)
@area_option
@crs_option
@click.option("--on", type=DAY, default=None, help="图形从哪天起（默认今天）/ day of a shape file")
@click.option("--marked", type=FILE, default=None, help="有错时写出标注的副本 / where to write the marked copy")
def load(file: Path, area: str | None, crs: str | None, on: date | None, marked: Path | None) -> None:
    """检查后整批载入，一处有错就一行不动 / load all of it or nothing."""
    ready_database()
    if file.suffix.lower() in SHAPES:
        shapes = _checked_shapes(file, area, crs, on)
        drawn = load_shapes(shapes, area=str(area), on=on or today(), by=CONSOLE, at=now())
        click.echo(f"✓ 图形更新 {drawn} 个")
        return
    checked = _checked(file, area, marked).checked
    assert checked.area is not None and checked.on is not None
    with bar() as progress:
        diff = load_survey(
            checked.rows, area=checked.area, on=checked.on, by=CONSOLE, at=now(),
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(), progress=told_to(progress, "载入 / loading"),
        )  # fmt: skip
    for line in diff.summary():
        click.echo(line)
    click.echo("✓ 已载入" if not diff.is_empty else "✓ 与现有数据一致，没有变化")


@survey.command()
@click.argument("file", type=FILE)
@click.option("--area", required=True, help="区域编码 / area code")
@click.option("--on", type=DAY, default=None, help="哪一天的数据（默认今天）/ of which day")
def export(file: Path, area: str, on: date | None) -> None:
    """导出成同样的工作簿 / write an area as the same workbook."""
    ready_database()
    export_survey(file, area=area, on=on or today(), by=CONSOLE, at=now(), demo=is_demo())
    click.echo(str(file))


def _checked(file: Path, area: str | None, marked: Path | None) -> Taken:
    """Check a workbook; with faults, list them, write the marked copy and stop."""
    with bar() as progress:
        tell = told_to(progress, "检查 / checking")
        taken = take_workbook(
            file, area=area, on=None, today=today(),
            progress=lambda done, total, what: tell(100 * done / max(total, 1), what),
        )  # fmt: skip
    checked = taken.checked
    if checked.fault_count:
        for fault in checked.faults[:50]:
            click.echo(f"✗ {fault.sheet} {fault.letter}{fault.row or ''} {fault.column}：{fault.message}", err=True)
        copy = marked or file.with_name(f"{file.stem}-问题.xlsx")
        write_marked(copy, taken.workbook, checked.faults)
        click.echo(f"共 {checked.fault_count} 处问题，一行也没有载入。改好这份标注的副本再来：{copy}", err=True)
        sys.exit(1)
    return taken


def _tell(taken: Taken) -> None:
    diff = taken.checked.diff
    assert diff is not None
    for line in diff.summary():
        click.echo(line)
    for change in [change for sheet in diff for change in sheet.changed][:50]:
        click.echo(
            f"  {change.sheet.title} {' '.join(str(p) for p in change.identity if p)}：{'；'.join(change.lines())}"
        )
    click.echo("✓ 没有问题，可以载入")


def _checked_shapes(file: Path, area: str | None, crs: str | None, on: date | None) -> dict:
    if area is None or crs is None:
        raise BadInput("图形文件要说明区域和坐标系：--area 510113000000 --crs wgs84（或 cgcs2000、gcj02）。")
    checked = take_shapes(file, area=area, coordinates=crs, on=on or today())
    for fault in [*checked.faults, *checked.warnings][:50]:
        click.echo(f"{'✗' if fault in checked.faults else '!'} 第 {fault.row} 个图形：{fault.message}", err=True)
    if checked.faults:
        sys.exit(1)
    click.echo(f"✓ {len(checked.shapes)} 个图形没有问题")
    return checked.shapes


COMMANDS = [survey]
