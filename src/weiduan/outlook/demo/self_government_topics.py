"""Topics and partners of the demo: one topic carried through to the residents' word, one under way, a partner, an offer, a need."""

import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.deliberation import carrying, raising
from weiduan.systems.governance.deliberation.carrying import Call
from weiduan.systems.governance.deliberation.raising import Raising, TakingUp
from weiduan.systems.governance.partners import actions as partners
from weiduan.systems.governance.partners.actions import Facts, Needing, Offering

from .divisions import District

OLDEST = 61  # days: before that there was no place to talk over
DAY = timedelta(days=1)
BENCHES = Raising("架空层放几张长椅", "老人下棋、等孩子放学都没有地方坐，想在架空层放几张长椅。")
PARKING = Raising("电动车停在哪里、怎样充电", "楼道里停满电动车，想商量建一个集中停放充电的车棚。")
CONTENT = (True, True, True, True, False, True)


def talk_things_over(district: District, *, on: date, at: datetime) -> int:
    """Let the first unit of the demo talk two things over, and its village have a partner; return how many topics there are."""
    today = local_day(at)
    village = district.villages[0].code
    units = [place for place in places(village, on=today, levels=[Level.UNIT]) if place.level == Level.UNIT]
    if not units or (today - on).days < OLDEST:
        return 0
    unit = units[0].code
    _carried_through(unit, at)
    _under_way(unit, at)
    _a_partner(village, unit, at)
    return 2


def _receipt() -> str:
    """Draw a receipt nobody holds."""
    return secrets.token_urlsafe(18)


def _carried_through(unit: str, at: datetime) -> None:
    """Carry a topic through its six stages in eight weeks."""
    begun = at - 56 * DAY
    key = raising.raise_topic(unit, BENCHES, _receipt(), at=begun).pk
    raising.take_up(key, TakingUp("standard"), by="demo", at=begun + 2 * DAY)
    for words in ("东侧阳光好，放东侧。", "别挡住消防通道。"):
        raising.say_about(key, words, _receipt(), at=begun + 4 * DAY)
    for option in ("东侧放四张", "东西两侧各放两张"):
        carrying.add_option(key, option, by="demo", at=begun + 5 * DAY)
    carrying.pass_stage(key, "议题和方案已征集。", by="demo", at=begun + 7 * DAY)
    _met(key, "放在哪里、放几张", "十八人到会，多数赞成东侧放四张，不占消防通道。", 18, begun + 12 * DAY)
    carrying.pass_stage(key, by="demo", at=begun + 13 * DAY)
    carrying.decide(key, "在架空层东侧放四张长椅，费用从公共收益支出。", by="demo", at=begun + 14 * DAY)
    carrying.pass_stage(key, "决议已张贴。", by="demo", at=begun + 15 * DAY)
    for what, evidence in (
        ("采购四张防腐木长椅", "发票和到货照片已公示。"),
        ("安放并检查是否稳固", "已安放，逐张检查。"),
    ):
        until = local_day(begun + 35 * DAY)
        task = carrying.give_task(key, what, "物业服务中心", until, by="demo", at=begun + 16 * DAY)
        carrying.task_done(key, task.pk, evidence, by="demo", at=begun + 30 * DAY)
    carrying.pass_stage(key, by="demo", at=begun + 31 * DAY)
    carrying.publish_result(key, "四张长椅已放好，共支出 3,200 元。", by="demo", at=begun + 32 * DAY)
    carrying.pass_stage(key, by="demo", at=begun + 33 * DAY)
    for is_content in CONTENT:
        raising.say_content(key, _receipt(), is_content=is_content, at=begun + 38 * DAY)
    carrying.pass_stage(key, "评议结束，多数满意。", by="demo", at=begun + 47 * DAY)


def _met(key: UUID, agenda: str, minutes: str, attended: int, at: datetime) -> None:
    call = Call(starts_at=at, place="社区议事厅", agenda=agenda, invited=24)
    meeting = carrying.call_meeting(key, call, by="demo", at=at - 5 * DAY)
    carrying.write_minutes(key, meeting.pk, minutes, attended, by="demo", at=at + DAY / 12)


def _under_way(unit: str, at: datetime) -> None:
    """Bring a topic to where tasks are open, one of them late."""
    begun = at - 40 * DAY
    key = raising.raise_topic(unit, PARKING, _receipt(), at=begun).pk
    raising.take_up(key, TakingUp("standard"), by="demo", at=begun + DAY)
    for words in ("车棚离楼远一点，安全。", "充电价格要公开。", "旧车位能不能改成车棚？"):
        raising.say_about(key, words, _receipt(), at=begun + 3 * DAY)
    raising.follow(key, _receipt(), at=begun + 3 * DAY)
    carrying.pass_stage(key, by="demo", at=begun + 8 * DAY)
    _met(key, "车棚选址和充电价格", "二十一人到会，同意建在北门空地，价格公示。", 21, begun + 15 * DAY)
    carrying.pass_stage(key, by="demo", at=begun + 16 * DAY)
    carrying.decide(key, "在北门空地建集中停放充电车棚，充电价格张贴公示。", by="demo", at=begun + 17 * DAY)
    carrying.pass_stage(key, by="demo", at=begun + 18 * DAY)
    tasks = (
        ("确认北门空地能否使用", "社区居委会", 30),
        ("比选三家充电设备", "业主委员会", 38),
        ("张贴充电价格", "物业服务中心", 60),
    )
    keys = [
        carrying.give_task(key, what, owner, local_day(begun + days * DAY), by="demo", at=begun + 19 * DAY).pk
        for what, owner, days in tasks
    ]
    carrying.task_done(key, keys[0], "权属已核实，可以使用。", by="demo", at=begun + 28 * DAY)


def _a_partner(village: str, unit: str, at: datetime) -> None:
    """Let a school lend its hall to whoever has no room to meet."""
    since = local_day(at - 50 * DAY)
    facts = Facts("institution", "社区附近小学", "办公室主任", "", since)
    partner = partners.keep_partner(village, facts, by="demo", at=at - 50 * DAY)
    offering = Offering("room", "周末借用多功能厅，可坐八十人", village, since, capacity=2)
    partners.offer(partner.pk, offering, by="demo", at=at - 50 * DAY)
    needing = Needing("room", "议事会周末没有能坐下六十人的地方", local_day(at - 20 * DAY))
    partners.say_need(unit, needing, by="demo", at=at - 20 * DAY)
