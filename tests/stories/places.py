"""A place in the stories' installation, founded through the actions staff use, with a booking to be confirmed."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VILLAGE = "510113001001"
RECEIPT = "the-receipt-of-the-stories"
FOUND = """
import json, sys, django
django.setup()
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from weiduan.systems.venues.bookings.actions import Wish, book
from weiduan.systems.venues.bookings.rules import Frequency, Repeat, Who
from weiduan.systems.venues.facilities.actions import RoomFacts, add_room, describe, found_centre
from weiduan.systems.venues.facilities.rules import Use
from weiduan.systems.venues.hours.actions import set_week
at, today = timezone.now(), timezone.localdate()
clerk = {"by": "console", "at": at}
on = today - timedelta(days=1)
place = found_centre("青江路党群服务中心", code=sys.argv[1], address="青江路1号", on=on, **clerk)
facts = {"telephone": "028-83600000", "way": "公交101路青江路站下，往东100米", "access": ["step_free"],
         "equipment": ["projector"], "lon": 104.25, "lat": 30.88}
describe(place.pk, facts, **clerk)
set_week(place.pk, {day: [(480, 1200)] for day in range(8)}, on=on, **clerk)
rooms = [
    add_room(place.pk, RoomFacts(name, use, Decimal("40"), seats=20, bookable=True), on=on, **clerk)
    for name, use in (("读书室", Use.READING), ("议事室", Use.MEETING))
]
wish = Wish(what="院坝议事会", use=Use.MEETING, who=Who.GROUP, group="院坝", on=today + timedelta(days=1), opens=540, closes=600,
            repeat=Repeat(Frequency.WEEKLY, 1, 3), contact="13900000000")
booking = book(rooms[1], wish, receipt=sys.argv[2], by=None, at=at)
print(json.dumps({"place": str(place.pk), "room": str(rooms[1].pk), "booking": str(booking.pk)}))
"""


def found_place(env: dict[str, str]) -> dict[str, str]:
    """Found a centre with two rooms that residents can book and a keeper confirms; return place, room, booking, receipt."""
    command = [sys.executable, "-c", FOUND, VILLAGE, RECEIPT]
    done = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"receipt": RECEIPT}
