"""Satisfaction: one code, one answer, counted at once and kept of nobody; shown with how many, and the margin."""

from datetime import timedelta
from math import sqrt

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.matters import NEXT_UNIT, RECEIPT, UNIT, a_village, told
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.reports import handling
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.answering import Answered, NotOpen, answer, answer_after, still_asked
from weiduan.systems.services.satisfaction.entitled import asked_in
from weiduan.systems.services.satisfaction.models import AnswerCode, AnswerCount, Questionnaire
from weiduan.systems.services.satisfaction.queries import results_of
from weiduan.systems.services.satisfaction.rules import About, State, Way, drawn_by, share_of

from .asking import DAY, a_keeper, day, opened, wanted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def result(found: Questionnaire):
    found.refresh_from_db()
    return results_of([found])[found.pk]


def said_by(found: Questionnaire, codes: list[str], *answers: tuple[int, int]) -> None:
    for code, both in zip(codes, answers, strict=False):
        answer(found.pk, code, both, at=MONDAY)


def test_what_was_said_is_shown_once_it_is_closed_with_how_many_were_asked_and_answered():
    a_village()
    found, codes = opened()
    said_by(found, codes, (1, 2), (2, 3), (2, 0), (5, 5), (3, 4), (1, 0))

    assert result(found).answered == 6 and not result(found).is_shown
    asking.close(found.pk, by="test", at=MONDAY)

    shown = result(found)
    assert asked_in(found, at=MONDAY) == 10 and shown.answered == 6
    assert shown.answers[0].counts == {1: 2, 2: 2, 3: 1, 4: 0, 5: 1, 0: 0}
    assert (shown.answers[0].share.content, shown.answers[0].share.of) == (4, 6)
    assert (shown.answers[1].share.content, shown.answers[1].share.of) == (1, 4)  # two couldn't say
    assert shown.answers[0].share.low is None  # nobody was drawn, so no margin


def test_of_fewer_than_five_answers_nothing_is_shown():
    a_village()
    found, codes = opened()
    said_by(found, codes, *[(1, 1)] * 4)
    asking.close(found.pk, by="test", at=MONDAY)

    assert result(found).answered == 4 and result(found).answers == []


def test_a_code_answers_once_and_a_wrong_one_never():
    a_village()
    found, codes = opened()
    answer(found.pk, codes[0], (1, 1), at=MONDAY)

    with pytest.raises(Answered):
        answer(found.pk, codes[0], (5, 5), at=MONDAY)
    with pytest.raises(NotFound):
        answer(found.pk, "AAAABBBBCCCCDDDD", (1, 1), at=MONDAY)
    other, _theirs = opened(area=NEXT_UNIT)
    with pytest.raises(NotFound):
        answer(other.pk, codes[1], (1, 1), at=MONDAY)
    assert sorted(AnswerCount.objects.values_list("answer", "count")) == [(1, 1), (1, 1)]


@pytest.mark.django_db(transaction=True)
def test_forty_tries_of_one_code_at_once_are_one_answer_and_forty_codes_are_forty():
    a_village()
    found, codes = opened(codes=41)
    same = at_once(lambda _n: answer(found.pk, codes[40], (1, 2), at=MONDAY), 40)
    assert [type(each) for each in same].count(Answered) == 39

    others = at_once(lambda n: answer(found.pk, codes[n], (1 + n % 5, 0), at=MONDAY), 40)
    assert others == [None] * 40
    counted = dict(AnswerCount.objects.filter(question=0).values_list("answer", "count"))
    assert counted == {1: 9, 2: 8, 3: 8, 4: 8, 5: 8}
    assert AnswerCode.objects.filter(is_used=True).count() == 41


