"""weiduan meetings"""

import click

from weiduan.ground.territory.queries import top_areas
from weiduan.outlook.insight.meeting_words import KIND_TITLES, period_words
from weiduan.systems.services.meetings.years import DAY as ONE_DAY
from weiduan.systems.services.meetings.years import counts_in, missing_in, sums_of

from .saying import say
from .setting_up import ready_database, today

YEAR = click.option("--year", type=int, default=None, help="哪一年（默认今年）/ which year, default this one")
AREA = click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")


@click.group()
def meetings() -> None:
    """组织生活：只有数，没有记录和姓名 / meetings of organisations, in counts."""


@meetings.command()
@AREA
@YEAR
def missing(area: str | None, year: int | None) -> None:
    """到期未开也未说明的 / duties that are over without a meeting or an excuse."""
    ready_database()
    on = today()
    code = area or next(iter(top_areas(on=on)), "")
    rows = missing_in(code, year=year or on.year, on=on)
    for one in rows:
        period = period_words(one.since, one.until + ONE_DAY)
        say(f"{one.number}  {one.name}  {KIND_TITLES[one.kind]}  {period}")
    say(f"共 {len(rows)} 项。")


@meetings.command()
@AREA
@YEAR
def counts(area: str | None, year: int | None) -> None:
    """按类别的数 / counts by kind."""
    ready_database()
    on = today()
    code = area or next(iter(top_areas(on=on)), "")
    for kind, s in sums_of(counts_in(code, year or on.year, on=on)).items():
        click.echo(
            f"{KIND_TITLES[kind]}  应开 {s.needed}  已开 {s.held}  说明 {s.excused}  缺 {s.missing}  未到期 {s.open}"
        )


COMMANDS = [meetings]
