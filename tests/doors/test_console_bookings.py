"""`weiduan bookings tidy`, run as a shell would."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone

from tests.systems.venues.places import a_place, a_room, a_wish
from weiduan.doors.console import main
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.models import Booking, Slot

pytestmark = pytest.mark.django_db
main._register()


def test_contacts_are_erased_a_month_after_the_last_day_and_not_before():
    room, at = a_room(a_place(quota_hours=None)), timezone.now()
    tomorrow = timezone.localdate() + timedelta(days=1)
    for n, ago in enumerate((29, 31)):
        wish = a_wish(tomorrow, opens=480 + 60 * n, closes=540 + 60 * n, group=str(n), contact="13800000000")
        booking = book(room, wish, receipt=str(n) * 22, by=None, at=at)
        over = at - timedelta(days=ago)
        since = over - timedelta(hours=1)
        Slot.objects.filter(booking=booking).update(since=since, until=over, blocked_until=over)

    told = CliRunner().invoke(main.weiduan, ["bookings", "tidy"], standalone_mode=False)
    assert told.exception is None
    assert "1" in told.output
    assert sorted(bool(bytes(b.contact)) for b in Booking.objects.all()) == [False, True]
