"""Rounds: each unit once in its week, month or quarter; late ones first to whoever goes, above that as counts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import GRID, OTHER_VILLAGE, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, told
from tests.systems.services.asking import a_keeper
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.systems.services.routines import actions
from weiduan.systems.services.routines.models import Round, Routine
from weiduan.systems.services.routines.queries import due_in, late_by_village, rounds_due
from weiduan.systems.services.routines.rules import Every, span_of

pytestmark = pytest.mark.django_db
BEGAN = date(2018, 11, 1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def on(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 2, 0, tzinfo=UTC)  # 10:00 in China


def a_routine(every: Every = Every.MONTH, units=(UNIT, NEXT_UNIT), **more) -> Routine:
    said = {
        "title": "入户走访",
        "done_by": "网格员",
        "every": every,
        "looked_at": "消防通道、独居老人家门口的灯",
        "units": units,
    }
    return actions.set_up(VILLAGE, actions.Plan(**said | {"since": BEGAN} | more), by="test", at=on(2018, 11, 5))


def shown(code: str, day: date) -> list[tuple[str, date, bool]]:
    return [(one.unit.code, one.since, one.is_late) for one in due_in([code], on=day)]


def test_what_is_due_this_month_and_what_was_missed_the_months_before():
    a_village()
    routine = a_routine()
    actions.do_round(routine.pk, UNIT, "楼道灯坏了一盏", by="test", at=on(2018, 11, 20))

    assert shown(VILLAGE, date(2018, 11, 20)) == [(NEXT_UNIT, date(2018, 11, 1), False)]
    assert shown(VILLAGE, date(2018, 12, 3)) == [
        (NEXT_UNIT, date(2018, 11, 1), True), (UNIT, date(2018, 12, 1), False), (NEXT_UNIT, date(2018, 12, 1), False)
    ]  # fmt: skip
    assert shown(UNIT, date(2018, 12, 3)) == [(UNIT, date(2018, 12, 1), False)]
    assert late_by_village([VILLAGE], on=date(2018, 12, 3)) == {VILLAGE: 1}
    assert len([one for one in shown(NEXT_UNIT, date(2019, 11, 5)) if one[2]]) == 3  # not the whole year


@pytest.mark.django_db(transaction=True)
def test_a_round_written_down_twenty_times_at_once_is_one():
    a_village()
    routine = a_routine()
    done = at_once(lambda _n: actions.do_round(routine.pk, UNIT, by="test", at=on(2018, 11, 5)), 20)
    assert len({one.pk for one in done}) == 1 == Round.objects.count()


def test_the_grid_worker_goes_in_the_own_grid_and_sees_what_is_due_there():
    a_village()
    routine, worker = a_routine(), a_user(Duty.HANDLE_REPORTS, area=GRID)
    stranger = a_user(Duty.HANDLE_REPORTS, area=OTHER_VILLAGE)

    assert len(rounds_due(worker, at=on(2018, 11, 5))) == 2 and rounds_due(stranger, at=on(2018, 11, 5)) == []
    with pytest.raises(NotFound):
        actions.do_round(routine.pk, UNIT, by=stranger, at=on(2018, 11, 5))
    report = told(at=on(2018, 11, 5))
    made = actions.do_round(routine.pk, UNIT, "见问题", report=report.number, by=worker, at=on(2018, 11, 5))
    assert made.report == report
    with pytest.raises(BadInput):
        actions.do_round(routine.pk, NEXT_UNIT, report=report.number, by=worker, at=on(2018, 11, 5))  # of another unit
    assert len(rounds_due(worker, at=on(2018, 11, 5))) == 1


def test_a_round_that_ended_is_due_no_more():
    a_village()
    routine = a_routine()
    actions.end(routine.pk, on=date(2018, 11, 15), by=a_keeper(), at=on(2018, 11, 10))
    assert shown(VILLAGE, date(2018, 11, 14)) != [] and shown(VILLAGE, date(2018, 11, 15)) == []
    with pytest.raises(actions.NotNow):
        actions.end(routine.pk, on=date(2018, 12, 1), by="test", at=on(2018, 11, 10))
    with pytest.raises(BadInput):
        actions.do_round(routine.pk, UNIT, on=date(2018, 11, 20), by="test", at=on(2018, 11, 25))


def test_what_cant_be_is_refused():
    a_village()
    for wrong in ({"title": ""}, {"units": ()}, {"units": (OTHER_VILLAGE + "001001",)}, {"looked_at": " "}):
        with pytest.raises(BadInput):
            a_routine(**wrong)
    routine = a_routine(units=(UNIT,))
    for wrong in ({"unit": NEXT_UNIT}, {"on": date(2018, 11, 6)}, {"on": date(2018, 10, 31)}, {"found_": "长" * 1001}):
        with pytest.raises(BadInput):
            actions.do_round(routine.pk, **{"unit": UNIT} | wrong, by="test", at=on(2018, 11, 5))
    assert not Round.objects.exists()


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from(Every))
def test_spans_hold_their_day_and_follow_each_other_without_a_gap(day, every):
    since, until = span_of(every, day)
    assert since <= day < until
    assert span_of(every, until)[0] == until and span_of(every, since - timedelta(days=1))[1] == since
