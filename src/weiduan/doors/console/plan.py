"""weiduan plan"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from weiduan.doors.context import is_demo
from weiduan.ground.territory.queries import top_areas
from weiduan.outlook.proposals.actions import (
    SECONDS_A_VILLAGE,
    adopt,
    adopt_heads,
    adopt_rooms,
    ask_for_proposal,
    plan_proposal,
    resume,
    stop,
)
from weiduan.outlook.proposals.export import features_of, whole, write_proposal
from weiduan.outlook.proposals.heads import SHOWN, propose_heads
from weiduan.outlook.proposals.queries import proposal_seen_by, totals
from weiduan.outlook.proposals.rules import Ask, Wishes, asked_for
from weiduan.outlook.proposals.venues import REACH_M
from weiduan.outlook.proposals.words import contradiction_sentence, why_sentence
from weiduan.planning.executors import Executor, executor_of

from .progress import bar, told_to
from .setting_up import CONSOLE, DAY, now, ready_database, today

AREA = click.option("--area", default=None, help="区域编码（默认全部）/ area code, default everything")
ON = click.option("--on", type=DAY, default=None, help="按哪一天的情况（默认今天）/ as of which day")
SECONDS = click.option(
    "--seconds", type=click.FloatRange(0.1), default=SECONDS_A_VILLAGE, help="每村最多算多久 / seconds a village"
)
OUT = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=None,
    help="把方案写到这个目录：xlsx、GeoJSON、JSON / folder for the plan",
)  # fmt: skip
KEEP = click.option(
    "--keep", multiple=True, metavar="NUMBER",
    help="保持不变：党小组编号、单元编码，选房时是用房编号（可多次）/ leave as it is: group, unit or room",
)  # fmt: skip
REACH = click.option(
    "--reach", type=click.FloatRange(1), default=REACH_M, help="直线多少米内算走得到 / metres as the crow flies"
)
BUDGET = click.option(
    "--budget", type=click.IntRange(0), default=None, help="最多新开几处（默认不限）/ new rooms at most"
)
ENGINE = click.option(
    "--engine", type=click.Choice(["pool", "here", "ray"]), default="pool", help="谁来算：本机多进程、单进程、Ray 集群"
)
ADDRESS = click.option("--address", default=None, help="Ray 集群的地址（默认在本机起一个）/ address of a Ray cluster")
WORKERS = click.option(
    "--workers", type=click.IntRange(1), default=None, help="几个进程（默认每核一个）/ how many workers"
)


@click.group()
def plan() -> None:
    """方案：怎样让每个单元都有组织 / plan how every unit can be covered."""


@plan.command()
@AREA
@ON
@KEEP
@SECONDS
@ENGINE
@ADDRESS
@WORKERS
@OUT
def organise(keep: tuple[str, ...], **options: Any) -> None:
    """党小组、党支部怎么建：先补缺口，再少变动 / groups and branches: gaps first, then the least change."""
    _show_groups(_planned([Ask.ORGANISE], Wishes({}, keep=keep), **options))


@plan.command()
@AREA
@ON
@REACH
@BUDGET
@KEEP
@SECONDS
@OUT
def venues(reach: float, budget: int | None, keep: tuple[str, ...], **options: Any) -> None:
    """微阵地选房：最少几间，每个单元都走得到 / the fewest rooms within reach of every unit."""
    _show_rooms(_planned([Ask.VENUES], Wishes({}, reach_m=reach, budget=budget, keep_rooms=keep), **options))


@plan.command()
@AREA
@ON
@OUT
def heads(**options: Any) -> None:
    """网格员不是党员的网格，谁可以牵头（只列编号）/ who could head a grid, by number only."""
    _show_heads(_planned([Ask.HEADS], Wishes({}), **options))


@plan.command("all")
@AREA
@ON
@REACH
@BUDGET
@SECONDS
@ENGINE
@ADDRESS
@WORKERS
@OUT
def everything(reach: float, budget: int | None, **options: Any) -> None:
    """组织、阵地、牵头人一次算完 / organisations, rooms and heads in one run."""
    proposal = _planned(list(Ask), Wishes({}, reach_m=reach, budget=budget), **options)
    _show_groups(proposal)
    _show_rooms(proposal)
    _show_heads(proposal)


def _planned(
    asks: Sequence[Ask], wishes: Wishes, *, area: str | None, on: date | None, out: Path | None,
    seconds: float = SECONDS_A_VILLAGE, engine: str = "pool", address: str | None = None, workers: int | None = None,
) -> Any:  # fmt: skip
    """Ask, plan with a bar, write the files asked for."""
    ready_database()
    day = on or today()
    executor = executor_of(engine, address, workers)
    code = area or next(iter(top_areas(on=day)), "")
    proposal = ask_for_proposal(code, asks=asks, wishes=wishes, on=day, by=CONSOLE, at=now())
    _plan(proposal, seconds, executor)
    click.echo(f"方案 {proposal.pk}")
    if proposal.note:
        raise click.ClickException(proposal.note)
    if out:
        _write(proposal, out)
    return proposal


def _plan(proposal: Any, seconds: float, executor: Executor) -> None:
    """Plan with a bar; Ctrl-C stops it, so that it can be taken up again at once."""
    try:
        with bar() as progress:
            plan_proposal(proposal, seconds=seconds, executor=executor, progress=told_to(progress, "规划 / planning"))
    except KeyboardInterrupt:
        stop(proposal, by=CONSOLE, at=now())
        click.echo(f"已停下，算好的都保留着。接着算：weiduan plan resume {proposal.pk}", err=True)
        raise


def _write(proposal: Any, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_proposal(folder / "plan.xlsx", proposal, demo=is_demo())
    for name, content in (("plan.geojson", features_of(proposal)), ("plan.json", whole(proposal))):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    for path in sorted(folder.glob("plan.*")):
        click.echo(str(path))


def _show_groups(proposal: Any) -> None:
    total = totals(proposal)
    click.echo(f"{total['planned']} 个村（社区），{total['units']} 个单元；现有党小组 {total['today']} 个")
    click.echo(f"变动最少：党小组 {total['groups']} 个，{total['moves']} 个单元有变动；最少可到 {total['fewest']} 个")
    click.echo(f"已证明最优 {total['proved']} / {total['planned']} 个村；盖不住的单元 {total['left_out']} 个")
    click.echo(
        f"{total['grids']} 个网格：{total['branch_moves']} 个由党支部新覆盖，{total['branch_left_out']} 个没有党支部能覆盖；"
        f"已证明最优 {total['branch_proved']} / {total['planned']} 个村"
    )
    if total["elections"]:
        click.echo(f"另有 {total['elections']} 个党小组任期已过，要换届后才算覆盖")
    for village in proposal.plans.order_by("code"):
        if village.plan["contradiction"]:
            click.echo(f"  ✗ {village.name}：{contradiction_sentence(village.plan)}")
        for left in village.plan["points"][0]["left_out"] if village.plan["points"] else ():
            unit = village.plan["units"][left["unit"]]
            click.echo(
                f"  ✗ {unit['code']} {unit['name']}（{village.name}）：{why_sentence(left['why'], village.plan)}"
            )


def _show_rooms(proposal: Any) -> None:
    told = proposal.venues
    if not told:
        return
    proof, figures = told["certificate"], told["figures"]
    sure = "已证明不能更好" if proof["status"] == "optimal" else f"下界 {proof['bound']:g}，差距 {proof['gap']:.1%}"
    click.echo(
        f"{figures['units']} 个单元：新开 {figures['new']} 处，走得到的由 {figures['within_today']} 个变为 {figures['within']} 个（{sure}）"
    )
    for room in told["rooms"]:
        click.echo(f"  ✓ {room['number']} {room['name']}：服务 {len(room['units'])} 个单元")
    for corner in told["left_out"]:
        unit, far = told["units"][corner["unit"]], corner["nearest_m"]
        why = "这一片没有可用的房" if far is None else f"最近的房直线 {far:.0f} 米，超过 {told['reach_m']:g} 米"
        if far is not None and far <= told["reach_m"]:
            why = f"最近的房直线 {far:.0f} 米，但没有选上"
        click.echo(f"  ✗ {unit['code']} {unit['name']}：{why}")


def _show_heads(proposal: Any) -> None:
    filled = open_ = 0
    for code in proposal.plans.order_by("code").values_list("code", flat=True):
        for head in propose_heads(code, on=proposal.on):
            open_ += 1
            filled += head.proposed is not None
            others = f"；还可以：{'、'.join(head.others[:SHOWN])}" if head.others else ""
            vacant = "住在本网格的正式党员都已有两个职务" if head.vacant == "all_taken" else "没有正式党员住在本网格"
            click.echo(f"{head.grid} {head.name}：{head.proposed or '✗ ' + vacant}{others}")
    click.echo(f"{open_} 个网格的网格员不是党员，{filled} 个有合适人选")


@plan.command("resume")
@click.argument("proposal", type=click.UUID)
@SECONDS
@ENGINE
@ADDRESS
@WORKERS
def resume_plan(proposal: UUID, seconds: float, engine: str, address: str | None, workers: int | None) -> None:
    """接着算：停下的，或算到一半被中断的 / go on with a plan that was stopped or cut off."""
    ready_database()
    found = proposal_seen_by(proposal, CONSOLE, at=now())
    resume(found, by=CONSOLE, at=now())
    _plan(found, seconds, executor_of(engine, address, workers))
    _show_groups(found)
    _show_rooms(found)


@plan.command("adopt")
@click.argument("proposal", type=click.UUID)
@click.option("--village", "villages", multiple=True, help="只采纳这些村（可多次）/ only these villages")
@click.option(
    "--point",
    type=click.IntRange(0),
    default=0,
    help="曲线上第几个方案，0 是变动最少 / which point, 0 the least change",
)
@ON
def adopt_plan(proposal: UUID, villages: tuple[str, ...], point: int, on: date | None) -> None:
    """采纳方案：建组、调整覆盖、转组织、定组长，规划微阵地，定网格长 / carry a plan out."""
    ready_database()
    at, day = now(), on or today()
    found = proposal_seen_by(proposal, CONSOLE, at=at)
    when: dict[str, Any] = {"on": day, "by": CONSOLE, "at": at}
    if asked_for(found.asks, Ask.ORGANISE):
        done = adopt(found, villages=villages or None, point=point, **when)
        click.echo(
            f"✓ {done['villages']} 个村：新建党小组 {done['groups_set_up']} 个，撤并 {done['groups_dissolved']} 个，"
            f"转组织 {done['members_moved']} 人，新任组长 {done['leaders']} 人，党支部新覆盖网格 {done['grids_joined']} 个"
        )
    if found.venues:
        rooms = adopt_rooms(found, villages=villages or None, **when)
        click.echo(f"✓ 规划微阵地 {rooms['venues_planned']} 处，服务 {rooms['units_served']} 个单元")
    if asked_for(found.asks, Ask.HEADS):
        click.echo(f"✓ 新任网格长 {adopt_heads(found, villages=villages or None, **when)} 人")


COMMANDS = [plan]
