"""weiduan user, weiduan mandate"""

from datetime import date, timedelta

import click

from weiduan.ground.accounts.actions import give_mandate, open_account
from weiduan.ground.accounts.keys import end_keys, make_key
from weiduan.ground.accounts.queries import account_named
from weiduan.ground.accounts.rules import Duty

from .setting_up import CONSOLE, DAY, now, ready_database, today


@click.group()
def user() -> None:
    """工作账号 / staff accounts."""


@user.command("add")
@click.argument("username")
@click.option("--title", default="", help="岗位名称 / the post")
@click.password_option(prompt="密码 / password", help="不写就会问 / asked for if left out")
def add_user(username: str, title: str, password: str) -> None:
    """开一个账号 / open an account."""
    ready_database()
    open_account(username=username, password=password, title=title, by=CONSOLE, at=now())
    click.echo(f"✓ {username}")


@user.command("key")
@click.argument("username")
@click.option("--days", type=int, default=365, show_default=True, help="有效多少天 / for how many days")
def key(username: str, days: int) -> None:
    """给程序用的接口密钥，只显示这一次 / a key for a program, shown this once."""
    ready_database()
    click.echo(make_key(account_named(username), lasts=timedelta(days=days), by=CONSOLE, at=now()))


@user.command("end-keys")
@click.argument("username")
def end_all_keys(username: str) -> None:
    """停用这个账号的全部接口密钥 / end every key of the account."""
    ready_database()
    click.echo(f"✓ {username} {end_keys(account_named(username), by=CONSOLE, at=now())}")


@click.group()
def mandate() -> None:
    """授权：职责 × 区域 × 时间 / duty × area × time."""


@mandate.command("add")
@click.argument("username")
@click.argument("duty", type=click.Choice([d.value for d in Duty]))
@click.option("--area", default="", help="区域编码，空为全部 / area code, empty for everywhere")
@click.option("--since", type=DAY, default=None, help="从哪天起（默认今天）/ from which day")
@click.option("--until", type=DAY, default=None, help="到哪天为止 / until which day")
def add_mandate(username: str, duty: str, area: str, since: date | None, until: date | None) -> None:
    """给一项职责 / give a duty."""
    ready_database()
    account = account_named(username)
    give_mandate(account, Duty(duty), area=area, since=since or today(), until=until, by=CONSOLE, at=now())
    click.echo(f"✓ {username} {duty} {area or '*'}")


COMMANDS = [user, mandate]
