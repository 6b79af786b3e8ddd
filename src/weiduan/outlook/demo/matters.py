"""Matters of the demo: some forty, told, handled, answered and late, each made through the actions as people would."""

import random
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.categories.actions import ensure_categories
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.intake import Telling, tell
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.rules import Channel

from .divisions import District

MATTERS = 40
OLDEST = 61  # days
VILLAGES = 3  # so that each of the demo's accounts finds some
TOLD = (
    ("09012", "3栋东侧", "消防通道又停了车，消防车进不来。", "已联系车主挪车，重新画了黄线。"),
    ("09009", "大门口", "路口两边都停满车，行人只能走车道。", "已劝离车辆，加装了隔离桩。"),
    ("06001", "顶楼平台", "有人在楼顶搭棚子，下雨往下漏水。", "搭建的棚子已拆除。"),
    ("06045", "中心绿地", "绿地被翻开种菜了。", "已恢复绿化，补种了草皮。"),
    ("B01", "垃圾站", "垃圾两天没有收，味道很大。", "已清运，改为每天两次。"),
    ("C01", "健身区旁", "路灯不亮，晚上看不见台阶。", "灯已换好，晚上可以走了。"),
)
Deed = Callable[[Report, str, str, datetime], object]


def _begin(report: Report, receipt: str, answer: str, at: datetime) -> None:
    handling.accept(report.pk, by="demo", at=at)
    handling.begin(report.pk, "已派人到现场。", by="demo", at=at)


def _answer(report: Report, receipt: str, answer: str, at: datetime) -> None:
    _begin(report, receipt, answer, at)
    handling.answer(report.pk, answer, by="demo", at=at + timedelta(hours=3))


def _confirm(report: Report, receipt: str, answer: str, at: datetime) -> None:
    _answer(report, receipt, answer, at)
    handling.release(report.pk, answer, by="demo", at=at + timedelta(hours=3))
    reporting.confirm(receipt, at=at + timedelta(hours=5))


def _dispute(report: Report, receipt: str, answer: str, at: datetime) -> None:
    _answer(report, receipt, answer, at)
    reporting.dispute(receipt, "过了一晚又是老样子。", at=at + timedelta(hours=20))


# What became of a matter, and how many days ago it was told, at least and at most.
FATES: tuple[tuple[Deed, int, int], ...] = (
    (lambda report, receipt, answer, at: None, 0, 0),
    (lambda report, receipt, answer, at: None, 5, 9),  # nobody looked at it: late
    (lambda report, receipt, answer, at: handling.accept(report.pk, by="demo", at=at), 0, 3),
    (_begin, 1, 6),
    (lambda report, receipt, answer, at: handling.hand_up(report.pk, "需要上一级协调。", by="demo", at=at), 1, 4),
    (_answer, 2, 5),
    (_confirm, 8, 60),
    (_confirm, 8, 60),
    (_dispute, 3, 8),
)


def tell_matters(district: District, *, seed: int, on: date, at: datetime) -> int:
    """Tell matters in the first villages and let some of them be handled; return how many."""
    ensure_categories(by="demo", at=at)
    chance, today = random.Random(f"matters-{seed}-{district.code}"), local_day(at)
    villages = district.villages[:VILLAGES]
    rows = [place for village in villages for place in places(village.code, on=today, levels=[Level.UNIT])]
    units = [place.code for place in rows if place.level == Level.UNIT]
    first = [code for code in units if code[:15] == units[0][:15]]  # the grid of the demo's grid worker
    if not units or (today - on).days < OLDEST:  # nobody told anything before there was a place to tell of
        return 0
    for number in range(MATTERS):
        _tell(number, chance, chance.choice(units if number % 3 else first), at)
    return MATTERS


def _tell(number: int, chance: random.Random, unit: str, at: datetime) -> None:
    code, place, text, answer = TOLD[number % len(TOLD)]
    deed, least, most = FATES[number % len(FATES)]
    told_at = at - timedelta(days=chance.randint(least, most), minutes=chance.randint(1, 90))
    receipt = secrets.token_urlsafe(18)  # nobody who reads this file shall hold it
    telling = Telling(category=code, text=text, area=unit, place=place)
    report = tell(telling, receipt=receipt, channel=Channel.PORTAL, by=None, at=told_at)
    deed(report, receipt, answer, min(told_at + timedelta(minutes=chance.randint(10, 50)), at))
