"""The trend of the zeros over the ends of months, and parts of an area beside one another."""

from datetime import date, timedelta

import pytest

from tests.builders import DISTRICT, GRID, MONDAY, VILLAGE
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, told
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_ids
from weiduan.outlook.insight.counted.checking import differences
from weiduan.outlook.insight.counted.models import MonthCount, PastStanding, UnitStanding
from weiduan.outlook.insight.counted.past import look_back, look_back_whole, month_ends
from weiduan.outlook.insight.trend import compare, trend_of
from weiduan.outlook.insight.zeros import standings_on, zeros_of
from weiduan.systems.governance.bodies.actions import found_body
from weiduan.systems.governance.reports.models import Report

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = MONDAY + 100 * DAY
TODAY = local_day(LATER)
ZEROS = ("organisation", "venues", "governance", "services")


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def trend(code: str):
    return trend_of(area_ids([code], on=TODAY)[code], zeros_of(code, on=TODAY, at=LATER), on=TODAY)


def test_the_ends_of_months():
    assert month_ends(date(2026, 3, 31))[-2:] == [date(2026, 1, 31), date(2026, 2, 28)]
    assert len(month_ends(date(2026, 3, 1))) == 12 and month_ends(date(2026, 3, 1))[0] == date(2025, 3, 31)


def test_one_end_of_a_month_is_looked_at_each_time_until_all_are_and_anew_the_next_day():
    assert look_back(at=LATER) == 11
    assert [point.on for point in trend(VILLAGE)] == [month_ends(TODAY)[-1], TODAY]
    for left in range(10, -1, -1):
        assert look_back(at=LATER) == left
    assert look_back(at=LATER) == 0
    looked = set(PastStanding.objects.values_list("at", flat=True))
    assert look_back(at=LATER + DAY) == 11
    assert set(PastStanding.objects.values_list("at", flat=True)) == looked | {LATER + DAY}


def test_each_point_equals_the_zeros_computed_for_its_day_at_every_level():
    look_back_whole(at=LATER)
    for code in (VILLAGE, DISTRICT):
        for point in trend(code):
            rows = standings_on(code, on=point.on)
            assert point.units == len(rows) == 2
            assert point.missing == {name: sum(bool(getattr(row, name)) for row in rows) for name in ZEROS}


def test_what_is_recorded_late_counts_when_it_is_looked_at_anew():
    look_back_whole(at=LATER)
    before = trend(VILLAGE)[-2].missing["governance"]
    found_body(GRID, "council", "网格议事会", since=TODAY - 90 * DAY, by="test", at=LATER)
    reasons = [row.governance for row in standings_on(VILLAGE, on=month_ends(TODAY)[-1])]
    look_back_whole(at=LATER + DAY)
    assert (
        trend(VILLAGE)[-2].missing["governance"] == before == len([r for r in reasons if r])
        and reasons == ["body_over"] * 2
    )


def test_parts_stand_beside_one_another_with_their_gaps_and_their_need():
    look_back_whole(at=LATER)
    for n in range(3):
        told(f"{n:032x}", area=UNIT, at=LATER - DAY)
    told("a" * 32, area=NEXT_UNIT, at=LATER - 95 * DAY)
    told("b" * 32, area=UNIT, at=LATER - DAY, in_confidence=True)
    [grid] = compare(VILLAGE, at=LATER)
    assert (grid.place.code, grid.units, grid.told) == (GRID, 2, 3)
    assert grid.missing == {name: 2 for name in ZEROS} and grid.in_need == grid.households
    units = {one.place.code: one for one in compare(GRID, at=LATER)}
    assert (units[UNIT].told, units[NEXT_UNIT].told) == (3, 0)
    assert units[UNIT].told_by_hundred() == round(300 / units[UNIT].households, 1)
    [village] = compare(VILLAGE[:9] + "000", at=LATER)
    assert village.before == {name: 2 for name in ZEROS}


def test_the_check_names_what_differs_from_a_full_recount():
    told(area=UNIT)
    assert differences(at=LATER) == []
    MonthCount.objects.filter(is_sum=True).update(told=2)
    UnitStanding.objects.filter(code=UNIT).update(governance="")
    found = differences(at=LATER)
    assert any("told: 2, not 1" in one for one in found) and any(one.startswith(f"unit {UNIT}") for one in found)


def test_the_check_sees_a_report_that_was_changed_behind_the_ledger():
    report = told(area=UNIT)
    assert differences(at=LATER) == []
    Report.objects.filter(pk=report.pk).update(in_confidence=True)
    assert differences(at=LATER)
