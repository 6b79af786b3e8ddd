"""Quarters are published once they are over, with small counts hidden, and stay as they were published."""

from datetime import date, timedelta
from itertools import count

import pytest

from tests.builders import DISTRICT, GRID, MONDAY, TOWN, VILLAGE
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, told
from weiduan.ground.accounts.queries import local_day
from weiduan.outlook.insight.counted.folding import rebuild
from weiduan.outlook.insight.published.models import PublishedCount, PublishedQuarter
from weiduan.outlook.insight.published.now import seen_to_now
from weiduan.outlook.insight.published.quarters import publish_quarters, quarters_over, told_below, told_of
from weiduan.systems.governance.reports.models import Report

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = MONDAY + 100 * DAY
ON = local_day(LATER)
BEGAN = quarters_over(ON)[0]
numbers = count()


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def tell(unit: str, n: int, **said) -> list[Report]:
    return [told(f"{next(numbers):032x}", area=unit, **said) for _ in range(n)]


def of(code: str, table: str = "outcome"):
    return [row for row in told_of(code, on=ON) if row.table == table and row.begins == BEGAN]


def test_the_quarters_that_are_over():
    assert quarters_over(date(2026, 11, 30)) == [
        date(2026, 7, 1),
        date(2026, 4, 1),
        date(2026, 1, 1),
        date(2025, 10, 1),
    ]
    assert quarters_over(date(2026, 1, 1))[0] == date(2025, 10, 1)


def test_two_large_units_are_told_each_by_itself_and_add_up():
    tell(UNIT, 7), tell(NEXT_UNIT, 6)
    assert publish_quarters(at=LATER) == 4
    assert [row.total for row in of(UNIT)] == [7] and [row.total for row in of(NEXT_UNIT)] == [6]
    assert all([row.total for row in of(code)] == [13] for code in (GRID, VILLAGE, TOWN, DISTRICT))
    assert dict(of(UNIT)[0].cells)[("unanswered",)] == 7
    assert {row.codes for row in told_below(VILLAGE, on=ON)} == {(VILLAGE,), (GRID,), (UNIT,), (NEXT_UNIT,)}


def test_a_small_unit_is_told_only_together_with_its_neighbour():
    tell(UNIT, 7), tell(NEXT_UNIT, 3)
    publish_quarters(at=LATER)
    [row] = of(UNIT)
    assert row.total == 10 and len(row.together) == 2 and of(NEXT_UNIT) == [row]


def test_fewer_than_five_in_a_district_are_not_told_at_all():
    tell(UNIT, 4)
    assert publish_quarters(at=LATER) == 4 and not PublishedCount.objects.exists()


def test_what_was_told_in_confidence_is_in_none_of_it():
    tell(UNIT, 6), tell(UNIT, 5, in_confidence=True)
    publish_quarters(at=LATER)
    assert [row.total for row in of(UNIT)] == [6]


def test_a_quarter_is_published_once_and_never_changed_after():
    rows = tell(UNIT, 6)
    publish_quarters(at=LATER)
    Report.objects.filter(pk=rows[0].pk).update(in_confidence=True)
    assert publish_quarters(at=LATER + DAY) == 0
    assert [row.total for row in of(UNIT)] == [6]
    assert set(PublishedQuarter.objects.values_list("at", flat=True)) == {LATER}


def test_a_quarter_that_runs_is_not_published():
    tell(UNIT, 6)
    publish_quarters(at=MONDAY + DAY)
    assert not PublishedCount.objects.exists()


def test_each_table_tells_the_same_total():
    tell(UNIT, 9), tell(NEXT_UNIT, 8)
    publish_quarters(at=LATER)
    for code in (UNIT, NEXT_UNIT, VILLAGE, DISTRICT):
        rows = [row for row in told_of(code, on=ON) if row.begins == BEGAN]
        assert sorted(row.table for row in rows) == ["category", "month", "outcome", "word"]
        assert len({row.total for row in rows}) == 1
        assert all(sum(n for _columns, n in row.cells) == row.total for row in rows)


def test_what_is_being_seen_to_now_is_told_where_it_is_enough():
    tell(UNIT, 7), tell(NEXT_UNIT, 3)
    now = seen_to_now(UNIT, at=MONDAY + DAY)
    assert now.count is None and now.together is not None and now.together.count == 10
    assert {place.code for place in now.together.places} == {UNIT, NEXT_UNIT}
    village = seen_to_now(VILLAGE, at=MONDAY + DAY)
    assert village.count == 10 and [part.count for part in village.parts] == [10]


def test_nothing_being_seen_to_is_told_as_nothing_and_very_little_not_at_all():
    tell(UNIT, 4)
    now = seen_to_now(UNIT, at=MONDAY + DAY)
    assert now.count is None and now.together is None
    tell(NEXT_UNIT, 6)
    Report.objects.filter(area__versions__code=UNIT).delete()
    rebuild(at=MONDAY + DAY)
    assert seen_to_now(UNIT, at=MONDAY + DAY).count == 0
    assert seen_to_now(NEXT_UNIT, at=MONDAY + DAY).count == 6
