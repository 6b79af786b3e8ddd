"""A topic from being raised to the residents' word: no stage is passed before it has what it needs, and each lack has a name."""

import json
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import MONDAY, OTHER_VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.balloting import CLOSES, OPENS, a_keeper, opened
from tests.systems.governance.matters import NEXT_UNIT, RECEIPT, UNIT, a_village, told
from tests.systems.governance.talking import (
    BENCHES,
    DAY,
    FOLLOWING,
    RAISED,
    SAYING,
    at_stage,
    fulfil,
    raised,
    taken_up,
)
from weiduan.ground.accounts.models import Mandate
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.closing import close, make_final
from weiduan.systems.governance.ballots.rules import OBJECTIONS_WITHIN
from weiduan.systems.governance.bodies.actions import found_body
from weiduan.systems.governance.deliberation import carrying
from weiduan.systems.governance.deliberation.models import Acceptance, DecisionTask, Follower, Topic
from weiduan.systems.governance.deliberation.queries import (
    contentment_of,
    followers_of,
    last_done,
    missing_for,
    stage_of,
    tasks_late,
    timeline,
    topic_by_receipt,
    topics_in,
    topics_kept_by,
    topics_of_reports,
)
from weiduan.systems.governance.deliberation.raising import (
    NotNow,
    Raising,
    TakingUp,
    decline,
    follow,
    join_reports,
    propose_topic,
    raise_topic,
    say_content,
    take_up,
)
from weiduan.systems.governance.deliberation.rules import Need, procedures

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def lacks(topic: Topic) -> list[str]:
    return [one.code for one in missing_for(topic)]


def test_raised_twice_with_one_receipt_it_is_there_once_and_only_its_receipt_and_keepers_see_it():
    a_village()
    first = raised()
    assert raised().pk == first.pk and Topic.objects.count() == 1
    assert [e.what for e in Entry.objects.filter(what="topic.raised")] == ["topic.raised"]
    assert topic_by_receipt(RAISED).topic == first and topic_by_receipt(RAISED).is_own
    assert list(topics_in(UNIT, at=MONDAY)) == [] and first in topics_kept_by(a_keeper(), at=MONDAY)
    assert list(topics_kept_by(a_keeper(OTHER_VILLAGE), at=MONDAY)) == []
    for bad in (Raising(" ", "x"), Raising("x" * 61, "x"), Raising("x", ""), Raising("x", "x" * 4001)):
        with pytest.raises(BadInput):
            raise_topic(UNIT, bad, "another-receipt-of-somebody", at=MONDAY)
    for area, receipt in ((UNIT, "short"), ("510113000000", "another-receipt-of-somebody")):
        with pytest.raises(BadInput):
            raise_topic(area, BENCHES, receipt, at=MONDAY)
    for unknown in ("no-such-receipt-anywhere-1", ""):
        with pytest.raises(NotFound):
            topic_by_receipt(unknown)


def test_raised_by_twenty_at_once_with_one_receipt_it_is_there_once():
    a_village()
    answers = at_once(lambda _n: raised(), 20)
    assert {getattr(answer, "pk", answer) for answer in answers} == {Topic.objects.get().pk}
    assert Entry.objects.filter(what="topic.raised").count() == 1 and list(breaks()) == []


def test_whoever_told_a_report_follows_the_topic_it_came_to():
    a_village()
    report, secret = told(), told("receipt-told-in-confidence", in_confidence=True)
    elsewhere = told("receipt-of-another-unit-1", area=NEXT_UNIT)
    by = a_keeper()
    Mandate.objects.create(user=by, duty=Duty.HANDLE_REPORTS.value, area=UNIT[:15], since=local_day(MONDAY))
    topic = propose_topic(UNIT, BENCHES, reports=[report.number], by=by, at=MONDAY)
    assert topic.origin == "reports" and topics_of_reports([report.pk]) == []
    take_up(topic.pk, TakingUp("standard"), by=by, at=MONDAY)
    assert topics_of_reports([report.pk]) == [topic] and followers_of(topic) == 1
    assert join_reports(topic.pk, [report.number], by=by, at=MONDAY) == 0
    for other in (secret.number, elsewhere.number, "00000000000000"):
        with pytest.raises(BadInput):
            join_reports(topic.pk, [other], by=by, at=MONDAY)
    with pytest.raises(BadInput):  # who keeps governance alone can't reach into reports
        propose_topic(UNIT, BENCHES, reports=[report.number], by=a_keeper(), at=MONDAY)
    assert propose_topic(UNIT, BENCHES, by=by, at=MONDAY).origin == "body" and report.pk == told(RECEIPT).pk


