"""weiduan coverage"""

import json
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from weiduan.outlook.insight.organisation import coverage_report
from weiduan.outlook.insight.words import REASON_TITLES
from weiduan.outlook.insight.workbook import write_coverage

from .setting_up import DAY, ready_database, today


@click.command("coverage")
@click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")
@click.option("--on", type=DAY, default=None, help="哪一天（默认今天）/ which day, default today")
@click.option("--format", "form", type=click.Choice(["table", "json", "xlsx"]), default="table")
@click.option("--output", type=click.Path(path_type=Path), default=None, help="xlsx 写到哪个文件 / file for xlsx")
def coverage(area: str | None, on: date | None, form: str, output: Path | None) -> None:
    """组织覆盖与盲区 / which units organisations cover, which not, and why."""
    ready_database()
    report = coverage_report(area, on=on or today())
    if form == "json":
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    elif form == "xlsx":
        path = output or Path(f"coverage-{report.code}-{report.on}.xlsx")
        write_coverage(path, report)
        click.echo(str(path))
    else:
        _print(report)


def _print(report) -> None:
    table = Table(title=f"{report.total['name']} · {report.on}")
    for title in ("区域", "单元", "已覆盖", "盲区", "网格", "无合格支部的网格", "组织"):
        table.add_column(title, justify="left" if title == "区域" else "right")
    for figures in [*report.parts, report.total]:
        table.add_row(
            f"{figures['code']} {figures['name']}",
            *(
                str(figures[key])
                for key in ("units", "covered", "blind_spots", "grids", "grids_without_branch", "organisations")
            ),
        )
    console = Console()
    console.print(table)
    for reason, count in report.total["blind_spots_by_reason"].items():
        console.print(f"  {REASON_TITLES[reason]}：{count}")


COMMANDS = [coverage]
