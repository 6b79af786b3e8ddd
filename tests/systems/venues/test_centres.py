"""Office shares of centres against hand-made ones, exactly at the limit; and the list of feature rooms."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MONDAY, SURVEYED, VILLAGE, a_user
from tests.systems.venues.places import CLERK, DAY, a_place, a_room, a_wish
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed
from weiduan.ground.rulebook.actions import set_local_value
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.centres.actions import ClosedAlready, close_centre
from weiduan.systems.venues.centres.queries import centres_in
from weiduan.systems.venues.centres.rules import Floors
from weiduan.systems.venues.facilities.rules import Use

METRES = st.decimals(min_value=0, max_value=5000, places=2)


@pytest.mark.parametrize(
    ("office", "function", "share", "to_change"),
    [
        ("100", "1000", "10.00", "0"), ("100.1", "1000", "10.01", "0.10"), ("100.01", "1000", "10.01", "0.01"),
        ("87", "1000", "8.70", "0"), ("250", "1000", "25.00", "136.37"), ("0", "300", "0.00", "0"), ("60", "0", None, "54.55"),
    ],
)  # fmt: skip
def test_ten_percent_holds_and_a_hundredth_more_does_not_with_the_metres_that_must_change(
    office, function, share, to_change
):
    floors = Floors(Decimal(office), Decimal(function))
    assert floors.share == (None if share is None else Decimal(share))
    assert floors.to_change(10) == Decimal(to_change)


@given(office=METRES, function=METRES, most=st.integers(0, 50))
def test_changing_just_so_many_metres_makes_it_hold_and_a_hundredth_less_does_not(office, function, most):
    floors = Floors(office, function)
    change = floors.to_change(most)

    def holds(metres):
        return 100 * (office - metres) <= most * (function + metres)

    assert holds(change)
    assert change == 0 or not holds(change - Decimal("0.01"))


@pytest.mark.django_db
@pytest.mark.parametrize(("office", "holds", "to_change"), [("100", True, "0"), ("100.10", False, "0.10")])
def test_a_centre_is_judged_by_its_rooms_and_neither_store_rooms_nor_ended_ones_count(office, holds, to_change):
    place = a_place()
    for name, use, area in (("办公室", Use.OFFICE, office), ("舞蹈室", Use.DANCE, "400"), ("培训室", Use.TRAINING, "600"),
                            ("库房", Use.STORE, "900")):  # fmt: skip
        a_room(place, name, use=use, area_m2=Decimal(area), bookable=False)

    (centre,) = centres_in(VILLAGE, on=SURVEYED)
    share = next(j for j in centre.judgements if j.rule.measure == "office_percent")
    assert (share.verdict == "holds", centre.to_change) == (holds, Decimal(to_change))
    has = {j.rule.measure: j.verdict.value for j in centre.judgements if j.rule.test == "min"}
    assert has == {
        "partners_rooms": "broken", "dance_rooms": "holds", "training_rooms": "holds", "after_school_rooms": "broken",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_district_changes_the_list_of_feature_rooms_by_its_own_values():
    place = a_place()
    a_room(place, "书吧", use=Use.READING)
    for rule, value in (("centre-dance", 0), ("centre-reading", 1)):
        set_local_value(rule, area=VILLAGE, value=value, source="区功能室清单", since=SURVEYED, **CLERK)

    (centre,) = centres_in(VILLAGE, on=SURVEYED)
    asked = {j.rule.id: j.verdict.value for j in centre.judgements if j.rule.test == "min"}
    assert asked["centre-reading"] == "holds" and "centre-dance" not in asked


@pytest.mark.django_db
def test_a_closed_centre_ends_its_rooms_frees_what_was_booked_and_stays_in_its_history():
    place = a_place(quota_hours=None)
    room = a_room(place)
    booking = book(room, a_wish(), **CLERK)

    assert close_centre(place.pk, on=SURVEYED + DAY, **CLERK) == 1

    room.refresh_from_db()
    assert (room.until, booking.slots.get().state) == (SURVEYED + DAY, "skipped")
    assert [len(centres_in(VILLAGE, on=day)) for day in (SURVEYED, SURVEYED + DAY)] == [1, 0]
    with pytest.raises(ClosedAlready):
        close_centre(place.pk, on=SURVEYED + 2 * DAY, **CLERK)


@pytest.mark.django_db
def test_a_centre_closes_after_it_opened_and_only_by_who_keeps_it():
    place = a_place()
    with pytest.raises(BadInput):
        close_centre(place.pk, on=SURVEYED, **CLERK)
    with pytest.raises(NotAllowed):
        close_centre(place.pk, on=SURVEYED + DAY, by=a_user(Duty.LOOK), at=MONDAY)
