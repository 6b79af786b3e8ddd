"""Neighbours of the demo: volunteers and their shifts, small wishes, rounds, and what residents say when asked."""

import secrets
from datetime import date, datetime, timedelta

import numpy as np

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import Place, places
from weiduan.ground.territory.rules import Level
from weiduan.systems.services.routines.actions import Plan as RoundPlan
from weiduan.systems.services.routines.actions import do_round, set_up
from weiduan.systems.services.routines.rules import Every
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.answering import answer
from weiduan.systems.services.satisfaction.rules import About, Way
from weiduan.systems.services.volunteers import shifts, teams
from weiduan.systems.services.volunteers.models import Team
from weiduan.systems.services.wishes import actions as wishes

from .divisions import District

OLDEST = 61  # days: before that there was no place for it
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CALLED = ("红姐", "老周", "小陈", "李老师", "阿强", "王阿姨")
WISHES = (
    ("想借一套三年级的课外书。", "区第一小学", "孩子很高兴，谢谢老师们。"),
    ("想请人教一下怎么用手机看病挂号。", "邻里守望志愿服务队", ""),
    ("家里的电灯坏了，够不着换。", "", ""),
    ("想给院里的孩子找几张旧课桌。", "", ""),
)
QUESTIONS = ("总的来说，您对住在这里满意吗？", "附近有能用的活动场所", "反映的问题有人管")
ROUNDS = (
    ("消防通道巡查", "网格员", Every.WEEK, "消防通道、楼道堆物、电动车充电"),
    ("设施走查", "小区党支部书记", Every.MONTH, "路灯、井盖、健身器材、公告栏"),
)
SAMPLE, ANSWERED = 40, 31


def help_each_other(district: District, *, seed: int, on: date, at: datetime) -> int:
    """Let the first village of the demo help itself; return how many teams, wishes, rounds and questionnaires there are."""
    village = district.villages[0].code
    units = [place for place in places(village, on=local_day(at), levels=[Level.UNIT]) if place.level == Level.UNIT]
    if not units or (local_day(at) - on).days < OLDEST:
        return 0
    chance = np.random.default_rng([seed, 8, int(district.code)])
    _volunteer(village, at)
    for number, wish in enumerate(WISHES):
        _wish(units[number % len(units)].code, *wish, at=at - (20 - 4 * number) * DAY)
    for round_ in ROUNDS:
        _go_round(village, units, *round_, at=at)
    _ask(village, units[0], chance, at)
    return 1 + len(WISHES) + len(ROUNDS) + 2


def _volunteer(village: str, at: datetime) -> None:
    facts = teams.Facts("邻里守望志愿服务队", "陪老人看病取药，守护上学路口，给院落除草。", "社区志愿服务专干")
    team = teams.found_team(village, facts, by="demo", at=at - 60 * DAY)
    receipts = [_join(team, name, at - 50 * DAY) for name in CALLED]
    noon = at.replace(hour=2, minute=0, second=0, microsecond=0)  # 10:00 in China
    past = _plan(team, "上学路口守护", noon - 10 * DAY, at - 30 * DAY)
    held = [shifts.take(past.pk, receipt, at=at - 20 * DAY) for receipt in receipts[:4]]
    shifts.write_hours(past.pk, {place.pk: 120 for place in held[:3]}, by="demo", at=at - 9 * DAY)
    soon = _plan(team, "陪老人取药", noon + 3 * DAY, at - 5 * DAY)
    shifts.take(soon.pk, receipts[0], at=at - 4 * DAY)
    later = _plan(team, "院落除草", noon + 12 * DAY, at - 5 * DAY)
    for receipt in receipts[1:5]:
        shifts.take(later.pk, receipt, at=at - 3 * DAY)
    teams.ask_to_join(team.pk, "新来的小吴", "", secrets.token_urlsafe(18), at=at - DAY)


def _join(team: Team, name: str, at: datetime) -> str:
    receipt = secrets.token_urlsafe(18)
    teams.admit(teams.ask_to_join(team.pk, name, "", receipt, at=at).pk, by="demo", at=at)
    return receipt


def _plan(team: Team, what: str, starts: datetime, at: datetime) -> shifts.Shift:
    plan = shifts.Plan(what, "社区党群服务中心门口", starts, starts + 2 * HOUR, least=3, most=6)
    return shifts.plan_shift(team.pk, plan, by="demo", at=at)


def _wish(unit: str, text: str, taken_up_by: str, thanks: str, *, at: datetime) -> None:
    """Tell a wish; let somebody take it up, fulfil it and be thanked, as far as the demo says."""
    own, theirs = secrets.token_urlsafe(18), secrets.token_urlsafe(18)
    wish = wishes.tell_wish(unit, text, "", own, at=at)
    if text != WISHES[-1][0]:  # the last one is still to be looked at
        wishes.make_public(wish.pk, text, by="demo", at=at + DAY)
    if taken_up_by:
        wishes.claim(wish.pk, taken_up_by, "办公室", theirs, at=at + 2 * DAY)
    if thanks:
        wishes.fulfil(theirs, at=at + 5 * DAY)
        wishes.thank(own, thanks, at=at + 6 * DAY)


def _go_round(
    village: str, units: list[Place], title: str, done_by: str, every: Every, looked_at: str, *, at: datetime
) -> None:
    began = at - 45 * DAY
    plan = RoundPlan(title, done_by, every, looked_at, [unit.code for unit in units], local_day(began))
    routine = set_up(village, plan, by="demo", at=began)
    for number, unit in enumerate(units):
        if number % 4:  # every fourth unit waits
            for days in (35, 28, 21, 14, 7, 0):
                do_round(
                    routine.pk,
                    unit.code,
                    "楼道有堆物，已请住户搬走" if days == 21 else "",
                    by="demo",
                    at=at - days * DAY,
                )


def _ask(village: str, unit: Place, chance: np.random.Generator, at: datetime) -> None:
    """Ask the households of one unit, drawn by lot, and go on asking whoever told a report."""
    began = at - 40 * DAY
    today = local_day(at)
    households = max(unit.households or 0, SAMPLE)
    wanted = asking.Wanted(
        About.UNIT, Way.SAMPLE, f"{unit.name}住户满意度", QUESTIONS, local_day(began), today - 10 * DAY, codes=SAMPLE,
        households=households,
    )  # fmt: skip
    drawn = asking.draft(unit.code, wanted, by="demo", at=began)
    codes = asking.open_it(drawn.pk, by="demo", at=began)
    for code in codes[:ANSWERED]:
        said = [
            int(each)
            for each in chance.choice([1, 2, 3, 4, 5, 0], size=len(QUESTIONS), p=[0.34, 0.38, 0.14, 0.06, 0.02, 0.06])
        ]
        answer(drawn.pk, code, said, at=began + DAY)
    after = asking.Wanted(
        About.REPORT, Way.AFTER, "反映问题办得怎么样？", ("您对处理结果满意吗？", "您对处理速度满意吗？"), today - 30 * DAY,
        today + 60 * DAY,
    )  # fmt: skip
    asking.open_it(asking.draft(village, after, by="demo", at=began).pk, by="demo", at=began)
    asking.close_those_over(at=at)
