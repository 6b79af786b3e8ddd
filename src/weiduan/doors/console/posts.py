"""weiduan post"""

from datetime import date
from typing import Any

import click

from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import area_by_code, top_areas
from weiduan.outlook.insight.words import LACK_TITLES, ROLE_TITLES
from weiduan.systems.organisation.appointments.giving import end_post, give_post, in_area, in_organisation, person_meant
from weiduan.systems.organisation.appointments.listed import posts_in, told
from weiduan.systems.organisation.appointments.models import Where
from weiduan.systems.organisation.appointments.rules import MOST_POSTS, Role
from weiduan.systems.organisation.coverage.vacancies import vacancies_in
from weiduan.systems.organisation.organisations.queries import organisation_numbered

from .saying import say
from .setting_up import CONSOLE, DAY, now, ready_database, today

ON = click.option("--on", type=DAY, default=None, help="哪一天（默认今天）/ which day, default today")
AREA = click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")
HANDOVER = click.option("--handover", multiple=True, help="交接事项，可多次 / a thing handed over, repeatable")


@click.group()
def post() -> None:
    """任职：谁任什么职、空缺、任免、交接 / posts."""


def _area(area: str | None, on: date) -> str:
    code = area or next(iter(top_areas(on=on)), "")
    area_by_code(code, on=on)
    return code


@post.command("list")
@AREA
@ON
def list_posts(area: str | None, on: date | None) -> None:
    """某地某日的任职，不列姓名 / posts held; persons are not named."""
    ready_database()
    day = on or today()
    rows = told(posts_in(_area(area, day), on=day).iterator(chunk_size=2_000), on=day, named=False)
    for row in rows:
        click.echo(
            f"{row.key}  {row.place_number}  {row.place}  {ROLE_TITLES[row.role]}  {row.since} – {row.due or '—'}"
        )
    say(f"共 {len(rows)} 个")


@post.command("vacancies")
@AREA
@ON
def list_vacancies(area: str | None, on: date | None) -> None:
    """空缺和任期已满的职务，由谁补上 / what is vacant, and who sees to it."""
    ready_database()
    day = on or today()
    rows = vacancies_in(_area(area, day), on=day)
    for row in rows:
        click.echo(
            f"{row.number}  {row.place}  {ROLE_TITLES[row.role]}  {LACK_TITLES[row.lack]}  {row.since or '—'}  {row.filler or '—'}"
        )
    say(f"共 {len(rows)} 个")


@post.command("give")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--organisation", default=None, help="党组织编号 / number of the organisation")
@click.option("--area", default=None, help="或区域编码 / or the area's code")
@click.option("--person", default="", help="人员编号 / number of the person")
@click.option("--name", default="", help="或姓名 / or the name of somebody not kept yet")
@click.option("--contact", default="", help="电话 / telephone")
@click.option("--since", type=DAY, default=None, help="从哪天起（默认今天）/ from which day, default today")
@click.option("--due", type=DAY, default=None, help="任期到哪天 / until when the term lasts")
@HANDOVER
def give(
    role: str, organisation: str | None, area: str | None, person: str, name: str, contact: str, since: date | None,
    due: date | None, handover: tuple[str, ...],
) -> None:  # fmt: skip
    """任职；一人一职的，原任当日卸任 / give a post; who alone held it steps down that day."""
    ready_database()
    how: dict[str, Any] = {"by": CONSOLE, "at": now()}
    where = _where(organisation, area)
    key = person_meant(person, name=name, contact=contact, where=where, **how)
    given = give_post(key, Role(role), where, since=since or today(), due=due, handover=handover, **how)
    say(f"✓ {given.post.pk}")
    if given.more_than_usual:
        say(f"! 此人现任 {given.held} 职，一般不超过 {MOST_POSTS} 职")


def _where(organisation: str | None, area: str | None) -> Where:
    if (organisation is None) == (area is None):
        raise BadInput("--organisation 与 --area 请写且只写一个 / give one of them, not both")
    if organisation is not None:
        return in_organisation(organisation_numbered(organisation, on=today()), on=today())
    return in_area(area or "", on=today())


@post.command("end")
@click.argument("key", type=click.IntRange(1, 2**63 - 1))
@ON
@HANDOVER
def end(key: int, on: date | None, handover: tuple[str, ...]) -> None:
    """卸任，写下交接事项 / end a post, with what is handed over."""
    ready_database()
    end_post(key, on=on or today(), handover=handover, by=CONSOLE, at=now())
    say(f"✓ {key}")


COMMANDS = [post]
