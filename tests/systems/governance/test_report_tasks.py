"""Tasks about a report: given by whoever has it in hand, sealed, told to nobody who told it, late when their day is over."""

from datetime import timedelta

import pytest

from tests.builders import MONDAY, OTHER_VILLAGE, VILLAGE
from tests.systems.governance.matters import RECEIPT, a_handler, a_village, told
from weiduan.ground.base.casekeys import Key, open_for
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.following import followed
from weiduan.systems.governance.reports.handling import NotNow
from weiduan.systems.governance.reports.lists import LATE_TASK, Narrowing, narrowed
from weiduan.systems.governance.reports.models import Report, Step, Task
from weiduan.systems.governance.reports.tasks import done, give, tasks_late, tasks_of

pytestmark = pytest.mark.django_db
TODAY, DAY = MONDAY.date(), timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def test_a_task_is_given_and_done_and_its_words_lie_sealed():
    report, by = told(), a_handler()
    task = give(report.pk, " 物业公司 ", "把面包车挪走", TODAY, by=by, at=MONDAY)
    done(task.pk, "已挪走", by=by, at=MONDAY + DAY)

    (kept,) = tasks_of(report)
    assert (kept.to, kept.what, kept.outcome, kept.done_at) == ("物业公司", "把面包车挪走", "已挪走", MONDAY + DAY)
    assert "面包车".encode() not in bytes(kept.sealed_what)
    assert open_for(report.pk, kept.sealed_outcome, Key.WORDS) == "已挪走"
    report.refresh_from_db()
    assert (report.state, report.answered_at) == ("filed", None)  # a task is no move of the law


def test_whoever_told_it_sees_nothing_of_tasks_and_the_ledger_holds_no_words():
    report, by = told(), a_handler()
    task = give(report.pk, "物业公司", "把面包车挪走", TODAY, by=by, at=MONDAY)
    done(task.pk, "已挪走", by=by, at=MONDAY)

    steps = list(Step.objects.filter(report=report).order_by("pk"))
    assert [(s.what, s.is_internal, s.words) for s in steps] == [
        ("task_given", True, "物业公司：把面包车挪走"), ("task_done", True, "物业公司：已挪走"),
    ]  # fmt: skip
    assert [s.what for s in followed(RECEIPT).steps] == ["told"]
    entries = Entry.objects.filter(what__startswith="report.task").order_by("pk")
    assert [e.after for e in entries] == [
        {"task": task.pk, "until": "2018-11-05", "state": "filed"}, {"task": task.pk, "state": "filed"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("to", "what", "until"),
    [
        (" ", "x", TODAY),
        ("甲" * 61, "x", TODAY),
        ("甲", " ", TODAY),
        ("甲", "x" * 1001, TODAY),
        ("甲", "x", TODAY - DAY),
    ],
)
def test_a_task_says_for_whom_what_and_a_day_that_is_not_over(to, what, until):
    report, by = told(), a_handler()
    with pytest.raises(BadInput):
        give(report.pk, to, what, until, by=by, at=MONDAY)
    assert not Task.objects.exists() and not Step.objects.exists()


def test_only_who_has_the_report_in_hand_gives_a_task_or_says_it_is_done():
    report, by, stranger = told(), a_handler(), a_handler(OTHER_VILLAGE)
    with pytest.raises(NotFound):
        give(report.pk, "物业", "x", TODAY, by=stranger, at=MONDAY)
    task = give(report.pk, "物业", "x", TODAY, by=by, at=MONDAY)
    for key, who in ((task.pk, stranger), (task.pk + 1, by)):
        with pytest.raises(NotFound):
            done(key, "x", by=who, at=MONDAY)
    handling.hand_over(report.pk, OTHER_VILLAGE, "在那边", by=by, at=MONDAY)
    done(task.pk, "x", by=stranger, at=MONDAY)  # it went along
    assert Task.objects.get().done_at == MONDAY


def test_a_task_is_done_once_with_words_and_none_is_given_about_what_is_answered():
    report, by = told(), a_handler()
    task = give(report.pk, "物业", "x", TODAY, by=by, at=MONDAY)
    handling.begin(report.pk, by=by, at=MONDAY)
    handling.answer(report.pk, "已清", by=by, at=MONDAY)  # allowed while a task is open
    with pytest.raises(NotNow):
        give(report.pk, "物业", "x", TODAY, by=by, at=MONDAY)
    for outcome in (" ", "x" * 1001):
        with pytest.raises(BadInput):
            done(task.pk, outcome, by=by, at=MONDAY)
    done(task.pk, "办了", by=by, at=MONDAY)
    with pytest.raises(NotNow):
        done(task.pk, "又办", by=by, at=MONDAY)
    assert Task.objects.get().outcome == "办了"


def test_open_tasks_stand_first_and_those_whose_day_is_over_are_late_and_narrow_the_list():
    report, other, by = told(), told("o" * 24), a_handler()
    later, sooner, ended = (
        give(report.pk, name, "x", TODAY + n * DAY, by=by, at=MONDAY) for name, n in (("甲", 2), ("乙", 1), ("丙", 0))
    )
    give(other.pk, "丁", "x", TODAY + 9 * DAY, by=by, at=MONDAY)
    done(ended.pk, "好了", by=by, at=MONDAY)
    assert tasks_of(report) == [sooner, later, ended]
    assert list(tasks_late(on=TODAY + DAY)) == []
    on = TODAY + 2 * DAY
    assert list(tasks_late(on=on)) == [sooner]
    wanted, at = Narrowing(late=LATE_TASK), MONDAY + 2 * DAY
    assert list(narrowed(Report.objects.all(), wanted, own=[VILLAGE], on=on, at=at)) == [report]


def test_with_the_words_of_a_report_those_of_its_tasks_are_erased_and_none_comes_back():
    report, by = told(), a_handler()
    task = give(report.pk, "物业", "楼下张三的车", TODAY, by=by, at=MONDAY)
    reporting.erase_words(RECEIPT, at=MONDAY)
    with pytest.raises(NotNow):
        done(task.pk, "张三挪了", by=by, at=MONDAY)
    (kept,) = tasks_of(report)
    assert (kept.what, kept.outcome, bytes(kept.sealed_what)) == ("", "", b"")
