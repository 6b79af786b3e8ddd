"""weiduan plan"""

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import click

from weiduan.ground.territory.queries import top_areas
from weiduan.outlook.proposals.actions import adopt, ask_for_proposal, plan_proposal
from weiduan.outlook.proposals.heads import propose_heads
from weiduan.outlook.proposals.queries import proposal_seen_by, totals, villages_in
from weiduan.outlook.proposals.venues import REACH_M, plan_venues
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


@plan.command()
@click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")
@click.option("--on", type=DAY, default=None, help="按哪一天的情况（默认今天）/ as of which day")
@click.option(
    "--reach", type=click.FloatRange(1), default=REACH_M, help="直线多少米内算走得到 / metres as the crow flies"
)
@click.option("--seconds", type=click.FloatRange(0.1), default=60.0, help="最多算多久 / seconds at most")
def venues(area: str | None, on: date | None, reach: float, seconds: float) -> None:
    """微阵地选房：最少几间，每个单元都走得到 / the fewest rooms within reach of every unit."""
    ready_database()
    day = on or today()
    code = area or next(iter(top_areas(on=day)), "")
    found = plan_venues(code, on=day, reach_m=reach, seconds=seconds)
    proof = found.solution
    sure = "已证明不能更少" if proof.status == "optimal" else f"下界 {proof.bound:g}，差距 {proof.gap:.1%}"
    click.echo(f"{found.units} 个单元，{found.premises} 间候选用房：{len(found.rooms)} 间就够（{sure}）")
    for room in found.rooms:
        click.echo(f"  ✓ {room.number} {room.name}：{room.units} 个单元、{room.households} 户走得到")
    for corner in found.dead_corners:
        far = (
            "这一片没有可用的房"
            if corner.nearest_m is None
            else f"最近的房直线 {corner.nearest_m:.0f} 米，超过 {reach:g} 米"
        )
        click.echo(f"  ✗ {corner.code} {corner.name}：{far}")


@plan.command()
@click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")
@click.option("--on", type=DAY, default=None, help="按哪一天的情况（默认今天）/ as of which day")
def heads(area: str | None, on: date | None) -> None:
    """网格员不是党员的网格，谁可以牵头（只列编号）/ who could head a grid, by number only."""
    ready_database()
    day = on or today()
    code = area or next(iter(top_areas(on=day)), "")
    filled = open_ = 0
    for village in villages_in(code, on=day):
        for head in propose_heads(village, on=day):
            open_ += 1
            filled += head.proposed is not None
            others = f"；还可以：{'、'.join(head.others)}" if head.others else ""
            vacant = "住在本网格的正式党员都已有两个职务" if head.vacant == "all_taken" else "没有正式党员住在本网格"
            click.echo(f"{head.grid} {head.name}：{head.proposed or '✗ ' + vacant}{others}")
    click.echo(f"{open_} 个网格的网格员不是党员，{filled} 个有合适人选")


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
