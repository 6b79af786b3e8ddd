"""Projects: from a need to a published account, each gate held; nobody but residents chooses; partners see what is theirs."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests.builders import MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.ballots.closing import annul
from weiduan.systems.governance.ballots.preparing import open_ballot, redraft, set_roll
from weiduan.systems.governance.ballots.rolls import Line
from weiduan.systems.governance.deliberation import carrying as deliberating
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.deliberation.queries import stage_of
from weiduan.systems.governance.deliberation.raising import Raising, TakingUp, propose_topic, take_up
from weiduan.systems.governance.deliberation.rules import Need as StageNeed
from weiduan.systems.services.projects import carrying, choosing, money, packaging, proposing, queries
from weiduan.systems.services.projects.accounts import end_partner_account, open_partner_account
from weiduan.systems.services.projects.keeping import NotNow
from weiduan.systems.services.projects.models import (
    EvidencePicture,
    Milestone,
    MilestoneAcceptance,
    MoneyMove,
    PartnerAccount,
    Project,
    ProjectAgreement,
    ProjectProposal,
)
from weiduan.systems.services.projects.proposing import Proposing, Step
from weiduan.systems.services.projects.rules import NEXT, Deed, State, fen_of, may_do, yuan_of

from . import projecting as p

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def state_of(world: p.World) -> str:
    return world.again().state


def test_from_a_need_to_a_published_account():
    world = p.done()
    assert state_of(world) == State.DONE.value
    world.need.refresh_from_db()
    assert world.need.met_on == local_day(p.SIGNED)
    for acceptance in MilestoneAcceptance.objects.order_by("pk"):
        money.release(acceptance.pk, by=world.payer, at=p.SIGNED)
    money.close_project(world.key, "结余退回专项资金", by=world.keeper, at=p.SIGNED)
    books = queries.books_of(world.again())
    told = [(line.kind.value, line.amount_fen, line.milestone, line.pot_fen) for line in books.lines]
    assert told == [
        ("fund", 50_000_00, None, 50_000_00),
        ("release", 12_000_00, 1, 38_000_00),
        ("release", 18_000_50, 2, 19_999_50),
        ("return", 19_999_50, None, 0),
    ]
    assert books.held == {"source": -30_000_50, "pot": 0, "partner": 30_000_50}
    assert state_of(world) == State.CLOSED.value


def test_a_package_says_what_for_which_units_with_how_much_money():
    world = p.drafted()
    project = world.project
    assert [unit.area.versions.get().code for unit in project.units.order_by("area")] == [UNIT, NEXT_UNIT]
    assert [one.need for one in project.needs.all()] == [world.need]
    how = {"by": world.keeper, "at": MONDAY}
    for wrong in (
        {"title": " "}, {"words": ""}, {"budget_fen": 0}, {"units": ()}, {"units": (VILLAGE,)}, {"title": "长" * 81},
        {"units": (UNIT, OTHER_VILLAGE)},
    ):  # fmt: skip
        with pytest.raises(BadInput):
            packaging.change_package(world.key, p.package(world.need, **wrong), **how)
    packaging.change_package(world.key, p.package(None, title="助浴与理发", units=(UNIT,)), **how)
    assert (project.units.count(), project.needs.count(), world.again().title) == (1, 0, "助浴与理发")
    world.need.met_on = local_day(MONDAY)
    world.need.save()
    with pytest.raises(BadInput):
        packaging.change_package(world.key, p.package(world.need), **how)


def test_only_who_keeps_services_there_makes_and_sees_a_draft():
    world = p.drafted()
    looker, stranger = a_user(Duty.LOOK, area=VILLAGE), a_user(Duty.KEEP_SERVICES, area=OTHER_VILLAGE)
    for who, refusal in ((looker, NotAllowed), (stranger, NotFound), (world.users[0], NotFound)):
        with pytest.raises(refusal):
            packaging.draft_package(VILLAGE, p.package(), by=who, at=MONDAY)
        with pytest.raises(refusal):
            packaging.call_for_proposals(world.key, until=p.CALL_UNTIL, by=who, at=MONDAY)
        with pytest.raises(NotFound):
            queries.kept_project(who, world.key, at=MONDAY)
    with pytest.raises(NotFound):
        queries.public_project(world.key)
    assert queries.kept_project(world.keeper, world.key, at=MONDAY) == world.project


def test_a_partner_given_a_duty_by_mistake_still_keeps_no_project():
    world = p.called()
    give_mandate(world.users[0], Duty.KEEP_SERVICES, area=VILLAGE, since=local_day(MONDAY), by="test", at=MONDAY)
    with pytest.raises(NotAllowed):
        money.set_aside(world.key, 100, "专项资金", by=world.users[0], at=MONDAY)


def test_a_call_leaves_at_least_a_day_and_can_be_made_longer_until_proposals_are_public():
    world = p.drafted()
    how = {"by": world.keeper, "at": MONDAY}
    with pytest.raises(BadInput):
        packaging.call_for_proposals(world.key, until=MONDAY + DAY - timedelta(minutes=1), **how)
    packaging.call_for_proposals(world.key, until=MONDAY + DAY, **how)
    with pytest.raises(BadInput):
        packaging.extend_call(world.key, until=MONDAY + DAY, **how)
    packaging.extend_call(world.key, until=p.CALL_UNTIL, by=world.keeper, at=MONDAY + 2 * DAY)  # nobody proposed
    proposing.save_proposal(world.key, world.partners[0].pk, Proposing("做法", p.STEPS), by=world.users[0], at=MONDAY)
    proposing.hand_in(world.key, world.partners[0].pk, by=world.users[0], at=MONDAY)
    with pytest.raises(NotNow):
        packaging.extend_call(world.key, until=p.CALL_UNTIL + 9 * DAY, by=world.keeper, at=p.CALL_UNTIL)


def test_a_proposal_is_drafted_handed_in_withdrawn_and_handed_in_again_before_the_call_is_over():
    world = p.called()
    partner, how = world.partners[0], {"by": world.users[0], "at": MONDAY}
    with pytest.raises(NotNow):
        proposing.hand_in(world.key, partner.pk, **how)
    proposing.save_proposal(world.key, partner.pk, Proposing("先写一点"), **how)
    with pytest.raises(BadInput):
        proposing.hand_in(world.key, partner.pk, **how)  # it has no milestone
    proposing.save_proposal(world.key, partner.pk, Proposing("做法", p.STEPS), **how)
    assert proposing.hand_in(world.key, partner.pk, **how).state == "handed_in"
    with pytest.raises(NotNow):
        proposing.save_proposal(world.key, partner.pk, Proposing("改一改", p.STEPS), **how)
    proposing.withdraw_proposal(world.key, partner.pk, **how)
    assert queries.handed_in_count(world.project) == 0
    proposing.save_proposal(world.key, partner.pk, Proposing("改好了", p.STEPS[:1]), **how)
    proposing.hand_in(world.key, partner.pk, **how)
    late = {"by": world.users[0], "at": p.CALL_UNTIL}
    for deed in (proposing.withdraw_proposal, proposing.hand_in):
        with pytest.raises(NotNow):
            deed(world.key, partner.pk, **late)
    assert ProjectProposal.objects.get().steps.count() == 1


@pytest.mark.parametrize(
    "steps",
    [
        (Step("做", "看", p.BUDGET + 1, 10),),
        (Step("做", "看", -1, 10),),
        (Step("", "看", 1, 10),),
        (Step("做", " ", 1, 10),),
        (Step("做", "看", 1, 0),),
        (Step("做", "看", 1, 2000),),
        (Step("做", "看", 1, 1),) * 13,
    ],
)
def test_a_proposal_that_cannot_be_is_refused(steps):
    world = p.called()
    with pytest.raises(BadInput):
        proposing.save_proposal(world.key, world.partners[0].pk, Proposing("做法", steps), by=world.users[0], at=MONDAY)
    assert not ProjectProposal.objects.exists()


def test_nobody_but_its_partner_reads_a_proposal_before_the_call_is_over_then_all_by_name():
    world = p.proposed()
    assert queries.proposals_shown(world.again(), at=p.CALL_UNTIL - timedelta(seconds=1)) == []
    shown = [one.proposal.partner.name for one in queries.proposals_shown(world.project, at=p.CALL_UNTIL)]
    assert shown == sorted(p.NAMES)
    assert queries.own_proposal(world.partners[1], world.project).words == f"{p.NAMES[1]}的做法"


def test_proposals_of_a_call_that_was_stopped_stay_closed():
    world = p.proposed()
    packaging.stop_project(world.key, "预算被收回", by=world.keeper, at=MONDAY + 2 * DAY)
    assert queries.proposals_shown(world.again(), at=p.CALL_UNTIL + DAY) == []


def test_a_call_is_for_partners_at_home_there_that_can_sign():
    world = p.called()
    group, far = p.a_partner("广场舞队", kind="group"), p.a_partner("大弯社工站", area=OTHER_VILLAGE)
    assert queries.may_propose(world.partners[0], world.project, at=MONDAY)
    for partner in (group, far):
        assert not queries.may_propose(partner, world.project, at=MONDAY)
        assert queries.calls_for(partner, at=MONDAY) == []
        with pytest.raises(NotFound):
            proposing.save_proposal(world.key, partner.pk, Proposing("做法", p.STEPS), by="test", at=MONDAY)
    with pytest.raises(NotNow):
        open_partner_account(group.pk, "dance", by=world.keeper, at=MONDAY)
    with pytest.raises(NotFound):  # in another's name
        proposing.save_proposal(world.key, world.partners[1].pk, Proposing("做法"), by=world.users[0], at=MONDAY)


def test_residents_choose_by_a_ballot_whose_options_are_the_partners():
    world, ballot = p.asked()
    assert sorted(ballot.options) == sorted(p.NAMES) and ballot.most == 1 and ballot.area == world.project.area
    with pytest.raises(NotNow):
        choosing.choose(world.key, by=world.keeper, at=p.FINAL)
    second = p.position(ballot, world.partners[1])
    p.vote(ballot, [second, second, 1 if second != 1 else 2])
    with pytest.raises(BadInput):  # the keeper can't name another
        other = next(one for one in queries.handed_in(world.project) if one.partner != world.partners[1])
        choosing.choose(world.key, proposal=other.pk, by=world.keeper, at=p.FINAL)
    assert choosing.choose(world.key, by=world.keeper, at=p.FINAL).partner == world.partners[1]
    states = dict(ProjectProposal.objects.values_list("partner__name", "state"))
    assert states == {p.NAMES[0]: "not_chosen", p.NAMES[1]: "chosen", p.NAMES[2]: "not_chosen"}


def test_two_that_are_even_go_to_another_ballot_between_them():
    world, ballot = p.asked()
    with pytest.raises(NotNow):
        choosing.let_residents_vote(world.key, p.asking(), by=world.keeper, at=p.AFTER_CALL)
    first, second = (p.position(ballot, partner) for partner in world.partners[:2])
    p.vote(ballot, [first, second, first, second])
    with pytest.raises(NotNow):
        choosing.choose(world.key, by=world.keeper, at=p.FINAL)
    later = {"opens_at": p.FINAL, "closes_at": p.FINAL + DAY}
    again = choosing.let_residents_vote(world.key, p.asking(**later), by=world.keeper, at=p.FINAL)
    assert sorted(again.options) == sorted(p.NAMES[:2]) and world.again().ballot == again


def test_too_few_who_take_part_choose_nothing():
    world, ballot = p.asked()
    p.vote(ballot, [1, 1], roll=5)
    with pytest.raises(NotNow):
        choosing.choose(world.key, by=world.keeper, at=p.FINAL)
    assert state_of(world) == State.CHOOSING.value


def test_an_annulled_ballot_is_followed_by_another():
    world, ballot = p.asked()
    set_roll(ballot.pk, [Line(part="1号", names="住户1")], by=world.keeper, at=p.AFTER_CALL)
    open_ballot(ballot.pk, by=world.keeper, at=p.AFTER_CALL)
    annul(ballot.pk, "名册有误", by=world.keeper, at=p.AFTER_CALL)
    again = choosing.let_residents_vote(world.key, p.asking(), by=world.keeper, at=p.AFTER_CALL)
    assert world.again().ballot == again and len(again.options) == 3


def test_options_that_were_changed_in_the_ballot_choose_nobody():
    world, ballot = p.asked()
    draft = choosing.preparing.Draft(
        ballot.title, ballot.text, ballot.procedure, ("甲", "乙"), is_secret=True, opens_at=p.AFTER_CALL, closes_at=p.VOTE_CLOSES
    )  # fmt: skip
    redraft(ballot.pk, draft, by=world.keeper, at=p.AFTER_CALL)
    ballot.refresh_from_db()
    p.vote(ballot, [1, 1, 1])
    with pytest.raises(NotNow):
        choosing.choose(world.key, by=world.keeper, at=p.FINAL)


def test_a_partner_renamed_after_the_ballot_began_is_still_the_one_that_was_chosen():
    world, ballot = p.asked()
    first, second = world.partners[:2]
    first_place = p.position(ballot, first)
    for partner, name in ((first, "丙"), (second, p.NAMES[0])):
        partner.name = name
        partner.save()
    p.vote(ballot, [first_place] * 3)
    assert choosing.choose(world.key, by=world.keeper, at=p.FINAL).partner == first


def a_topic(area: str, until: StageNeed | None, at: datetime = p.AFTER_CALL) -> Topic:
    """Return a topic that was taken up, or decided (None)."""
    how = {"by": "test", "at": at}
    topic = propose_topic(area, Raising("选哪家做助浴", "三家方案大家议一议。"), by="test", at=at)
    topic = take_up(topic.pk, TakingUp("standard"), **how)
    while until is None and topic.decided_at is None:
        stage = stage_of(topic)
        assert stage is not None
        if stage.need is StageNeed.MEETING:
            meeting = deliberating.call_meeting(
                topic.pk, deliberating.Call(starts_at=at, place="议事厅", agenda="比较方案", invited=9), **how
            )
            deliberating.write_minutes(topic.pk, meeting.pk, "多数人赞成第二家。", 9, **how)
        if stage.need is StageNeed.DECISION:
            deliberating.decide(topic.pk, "选第二家。", **how)
        topic = deliberating.pass_stage(topic.pk, **how)
    return topic


def test_residents_choose_by_a_topic_they_decided():
    world = p.proposed()
    how = {"by": world.keeper, "at": p.AFTER_CALL}
    with pytest.raises(BadInput):  # the other unit has no say in it
        choosing.let_topic_decide(world.key, a_topic(UNIT, StageNeed.DECISION).pk, **how)
    with pytest.raises(BadInput):  # decided before anybody could know the proposals
        choosing.let_topic_decide(world.key, a_topic(VILLAGE, None, MONDAY).pk, **how)
    open_ = a_topic(VILLAGE, StageNeed.DECISION)
    choosing.let_topic_decide(world.key, open_.pk, **how)
    second = ProjectProposal.objects.get(partner=world.partners[1])
    with pytest.raises(NotNow):
        choosing.choose(world.key, proposal=second.pk, **how)
    Topic.objects.filter(pk=open_.pk).update(decided_at=p.AFTER_CALL, decision="选第二家")
    with pytest.raises(BadInput):
        choosing.choose(world.key, **how)
    assert choosing.choose(world.key, proposal=second.pk, **how).partner == world.partners[1]


def test_one_proposal_alone_needs_a_topic_and_none_needs_a_longer_call():
    world = p.proposed(count=1)
    how = {"by": world.keeper, "at": p.AFTER_CALL}
    with pytest.raises(NotNow):
        choosing.let_residents_vote(world.key, p.asking(), **how)
    topic = a_topic(VILLAGE, None)
    choosing.let_topic_decide(world.key, topic.pk, **how)
    assert choosing.choose(world.key, proposal=ProjectProposal.objects.get().pk, **how).state == "chosen"


def test_residents_choose_only_after_the_call_and_not_as_a_committee():
    world = p.proposed()
    with pytest.raises(NotNow):
        choosing.let_residents_vote(world.key, p.asking(), by=world.keeper, at=MONDAY + DAY)
    for procedure in ("branch_election", "owners_committee", "nothing"):
        with pytest.raises(BadInput):
            choosing.let_residents_vote(world.key, p.asking(procedure), by=world.keeper, at=p.AFTER_CALL)


def test_signing_needs_the_money_and_copies_the_milestones():
    world = p.chosen()
    how = {"by": world.keeper, "at": p.SIGNED}
    money.set_aside(world.key, 30_000_00, "专项资金", **how)
    with pytest.raises(carrying.NoMoneyYet, match=r"30000\.50"):
        carrying.sign(world.key, on=local_day(p.SIGNED), **how)
    money.set_aside(world.key, 50, "社区自筹", **how)
    for day in (local_day(p.SIGNED) + DAY, local_day(MONDAY)):
        with pytest.raises(BadInput):
            carrying.sign(world.key, on=day, **how)
    agreement = carrying.sign(world.key, on=local_day(p.SIGNED), **how)
    assert agreement.total_fen == 30_000_50 and agreement.proposal.partner == world.partners[0]
    told = list(Milestone.objects.order_by("number").values_list("what", "amount_fen", "due_on"))
    assert told == [(step.what, step.amount_fen, local_day(p.SIGNED) + step.days * DAY) for step in p.STEPS]


def test_refused_evidence_is_mended_and_shown_again():
    world = p.running()
    first = p.reported(world, words="做完了。")
    with pytest.raises(NotNow):
        p.reported(world)  # it is being looked at
    with pytest.raises(BadInput):
        carrying.refuse(world.key, first.pk, " ", by=world.keeper, at=p.SIGNED)
    carrying.refuse(world.key, first.pk, "少了服务记录", by=world.keeper, at=p.SIGNED)
    with pytest.raises(NotNow):
        carrying.accept(world.key, first.pk, by=world.keeper, at=p.SIGNED)
    second = p.reported(world, words="补上服务记录。")
    carrying.accept(world.key, second.pk, by=world.keeper, at=p.SIGNED)
    with pytest.raises(NotNow):
        p.reported(world)
    [one, other] = queries.milestones_of(world.again(), at=p.SIGNED)
    assert [each.words for each in one.shown] == ["做完了。", "补上服务记录。"]
    assert one.shown[0].refused_because == "少了服务记录" and one.accepted == second and one.waiting is None
    assert other.acceptance is None and world.project.state == State.RUNNING.value


def test_pictures_are_drawn_anew_say_what_is_seen_and_are_public_once_accepted():
    world = p.running()
    with pytest.raises(BadInput):
        carrying.show_evidence(
            world.key, 1, "做完了", [carrying.Shot(p.a_picture(), "")], by=world.users[0], at=p.SIGNED
        )
    with pytest.raises(BadInput):
        carrying.show_evidence(
            world.key, 1, "做完了", [carrying.Shot(b"no picture", "现场")], by=world.users[0], at=p.SIGNED
        )
    p.reported(world)
    picture = EvidencePicture.objects.get()
    with picture.file.open("rb") as file:
        assert file.read()[:2] == b"\xff\xd8"
    with pytest.raises(NotFound):
        queries.public_picture(world.key, picture.pk)
    assert queries.kept_picture(world.keeper, world.key, picture.pk, at=p.SIGNED) == picture
    with pytest.raises(NotFound):
        queries.partners_picture(world.partners[1], world.key, picture.pk)
    p.accepted(world)
    assert queries.public_picture(world.key, picture.pk) == picture


def test_only_the_partner_residents_chose_shows_evidence():
    world = p.running()
    for who in (world.users[1], world.keeper):
        with pytest.raises(NotFound):
            carrying.show_evidence(world.key, 1, "做完了", by=who, at=p.SIGNED)
    with pytest.raises(NotFound):
        carrying.show_evidence(world.key, 9, "做完了", by=world.users[0], at=p.SIGNED)


def test_a_milestone_whose_day_is_over_is_late_until_it_is_accepted():
    world = p.running()
    on_time, late = p.SIGNED + 30 * DAY, p.SIGNED + 31 * DAY
    assert list(queries.late_milestones([VILLAGE], at=on_time)) == []
    assert [one.number for one in queries.late_milestones([VILLAGE], at=late)] == [1]
    assert [one.is_late for one in queries.milestones_of(world.project, at=late)] == [True, False]
    assert list(queries.late_milestones([OTHER_VILLAGE], at=late)) == []
    p.accepted(world, at=late)
    assert list(queries.late_milestones([VILLAGE], at=late)) == []


def test_stopping_gives_a_reason_and_the_money_back_but_keeps_what_was_earned():
    world = p.running()
    acceptance = p.accepted(world, 1)
    with pytest.raises(BadInput):
        packaging.stop_project(world.key, " ", by=world.keeper, at=p.SIGNED)
    packaging.stop_project(world.key, "资金渠道调整", by=world.keeper, at=p.SIGNED)
    held = queries.balances_of(world.again())
    assert held["pot"] == 12_000_00 and world.project.stopped_because == "资金渠道调整"
    money.release(acceptance.pk, by=world.payer, at=p.SIGNED)
    assert queries.balances_of(world.project)["pot"] == 0
    with pytest.raises(NotNow):
        packaging.stop_project(world.key, "再停一次", by=world.keeper, at=p.SIGNED)


def attempt(world: p.World, deed: Deed):
    """Try something with a project in whatever state; what else could be wrong is right."""
    how = {"by": world.keeper, "at": p.SIGNED}
    partner, user = world.partners[0].pk, world.users[0]
    acceptance = MilestoneAcceptance.objects.first()
    evidence = (
        world.again().agreement.milestones.get(number=1).shown.first() if hasattr(world.project, "agreement") else None
    )
    before_the_end = {"by": user, "at": MONDAY + 2 * DAY}
    tries = {
        Deed.CHANGE: lambda: packaging.change_package(world.key, p.package(title="改名"), **how),
        Deed.CALL: lambda: packaging.call_for_proposals(world.key, until=p.SIGNED + 9 * DAY, **how),
        Deed.EXTEND: lambda: packaging.extend_call(world.key, until=p.CALL_UNTIL + DAY, by=world.keeper, at=MONDAY),
        Deed.PROPOSE: lambda: proposing.withdraw_proposal(world.key, partner, **before_the_end),
        Deed.LET_CHOOSE: lambda: choosing.let_topic_decide(world.key, a_topic(VILLAGE, None).pk, **how),
        Deed.CHOOSE: lambda: choosing.choose(world.key, **how),
        Deed.SIGN: lambda: carrying.sign(world.key, on=local_day(p.SIGNED), **how),
        Deed.SHOW: lambda: carrying.show_evidence(world.key, 2, "做完了", by="test", at=p.SIGNED),
        Deed.JUDGE: lambda: carrying.accept(world.key, evidence.pk if evidence else world.key, **how),
        Deed.SET_ASIDE: lambda: money.set_aside(world.key, 1, "专项资金", **how),
        Deed.RELEASE: lambda: money.release(acceptance.pk if acceptance else 0, by=world.payer, at=p.SIGNED),
        Deed.PAY_BACK: lambda: money.pay_back(world.key, 1, "多付退回", **how),
        Deed.GIVE_BACK: lambda: money.give_back(world.key, 1, "退回", **how),
        Deed.CLOSE: lambda: money.close_project(world.key, "结余退回", **how),
        Deed.STOP: lambda: packaging.stop_project(world.key, "不做了", **how),
    }  # fmt: skip
    return tries[deed]()


def how_it_stands(world: p.World) -> tuple:
    """Return everything a deed could have changed."""
    return (
        world.again().title, world.project.call_until, Entry.objects.count(), MoneyMove.objects.count(),
        sorted(ProjectProposal.objects.values_list("pk", "state")), sorted(Milestone.objects.values_list("pk", "state")),
    )  # fmt: skip


@pytest.mark.parametrize("deed", list(Deed))
@pytest.mark.parametrize("state", list(State))
def test_what_a_state_does_not_allow_is_refused_with_a_sentence_and_changes_nothing(state, deed):
    if may_do(state, deed):
        return  # each is done in the tests above
    world = p.IN_STATE[state]()
    kept = how_it_stands(world)
    with pytest.raises(Refused) as refused, transaction.atomic():
        attempt(world, deed)
    assert len(str(refused.value)) > 5
    assert how_it_stands(world) == kept and state_of(world) == state.value


def test_states_follow_the_law_alone():
    assert all(after in State for nexts in NEXT.values() for after in nexts)
    world = p.drafted()
    for change in ({"state": "nowhere"}, {"state": "called"}, {"budget_fen": 0}, {"state": "stopped"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Project.objects.filter(pk=world.key).update(**change)
    project = world.again()
    project.call_until, project.state = p.CALL_UNTIL, "chosen"
    with pytest.raises(IntegrityError), transaction.atomic():
        project.save()  # nobody chose


def test_the_database_holds_one_agreement_one_choice_one_acceptance():
    world = p.running()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectProposal.objects.filter(partner=world.partners[1]).update(state="chosen")
    other = ProjectProposal.objects.get(partner=world.partners[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectAgreement.objects.create(project=world.project, proposal=other, signed_on=local_day(MONDAY), total_fen=1)
    acceptance = p.accepted(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        MilestoneAcceptance.objects.create(milestone=acceptance.milestone, evidence=acceptance.evidence, at=MONDAY)


def test_an_account_is_opened_once_and_ended_with_the_next_request():
    world = p.called()
    opened = open_partner_account(world.partners[0].pk, "second-door", by=world.keeper, at=MONDAY)
    assert opened.account.user.check_password(opened.password) and not opened.account.user.mandates.exists()
    for wrong in ("second-door", "", "有 空格", "a" * 41):
        with pytest.raises(BadInput):
            open_partner_account(world.partners[0].pk, wrong, by=world.keeper, at=MONDAY)
    with pytest.raises(NotAllowed):
        open_partner_account(world.partners[0].pk, "third", by=a_user(Duty.LOOK, area=VILLAGE), at=MONDAY)
    assert queries.partner_of(opened.account.user, at=MONDAY) == world.partners[0]
    end_partner_account(opened.account.pk, by=world.keeper, at=MONDAY)
    opened.account.user.refresh_from_db()
    assert not opened.account.user.is_active
    with pytest.raises(NotFound):
        queries.partner_of(opened.account.user, at=MONDAY)
    with pytest.raises(NotNow):
        end_partner_account(opened.account.pk, by=world.keeper, at=MONDAY)
    assert PartnerAccount.objects.filter(until__isnull=True).count() == 3


def test_the_ledger_holds_keys_states_and_amounts_but_no_words():
    world = p.closed()
    told = str(list(Entry.objects.values_list("what", "before", "after")))
    for words in ("高龄老人助浴", "做法", "已完成", "志愿者", "专项资金", "结余"):
        assert words not in told
    whats = set(Entry.objects.filter(key=str(world.key)).values_list("what", flat=True))
    assert {"project.drafted", "project.called", "project.choosing", "project.chosen", "project.running"} <= whats
    assert {"project.done", "project.closed"} <= whats


def test_yuan_and_fen_are_exact():
    assert str(yuan_of(18_000_50)) == "18000.50" and fen_of(Decimal("18000.5")) == 18_000_50
    assert fen_of(Decimal("0.01")) == 1 and yuan_of(10**13) == Decimal("100000000000")
    with pytest.raises(ValueError):
        fen_of(Decimal("0.001"))
