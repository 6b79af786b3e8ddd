"""From chosen rooms to planned micro-venues, and from dead corners to none but those the plan named."""

from datetime import timedelta

import pytest

from tests.builders import (
    DISTRICT,
    GRID,
    MONDAY,
    OTHER_VILLAGE,
    SURVEYED,
    VILLAGE,
    a_user,
    divisions,
    grid,
    load,
    survey,
    unit,
)
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.actions import found_divisions
from weiduan.ground.territory.queries import area_by_code
from weiduan.outlook.demo.divisions import qingbaijiang
from weiduan.outlook.demo.generate import generate
from weiduan.outlook.proposals.venues import as_told, plan_venues
from weiduan.outlook.proposals.venues_adoption import StaleVenues, adopt_venues, rooms_held
from weiduan.outlook.survey.actions import load_survey
from weiduan.planning.engines import HIGHS, Here
from weiduan.systems.venues.micro_venues.actions import give_up_plan, plan_venue
from weiduan.systems.venues.micro_venues.models import MicroVenue
from weiduan.systems.venues.micro_venues.queries import served_by, units_unserved, venues_in
from weiduan.systems.venues.micro_venues.rules import LIVE
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.reach.corners import dead_corners

pytestmark = pytest.mark.django_db
STEP = 400 / 111_320 / 0.8587  # 400 m of longitude at 30.83 degrees north


@pytest.fixture
def village():
    """Units 1 to 4 stand 400 m apart; F1 at 1, F3 at 3, F4 at 4; nobody reaches 9."""
    divisions()
    units = [unit(f"{GRID}{n:03}", lon=104.25 + n * STEP, lat=30.83) for n in (1, 2, 3, 4, 9)]
    rooms = [
        {
            "number": f"F{n}", "name": f"F{n}旧房", "origin": "other", "area": VILLAGE, "address": None, "area_m2": 60.0,
            "lon": 104.25 + n * STEP, "lat": 30.83, "consent": "yes",
        }
        for n in (1, 3, 4)
    ]  # fmt: skip
    load(survey(grids=[grid()], units=units, premises=rooms))


def _told(area=VILLAGE, **wishes):
    return as_told(plan_venues(area, on=SURVEYED, engine=Here(*HIGHS), **wishes))


def _adopt(told, area=VILLAGE, by="test", on=SURVEYED, **choice):
    return adopt_venues(told, area=area, on=on, by=by, at=MONDAY, **choice)


def _held():
    return [venue.premises.number for venue in venues_in(VILLAGE, on=SURVEYED)]


def test_adopted_rooms_are_planned_and_only_what_the_plan_named_stays_a_dead_corner(village):
    told = _told()
    assert _adopt(told) == {"venues_planned": 2, "units_served": 4}
    named = [told["units"][left["unit"]]["code"] for left in told["left_out"]]
    assert (
        dead_corners(VILLAGE, on=SURVEYED, states=LIVE)
        == units_unserved(VILLAGE, on=SURVEYED)
        == named
        == [f"{GRID}009"]
    )
    assert rooms_held(told, VILLAGE, on=SURVEYED) == {room["number"] for room in told["rooms"]}
    assert MicroVenue.objects.get(premises__number="F1").name == "F1旧房"
    assert list(breaks()) == []


def test_rooms_can_be_adopted_one_by_one_and_again_changes_nothing(village):
    told = _told()
    first, second = [room["number"] for room in told["rooms"]]
    assert _adopt(told, numbers=[second])["venues_planned"] == 1
    assert _held() == [second]
    later = SURVEYED + timedelta(days=10)
    assert _adopt(told, on=later)["venues_planned"] == 1
    assert _adopt(told, on=later) == {"venues_planned": 0, "units_served": 0}
    assert {v.premises.number for v in venues_in(VILLAGE, on=later)} == {first, second}


