"""Many at once, each over a connection of their own: one form is one report, one decision counts."""

import pytest

from tests.builders import MONDAY
from tests.parallel import at_once
from tests.systems.governance.matters import RECEIPT, a_handler, a_village, told
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Report, SearchWords, Step


@pytest.mark.django_db(transaction=True)
def test_ten_equal_posts_at_once_are_one_report():
    a_village()
    answers = at_once(lambda _n: told(), 10)
    assert {answer.pk for answer in answers} == {Report.objects.get().pk}
    assert SearchWords.objects.count() == Entry.objects.filter(what="report.told").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_forty_who_accept_hand_up_or_withdraw_at_once_the_law_holds_and_nothing_is_doubled():
    a_village()
    report, by = told(), a_handler()
    deeds = [
        lambda: handling.accept(report.pk, by=by, at=MONDAY),
        lambda: handling.not_ours(report.pk, "请找物业", by=by, at=MONDAY),
        lambda: reporting.withdraw(RECEIPT, at=MONDAY),
    ]
    answers = at_once(lambda n: deeds[n % 3](), 40)

    made = [step.what for step in Step.objects.filter(report=report).order_by("pk")]
    assert made in (["accept", "not_ours"], ["accept", "withdraw"], ["not_ours"], ["withdraw"])
    assert sum(isinstance(answer, Report) for answer in answers) == len(made)
    assert list(breaks()) == []
