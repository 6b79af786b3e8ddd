"""weiduan plan"""

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import click

from weiduan.ground.territory.queries import top_areas
from weiduan.outlook.proposals.actions import adopt, ask_for_proposal, plan_proposal
from weiduan.outlook.proposals.queries import proposal_seen_by, totals
from weiduan.outlook.proposals.words import why_sentence

from .progress import bar, told_to
from .setting_up import CONSOLE, DAY, now, ready_database, today


@click.group()
def plan() -> None:
    """方案：怎样让每个单元都有组织 / plan how every unit can be covered."""


@plan.command()
@click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")
@click.option("--on", type=DAY, default=None, help="按哪一天的情况（默认今天）/ as of which day")
@click.option("--seconds", type=click.FloatRange(0.1), default=20.0, help="每村最多算多久 / seconds a village")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="完整方案写到哪个文件 / file for the whole plan"
)
def organise(area: str | None, on: date | None, seconds: float, out: Path | None) -> None:
    """党小组怎么建：先补缺口，再少变动 / groups for units: gaps first, then the least change."""
    ready_database()
    day = on or today()
    code = area or next(iter(top_areas(on=day)), "")
    proposal = ask_for_proposal(code, on=day, by=CONSOLE, at=now())
    with bar() as progress:
        plan_proposal(proposal, seconds=seconds, progress=told_to(progress, "规划 / planning"))
    total = totals(proposal)
    click.echo(f"方案 {proposal.pk}")
    click.echo(f"{total['planned']} 个村（社区），{total['units']} 个单元；现有党小组 {total['today']} 个")
    click.echo(f"变动最少：党小组 {total['groups']} 个，{total['moves']} 个单元有变动；最少可到 {total['fewest']} 个")
    click.echo(f"已证明最优 {total['proved']} / {total['planned']} 个村；盖不住的单元 {total['left_out']} 个")
    if total["elections"]:
        click.echo(f"另有 {total['elections']} 个党小组任期已过，要换届后才算覆盖")
    for village in proposal.plans.order_by("code"):
        for left in village.plan["points"][0]["left_out"]:
            unit = village.plan["units"][left["unit"]]
            click.echo(
                f"  ✗ {unit['code']} {unit['name']}（{village.name}）：{why_sentence(left['why'], village.plan)}"
            )
    if out:
        plans = [village.plan for village in proposal.plans.order_by("code")]
        out.write_text(json.dumps(plans, ensure_ascii=False, indent=1), encoding="utf-8")
        click.echo(str(out))


@plan.command("adopt")
@click.argument("proposal", type=click.UUID)
@click.option("--village", "villages", multiple=True, help="只采纳这些村（可多次）/ only these villages")
@click.option(
    "--point",
    type=click.IntRange(0),
    default=0,
    help="曲线上第几个方案，0 是变动最少 / which point, 0 the least change",
)
@click.option("--on", type=DAY, default=None, help="从哪天起（默认今天）/ from which day")
def adopt_plan(proposal: UUID, villages: tuple[str, ...], point: int, on: date | None) -> None:
    """采纳方案：建组、调整覆盖、转组织、定组长 / carry a plan out."""
    ready_database()
    at = now()
    found = proposal_seen_by(proposal, CONSOLE, at=at)
    done = adopt(found, villages=villages or None, point=point, on=on or today(), by=CONSOLE, at=at)
    click.echo(
        f"✓ {done['villages']} 个村：新建党小组 {done['groups_set_up']} 个，撤并 {done['groups_dissolved']} 个，"
        f"转组织 {done['members_moved']} 人，新任组长 {done['leaders']} 人"
    )


COMMANDS = [plan]
