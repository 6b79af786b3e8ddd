"""weiduan demo"""

from datetime import date
from pathlib import Path

import click

from weiduan.outlook.demo.load import is_anything_kept, load_demo

from .progress import bar, told_to
from .setting_up import CONSOLE, DAY, now, ready_database

EDITION = date(2018, 10, 31)  # the cut-off of the division codes the demo ships


def load(
    divisions: Path | None, *, on: date = EDITION, scale: float = 1.0, seed: int = 2018, once: bool = False
) -> None:
    """Load the demo with a progress bar and say what is there."""
    ready_database()
    if once and is_anything_kept(now()):
        return
    with bar() as progress:
        told = load_demo(
            divisions, scale=scale, seed=seed, on=on, by=CONSOLE, at=now(),
            progress=told_to(progress, "演示数据 / demo"),
        )  # fmt: skip
    for line in told:
        click.echo(line)


@click.command("demo")
@click.option(
    "--divisions", type=click.Path(path_type=Path), help="区划代码表 CSV（默认青白江区 2018）/ CSV of divisions"
)
@click.option("--scale", type=click.FloatRange(0.01, 100), default=1.0, help="规模倍数 / times the real size")
@click.option("--seed", type=int, default=2018, help="随机种子 / seed")
@click.option("--on", type=DAY, default=str(EDITION), help="调查日期 / day of the survey")
@click.option("--once", is_flag=True, help="已有数据就不再载入 / do nothing where there is data already")
def demo(divisions: Path | None, scale: float, seed: int, on: date, once: bool) -> None:
    """载入演示数据（村以下均为模型）/ load demo data, modelled below village level."""
    load(divisions, on=on, scale=scale, seed=seed, once=once)


COMMANDS = [demo]