def test_only_the_rooms_of_some_villages(village):
    told = _told()
    assert _adopt(told, villages=[OTHER_VILLAGE])["venues_planned"] == 0
    assert _adopt(told, villages=[VILLAGE])["venues_planned"] == 2


def test_what_is_no_room_of_the_plan_is_refused(village):
    with pytest.raises(BadInput, match="F99"):
        _adopt(_told(), numbers=["F99"])


def test_a_venue_that_stays_takes_units_on_and_keeps_those_it_serves(village):
    far = {f"{GRID}009": area_by_code(f"{GRID}009", on=SURVEYED).area_id}
    venue = plan_venue(
        Premises.objects.get(number="F1"), name="x", serves=far, seat=VILLAGE, on=SURVEYED, by="test", at=MONDAY
    )
    told = _told()
    assert told["rooms"][0]["state"] == "kept"
    done = _adopt(told)
    assert (done["venues_planned"], done["units_served"]) == (1, 4)
    assert set(far.values()) < set(served_by([venue], on=SURVEYED)[venue.pk])
    assert dead_corners(VILLAGE, on=SURVEYED, states=LIVE) == [f"{GRID}009"]  # served, but out of reach


CHANGES = {
    "an owner changed his mind": lambda: Premises.objects.filter(number="F3").update(consent="no"),
    "a room moved": lambda: Premises.objects.filter(number="F3").update(lon=104.26),
    "a room vanished": lambda: Premises.objects.filter(number="F4").update(gone_on=SURVEYED),
    "somebody planned another room": lambda: plan_venue(
        Premises.objects.get(number="F4"), name="x", serves={}, seat=VILLAGE, on=SURVEYED, by="test", at=MONDAY
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changed_since_makes_it_stale_and_nothing_is_planned(village, change):
    told = _told(drop=["F4"])
    change()
    before = MicroVenue.objects.count()
    with pytest.raises(StaleVenues):
        _adopt(told)
    assert MicroVenue.objects.count() == before


def test_a_plan_given_up_can_be_adopted_again(village):
    told = _told()
    _adopt(told)
    venue = MicroVenue.objects.get(premises__number="F1")
    give_up_plan(venue, seat=VILLAGE, on=SURVEYED, by="test", at=MONDAY)
    assert _adopt(told)["venues_planned"] == 1


def test_it_needs_the_duty_where_the_rooms_lie_and_nothing_is_half_done(village):
    told = _told()
    for by, refusal in ((a_user(Duty.KEEP_ORGANISATION), NotAllowed), (a_user(area="510114000000"), NotFound)):
        with pytest.raises(refusal):
            _adopt(told, by=by)
    assert MicroVenue.objects.count() == 0
    assert _adopt(told, by=a_user(Duty.KEEP_VENUES))["venues_planned"] == 2


def test_a_whole_district_planned_and_adopted_has_only_the_dead_corners_the_plan_named():
    demo = generate(qingbaijiang(), scale=0.15)
    found_divisions(demo.divisions, edition="2018", on=demo.on, by="test", at=MONDAY)
    load_survey(demo.rows, area=DISTRICT, on=demo.on, by="test", at=MONDAY)
    told = _told(DISTRICT)
    assert told["certificate"]["status"] == told["certificate"]["shortest"]["status"] == "optimal"
    assert len(dead_corners(DISTRICT, on=SURVEYED, states=LIVE)) == told["figures"]["units"]

    done = _adopt(told, area=DISTRICT)
    named = [told["units"][left["unit"]]["code"] for left in told["left_out"]]
    assert done == {"venues_planned": told["figures"]["new"], "units_served": told["figures"]["within"]}
    assert dead_corners(DISTRICT, on=SURVEYED, states=LIVE) == units_unserved(DISTRICT, on=SURVEYED) == named
    again = _told(DISTRICT)
    assert (again["figures"]["new"], again["figures"]["within_today"]) == (0, told["figures"]["within"])
    assert list(breaks()) == []
