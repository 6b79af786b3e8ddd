"""Two hundred people want one room at one time, each over a connection of their own: one has it."""

import pytest

from tests.builders import MONDAY
from tests.parallel import at_once
from tests.systems.venues.places import TUESDAY, a_room, a_wish
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.venues.bookings.actions import Busy, book
from weiduan.systems.venues.bookings.models import Booking, Slot
from weiduan.systems.venues.bookings.queries import moment

TRIES = 200


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_who_book_one_slot_one_has_it_and_the_others_hear_what_is_free():
    room = a_room()

    answers = at_once(lambda n: book(room, a_wish(group=f"第{n}队"), receipt=f"{n:022d}", by=None, at=MONDAY), TRIES)

    won = [answer for answer in answers if isinstance(answer, Booking)]
    assert len(won) == 1
    refused = [answer for answer in answers if isinstance(answer, Busy)]
    assert len(refused) == TRIES - 1
    assert all(
        answer.taken == [TUESDAY] and answer.free[1] == (moment(TUESDAY, 600), moment(TUESDAY, 660))
        for answer in refused
    )
    assert Slot.objects.filter(state="held").count() == 1
    assert list(breaks()) == []


@pytest.mark.django_db(transaction=True)
def test_ten_equal_posts_of_one_form_at_once_are_one_booking():
    room = a_room()

    answers = at_once(lambda _n: book(room, a_wish(), receipt="e" * 22, by=None, at=MONDAY), 10)

    assert len({answer.pk for answer in answers}) == 1
    assert Booking.objects.count() == 1
