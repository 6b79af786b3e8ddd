"""weiduan organisation, weiduan change"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table

from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import names_by_area, top_areas
from weiduan.outlook.insight.words import KIND_TITLES, ROLE_TITLES, judgement_rows, verdict_rows
from weiduan.systems.organisation.appointments.queries import posts_of
from weiduan.systems.organisation.changes.actions import approve, ask, return_
from weiduan.systems.organisation.changes.queries import changes_about
from weiduan.systems.organisation.changes.rules import LISTS, ChangeKind
from weiduan.systems.organisation.coverage.queries import standing_of
from weiduan.systems.organisation.organisations.queries import (
    as_they_were,
    filtered,
    organisation_numbered,
    organisations_in,
)

from .saying import say
from .setting_up import CONSOLE, DAY, now, ready_database, today

ON = click.option("--on", type=DAY, default=None, help="哪一天（默认今天）/ as of which day")


@click.group()
def organisation() -> None:
    """党组织：清单、情况、对照规则 / organisations."""


@organisation.command("list")
@click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")
@click.option("--kind", type=click.Choice(list(KIND_TITLES)), default=None, help="类别 / kind")
@ON
def list_organisations(area: str | None, kind: str | None, on: date | None) -> None:
    """某地某日的党组织 / the organisations of an area."""
    ready_database()
    day = on or today()
    code = area or next(iter(top_areas(on=day)), "")
    found = as_they_were(filtered(organisations_in(code, on=day), on=day, kind=kind or ""), on=day)
    seats = names_by_area((o.area_id for o in found), on=day)
    for o in found:
        seat = seats[o.area_id].code if o.area_id in seats else "—"
        say(f"{o.number}  {KIND_TITLES[o.kind]}  {o.name}  {seat}  {o.parent.number if o.parent else '—'}")
    say(f"共 {len(found)} 个")


@organisation.command()
@click.argument("number")
@ON
def show(number: str, on: date | None) -> None:
    """一个党组织：党员数、覆盖、任职（只列编号）/ one organisation, persons by number only."""
    ready_database()
    day = on or today()
    [found] = as_they_were([organisation_numbered(number, on=day)], on=day)
    standing, _judgements = standing_of(found, on=day)
    say(f"{found.number}  {KIND_TITLES[found.kind]}  {found.name}")
    say(f"上级 {found.parent.number if found.parent else '—'}；驻地 {standing.seat}；成立 {found.founded_on}")
    say(f"党员 {standing.members} 名，其中正式党员 {standing.full_members} 名")
    if standing.days_overdue is not None:
        click.echo(
            f"任期已过 {standing.days_overdue} 天"
            if standing.days_overdue > 0
            else f"距换届 {-standing.days_overdue} 天"
        )
    say(f"覆盖 {'、'.join(standing.covers) or '—'}")
    for post in posts_of(found, on=day, named=False):
        say(f"  {ROLE_TITLES[post['role']]} {post['number']}，{post['since']} 起，到 {post['due_on'] or '—'}")


@organisation.command("rules")
@click.argument("number")
@ON
def judge(number: str, on: date | None) -> None:
    """对照规则：成立、不成立、不适用，各依据哪一条 / what every rule says of it."""
    ready_database()
    day = on or today()
    _standing, judgements = standing_of(organisation_numbered(number, on=day), on=day)
    _print(judgement_rows(judgements))


def _print(rows: Iterable[dict[str, Any]]) -> None:
    table = Table()
    for title in ("规则", "实际", "结论", "依据"):
        table.add_column(title)
    for row in rows:
        table.add_row(str(row["rule"]), str(row["found"]), str(row["word"]), str(row["force"]))
    Console().print(table)


@click.group()
def change() -> None:
    """组织设置变动：请示、批准、退回 / changes of organisations."""


@change.command("list")
@click.option("--area", default="", help="区域编码（默认全部）/ area code, default everything")
def list_changes(area: str) -> None:
    """请示和结果，新的在前 / what was asked for, the newest first."""
    ready_database()
    for one in changes_about([area], on=today()):
        about = one.organisation.number if one.organisation else one.facts.get("name", "")
        say(f"{one.pk}  {one.kind}  {about}  {one.state}  {one.on}  {one.answer}".rstrip())


@change.command("ask")
@click.argument("kind", type=click.Choice([kind.value for kind in ChangeKind]))
@click.option("--organisation", "number", default=None, help="哪个党组织（新设的不写）/ which; none to set one up")
@click.option(
    "--fact", "facts", multiple=True, metavar="KEY=VALUE",
    help="要变成什么样，可多次，如 name=新组、parent=Z1、covers=510113002002001001 / what is to be",
)  # fmt: skip
@ON
def ask_for(kind: str, number: str | None, facts: tuple[str, ...], on: date | None) -> None:
    """向上级请示，同时看规则怎么说 / ask the superior, and see what the rules say."""
    ready_database()
    day = on or today()
    about = organisation_numbered(number, on=day) if number else None
    made = ask(ChangeKind(kind), about, _facts(facts), on=day, by=CONSOLE, at=now())
    _print(verdict_rows(made.judged))
    say(f"✓ {made.pk}，由 {made.superior.name} 决定")


def _facts(said: Iterable[str]) -> dict[str, Any]:
    """Return KEY=VALUE pairs as the action takes them: a key of several values becomes a list.

    :raises BadInput: one without “=”
    """
    facts: dict[str, Any] = {}
    for pair in said:
        key, sign, value = pair.partition("=")
        if not sign:
            raise BadInput(f"“{pair}”要写成 KEY=VALUE 的样子。")
        if key in LISTS:
            facts.setdefault(key, []).append(value)
        else:
            facts[key] = value
    return facts


@change.command("approve")
@click.argument("key", type=click.UUID)
@click.option(
    "--reason", default="", help="违反一般性规则时要说明理由 / why, where a rule that holds normally is broken"
)
def approve_change(key: UUID, reason: str) -> None:
    """批准并执行 / approve it and carry it out."""
    ready_database()
    outcome = approve(key, reason=reason, by=CONSOLE, at=now())
    touched = [*outcome.founded, *outcome.touched, *outcome.dissolved]
    say(f"✓ {'、'.join(dict.fromkeys(o.number for o in touched))}")


@change.command("return")
@click.argument("key", type=click.UUID)
@click.argument("answer")
def return_change(key: UUID, answer: str) -> None:
    """退回并说明理由 / return it with the reason."""
    ready_database()
    return_(key, answer, by=CONSOLE, at=now())
    click.echo("✓")


COMMANDS = [organisation, change]