def test_only_who_keeps_governance_there_does_anything_and_of_others_it_is_hidden():
    a_village()
    topic, by = taken_up()
    looking, stranger = a_user(Duty.LOOK, area=UNIT), a_keeper(OTHER_VILLAGE)
    for who, refusal in ((looking, NotAllowed), (stranger, NotFound)):
        how = {"by": who, "at": MONDAY}
        for deed in (
            lambda how=how: carrying.pass_stage(topic.pk, **how),
            lambda how=how: carrying.add_option(topic.pk, "甲", **how),
            lambda how=how: carrying.decide(topic.pk, "甲", **how),
            lambda how=how: carrying.publish_result(topic.pk, "甲", **how),
            lambda how=how: decline(topic.pk, "甲", **how),
            lambda how=how: propose_topic(UNIT, BENCHES, **how),
        ):
            with pytest.raises(refusal):
                deed()
    with pytest.raises(NotFound):
        carrying.pass_stage(uuid4(), by=by, at=MONDAY)


def test_taken_up_it_is_in_its_first_stage_with_a_body_of_the_area_and_the_words_everyone_reads():
    a_village()
    by = a_keeper()
    body = found_body(UNIT, "owners_committee", "业主委员会", since=local_day(MONDAY), by=by, at=MONDAY)
    topic = raised()
    for wrong in (TakingUp("none"), TakingUp("standard", body=uuid4()), TakingUp("standard", wording=Raising("", "x"))):
        with pytest.raises(BadInput):
            take_up(topic.pk, wrong, by=by, at=MONDAY)
    take_up(topic.pk, TakingUp("four_two", body.pk, Raising("长椅", "放在哪里")), by=by, at=MONDAY)
    topic.refresh_from_db()
    assert (topic.stage, topic.title, topic.body) == ("propose", "长椅", body)
    assert [event.what for event in timeline(topic)] == ["raised", "taken_up"] and topic in topics_in(UNIT, at=MONDAY)
    for deed in (
        lambda: take_up(topic.pk, TakingUp("standard"), by=by, at=MONDAY),
        lambda: decline(topic.pk, "不", by=by, at=MONDAY),
    ):
        with pytest.raises(NotNow):
            deed()


def test_declined_whoever_raised_it_reads_why_and_nobody_else_sees_it():
    a_village()
    topic, by = raised(), a_keeper()
    for words in (" ", "x" * 501):
        with pytest.raises(BadInput):
            decline(topic.pk, words, by=by, at=MONDAY)
    decline(topic.pk, "正在走维修资金，不另议。", by=by, at=MONDAY)
    assert topic_by_receipt(RAISED).topic.declined_because == "正在走维修资金，不另议。"
    assert list(topics_in(UNIT, at=MONDAY)) == []
    with pytest.raises(NotFound):
        follow(topic.pk, FOLLOWING, at=MONDAY)


@pytest.mark.parametrize("procedure", sorted(procedures()))
def test_no_stage_is_passed_without_what_it_needs_and_each_with_it(procedure):
    a_village()
    topic, by = taken_up(procedure)
    for stage in procedures()[procedure].stages:
        assert stage_of(topic) == stage
        assert bool(lacks(topic)) == (stage.need is not None)
        if stage.need is not None:
            with pytest.raises(carrying.NotReady) as refused:
                carrying.pass_stage(topic.pk, by=by, at=MONDAY)
            assert all(one.what in refused.value.message and one.fix for one in missing_for(topic))
        fulfil(topic, by)
        assert lacks(topic) == []
        topic = carrying.pass_stage(topic.pk, "已公布", by=by, at=MONDAY)
    assert topic.state == "done" and topic.decision and topic.result and missing_for(topic) == []
    assert topic.passed.count() == len(procedures()[procedure].stages) + 1
    with pytest.raises(NotNow):
        carrying.pass_stage(topic.pk, by=by, at=MONDAY)
    whats = [event.what for event in timeline(topic)]
    assert whats.count("passed") == len(procedures()[procedure].stages) and {"met", "decided", "task_done"} <= set(
        whats
    )
    assert list(breaks()) == []


