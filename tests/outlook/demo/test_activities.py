"""Activities of the demo: to come and over, full and called off, series, a brand and the functions of a centre's rooms."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.builders import DISTRICT, SURVEYED, VILLAGE
from tests.systems.governance.matters import UNIT, a_village
from weiduan.outlook.demo.activities import activities
from weiduan.systems.services.activities.models import Activity, Series
from weiduan.systems.services.activities.queries import brought_at, counts_of, over_for, to_come_for
from weiduan.systems.services.brands.queries import gathered
from weiduan.systems.services.functions.models import Function
from weiduan.systems.services.models import Brand
from weiduan.systems.venues.facilities.actions import RoomFacts, add_room, found_centre
from weiduan.systems.venues.facilities.rules import Use
from weiduan.systems.venues.hours.actions import set_week

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = Decimal("40")
DAYTIME = {day: [(480, 1260)] for day in range(8)}


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path
    a_village()


def _be_active(on: date) -> int:
    district = SimpleNamespace(code=DISTRICT, villages=[SimpleNamespace(code=VILLAGE)])
    return activities(district, on=on, at=timezone.now())


def test_a_unit_has_something_on_something_full_something_over_and_its_rooms_have_functions():
    at = timezone.now()
    how = {"by": "test", "at": at}
    place = found_centre("党群服务中心", code=VILLAGE, address="1号", on=timezone.localdate(), **how)
    set_week(place.pk, DAYTIME, on=timezone.localdate(), **how)
    add_room(place.pk, RoomFacts("舞蹈室", Use.DANCE, area_m2=SIZE, bookable=True), on=timezone.localdate(), **how)

    assert _be_active(SURVEYED) == 18
    assert {one.title for one in to_come_for(UNIT, at=at)} >= {"剪纸体验课", "免费量血压、测血糖", "坝坝电影"}
    full = Activity.objects.get(title__startswith="免费")
    assert counts_of([full.pk])[full.pk] == (12, 3) == (full.seats_taken, full.waiting)
    assert [one.state for one in over_for(VILLAGE, at=at)] == ["held", "held"]
    assert brought_at(Activity.objects.get(kind="say")).brought == 1 and Series.objects.count() == 2
    belongs = gathered(Brand.objects.get(), at=at)
    assert len(belongs.to_come) == 2 and len(belongs.over) == 1
    assert Function.objects.get().name == "邻里影院" and Function.objects.get().dates.count() == 1


def test_on_the_day_of_the_survey_nothing_is_on_yet():
    assert _be_active(timezone.localdate()) == 0 and not Activity.objects.exists()
