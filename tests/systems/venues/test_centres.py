"""Office shares of centres against hand-made ones, exactly at the limit; and the list of feature rooms."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SURVEYED, VILLAGE
from tests.systems.venues.places import CLERK, a_place, a_room
from weiduan.ground.rulebook.actions import set_local_value
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