def test_what_a_stage_lacks_is_named_one_by_one():
    a_village()
    topic, by = at_stage(Need.MEETING)
    how = {"by": by, "at": MONDAY}
    assert lacks(topic) == ["no_meeting"]
    later = carrying.Call(starts_at=MONDAY + DAY, place="议事厅", agenda="长椅")
    meeting = carrying.call_meeting(topic.pk, later, **how)
    assert lacks(topic) == ["no_minutes"]
    with pytest.raises(NotNow):
        carrying.write_minutes(topic.pk, meeting.pk, "说了", 3, **how)
    carrying.write_minutes(topic.pk, meeting.pk, "说了", 3, by=by, at=MONDAY + DAY)
    assert lacks(topic) == []
    topic = carrying.pass_stage(topic.pk, **how)
    assert lacks(topic) == ["no_decision"]
    with pytest.raises(NotNow):
        carrying.give_task(topic.pk, "买", "物业", local_day(MONDAY), **how)
    with pytest.raises(NotNow):
        carrying.write_minutes(topic.pk, meeting.pk, "改了", 3, **how)
    fulfil(topic, by)
    topic = carrying.pass_stage(topic.pk, **how)
    assert lacks(topic) == ["no_tasks"]
    task = carrying.give_task(topic.pk, "买", "物业", local_day(MONDAY), **how)
    assert lacks(topic) == ["open_tasks"]
    assert list(tasks_late([UNIT], at=MONDAY)) == [] and list(tasks_late([UNIT], at=MONDAY + DAY)) == [task]
    carrying.task_done(topic.pk, task.pk, "收据", **how)
    assert lacks(topic) == [] and list(tasks_late([UNIT], at=MONDAY + DAY)) == []
    topic = carrying.pass_stage(topic.pk, **how)
    assert lacks(topic) == ["no_result"]


def test_nothing_is_done_while_a_task_is_open():
    a_village()
    topic, by = at_stage(Need.RESULT)
    fulfil(topic, by)
    topic = carrying.pass_stage(topic.pk, by=by, at=MONDAY)
    task = carrying.give_task(topic.pk, "再加一张", "物业", local_day(MONDAY), by=by, at=MONDAY)
    assert lacks(topic) == ["open_tasks"]
    with pytest.raises(carrying.NotReady):
        carrying.pass_stage(topic.pk, by=by, at=MONDAY)
    with pytest.raises(BadInput):
        carrying.task_done(topic.pk, task.pk, "  ", by=by, at=MONDAY)
    assert not DecisionTask.objects.get(pk=task.pk).done_at
    carrying.task_done(topic.pk, task.pk, "照片", by=by, at=MONDAY)
    assert carrying.pass_stage(topic.pk, by=by, at=MONDAY).state == "done"


def test_a_vote_decides_once_it_is_final_and_passed():
    ballot, codes, by = opened()
    topic, _by = at_stage(Need.DECISION)
    carrying.decide(topic.pk, "", ballot=ballot.pk, by=by, at=MONDAY)
    topic.refresh_from_db()
    assert lacks(topic) == ["ballot_not_final"]
    for number in codes:
        cast(ballot.pk, codes[number], "yes" if number < 3 else "no", at=OPENS)
    close(ballot.pk, by=by, at=CLOSES)
    assert lacks(Topic.objects.get()) == ["ballot_not_final"]
    make_final(at=CLOSES + OBJECTIONS_WITHIN)
    topic = Topic.objects.get()
    assert lacks(topic) == []
    topic = carrying.pass_stage(topic.pk, by=by, at=CLOSES + OBJECTIONS_WITHIN)
    assert topic.decision == ballot.title and topic.decided_at is not None


def test_a_vote_that_was_not_passed_decides_nothing_and_one_of_elsewhere_is_not_taken():
    ballot, codes, by = opened()
    topic, _by = at_stage(Need.DECISION)
    with pytest.raises(BadInput):
        carrying.decide(topic.pk, "x", ballot=uuid4(), by=by, at=MONDAY)
    with pytest.raises(BadInput):
        carrying.decide(topic.pk, " ", by=by, at=MONDAY)
    carrying.decide(topic.pk, "照办", ballot=ballot.pk, by=by, at=MONDAY)
    for number in codes:
        cast(ballot.pk, codes[number], "no", at=OPENS)
    close(ballot.pk, by=by, at=CLOSES)
    make_final(at=CLOSES + OBJECTIONS_WITHIN)
    assert lacks(Topic.objects.get()) == ["ballot_not_passed"]
    carrying.decide(topic.pk, "议事会当场商定。", by=by, at=MONDAY)
    assert lacks(Topic.objects.get()) == []


