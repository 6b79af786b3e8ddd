"""weiduan insight: make the counts anew, or look whether they are right."""

import click

from weiduan.outlook.insight.counted.checking import differences
from weiduan.outlook.insight.counted.folding import rebuild
from weiduan.outlook.insight.counted.past import look_back_whole

from .saying import say
from .setting_up import now, ready_database


@click.group("insight")
def insight() -> None:
    """事先算好的数：重算与核对 / figures counted beforehand: make them anew, check them."""


@insight.command("rebuild")
@click.option("--past", is_flag=True, help="连同过去十二个月末 / the ends of the last twelve months too")
def rebuild_counts(past: bool) -> None:
    """全部重算；随时可做，结果与逐条累计相同 / make all counts anew; the result is the same as of counting on."""
    ready_database()
    at = now()
    rebuild(at=at)
    click.echo("✓ 已全部重算。 All counts are made anew.")
    if past:
        look_back_whole(at=at)
        click.echo("✓ 过去十二个月末已重算。 So are the ends of the last twelve months.")


@insight.command("check")
def check_counts() -> None:
    """与逐条清点的结果核对；不一致时列出并以 1 退出 / compare with a full recount; differences are listed, exit 1."""
    ready_database()
    found = differences(at=now())
    for one in found:
        say(f"✗ {one}")
    if found:
        raise click.ClickException(
            "有出入。请运行 weiduan insight rebuild。 Counts differ: run weiduan insight rebuild."
        )
    click.echo("✓ 与清点结果一致。 Counts equal a full recount.")


COMMANDS = [insight]
