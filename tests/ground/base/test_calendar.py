"""The working calendar, day by day as the State Council's office published it."""

from datetime import date, timedelta

import pytest

from weiduan.ground.base.calendar import DayKind, holiday_on, is_published, is_workday, kind_of


def _days(year):
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize(
    ("year", "off", "moved", "worked"), [(2024, 28, 8, 251), (2025, 28, 5, 248), (2026, 33, 6, 248)]
)
def test_each_published_year_has_its_days_off_moved_days_and_working_days(year, off, moved, worked):
    kinds = [kind_of(day) for day in _days(year)]
    assert (kinds.count(DayKind.HOLIDAY), kinds.count(DayKind.ADJUSTED)) == (off, moved)
    assert sum(is_workday(day) for day in _days(year)) == worked


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_moved_working_day_is_a_weekend_day_and_no_day_off_stands_alone_in_the_middle(year):
    for day in _days(year):
        if kind_of(day) is DayKind.ADJUSTED:
            assert day.weekday() >= 5
            assert holiday_on(day)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 2, 14), DayKind.ADJUSTED, "春节"), (date(2026, 2, 15), DayKind.HOLIDAY, "春节"),
        (date(2026, 2, 23), DayKind.HOLIDAY, "春节"), (date(2026, 2, 24), DayKind.WORKDAY, ""),
        (date(2026, 10, 10), DayKind.ADJUSTED, "国庆节"), (date(2026, 11, 28), DayKind.WEEKEND, ""),
    ],
)  # fmt: skip
def test_the_edges_of_a_holiday(day, kind, name):
    assert (kind_of(day), holiday_on(day)) == (kind, name)


def test_a_year_not_published_yet_has_weekends_only_and_says_so():
    assert not is_published(2031)
    assert {kind_of(day) for day in _days(2031)} == {DayKind.WORKDAY, DayKind.WEEKEND}