def test_residents_say_once_each_whether_they_are_content_and_only_after_the_result():
    a_village()
    topic, by = at_stage(Need.RESULT)
    with pytest.raises(NotNow):
        say_content(topic.pk, SAYING, is_content=True, at=MONDAY)
    fulfil(topic, by)
    follow(topic.pk, FOLLOWING, at=MONDAY)
    follow(topic.pk, FOLLOWING, at=MONDAY)
    say_content(topic.pk, SAYING, is_content=True, words="好用", at=MONDAY)
    say_content(topic.pk, SAYING, is_content=False, at=MONDAY)
    say_content(topic.pk, FOLLOWING, is_content=False, at=MONDAY)
    assert (contentment_of(topic).content, contentment_of(topic).not_content) == (1, 1)
    seen = topic_by_receipt(FOLLOWING)
    assert not seen.is_own and seen.acceptance is not None and not seen.acceptance.is_content
    assert Follower.objects.count() == 1
    for wrong in ({"receipt": "short"}, {"receipt": "r" * 24, "words": "x" * 501}):
        with pytest.raises(BadInput):
            say_content(topic.pk, is_content=True, at=MONDAY, **wrong)


def test_thirty_words_at_once_from_three_receipts_are_three_and_the_stage_is_passed_once():
    a_village()
    topic, by = at_stage(Need.RESULT)
    fulfil(topic, by)
    at_once(lambda n: say_content(topic.pk, f"{SAYING}-{n % 3}", is_content=True, at=MONDAY), 30)
    assert Acceptance.objects.count() == 3
    answers = at_once(lambda _n: carrying.pass_stage(topic.pk, expected="publish", by=by, at=MONDAY), 10)
    assert sum(isinstance(answer, Topic) for answer in answers) == 1 and Topic.objects.get().stage == "review"


def test_the_ledger_holds_no_word_of_anybody():
    a_village()
    topic, _by = at_stage(None)
    carrying_words = [
        topic.title,
        topic.text,
        topic.decision,
        topic.result,
        "采购长椅",
        "物业服务中心",
        "多数人赞成",
        "社区议事厅",
    ]
    say_content(topic.pk, SAYING, is_content=False, words="MARKER-WORDS", at=MONDAY)
    written = json.dumps(
        [[e.what, e.by, e.before, e.after] for e in Entry.objects.all()], ensure_ascii=False, default=str
    )
    assert not any(words in written for words in [*carrying_words, "MARKER-WORDS", RAISED])


def test_when_a_topic_of_an_area_was_last_carried_through():
    a_village()
    here, next_door = (area_by_code(code, on=local_day(MONDAY)).area_id for code in (UNIT, NEXT_UNIT))
    assert last_done([here, next_door]) == {}
    at_stage(None)
    assert last_done([here, next_door]) == {here: MONDAY} and last_done([next_door]) == {}


DEEDS = {
    "pass": lambda topic, how: carrying.pass_stage(topic.pk, **how),
    "meeting": lambda topic, how: carrying.call_meeting(topic.pk, carrying.Call(MONDAY, "厅", "事"), **how),
    "minutes": lambda topic, how: carrying.write_minutes(
        topic.pk, topic.meetings.order_by("-pk")[0].pk, "说了", 1, **how
    ),
    "decide": lambda topic, how: carrying.decide(topic.pk, "定了", **how),
    "task": lambda topic, how: carrying.give_task(topic.pk, "做", "物业", local_day(MONDAY), **how),
    "done": lambda topic, how: carrying.task_done(topic.pk, topic.tasks.filter(done_at=None)[0].pk, "据", **how),
    "result": lambda topic, how: carrying.publish_result(topic.pk, "成了", **how),
    "option": lambda topic, how: carrying.add_option(topic.pk, "甲", **how),
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(DEEDS)), max_size=40), st.sampled_from(sorted(procedures())))
def test_whatever_is_tried_in_whatever_order_no_stage_is_jumped(deeds, procedure):
    Topic.objects.all().delete()
    if not Entry.objects.exists():
        a_village()
    topic, by = taken_up(procedure)
    gone = [topic.stage]
    for deed in deeds:
        topic.refresh_from_db()
        lacking = bool(missing_for(topic))
        try:
            DEEDS[deed](topic, {"by": by, "at": MONDAY})
        except (Refused, IndexError):
            continue
        if deed == "pass":
            assert not lacking
            topic.refresh_from_db()
            gone.append(topic.stage if topic.state == "under_way" else "done")
    stages = [stage.code for stage in procedures()[procedure].stages]
    assert gone == [*stages, "done"][: len(gone)]
    assert topic.state != "done" or not topic.tasks.filter(done_at=None).exists()
