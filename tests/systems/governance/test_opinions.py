"""Opinions: said without an account, taken away by a stated rule only, and an appeal that can bring them back."""

from uuid import uuid4

import pytest

from tests.builders import MONDAY, OTHER_VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.compacting import a_keeper
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.opinions.actions import CannotModerate, answer_appeal, appeal, remove, say
from weiduan.systems.governance.opinions.models import Opinion
from weiduan.systems.governance.opinions.queries import (
    appeals_waiting,
    counts_on,
    heard_on,
    opinion_by_receipt,
)
from weiduan.systems.governance.opinions.rules import About, Removed

pytestmark = pytest.mark.django_db(transaction=True)
ABOUT, RECEIPT = uuid4(), "receipt-of-who-says-it-22"
WORDS = "第二条改成九点，家里有孩子。"


@pytest.fixture(autouse=True)
def village():
    a_village()


def said(receipt: str = RECEIPT, words: str = WORDS) -> Opinion:
    return say(About.TOPIC, ABOUT, words, receipt, area=UNIT, at=MONDAY)


def removed(by, opinion: Opinion | None = None, **more) -> Opinion:
    wish = {"rule": "person", "because": "写出了邻居的门牌号"} | more
    opinion = opinion or said()
    return remove(opinion.pk, wish["rule"], wish["because"], about=ABOUT, area=UNIT, by=by, at=MONDAY)


def test_the_same_form_sent_often_and_at_once_is_one_opinion():
    answers = at_once(lambda _n: said(), 12)
    assert len({one.pk for one in answers}) == Opinion.objects.count() == 1
    assert Entry.objects.filter(what="opinion.said").count() == 1
    assert counts_on(About.TOPIC, [ABOUT, uuid4()]) == {ABOUT: 1}


@pytest.mark.parametrize("words", ["", "  \n ", "字" * 1001])
def test_no_words_or_too_many_are_refused_and_so_is_a_receipt_one_could_guess(words):
    with pytest.raises(BadInput):
        said(words=words)
    with pytest.raises(BadInput):
        said(receipt="short")
    assert not Opinion.objects.exists()


@pytest.mark.parametrize("rule", list(Removed))
def test_taken_away_by_each_stated_rule_everyone_reads_rule_and_reason_but_never_the_words(rule):
    removed(a_keeper(), rule=rule.value)
    [heard] = heard_on(About.TOPIC, ABOUT)
    assert (heard.words, heard.removed_for, heard.removed_because) == ("", rule.value, "写出了邻居的门牌号")
    assert counts_on(About.TOPIC, [ABOUT]) == {} and opinion_by_receipt(RECEIPT).words == WORDS


@pytest.mark.parametrize("wrong", [{"rule": "i_disagree"}, {"because": " "}, {"because": "字" * 201}])
def test_for_any_other_reason_or_without_one_nothing_is_taken_away(wrong):
    by, opinion = a_keeper(), said()
    with pytest.raises(BadInput):
        removed(by, opinion, **wrong)
    assert heard_on(About.TOPIC, ABOUT)[0].words == WORDS


def test_only_who_keeps_governance_there_takes_away_and_never_what_is_about_something_else():
    opinion = said()
    for stranger, refusal in ((a_user(Duty.LOOK, area=UNIT), NotAllowed), (a_keeper(OTHER_VILLAGE), NotFound)):
        with pytest.raises(refusal):
            removed(stranger, opinion)
    with pytest.raises(NotFound):  # somebody can't name an own area for an opinion of another one
        remove(opinion.pk, "insult", "x", about=uuid4(), area=OTHER_VILLAGE, by=a_keeper(OTHER_VILLAGE), at=MONDAY)


def test_an_appeal_is_heard_once_and_may_bring_the_words_back():
    by = a_keeper()
    with pytest.raises(CannotModerate):
        said()
        appeal(RECEIPT, "为什么", at=MONDAY)  # it stands
    opinion = removed(by, Opinion.objects.get())
    with pytest.raises(CannotModerate):
        removed(by, opinion)
    with pytest.raises(CannotModerate):
        answer_appeal(opinion.pk, "好", restore=True, about=ABOUT, area=UNIT, by=by, at=MONDAY)
    for words in ("", "字" * 501):
        with pytest.raises(BadInput):
            appeal(RECEIPT, words, at=MONDAY)
    with pytest.raises(NotFound):
        appeal("receipt-of-somebody-else-22", "为什么", at=MONDAY)
    assert appeal(RECEIPT, "没有门牌号", at=MONDAY).appeal == appeal(RECEIPT, "再说一次", at=MONDAY).appeal
    assert appeals_waiting([ABOUT]) == 1
    answer_appeal(opinion.pk, "确实没有，已恢复", restore=True, about=ABOUT, area=UNIT, by=by, at=MONDAY)
    assert heard_on(About.TOPIC, ABOUT)[0].words == WORDS and appeals_waiting([ABOUT]) == 0

    removed(by, opinion, rule="insult", because="第三句")
    appeal(RECEIPT, "不是辱骂", at=MONDAY)  # against another removal there is an appeal again
    answer_appeal(opinion.pk, "维持", restore=False, about=ABOUT, area=UNIT, by=by, at=MONDAY)
    assert heard_on(About.TOPIC, ABOUT)[0].removed_for == "insult"
    with pytest.raises(CannotModerate):
        appeal(RECEIPT, "还要说", at=MONDAY)


def test_the_ledger_holds_no_words_of_anybody():
    by = a_keeper()
    removed(by)
    appeal(RECEIPT, "没有门牌号", at=MONDAY)
    told = " ".join(
        str(row) for row in Entry.objects.filter(what__startswith="opinion.").values_list("before", "after", "by")
    )
    assert "孩子" not in told and "门牌" not in told and RECEIPT not in told
