"""weiduan remind"""

import click

from weiduan.outlook.reminders.actions import remind as tell_all
from weiduan.outlook.reminders.words import by_kind, count_of

from .setting_up import now, ready_database


@click.command()
@click.option("--dry-run", is_flag=True, help="只看会发什么，不发送 / only look, send nothing")
def remind(dry_run: bool) -> None:
    """把新到期的事各发一条消息给登记了提醒方式的账号 / tell each account once what is newly due."""
    ready_database()
    told = failed = 0
    for one in tell_all(at=now(), only_look=dry_run):
        told += 1
        failed += one.went is False
        mark = {True: "✓", False: "✗", None: "·"}[one.went]
        parts = "；".join(count_of(kind, part) for kind, part in by_kind(one.due))
        click.echo(f"{mark} {one.user.username}（{one.kind}）：{parts}")
    if not told:
        click.echo("没有新到期的事要告知。")
    if failed:
        raise click.ClickException(f"{failed} 条没有送出，下次运行会再发。")


COMMANDS = [remind]
