"""Service projects of the demo: one being carried out, its first milestone paid, and one that is called."""

import io
from datetime import date, datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.closing import close, make_final
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.preparing import open_ballot, set_roll
from weiduan.systems.governance.ballots.rolls import Line
from weiduan.systems.governance.partners.actions import Facts, Needing, keep_partner, say_need
from weiduan.systems.governance.partners.models import Partner
from weiduan.systems.services.projects import carrying, choosing, money, packaging, proposing
from weiduan.systems.services.projects.accounts import open_partner_account
from weiduan.systems.services.projects.models import Project
from weiduan.systems.services.projects.packaging import Package
from weiduan.systems.services.projects.proposing import Proposing, Step

from .divisions import District

OLDEST = 61  # days: before that there was no place to do anything for
DAY = timedelta(days=1)
HOUSEHOLDS = 16
PARTNERS = ("乐龄社会工作服务中心", "青禾公益发展中心", "邻里互助促进会")
ACCOUNT = "partner"  # of the first
BATHING = "为八十岁以上、自己洗澡有困难的老人提供上门助浴，每次两名护理员，先评估再服务。"
HOMEWORK = "周一至周五放学后在微空间看护并辅导作业，寒暑假另排时间。"
BATHING_STEPS = (
    Step("完成入户评估和首批助浴二十次", "评估表、服务记录和照片", 12_000_00, 15),
    Step("完成助浴四十次", "服务记录和回访表", 16_000_00, 40),
    Step("总结和移交服务清单", "总结报告", 4_000_00, 60),
)


def carry_projects(district: District, *, on: date, at: datetime) -> int:
    """Let the first village of the demo have two projects; return how many there are."""
    today = local_day(at)
    village = district.villages[0].code
    units = [place for place in places(village, on=today, levels=[Level.UNIT]) if place.level == Level.UNIT]
    if not units or (today - on).days < OLDEST:
        return 0
    unit, begun = units[0].code, at - 55 * DAY
    partners = [
        keep_partner(village, Facts("social", name, "项目部主任", "", local_day(begun)), by="demo", at=begun)
        for name in PARTNERS
    ]
    _running(unit, partners, begun)
    _called(unit, partners[0], at)
    return 2


def open_partners_account(at: datetime) -> list[dict[str, Any]]:
    """Open an account for a partner of the demo; return it as the other accounts are kept, nothing where there is no partner."""
    partner = Partner.objects.filter(name=PARTNERS[0]).order_by("since", "pk").first()
    if partner is None:
        return []
    opened = open_partner_account(partner.pk, ACCOUNT, by="demo", at=at, must_change=False)
    return [{"username": ACCOUNT, "password": opened.password, "title": opened.account.user.title}]


def _running(unit: str, partners: list[Partner], begun: datetime) -> None:
    """Bring a project in seven weeks from a need to its second milestone."""
    need = say_need(unit, Needing("skill", "高龄老人在家洗澡难", local_day(begun)), by="demo", at=begun)
    project = packaging.draft_package(
        unit, Package("高龄老人上门助浴", BATHING, 35_000_00, (unit,), (need.pk,)), by="demo", at=begun
    )
    packaging.call_for_proposals(project.pk, until=begun + 7 * DAY, by="demo", at=begun)
    for number, partner in enumerate(partners):
        words = f"由{partner.name}的护理小组承担，每周两次，家属可在场，做完当场填写服务记录。"
        _propose(project, partner, Proposing(words, BATHING_STEPS[: 3 - number % 2]), begun + 3 * DAY)
    final = _vote(project, begun + 8 * DAY)
    money.set_aside(project.pk, 35_000_00, "城乡社区发展治理专项资金", by="demo", at=final)
    signed = final + DAY
    carrying.sign(project.pk, on=local_day(signed), by="demo", at=signed)
    shots = [carrying.Shot(_picture(), "示意图：助浴车停在单元门口，旁边放着服务记录本")]
    first = carrying.show_evidence(project.pk, 1, "入户评估二十二户，首批助浴二十次。", by="demo", at=signed + 10 * DAY)
    carrying.refuse(project.pk, first.pk, "少了服务记录，请补上。", by="demo", at=signed + 11 * DAY)
    mended = "入户评估二十二户，首批助浴二十次，服务记录已交社区存档。"
    again = carrying.show_evidence(project.pk, 1, mended, shots, by="demo", at=signed + 13 * DAY)
    acceptance = carrying.accept(project.pk, again.pk, by="demo", at=signed + 14 * DAY)
    money.release(acceptance.pk, by="demo", at=signed + 15 * DAY)
    carrying.show_evidence(project.pk, 2, "助浴四十次已完成，回访三十六户。", by="demo", at=signed + 26 * DAY)


def _called(unit: str, partner: Partner, at: datetime) -> None:
    """Call a project; a partner has handed something in, which nobody can read yet."""
    begun = at - 2 * DAY
    need = say_need(unit, Needing("hours", "放学后孩子没有人看护", local_day(begun)), by="demo", at=begun)
    package = Package("放学后看护和作业辅导", HOMEWORK, 28_000_00, (unit,), (need.pk,))
    project = packaging.draft_package(unit, package, by="demo", at=begun)
    packaging.call_for_proposals(project.pk, until=at + 10 * DAY, by="demo", at=begun)
    steps = (
        Step("开班并看护一个月", "签到表（只记人数）", 14_000_00, 30),
        Step("看护第二个月", "签到表（只记人数）", 14_000_00, 60),
    )
    _propose(project, partner, Proposing("每天两名社工，每班不超过二十人。", steps), begun + DAY)


def _propose(project: Project, partner: Partner, proposing_: Proposing, at: datetime) -> None:
    proposing.save_proposal(project.pk, partner.pk, proposing_, by="demo", at=at)
    proposing.hand_in(project.pk, partner.pk, by="demo", at=at)


def _vote(project: Project, opens: datetime) -> datetime:
    """Let households choose; return when that is final."""
    asking = choosing.Asking("households_unit", is_secret=True, opens_at=opens, closes_at=opens + 4 * DAY)
    ballot: Ballot = choosing.let_residents_vote(project.pk, asking, by="demo", at=opens)
    set_roll(ballot.pk, [Line(part=f"{n}号", names=f"住户{n}") for n in range(1, HOUSEHOLDS + 1)], by="demo", at=opens)
    codes = open_ballot(ballot.pk, by="demo", at=opens)
    favourite = ballot.options.index(PARTNERS[0]) + 1
    for number, code in codes.items():
        if number % 5:  # a fifth doesn't vote
            choice = favourite if number % 3 else number % len(ballot.options) + 1
            cast(ballot.pk, code, str(choice), at=opens + DAY)
    close(ballot.pk, by="demo", at=opens + 4 * DAY)
    final = opens + 12 * DAY
    make_final(at=final)
    choosing.choose(project.pk, by="demo", at=final)
    return final


def _picture() -> bytes:
    """Draw a plain picture that stands for a photo."""
    paper = Image.new("RGB", (960, 640), "#dfe9e4")
    pen = ImageDraw.Draw(paper)
    pen.rectangle((90, 120, 420, 640), fill="#b9cfc4")
    pen.rectangle((200, 360, 310, 640), fill="#5b7f72")
    pen.rounded_rectangle((480, 380, 830, 560), 24, fill="#3f6f8f")
    for x in (560, 750):
        pen.ellipse((x - 44, 530, x + 44, 618), fill="#26323a")
    target = io.BytesIO()
    paper.save(target, "JPEG", quality=85)
    return target.getvalue()
