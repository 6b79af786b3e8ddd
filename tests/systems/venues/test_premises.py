"""What is noted of premises by whoever went there: what the owner says, the rent, the condition."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from tests.builders import GRID, MONDAY, SURVEYED, VILLAGE, a_user, divisions, grid, load, survey, unit
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.venues.premises.actions import note_visit
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.premises.rules import Consent

pytestmark = pytest.mark.django_db
ROOM = {
    "number": "F1", "name": "旧会议室", "origin": "vacated_room", "area": VILLAGE, "address": None, "area_m2": 60.0, "lon": None,
    "lat": None, "consent": "not_asked",
}  # fmt: skip
SAID = {"consent": Consent.YES, "rent": Decimal("800.50"), "condition": " 通水通电 "}


@pytest.fixture(autouse=True)
def surveyed():
    divisions()
    load(survey(grids=[grid()], units=[unit(GRID + "001")], premises=[ROOM]))


def test_a_visit_changes_what_differs_and_the_ledger_tells_from_what_to_what():
    note_visit("F1", **SAID, by="test", at=MONDAY)
    note_visit("F1", **SAID, by="test", at=MONDAY)

    room = Premises.objects.get()
    assert (room.consent, room.rent, room.condition) == ("yes", Decimal("800.50"), "通水通电")
    entry = Entry.objects.get(what="premises.changed")
    assert entry.before == {"consent": "not_asked", "rent": None, "condition": ""}
    assert entry.after == {"consent": "yes", "rent": "800.50", "condition": "通水通电"}


def test_a_survey_that_comes_later_says_what_the_owner_says_and_leaves_rent_and_condition():
    note_visit("F1", **SAID, by="test", at=MONDAY)
    load(survey(grids=[grid()], units=[unit(GRID + "001")], premises=[ROOM | {"consent": "no"}]))

    room = Premises.objects.get()
    assert (room.consent, room.rent, room.condition) == ("no", Decimal("800.50"), "通水通电")


@pytest.mark.parametrize("rent", ["-1", "0.001", "NaN", "1000000"])
def test_no_rent_that_cannot_be(rent):
    with pytest.raises(BadInput):
        note_visit("F1", **SAID | {"rent": Decimal(rent)}, by="test", at=MONDAY)


def test_only_who_keeps_the_venues_there_notes_anything():
    with pytest.raises(NotAllowed):
        note_visit("F1", **SAID, by=a_user(Duty.LOOK), at=MONDAY)
    with pytest.raises(NotFound):
        note_visit("F9", **SAID, by="test", at=MONDAY)
    assert not Premises.objects.exclude(rent=None).exists()


def test_the_database_refuses_a_rent_below_nothing():
    with pytest.raises(IntegrityError):
        Premises.objects.filter(number="F1", found_on=SURVEYED).update(rent=Decimal(-1))
