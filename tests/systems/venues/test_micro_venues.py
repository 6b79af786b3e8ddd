"""A micro-venue from the plan until it closes, and whom it serves."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.builders import GRID, MONDAY, SURVEYED, VILLAGE, a_user, divisions, grid, load, survey, unit
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.queries import areas_below
from weiduan.systems.venues.facilities.actions import found
from weiduan.systems.venues.facilities.rules import Kind
from weiduan.systems.venues.micro_venues.actions import (
    CannotMove,
    CannotPlan,
    give_up_plan,
    move_on,
    plan_venue,
    serve_units,
)
from weiduan.systems.venues.micro_venues.models import MicroVenue, Serving
from weiduan.systems.venues.micro_venues.queries import served_by, units_unserved, venues_in
from weiduan.systems.venues.micro_venues.rules import LIVE, Form, State, form_of, may_become
from weiduan.systems.venues.premises.models import Premises

pytestmark = pytest.mark.django_db
A, B, C = (f"{GRID}00{n}" for n in (1, 2, 3))
LATER = SURVEYED + timedelta(days=30)
CLERK = {"seat": VILLAGE, "by": "test", "at": MONDAY}


@pytest.fixture
def room():
    divisions()
    rooms = [
        {
            "number": number, "name": f"{number}旧房", "origin": "other", "area": VILLAGE, "address": None,
            "area_m2": 60.0, "lon": 104.25, "lat": 30.83, "consent": consent,
        }
        for number, consent in (("F1", "yes"), ("F2", "no"))
    ]  # fmt: skip
    load(survey(grids=[grid()], units=[unit(A), unit(B), unit(C)], premises=rooms))
    return Premises.objects.get(number="F1")


def _keys(*codes):
    rows = areas_below(VILLAGE, on=SURVEYED).filter(code__in=codes)
    return dict(rows.values_list("code", "area_id"))


def _planned(room, *codes, on=SURVEYED):
    return plan_venue(room, name="红邻小屋", serves=_keys(*codes), on=on, **CLERK)


def _place(room):
    return found(Kind.MICRO_VENUE, "x", area=room.area_id)


def _names(state, on):
    return [venue.name for venue in venues_in(VILLAGE, on=on, states=[state])]


def test_a_planned_venue_serves_its_units_and_the_others_stay_unserved(room):
    venue = _planned(room, A, B)
    assert units_unserved(VILLAGE, on=SURVEYED) == [C]
    assert served_by([venue], on=SURVEYED) == {venue.pk: sorted(_keys(A, B).values())}
    assert units_unserved(VILLAGE, on=SURVEYED, states=[State.OPEN]) == [A, B, C]


def test_it_is_what_its_dates_say_on_any_day(room):
    venue = _planned(room, A)
    days = [SURVEYED + timedelta(days=n) for n in range(4)]
    for day, state in zip(days[1:], (State.FITTING_OUT, State.OPEN, State.CLOSED), strict=True):
        venue = move_on(venue, state, on=day, **CLERK)
    for day, state in zip(days, State, strict=True):
        assert [s for s in State if _names(s, day)] == [state]
    assert list(venues_in(VILLAGE, on=SURVEYED - timedelta(days=1), states=list(State))) == []


def test_states_follow_in_their_order_only(room):
    allowed = {(now, then) for now in State for then in State if may_become(now, then)}
    assert allowed == {
        (State.PLANNED, State.FITTING_OUT), (State.FITTING_OUT, State.OPEN), (State.FITTING_OUT, State.CLOSED),
        (State.OPEN, State.CLOSED),
    }  # fmt: skip
    venue = _planned(room, A)
    with pytest.raises(CannotMove):
        move_on(venue, State.OPEN, on=LATER, **CLERK)
    with pytest.raises(BadInput):
        move_on(venue, State.FITTING_OUT, on=SURVEYED - timedelta(days=1), **CLERK)
    venue.refresh_from_db()
    assert (venue.state, venue.fitting_since) == ("planned", None)


def test_closing_ends_what_it_serves_and_frees_the_room(room):
    venue = move_on(_planned(room, A), State.FITTING_OUT, on=SURVEYED, **CLERK)
    with pytest.raises(CannotPlan):
        _planned(room, A, on=LATER)
    move_on(venue, State.CLOSED, on=LATER, **CLERK)
    assert units_unserved(VILLAGE, on=LATER) == [A, B, C]
    assert units_unserved(VILLAGE, on=LATER - timedelta(days=1)) == [B, C]
    with pytest.raises(CannotPlan):
        _planned(room, A)  # the room was taken on that day
    assert _planned(room, A, on=LATER).pk != venue.pk


def test_a_plan_is_given_up_as_long_as_it_is_one(room):
    venue = give_up_plan(_planned(room, A), on=SURVEYED, **CLERK)
    assert (venue.state, venue.opened_on, Serving.objects.count()) == ("closed", None, 0)
    again = move_on(_planned(room, A), State.FITTING_OUT, on=SURVEYED, **CLERK)
    with pytest.raises(CannotMove):
        give_up_plan(again, on=LATER, **CLERK)


def test_whom_it_serves_can_change_and_is_remembered(room):
    venue = _planned(room, A, B)
    serve_units(venue, _keys(B, C), on=LATER, **CLERK)
    assert units_unserved(VILLAGE, on=LATER) == [A]
    assert units_unserved(VILLAGE, on=SURVEYED) == [C]
    serve_units(venue, _keys(B), on=LATER, **CLERK)  # C was to begin on that very day: it never did
    assert Serving.objects.filter(area_id=_keys(C)[C]).count() == 0


def test_a_closed_one_serves_nobody(room):
    venue = give_up_plan(_planned(room, A), on=SURVEYED, **CLERK)
    with pytest.raises(CannotMove):
        serve_units(venue, _keys(A), on=LATER, **CLERK)


def test_what_can_not_hold_one_is_refused(room):
    no = Premises.objects.get(number="F2")
    with pytest.raises(CannotPlan, match="F2"):
        _planned(no, A)
    with pytest.raises(CannotPlan):
        _planned(room, A, on=SURVEYED - timedelta(days=1))
    with pytest.raises(BadInput):
        plan_venue(room, name=" ", serves={}, on=SURVEYED, **CLERK)
    assert MicroVenue.objects.count() == 0


def test_it_needs_the_duty_and_what_one_may_not_see_is_not_there(room):
    venue = _planned(room, A)
    for by, refusal in ((a_user(Duty.KEEP_ORGANISATION), NotAllowed), (a_user(area="510114000000"), NotFound)):
        when = {"seat": VILLAGE, "on": LATER, "by": by, "at": MONDAY}
        for deed in (
            lambda when=when: plan_venue(room, name="x", serves={}, **when),
            lambda when=when: serve_units(venue, {}, **when),
            lambda when=when: give_up_plan(venue, **when),
            lambda when=when: move_on(venue, State.FITTING_OUT, **when),
        ):
            with pytest.raises(refusal):
                deed()
    keeper = a_user(Duty.KEEP_VENUES, area=VILLAGE)
    assert give_up_plan(venue, seat=VILLAGE, on=LATER, by=keeper, at=MONDAY).state == "closed"


def test_every_step_is_in_the_ledger(room):
    venue = _planned(room, A)
    serve_units(venue, _keys(A, B), on=SURVEYED, **CLERK)
    for state in (State.FITTING_OUT, State.OPEN, State.CLOSED):
        move_on(venue, state, on=LATER, **CLERK)
    give_up_plan(_planned(room, A, on=LATER), on=LATER, **CLERK)
    told = Entry.objects.filter(kind="venues.microvenue").order_by("key", "chain", "pos").values_list("what", flat=True)
    assert list(told) == [
        "venue.planned", "venue.serves", "venue.fitting_out", "venue.opened", "venue.closed", "venue.planned",
        "venue.given_up",
    ]  # fmt: skip
    assert list(breaks()) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "open"},  # no dates of fitting out and opening
        {"state": "planned", "opened_on": date(2019, 1, 1)},
        {"state": "closed"},
        {"state": "closed", "closed_on": date(2018, 1, 1)},  # before it was planned
        {"state": "fitting_out", "fitting_since": date(2018, 1, 1)},
        {"state": "demolished"},
    ],
)
def test_the_database_refuses_dates_that_contradict_the_state(room, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        MicroVenue.objects.create(premises=room, facility=_place(room), planned_on=SURVEYED, **facts)


def test_the_database_refuses_two_live_venues_in_one_room_and_serving_twice(room):
    venue = _planned(room, A)
    with pytest.raises(IntegrityError), transaction.atomic():
        MicroVenue.objects.create(premises=room, facility=_place(room), planned_on=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Serving.objects.create(venue=venue, area_id=_keys(A)[A], since=LATER)


def test_its_form_comes_from_how_many_it_serves():
    assert [form_of(n) for n in (0, 1, 2)] == [None, Form.ONE_UNIT, Form.UNITS]
    assert State.CLOSED not in LIVE
