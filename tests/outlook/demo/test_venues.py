"""Centres and micro-venues of the demo: as many as villages, calibrated, and the same again for the same seed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import DISTRICT, MONDAY
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.actions import found_divisions
from weiduan.outlook.demo.divisions import qingbaijiang
from weiduan.outlook.demo.generate import generate
from weiduan.outlook.demo.venues import open_venues
from weiduan.outlook.survey.actions import load_survey
from weiduan.systems.venues.bookings.models import Slot
from weiduan.systems.venues.centres.queries import broken_by_centres_in, centres_in
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.micro_venues.models import MicroVenue, Serving
from weiduan.systems.venues.micro_venues.queries import venues_in
from weiduan.systems.venues.micro_venues.rules import State

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made():
    return generate(qingbaijiang(), scale=0.05)


def _open(made, days=400, district=None):
    found_divisions(made.divisions, edition="2018", on=made.on, by="test", at=MONDAY)
    load_survey(made.rows, area=DISTRICT, on=made.on, by="test", at=MONDAY)
    return open_venues(district or qingbaijiang(), seed=2018, on=made.on, by="test", at=MONDAY + timedelta(days=days))


def test_each_village_has_a_centre_near_the_published_share_and_some_break_it(made):
    centres, opened = _open(made)
    today = made.on + timedelta(days=400)
    found = centres_in(DISTRICT, on=today)
    shares = [centre.floors.share for centre in found]
    assert (centres, len(found)) == (124, 124)
    assert 7 < sorted(shares)[62] < 10, "the published one has 8.7 per cent"
    over = sum(share > 10 for share in shares)
    assert 0.1 < over / 124 < 0.35 and broken_by_centres_in(DISTRICT, on=today)["centre-office"] == over
    assert opened == venues_in(DISTRICT, on=today, states=[State.OPEN]).count() > 20
    assert venues_in(DISTRICT, on=made.on, states=[State.OPEN]).count() == 0, "on the survey's day none is open yet"
    assert Slot.objects.filter(since__lt=MONDAY + timedelta(days=400)).exists()
    assert Slot.objects.filter(since__gt=MONDAY + timedelta(days=400)).exists()
    assert list(breaks()) == []


def test_the_same_seed_says_the_same_again_and_on_an_early_day_nothing_is_open_that_was_not_yet():
    district = replace(qingbaijiang(), towns=qingbaijiang().towns[:1])
    made = generate(district, scale=0.05)
    _open(made, days=0, district=district)
    assert MicroVenue.objects.exclude(state=State.PLANNED.value).count() == 0
    first = _told()
    for model in (Serving, MicroVenue):
        model.objects.all().delete()
    Room.objects.all().delete()
    Facility.objects.all().delete()
    open_venues(district, seed=2018, on=made.on, by="test", at=MONDAY)
    assert _told() == first


def _told():
    rooms = Room.objects.order_by("facility__name", "facility__area", "name").values_list(
        "facility__name", "name", "area_m2"
    )
    serving = Serving.objects.order_by("venue__premises__number", "area").values_list("venue__premises__number", "area")
    return list(rooms), list(serving)
