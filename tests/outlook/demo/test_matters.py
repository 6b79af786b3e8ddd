"""Matters of the demo: in every state people meet, for each of its accounts."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.builders import DISTRICT, SURVEYED, VILLAGE
from tests.systems.governance.matters import GRID, a_handler, a_village
from weiduan.outlook.demo.matters import MATTERS, tell_matters
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.queries import overdue, reports_in_care_of

pytestmark = pytest.mark.django_db


def _tell(on: date) -> int:
    district = SimpleNamespace(code=DISTRICT, villages=[SimpleNamespace(code=VILLAGE)])
    return tell_matters(district, seed=1, on=on, at=timezone.now())


def test_they_are_told_handled_late_and_closed_and_the_grid_worker_has_some():
    a_village()
    at = timezone.now()
    assert _tell(SURVEYED) == MATTERS == Report.objects.count()
    states = set(Report.objects.values_list("state", flat=True))
    assert states == {"filed", "accepted", "in_hand", "answered", "confirmed", "disputed"}
    mine = reports_in_care_of(a_handler(GRID), at=at)
    assert mine.count() >= 5 and overdue(mine, at=at).exists()
    assert not Report.objects.filter(told_at__gt=at).exists() and Report.objects.exclude(public_text="").exists()


def test_where_the_ground_is_younger_than_the_oldest_nothing_is_told():
    a_village()
    assert _tell(timezone.localdate()) == 0
    assert Report.objects.count() == 0
