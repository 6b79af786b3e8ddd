"""Who may do what, where and until when."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.builders import DISTRICT, MONDAY, TOWN, VILLAGE, a_user
from weiduan.ground.accounts.actions import give_mandate, open_account
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import home_area, may, require
from weiduan.ground.accounts.rules import Duty, covers, prefix_of
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry


@pytest.mark.parametrize("code, prefix", [
    ("510000000000", "51"), ("510100000000", "5101"), ("510113000000", "510113"), ("510113002000", "510113002"),
    ("510113002002", "510113002002"), ("510113002002001", "510113002002001"), ("510113002002001000", "510113002002001000"),
])  # fmt: skip
def test_the_significant_digits_of_a_code(code, prefix):
    assert prefix_of(code) == prefix


def test_an_area_covers_what_lies_in_it_and_nothing_beside_it():
    assert covers(TOWN, VILLAGE) and covers(TOWN, TOWN) and covers("", VILLAGE)
    assert not covers(VILLAGE, TOWN) and not covers("510113003000", VILLAGE)


@pytest.mark.django_db
class TestMandates:
    def test_a_duty_holds_in_its_area_and_below(self):
        user = a_user(Duty.KEEP_GROUND, area=TOWN)
        assert may(user, Duty.KEEP_GROUND, in_area=VILLAGE, at=MONDAY)
        assert not may(user, Duty.KEEP_GROUND, in_area=DISTRICT, at=MONDAY)

    def test_whoever_acts_may_look_but_not_the_other_way_round(self):
        assert may(a_user(Duty.KEEP_GROUND), Duty.LOOK, in_area=DISTRICT, at=MONDAY)
        assert not may(a_user(Duty.LOOK), Duty.KEEP_GROUND, in_area=DISTRICT, at=MONDAY)

    def test_it_ends_on_its_day_and_begins_on_its_day(self):
        user = User.objects.create_user("short")
        give_mandate(
            user, Duty.LOOK, area=DISTRICT, since=date(2018, 11, 5), until=date(2018, 11, 6), by="test", at=MONDAY
        )
        assert may(user, Duty.LOOK, in_area=DISTRICT, at=MONDAY)
        for away in (-1, 1):
            assert not may(user, Duty.LOOK, in_area=DISTRICT, at=MONDAY + timedelta(days=away))

    def test_a_switched_off_account_may_nothing(self):
        user = a_user()
        user.is_active = False
        assert not may(user, Duty.LOOK, in_area=DISTRICT, at=MONDAY)

    def test_who_may_not_look_is_told_that_there_is_nothing(self):
        for stranger in (AnonymousUser(), a_user(area="510114000000")):
            with pytest.raises(NotFound):
                require(stranger, Duty.KEEP_GROUND, in_area=VILLAGE, at=MONDAY)

    def test_who_may_look_is_told_which_duty_is_missing(self):
        with pytest.raises(NotAllowed, match=VILLAGE):
            require(a_user(), Duty.KEEP_GROUND, in_area=VILLAGE, at=MONDAY)

    def test_giving_one_is_written_down_and_twice_is_once(self):
        user = a_user(area=VILLAGE)
        give_mandate(user, Duty.LOOK, area=VILLAGE, since=date(2018, 1, 1), by="test", at=MONDAY)
        entries = Entry.objects.filter(what="mandate.given")
        assert [(e.area, e.after["duty"]) for e in entries] == [(VILLAGE, "look")]

    def test_only_who_gives_mandates_there_may(self):
        with pytest.raises(NotAllowed):
            give_mandate(a_user(), Duty.LOOK, area=VILLAGE, since=date(2018, 1, 1), by=a_user(), at=MONDAY)

    def test_home_is_the_widest_area(self):
        user = a_user(area=VILLAGE)
        give_mandate(user, Duty.LOOK, area=TOWN, since=date(2018, 1, 1), by="test", at=MONDAY)
        assert home_area(user, at=MONDAY) == TOWN

    def test_a_name_is_given_once(self):
        open_account(username="wang", password="a long password", title="", by="test", at=MONDAY)
        with pytest.raises(BadInput, match="wang"):
            open_account(username="wang", password="another password", title="", by="test", at=MONDAY)