def test_nothing_that_is_kept_leads_from_a_code_to_an_answer_or_a_household():
    """Rows of answers are counts alone; codes lie in the order of their hashes; no entry of the ledger is about an answer."""
    a_village()
    found, codes = opened(Way.SAMPLE)
    before = Entry.objects.count()
    said_by(found, codes, (1, 2), (2, 3))

    assert Entry.objects.count() == before
    hashes = list(AnswerCode.objects.order_by("pk").values_list("code_hash", flat=True))
    assert [bytes(each) for each in hashes] == sorted(asking.code_hash(found.pk, code) for code in codes)
    assert {field.name for field in AnswerCode._meta.get_fields()} == {"id", "questionnaire", "code_hash", "is_used"}
    assert {f.name for f in AnswerCount._meta.get_fields()} == {"id", "questionnaire", "question", "answer", "count"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM services_answercount")
        kept = str(cursor.fetchall())
    assert not any(code in kept for code in codes)


def test_the_same_lot_draws_the_same_households_and_no_number_is_favoured():
    a_village()
    found, codes = opened(Way.SAMPLE)

    assert len(codes) == len(found.drawn) == 10 and found.drawn == drawn_by(found.lot, 100, 10)
    assert found.drawn == sorted(set(found.drawn)) and found.drawn[0] >= 1 and found.drawn[-1] <= 100
    times = [0] * 21
    for lot in range(2000):
        for number in drawn_by(str(lot), 20, 5):
            times[number] += 1
    expected = 2000 * 5 / 20
    chi2 = sum((n - expected) ** 2 / expected for n in times[1:])
    assert chi2 < 43.8  # 19 degrees of freedom, one in a thousand


@given(st.integers(1, 3000), st.data())
def test_the_margin_of_a_sample_holds_what_it_must(households, data):
    of = data.draw(st.integers(1, households))
    content = data.draw(st.integers(0, of))

    share = share_of(content, of, households=households)

    assert 0 <= share.low <= share.percent + 1e-9 and share.percent - 1e-9 <= share.high <= 100
    if of == households:
        assert share.low == share.high  # everyone answered: nothing is uncertain
    elif 50 <= of <= households / 20 and 0.2 <= content / of <= 0.8:  # the plain formula of a textbook is near there
        plain = 196 * sqrt(content / of * (1 - content / of) / of * (households - of) / (households - 1))
        assert abs((share.high - share.low) / 2 - plain) < 1


def test_a_margin_known_from_elsewhere():
    """Wilson's interval of 8 of 10 from a whole without end is 49.0 to 94.3 per cent (as R's binom.confint gives)."""
    share = share_of(8, 10, households=10**9)
    assert (round(share.low, 1), round(share.high, 1)) == (49.0, 94.3)


def answered_report(at=MONDAY):
    report = told()
    handler = a_user(Duty.HANDLE_REPORTS, area=VILLAGE)
    handling.accept(report.pk, by=handler, at=at)
    handling.answer(report.pk, "已清理", by=handler, at=at)
    return report


def test_whoever_told_a_report_is_asked_once_it_is_answered_and_answers_once():
    a_village()
    found, none = opened(Way.AFTER, area=VILLAGE, about=About.REPORT)
    assert none == [] and still_asked(About.REPORT, UNIT, RECEIPT, at=MONDAY) is None
    answered_report()

    assert still_asked(About.REPORT, UNIT, RECEIPT, at=MONDAY) == found
    with pytest.raises(NotFound):
        answer_after(found.pk, "another-receipt-of-nobody-x", (1, 1), at=MONDAY)
    answer_after(found.pk, RECEIPT, (1, 1), at=MONDAY)
    with pytest.raises(Answered):
        answer_after(found.pk, RECEIPT, (5, 5), at=MONDAY)

    assert still_asked(About.REPORT, UNIT, RECEIPT, at=MONDAY) is None
    assert (asked_in(found, at=MONDAY), result(found).answered) == (1, 1)
    assert AnswerCode.objects.get().code_hash != told("second-receipt-of-a-resident").receipt_hash


@pytest.mark.django_db(transaction=True)
def test_one_receipt_at_once_from_twenty_answers_once():
    a_village()
    found, _none = opened(Way.AFTER, area=VILLAGE, about=About.REPORT)
    answered_report()

    tries = at_once(lambda _n: answer_after(found.pk, RECEIPT, (2, 2), at=MONDAY), 20)

    assert tries.count(None) == 1 and result(found).answered == 1


def test_the_nearest_questionnaire_asks():
    a_village()
    opened(Way.AFTER, area=VILLAGE, about=About.REPORT)
    near, _none = opened(Way.AFTER, area=UNIT, about=About.REPORT)
    answered_report()

    assert still_asked(About.REPORT, UNIT, RECEIPT, at=MONDAY) == near
    with pytest.raises(asking.NotNow):
        opened(Way.AFTER, area=UNIT, about=About.REPORT)


def test_what_asks_after_something_is_over_is_evaluated_and_asks_anew_for_as_long_again():
    a_village()
    opened(Way.AFTER, area=VILLAGE, about=About.REPORT)
    opened(Way.OPEN)
    later = MONDAY + timedelta(days=28)

    assert asking.close_those_over(at=later) == 2 and asking.close_those_over(at=later) == 0

    again = Questionnaire.objects.get(state=State.OPEN.value)
    assert (again.opens_on, again.closes_on, again.about) == (day(28), day(56), "report")
    asking.close(again.pk, by="test", at=later)
    assert asking.close_those_over(at=later + 60 * DAY) == 0 and not Questionnaire.objects.filter(state="open").exists()


def test_codes_are_forgotten_a_year_after_and_what_was_said_stays():
    a_village()
    found, codes = opened()
    said_by(found, codes, *[(1, 1)] * 5)
    asking.close(found.pk, by="test", at=MONDAY)

    assert asking.forget_codes(at=MONDAY + 360 * DAY) == 0
    assert asking.forget_codes(at=MONDAY + 367 * DAY) == 10
    assert result(found).answers[0].counts[1] == 5


@pytest.mark.parametrize(
    "more",
    [
        {"title": " "}, {"questions": ()}, {"questions": ("x",) * 9}, {"questions": (" ",)}, {"closes_on": day(0)},
        {"closes_on": day(400)}, {"codes": 0}, {"way": Way.AFTER, "about": About.UNIT, "codes": 0},
        {"way": Way.SAMPLE, "codes": 101, "households": 100}, {"way": Way.SAMPLE, "households": None}, {"codes": 20_001},
    ],
)  # fmt: skip
def test_what_cant_be_asked_is_refused_with_what_to_do(more):
    a_village()
    with pytest.raises(BadInput) as refusal:
        asking.draft(UNIT, wanted(**{"way": Way.OPEN} | more), by="test", at=MONDAY)
    assert str(refusal.value) and not Questionnaire.objects.exists()


def test_only_whoever_keeps_services_there_asks():
    a_village()
    with pytest.raises(NotFound):
        asking.draft(UNIT, wanted(), by=a_keeper(OTHER_VILLAGE), at=MONDAY)
    with pytest.raises(NotAllowed):
        asking.draft(UNIT, wanted(), by=a_user(Duty.LOOK, area=VILLAGE), at=MONDAY)
    made = asking.draft(UNIT, wanted(), by=a_keeper(), at=MONDAY)
    with pytest.raises(NotFound):
        asking.open_it(made.pk, by=a_keeper(OTHER_VILLAGE), at=MONDAY)
    with pytest.raises(NotFound):
        answer(made.pk, "AAAABBBBCCCCDDDD", (1, 1), at=MONDAY)  # not opened yet


def test_after_its_last_day_and_before_its_first_nobody_answers():
    a_village()
    found, codes = opened()
    for at in (MONDAY + 28 * DAY, MONDAY - DAY):
        with pytest.raises(NotOpen):
            answer(found.pk, codes[0], (1, 1), at=at)
    with pytest.raises(BadInput):
        answer(found.pk, codes[0], (1,), at=MONDAY)
    with pytest.raises(BadInput):
        answer(found.pk, codes[0], (1, 6), at=MONDAY)


def test_further_codes_are_only_for_those_handed_out():
    a_village()
    found, codes = opened()
    more = asking.more_codes(found.pk, 3, by="test", at=MONDAY)
    found.refresh_from_db()
    assert found.asked == 13 and len({*codes, *more}) == 13
    drawn, _codes = opened(Way.SAMPLE, area=NEXT_UNIT)
    with pytest.raises(asking.NotNow):
        asking.more_codes(drawn.pk, 1, by="test", at=MONDAY)
