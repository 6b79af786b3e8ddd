"""Working time through nights, weekends, holidays and moved working days, whatever the zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weiduan.ground.base.calendar import is_workday
from weiduan.ground.base.worktime import CHINA, due_after, working_between

HOUR = timedelta(hours=1)
moments = st.datetimes(datetime(2023, 12, 1), datetime(2027, 2, 1), timezones=st.just(CHINA))
spans = st.timedeltas(timedelta(0), timedelta(hours=120))


def _cst(*parts):
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (_cst(2026, 11, 24, 9), 3, _cst(2026, 11, 24, 12)),
        (_cst(2026, 11, 24, 9), 4, _cst(2026, 11, 24, 14)),
        (_cst(2026, 11, 24, 23, 59, 59), 1, _cst(2026, 11, 25, 10)),
        (_cst(2026, 11, 27, 16, 30), 1, _cst(2026, 11, 30, 9, 30)),  # over a weekend
        (_cst(2026, 2, 13, 16), 8, _cst(2026, 2, 14, 17)),  # Saturday the 14th is worked for the Spring Festival
        (_cst(2026, 2, 14, 16), 2, _cst(2026, 2, 24, 10)),  # then nine days off
        (_cst(2025, 12, 31, 16), 2, _cst(2026, 1, 4, 10)),  # New Year; Sunday the 4th is worked
        (_cst(2026, 10, 1, 8), 7, _cst(2026, 10, 8, 17)),
    ],
)
def test_deadlines_by_hand(start, hours, due):
    assert due_after(start, hours * HOUR) == due
    assert working_between(start, due) == hours * HOUR


@given(start=moments, working=spans)
def test_a_deadline_lies_in_working_time_and_just_so_much_of_it_lies_before(start, working):
    due = due_after(start, working)
    assert due >= start
    assert working_between(start, due) == working
    if working:
        assert is_workday(due.date()) and due.hour * 60 + due.minute <= 17 * 60
        assert working_between(start, due - timedelta(microseconds=1)) < working


@given(
    start=moments, working=spans, zone=st.sampled_from([UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")])
)
def test_the_zone_of_the_server_makes_no_difference(start, working, zone):
    assert due_after(start.astimezone(zone), working) == due_after(start, working)


@given(start=moments, first=spans, second=spans)
def test_working_time_adds_up(start, first, second):
    assert due_after(due_after(start, first), second) == due_after(start, first + second)


def test_nothing_is_due_before_it_begins():
    with pytest.raises(ValueError):
        due_after(_cst(2026, 11, 24, 9), -HOUR)
    assert working_between(_cst(2026, 11, 25, 9), _cst(2026, 11, 24, 9)) == timedelta(0)


summers = st.datetimes(datetime(1986, 5, 1), datetime(1991, 9, 20), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


@settings(max_examples=60, deadline=None)
@given(start=summers, minutes=st.integers(0, 5 * 24 * 60))
def test_in_the_years_of_summer_time_working_time_is_what_a_clock_on_the_wall_shows_minute_by_minute(start, minutes):
    """From 1986 to 1991 China put its clocks forward; those of offices with them."""
    end = start + timedelta(minutes=minutes)
    shown = ((start + timedelta(minutes=n)).astimezone(CHINA) for n in range(minutes))
    worked = sum(is_workday(now.date()) and (9 <= now.hour < 12 or 13 <= now.hour < 17) for now in shown)
    assert working_between(start, end) == timedelta(minutes=worked)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (
            datetime(1986, 5, 3, 15, 30, tzinfo=UTC),
            7,
            _cst(1986, 5, 5, 17),
        ),  # the Saturday night in which an hour is missing
        (datetime(1986, 9, 13, 14, 59, 59, tzinfo=UTC), 7, _cst(1986, 9, 15, 17)),  # and the one that has it twice
        (_cst(1991, 9, 30, 23, 59, 59), 1, _cst(1991, 10, 1, 10)),
        (_cst(2026, 2, 28, 23, 59, 59), 1, _cst(2026, 3, 2, 10)),
        (_cst(2024, 2, 29, 16), 2, _cst(2024, 3, 1, 10)),
        (_cst(2026, 8, 31, 16, 59, 59), 1, _cst(2026, 9, 1, 9, 59, 59)),
    ],
)
def test_deadlines_over_changed_clocks_and_the_ends_of_months(start, hours, due):
    assert due_after(start, hours * HOUR) == due and working_between(start, due) == hours * HOUR
