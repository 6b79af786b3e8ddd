"""Topics and partners of the demo: one done, one with a late task, an offer that fits a need."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.builders import DISTRICT, SURVEYED, VILLAGE
from tests.systems.governance.matters import UNIT, a_village
from weiduan.outlook.demo.self_government_topics import talk_things_over
from weiduan.systems.governance.deliberation.models import StagePassed, Topic
from weiduan.systems.governance.deliberation.queries import contentment_of, missing_for, tasks_late
from weiduan.systems.governance.partners.models import Need
from weiduan.systems.governance.partners.queries import matches

pytestmark = pytest.mark.django_db


def _talk(on: date) -> int:
    district = SimpleNamespace(code=DISTRICT, villages=[SimpleNamespace(code=VILLAGE)])
    return talk_things_over(district, on=on, at=timezone.now())


def test_one_is_carried_through_one_has_a_late_task_and_an_offer_fits_the_need():
    a_village()
    assert _talk(SURVEYED) == 2
    done, under_way = Topic.objects.get(state="done"), Topic.objects.get(state="under_way")
    counts = contentment_of(done)
    assert (counts.content, counts.not_content) == (5, 1)
    assert [one.code for one in missing_for(under_way)] == ["open_tasks"]
    assert tasks_late([UNIT], at=timezone.now()).count() == 1
    assert len(matches(Need.objects.get(), on=timezone.localdate())) == 1
    assert not StagePassed.objects.filter(at__gt=timezone.now()).exists()


def test_where_the_ground_is_younger_nothing_is_talked_over():
    a_village()
    assert _talk(timezone.localdate()) == 0 and Topic.objects.count() == 0
