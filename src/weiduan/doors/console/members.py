"""weiduan member"""

from datetime import date
from typing import Any
from uuid import UUID

import click

from weiduan.ground.base.errors import BadInput
from weiduan.outlook.insight.words import STATE_TITLES
from weiduan.systems.organisation.members.daily import Newcomer, join, make_full
from weiduan.systems.organisation.members.lists import memberships_in, narrowed
from weiduan.systems.organisation.members.queries import persons_numbered
from weiduan.systems.organisation.organisations.queries import organisation_numbered
from weiduan.systems.organisation.transfers.actions import ask
from weiduan.systems.organisation.transfers.leaving import leave
from weiduan.systems.organisation.transfers.rules import Leaving, Reason

from .saying import say
from .setting_up import CONSOLE, DAY, now, ready_database, today

ON = click.option("--on", type=DAY, default=None, help="从哪天起（默认今天）/ from which day")


@click.group()
def member() -> None:
    """党员：清单、加入、转正、离开、转接 / members."""


@member.command("list")
@click.option("--area", default="", help="区域编码（默认全部）/ area code, default everything")
@click.option("--organisation", default="", help="党组织编号 / number of an organisation")
@click.option("--state", type=click.Choice([*STATE_TITLES, "probationary"]), default=None, help="状态 / state")
@ON
def list_members(area: str, organisation: str, state: str | None, on: date | None) -> None:
    """某日的党员，只列编号，不列姓名和电话 / members of a day, by number only."""
    ready_database()
    day = on or today()
    found = narrowed(memberships_in([area], on=day), on=day, organisation=organisation, state=state or "")
    for one in found:
        full = one.full_on if one.full_on and one.full_on <= day else "预备"
        say(f"{one.person.number}  {one.organisation.number}  {STATE_TITLES[one.state]}  {full}")
    say(f"共 {len(found)} 名")


@member.command("join")
@click.argument("organisation")
@click.option("--name", prompt="姓名 / name", help="不写就会问，免得留在命令记录里 / asked for if left out")
@click.option("--contact", prompt="电话 / telephone", default="", show_default=False, help="可以不填 / may stay empty")
@click.option("--number", default="", help="编号，不写就给一个；不能用身份证号 / never an identity number")
@click.option("--home", default=None, help="居住单元编码 / code of the home unit")
@click.option("--joined-on", type=DAY, default=None, help="入党日期，从外面转来的才写 / who comes from outside")
@click.option("--full-on", type=DAY, default=None, help="转正日期 / full member since")
@ON
def join_member(
    organisation: str, name: str, contact: str, number: str, home: str | None, joined_on: date | None,
    full_on: date | None, on: date | None,
) -> None:  # fmt: skip
    """加入一个支部或党小组 / let somebody join."""
    ready_database()
    day = on or today()
    newcomer = Newcomer(name, contact, number, joined_on, full_on)
    person = join(newcomer, organisation_numbered(organisation, on=day), home=home, on=day, by=CONSOLE, at=now())
    say(f"✓ {person.number}")


@member.command()
@click.argument("number")
@ON
def full(number: str, on: date | None) -> None:
    """预备期满，转为正式党员 / make a full member."""
    make_full(_person(number), **_when(on))
    say(f"✓ {number}")


@member.command("leave")
@click.argument("number")
@click.argument("reason", type=click.Choice([reason.value for reason in Leaving]))
@ON
def let_leave(number: str, reason: str, on: date | None) -> None:
    """党籍终止，在该组织的职务同时空缺 / end a membership."""
    posts = leave(_person(number), Leaving(reason), **_when(on))
    say(f"✓ {number}，空缺职务 {len(posts)} 个")


@member.command()
@click.argument("number")
@click.option("--to", "receiver", default=None, help="接收党组织编号 / number of the receiver")
@click.option("--outside", default="", help="或本系统以外的组织名称 / or the name of one outside")
@click.option("--reason", type=click.Choice([reason.value for reason in Reason]), required=True, help="原因 / why")
@ON
def transfer(number: str, receiver: str | None, outside: str, reason: str, on: date | None) -> None:
    """请求转接组织关系，由接收方答复 / ask for a transfer; the receiver answers."""
    person, when = _person(number), _when(on)
    taker = organisation_numbered(receiver, on=when["on"]) if receiver else None
    made = ask(person, receiver=taker, outside=outside, reason=Reason(reason), **when)
    say(f"✓ {made.pk}")


def _person(number: str) -> UUID:
    """Return the key of somebody, once the database is ready.

    :raises BadInput: nobody has this number
    """
    ready_database()
    found = persons_numbered([number]).get(number)
    if found is None:
        raise BadInput(f"没有编号为 {number} 的人。请用 weiduan member list 查编号。")
    return found


def _when(on: date | None) -> dict[str, Any]:
    return {"on": on or today(), "by": CONSOLE, "at": now()}


COMMANDS = [member]
