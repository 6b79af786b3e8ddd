"""Self-government of the demo: two bodies, a compact in force after its vote, and another that opinions are heard on."""

import secrets
from datetime import date, datetime, timedelta

import numpy as np
from dateutil.relativedelta import relativedelta

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.closing import close, make_final
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.preparing import Draft, open_ballot, redraft, set_roll
from weiduan.systems.governance.ballots.rolls import Line
from weiduan.systems.governance.bodies.actions import Elected, Election, found_body, hold_election
from weiduan.systems.governance.compacts.actions import Facts, begin_compact, move_on, say_about, support
from weiduan.systems.governance.compacts.models import Version
from weiduan.systems.governance.compacts.rules import Stage

from .divisions import District
from .names import people

OLDEST = 61  # days: before that there was no place to decide for
HOUSEHOLDS = 24
DAY = timedelta(days=1)
PROCEDURE = "households_unit"
COMPACT = """第一条 楼道、消防通道不堆放杂物，不停放电动车。
第二条 晚上十点至早上七点请安静，装修在工作日白天进行。
第三条 养犬牵绳，清理粪便。
第四条 公共收益每季度公布一次。
第五条 有争议先由院落管理委员会调解。"""
CHARTER = """第一条 议事会由住户推选，每楼栋一人。
第二条 议题由十户以上联名或议事会成员提出。
第三条 议事会每季度至少开会一次，会议记录公开。"""
SAID = ("建议写明会议记录贴在哪里。", "第二条好，开会时间最好放在周末。", "每楼栋一人有点少，大楼栋可以两人。")
SUPPORTERS = 7


def govern_themselves(district: District, *, seed: int, on: date, at: datetime) -> int:
    """Let the first unit of the demo govern itself; return how many bodies and texts there are."""
    today = local_day(at)
    village = district.villages[0].code
    units = [place for place in places(village, on=today, levels=[Level.UNIT]) if place.level == Level.UNIT]
    if not units or (today - on).days < OLDEST:
        return 0
    unit, chance = units[0], np.random.default_rng([seed, int(district.code)])
    _found(
        unit.code, "courtyard_committee", f"{unit.name}院落管理委员会", ("主任", "副主任", "委员"), 5, chance, on, at
    )
    _found(village, "council", "居民议事会", ("召集人", *["成员"] * 6), 9, chance, on, at)
    _enact(unit.code, at)
    _talk_over(unit.code, at)
    return 4


def _found(
    area: str,
    kind: str,
    name: str,
    offices: tuple[str, ...],
    seats: int,
    chance: np.random.Generator,
    on: date,
    at: datetime,
) -> None:
    """Found a body on the survey's day and elect it; the term is the one that runs today."""
    body = found_body(area, kind, name, since=on, by="demo", at=at)
    since = on
    while since + relativedelta(years=3) <= local_day(at):  # so that it is in term, whatever day it is
        since += relativedelta(years=3)
    names = people(chance, len(offices))
    officers = tuple(Elected(office, name) for office, name in zip(offices, names, strict=True))
    election = Election(since, seats, officers, words="居民会议选举产生")
    hold_election(body.pk, election, by="demo", at=at)


def _enact(unit: str, at: datetime) -> None:
    """Let a compact go the whole way in two months: talked over, voted on, filed, in force."""
    began = at - 60 * DAY
    version = begin_compact(unit, "compact", "院落居民公约", COMPACT, by="demo", at=began)
    facts = Facts(reviewed_by="街道司法所", procedure=PROCEDURE)
    for days, stage in ((5, Stage.DRAFTING), (15, Stage.REVIEW), (20, Stage.VOTE)):
        version = move_on(version.pk, stage, facts, by="demo", at=began + days * DAY)
    final = _vote(version, began + 21 * DAY)
    move_on(version.pk, Stage.FILING, by="demo", at=final)
    filed = local_day(final + 5 * DAY)
    facts = Facts(filed_number=f"备〔{filed.year}〕1号", filed_on=filed, in_force_from=local_day(final + 7 * DAY))
    move_on(version.pk, Stage.IN_FORCE, facts, by="demo", at=final + 6 * DAY)


def _vote(version: Version, opens: datetime) -> datetime:
    """Hold the vote on a version by households; return when it is final."""
    ballot = Ballot.objects.get(compact_versions=version)
    wanted = Draft(ballot.title, ballot.text, PROCEDURE, opens_at=opens, closes_at=opens + 7 * DAY)
    redraft(ballot.pk, wanted, by="demo", at=opens)
    lines = [Line(part=f"{n}号", names=f"住户{n}") for n in range(1, HOUSEHOLDS + 1)]
    set_roll(ballot.pk, lines, by="demo", at=opens)
    codes = open_ballot(ballot.pk, by="demo", at=opens)
    for number, code in codes.items():
        if number % 4:  # a quarter doesn't vote
            cast(ballot.pk, code, "no" if number % 9 == 0 else "yes", at=opens + DAY)
    close(ballot.pk, by="demo", at=opens + 7 * DAY)
    make_final(at=opens + 14 * DAY)
    return opens + 14 * DAY


def _talk_over(unit: str, at: datetime) -> None:
    """Begin the rules of the council: residents say what they think and stand behind them."""
    version = begin_compact(unit, "procedure", "院落议事规则", CHARTER, by="demo", at=at - 9 * DAY)
    for days, words in enumerate(SAID):
        say_about(version.pk, words, secrets.token_urlsafe(18), at=at - (7 - days) * DAY)
    for _each in range(SUPPORTERS):
        support(version.pk, secrets.token_urlsafe(18), text_hash=version.text_hash, at=at - 3 * DAY)
