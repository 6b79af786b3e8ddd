"""weiduan user, weiduan admins, weiduan mandate"""

from datetime import date, timedelta

import click

from weiduan.ground.accounts.actions import close_account, give_mandate, open_account
from weiduan.ground.accounts.first import open_first_administrators
from weiduan.ground.accounts.keys import end_keys, make_key
from weiduan.ground.accounts.locks import unlock
from weiduan.ground.accounts.models import DUTY_TITLES
from weiduan.ground.accounts.queries import account_named
from weiduan.ground.accounts.recovering import ask_factor_reset, decide_factor_reset, reset_password
from weiduan.ground.accounts.rules import ADMINISTRATION, Duty

from .saying import say
from .setting_up import CONSOLE, DAY, now, ready_database, today

SECOND_AT_CONSOLE = "console-second"  # the second pair of eyes, as the ledger has it


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
    say(f"✓ {username}")


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
    say(f"✓ {username} {end_keys(account_named(username), by=CONSOLE, at=now())}")


@user.command("reset-password")
@click.argument("username")
def new_password(username: str) -> None:
    """忘了密码：给一个新的，只显示这一次 / a new password, shown this once."""
    ready_database()
    click.echo(reset_password(account_named(username), by=CONSOLE, at=now()))


@user.command("reset-factor")
@click.argument("username")
@click.confirmation_option(prompt="两人都核实过身份？/ Have two people checked who asks?")
def new_factor(username: str) -> None:
    """丢了第二步验证：两个人在场才做 / the second factor was lost: only with two people present."""
    ready_database()
    reset = ask_factor_reset(account_named(username), by=CONSOLE, at=now())
    decide_factor_reset(reset, confirm=True, by=SECOND_AT_CONSOLE, at=now())
    click.echo(f"✓ {username}")


@user.command("unlock")
@click.argument("username")
def unlock_user(username: str) -> None:
    """解锁：马上可以再登录 / can sign in again at once."""
    ready_database()
    unlock(account_named(username), by=CONSOLE, at=now())
    click.echo(f"✓ {username}")


@user.command("end")
@click.argument("username")
def end_user(username: str) -> None:
    """停用账号：当前登录立即失效 / end an account: whoever is signed in is out."""
    ready_database()
    close_account(account_named(username), by=CONSOLE, at=now())
    click.echo(f"✓ {username}")


@click.group()
def admins() -> None:
    """三员：系统、安全、审计管理员 / the three administrators."""


@admins.command("first")
@click.option("--system", default="system-admin", show_default=True, help="系统管理员的账号 / opens accounts")
@click.option("--security", default="security-admin", show_default=True, help="安全管理员的账号 / gives mandates")
@click.option("--audit", default="audit-admin", show_default=True, help="审计管理员的账号 / reads the ledger")
def first_admins(system: str, security: str, audit: str) -> None:
    """开头三个管理员账号，初始密码只显示这一次 / the first three, with passwords shown this once."""
    ready_database()
    names = dict(zip(ADMINISTRATION, (system, security, audit), strict=True))
    for duty, opened in open_first_administrators(names, by=CONSOLE, at=now()).items():
        click.echo(f"{DUTY_TITLES[duty]}\t{opened.username}\t{opened.password}")
    click.echo("每人首次登录先改密码。 Each changes the password at the first sign-in.")


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
    say(f"✓ {username} {duty} {area or '*'}")


COMMANDS = [user, admins, mandate]
