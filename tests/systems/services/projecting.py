"""A unit with a project: a need, a package, three partners who propose, a choice of the residents, milestones and money."""

import io
from dataclasses import dataclass, field
from datetime import timedelta

from PIL import Image

from tests.builders import MONDAY, VILLAGE, a_user
from tests.systems.governance.matters import NEXT_UNIT, UNIT
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.closing import close, make_final
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.preparing import open_ballot, set_roll
from weiduan.systems.governance.ballots.rolls import Line
from weiduan.systems.governance.partners.actions import Facts, Needing, keep_partner, say_need
from weiduan.systems.governance.partners.models import Need, Partner
from weiduan.systems.services.projects import carrying, choosing, money, packaging, proposing
from weiduan.systems.services.projects.accounts import open_partner_account
from weiduan.systems.services.projects.models import Milestone, MilestoneAcceptance, Project
from weiduan.systems.services.projects.packaging import Package
from weiduan.systems.services.projects.proposing import Proposing, Step
from weiduan.systems.services.projects.rules import MilestoneState, State

DAY = timedelta(days=1)
CALL_UNTIL, AFTER_CALL = MONDAY + 7 * DAY, MONDAY + 8 * DAY
VOTE_CLOSES = MONDAY + 12 * DAY
FINAL = VOTE_CLOSES + 8 * DAY
SIGNED = FINAL + DAY
BUDGET = 50_000_00
NAMES = ("乐龄社会工作服务中心", "青禾公益发展中心", "邻里互助促进会")
STEPS = (
    Step("助浴入户二十次", "服务记录和照片", 12_000_00, 30),
    Step("助浴入户四十次", "服务记录和回访表", 18_000_50, 60),
)


@dataclass
class World:
    """Who does what with the project."""

    keeper: User
    payer: User
    need: Need
    partners: list[Partner] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    project: Project = field(default_factory=Project)

    @property
    def key(self):
        return self.project.pk

    def again(self) -> Project:
        self.project.refresh_from_db()
        return self.project


def a_keeper(area: str = VILLAGE) -> User:
    user = a_user(Duty.KEEP_SERVICES, area=area)
    give_mandate(user, Duty.KEEP_GOVERNANCE, area=area, since=local_day(MONDAY), by="test", at=MONDAY)
    return user


def a_partner(name: str, *, area: str = VILLAGE, kind: str = "social") -> Partner:
    facts = Facts(kind, name, "项目部主任", "", local_day(MONDAY) - 30 * DAY)
    return keep_partner(area, facts, by="test", at=MONDAY)


def an_account(partner: Partner, name: str) -> User:
    return open_partner_account(partner.pk, name, by="test", at=MONDAY, must_change=False).account.user


def package(need: Need | None = None, **more) -> Package:
    told = {
        "title": "高龄老人助浴", "words": "为两个单元八十岁以上老人提供上门助浴。", "budget_fen": BUDGET, "units": (UNIT, NEXT_UNIT),
        "needs": (need.pk,) if need else (),
    } | more  # fmt: skip
    return Package(**told)


def drafted() -> World:
    """Return a world with a project as a draft, in a village laid before."""
    keeper = a_keeper()
    need = say_need(UNIT, Needing("skill", "八十岁以上老人洗澡难", local_day(MONDAY)), by="test", at=MONDAY)
    world = World(keeper, a_user(Duty.KEEP_SERVICES, area=VILLAGE), need)
    world.project = packaging.draft_package(VILLAGE, package(need), by=keeper, at=MONDAY)
    for number, name in enumerate(NAMES, start=1):
        partner = a_partner(name)
        world.partners.append(partner)
        world.users.append(an_account(partner, f"partner{number}"))
    return world


def called() -> World:
    world = drafted()
    world.project = packaging.call_for_proposals(world.key, until=CALL_UNTIL, by=world.keeper, at=MONDAY)
    return world


