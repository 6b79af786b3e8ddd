"""A place with rooms for tests: open every day from 8 to 20 o'clock, holidays too, unless said otherwise."""

from datetime import date, timedelta
from decimal import Decimal

from tests.builders import MONDAY, SURVEYED, VILLAGE, divisions
from weiduan.systems.venues.bookings.actions import Wish
from weiduan.systems.venues.bookings.rules import Who
from weiduan.systems.venues.facilities.actions import RoomFacts, add_room, found_centre
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.facilities.rules import Use
from weiduan.systems.venues.hours.actions import set_week

TUESDAY = date(2018, 11, 6)  # the day after MONDAY
DAY = timedelta(days=1)
CLERK = {"by": "test", "at": MONDAY}
ALL_WEEK = {day: [(480, 1200)] for day in range(8)}
RECEIPT = "r" * 22


def a_place(*, week=ALL_WEEK, divided: bool = False, **quota) -> Facility:
    if not divided:
        divisions()
    place = found_centre("石家碾党群服务中心", code=VILLAGE, address="石家碾中路1号", on=SURVEYED, **CLERK)
    if quota:
        Facility.objects.filter(pk=place.pk).update(**quota)
    set_week(place.pk, week, on=SURVEYED, **CLERK)
    return Facility.objects.get(pk=place.pk)


def a_room(place: Facility | None = None, name: str = "议事室", **facts) -> Room:
    facts = {"use": Use.MEETING, "area_m2": Decimal("40"), "bookable": True, "confirms": False} | facts
    place = place or a_place(quota_hours=None)
    return add_room(place.pk, RoomFacts(name, **facts), on=SURVEYED, **CLERK)


def a_wish(on: date = TUESDAY, opens: int = 540, closes: int = 600, **said) -> Wish:
    """From nine to ten, by residents of a reading circle."""
    told = {"what": "读书会", "use": Use.READING, "who": Who.GROUP, "group": "邻里读书会"} | said
    return Wish(on=on, opens=opens, closes=closes, **told)
