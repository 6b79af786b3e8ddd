"""Meetings of the demo: this year's plan laid, most of what is over held, with counts that the rules allow."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from tests.builders import DISTRICT, SURVEYED, VILLAGE
from tests.systems.services.meeting import a_branch
from weiduan.outlook.demo.meetings import hold_meetings
from weiduan.systems.services.meetings.models import OrganisationMeeting
from weiduan.systems.services.meetings.rules import Kind
from weiduan.systems.services.meetings.years import counts_in, sums_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 8, 20, 4, 0, tzinfo=UTC)


def _held(on: date) -> int:
    district = SimpleNamespace(code=DISTRICT, villages=[SimpleNamespace(code=VILLAGE)])
    return hold_meetings(district, seed=1, on=on, at=AT)


def test_the_branch_and_its_group_laid_their_year_and_held_most_of_it():
    a_branch()
    assert _held(SURVEYED) == 34 + 12

    sums = sums_of(counts_in(VILLAGE, 2026, on=date(2026, 8, 20)))
    total = sum((sums[kind].held for kind in sums if kind is not Kind.COMMITTEE), 0)
    assert total >= 15
    assert sum(one.excused for one in sums.values()) == 2
    assert OrganisationMeeting.objects.filter(kind="members", state="held", votes__isnull=False).count() >= 1
    assert not OrganisationMeeting.objects.filter(state="held", at__gt=AT).exists()


def test_where_the_ground_is_from_today_nobody_has_met():
    a_branch()
    assert _held(date(2026, 8, 20)) == 0