def proposed(count: int = 3) -> World:
    """Return a world in which so many partners have handed something in."""
    world = called()
    for partner, user in list(zip(world.partners, world.users, strict=True))[:count]:
        how = {"by": user, "at": MONDAY + DAY}
        proposing.save_proposal(world.key, partner.pk, Proposing(f"{partner.name}的做法", STEPS), **how)
        proposing.hand_in(world.key, partner.pk, **how)
    return world


def asking(procedure: str = "households_unit", **more) -> choosing.Asking:
    return choosing.Asking(procedure, **({"is_secret": True, "opens_at": AFTER_CALL, "closes_at": VOTE_CLOSES} | more))


def asked() -> tuple[World, Ballot]:
    world = proposed()
    ballot = choosing.let_residents_vote(world.key, asking(), by=world.keeper, at=AFTER_CALL)
    world.again()
    return world, ballot


def vote(ballot: Ballot, choices: list[int], *, roll: int = 5, keeper: User | str = "test") -> None:
    """Hold a ballot to its end: each of the first of a roll makes a choice."""
    set_roll(ballot.pk, [Line(part=f"{n}号", names=f"住户{n}") for n in range(1, roll + 1)], by=keeper, at=AFTER_CALL)
    codes = open_ballot(ballot.pk, by=keeper, at=AFTER_CALL)
    for number, choice in enumerate(choices, start=1):
        cast(ballot.pk, codes[number], str(choice), at=AFTER_CALL + DAY)
    close(ballot.pk, by=keeper, at=ballot.closes_at)
    make_final(at=FINAL)
    ballot.refresh_from_db()


def position(ballot: Ballot, partner: Partner) -> int:
    return ballot.options.index(partner.name) + 1


def chosen() -> World:
    """Return a world in which residents chose the first partner."""
    world, ballot = asked()
    first, second = position(ballot, world.partners[0]), position(ballot, world.partners[1])
    vote(ballot, [first, first, first, second])
    choosing.choose(world.key, by=world.keeper, at=FINAL)
    world.again()
    return world


def running(*, fund: int = BUDGET) -> World:
    world = chosen()
    money.set_aside(world.key, fund, "城乡社区发展治理专项资金", by=world.keeper, at=FINAL)
    carrying.sign(world.key, on=local_day(SIGNED), by=world.keeper, at=SIGNED)
    world.again()
    return world


def reported(world: World, number: int = 1, words: str = "已完成，附照片。", at=SIGNED):
    return carrying.show_evidence(
        world.key, number, words, [carrying.Shot(a_picture(), "志愿者上门")], by=world.users[0], at=at
    )


def accepted(world: World, number: int = 1, at=SIGNED) -> MilestoneAcceptance:
    if Milestone.objects.get(agreement__project=world.project, number=number).state != MilestoneState.REPORTED.value:
        reported(world, number, at=at)
    shown = Milestone.objects.get(agreement__project=world.project, number=number).shown.latest("at", "pk")
    return carrying.accept(world.key, shown.pk, by=world.keeper, at=at)


def done() -> World:
    world = running()
    for number in (1, 2):
        accepted(world, number)
    world.again()
    return world


def closed() -> World:
    world = done()
    for acceptance in MilestoneAcceptance.objects.order_by("pk"):
        money.release(acceptance.pk, by=world.payer, at=SIGNED)
    world.project = money.close_project(world.key, "结余退回", by=world.keeper, at=SIGNED)
    return world


def stopped() -> World:
    world = running()
    accepted(world, 1)
    world.project = packaging.stop_project(world.key, "资金渠道调整", by=world.keeper, at=SIGNED)
    return world


def choosing_now() -> World:
    return asked()[0]


IN_STATE = {
    State.DRAFT: drafted, State.CALLED: proposed, State.CHOOSING: choosing_now, State.CHOSEN: chosen, State.RUNNING: running,
    State.DONE: done, State.CLOSED: closed, State.STOPPED: stopped,
}  # fmt: skip


def a_picture(colour: str = "green") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(target, "JPEG")
    return target.getvalue()
