"""Meetings of the demo: the first organisations of its village laid this year's plan, held most of it, excused one, missed a few."""

from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils import timezone

from weiduan.ground.accounts.queries import local_day
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.queries import organisations_in
from weiduan.systems.services.meetings import actions, holding
from weiduan.systems.services.meetings.actions import FixedDay
from weiduan.systems.services.meetings.holding import Held, Vote
from weiduan.systems.services.meetings.models import OrganisationMeeting
from weiduan.systems.services.meetings.queries import due_at, held_on, moment
from weiduan.systems.services.meetings.rules import Kind, Presence

from .divisions import District

MOST_ORGANISATIONS = 6
MISSED_SHARE, LEAVE_SHARE = 0.06, 0.12
FIXED_DAY, HOUR = 5, time(19, 0)
TITLES = {
    Kind.MEMBERS: "党员大会", Kind.COMMITTEE: "支部委员会", Kind.GROUP: "党小组会", Kind.LECTURE: "党课", Kind.THEME_DAY: "主题党日",
    Kind.LIFE: "组织生活会", Kind.APPRAISAL: "民主评议党员",
}  # fmt: skip
WORDS = "一、学习近期文件。\n二、通报本月工作。\n三、讨论院落环境整治，确定下月安排。"
WHY = "防汛值守，全体到岗，改为下期合并学习"
QUESTION, TASK = "同意本季度党费使用方案", "走访楼栋独居老人，登记需要帮忙的事"


def hold_meetings(district: District, *, seed: int, on: date, at: datetime) -> int:
    """Let a few organisations of the first village meet since January; return how many meetings there are."""
    today = local_day(at)
    begun = max(date(today.year, 1, 1), on + timedelta(days=1))
    if begun >= today:
        return 0
    chance = np.random.default_rng([seed, int(district.code)])
    here = organisations_in(district.villages[0].code, on=begun).filter(kind__in=["branch", "group"])
    branch = here.filter(kind="branch").first()
    if branch is None:
        return 0
    chosen = [branch, *here.filter(parent=branch)[: MOST_ORGANISATIONS - 1]]
    for organisation in chosen:
        _year_of(organisation, begun, at, chance)
    return OrganisationMeeting.objects.count()


def _year_of(organisation: Organisation, begun: date, at: datetime, chance: np.random.Generator) -> None:
    fixed = FixedDay(FIXED_DAY, HOUR, "党群服务中心二楼会议室", TITLES)
    actions.lay_year(organisation, begun.year, fixed, by="demo", at=moment(begun, time(9)))
    over = OrganisationMeeting.objects.filter(organisation=organisation, starts_at__lt=at - timedelta(hours=2))
    for n, meeting in enumerate(over.select_related("organisation").order_by("starts_at", "kind")):
        if n == 2:
            actions.excuse_meeting(meeting.pk, WHY, by="demo", at=_evening_after(meeting, at))
        elif chance.random() >= MISSED_SHARE:
            _hold(meeting, at, chance)


def _hold(meeting: OrganisationMeeting, at: datetime, chance: np.random.Generator) -> None:
    """Let most of those due come; where too few would, all do."""
    due = due_at(meeting, on=held_on(meeting))
    if not due or meeting.starts_at is None:
        return
    stays = chance.random(len(due)) < LEAVE_SHARE
    if sum(stays) * 3 > len(due):
        stays[:] = False
    presence = {
        one.person: Presence.ON_LEAVE if is_away else Presence.CAME for one, is_away in zip(due, stays, strict=True)
    }
    voters = sum(one.has_vote and presence[one.person] is Presence.CAME for one in due)
    votes = [Vote(QUESTION, voters, 0, 0)] if meeting.kind == Kind.MEMBERS and voters else []
    chair = "党小组组长" if meeting.kind == Kind.GROUP else "书记"
    written = _evening_after(meeting, at)
    held = Held(meeting.starts_at, meeting.place, chair, presence, 0, WORDS, votes)
    holding.hold(meeting.pk, held, by="demo", at=written)
    if meeting.kind == Kind.MEMBERS:
        until = held_on(meeting) + timedelta(days=20)
        task = holding.give_task(meeting.pk, TASK, "组织委员", until, by="demo", at=written)
        if until < local_day(at):
            done = timezone.make_aware(datetime.combine(until, time(17)))
            holding.task_done(meeting.pk, task.pk, "走访 12 户，记录已交社区", by="demo", at=min(done, at))


def _evening_after(meeting: OrganisationMeeting, at: datetime) -> datetime:
    return min(moment(held_on(meeting), time(21)), at)
