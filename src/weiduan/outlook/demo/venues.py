"""Centres and micro-venues of the modelled district: founded, opened and booked through the actions staff use.

One centre a village, most within the tenth that may be office, some not; a part of the rooms the survey found has become a
micro-venue, a few are on their way, a few have closed, and most are still only rooms: the demo is to show the problem.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.ledger.actions import written_at_the_end
from weiduan.ground.territory.queries import areas_below
from weiduan.ground.territory.rules import Level, short_name
from weiduan.systems.venues.bookings.actions import Wish, book
from weiduan.systems.venues.bookings.rules import Frequency, Repeat, Who
from weiduan.systems.venues.facilities.actions import RoomFacts, add_room, change_room, describe, found_centre
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.facilities.rules import Use
from weiduan.systems.venues.hours.actions import set_week
from weiduan.systems.venues.hours.rules import Span, holds
from weiduan.systems.venues.micro_venues.actions import move_on, plan_venue
from weiduan.systems.venues.micro_venues.models import MicroVenue
from weiduan.systems.venues.micro_venues.rules import State
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.premises.queries import premises_in
from weiduan.systems.venues.reach.corners import is_within, limits_of
from weiduan.systems.venues.reach.queries import unit_points
from weiduan.systems.venues.reach.rules import Point, straight_walks

from .divisions import District

CENTRES_OVER_A_TENTH = 0.2  # share of the centres with too much office
FEATURES = {Use.PARTNERS: "社会组织办公室", Use.DANCE: "舞蹈室", Use.TRAINING: "培训室", Use.AFTER_SCHOOL: "430学校"}
LACKS_A_FEATURE = 0.15  # share of the centres without one of these
# What becomes of a room whose owner agrees, and how often.
FATES = {"open": 0.4, "fitting": 0.05, "planned": 0.06, "closed": 0.02}
FITTED_AFTER, OPENED_AFTER, CLOSED_AFTER = timedelta(days=30), timedelta(days=75), timedelta(days=800)
LEFT_OUT = 0.1  # share of the units within reach that the nearest open micro-venue doesn't serve
NEXT_DOOR_M = 100  # on foot: a room of the unit itself
DAYTIME = [(9 * 60, 12 * 60), (14 * 60, 17 * 60 + 30)]
LONG_DAY = [(9 * 60, 12 * 60), (14 * 60, 20 * 60 + 30)]
CENTRE_WEEK = {**dict.fromkeys(range(5), LONG_DAY), 5: DAYTIME, 6: DAYTIME}
VENUE_WEEK = {**{day: LONG_DAY for day in (0, 2, 3, 4, 5)}, 6: DAYTIME, 7: DAYTIME}  # Mondays closed
# What is on week by week in a micro-venue: the use, what the timetable says, day of the week, from, until.
HABITS = (
    (Use.READING, "邻里读书会", 2, 19 * 60, 20 * 60 + 30), (Use.TEA, "茶园龙门阵", 3, 14 * 60, 16 * 60),
    (Use.CINEMA, "周末电影", 5, 18 * 60, 20 * 60), (Use.SAY, "我有话说", 4, 15 * 60, 16 * 60 + 30),
    (Use.ELDERLY, "老年手工", 2, 9 * 60, 11 * 60), (Use.CHILDREN, "周日亲子角", 6, 9 * 60, 11 * 60),
)  # fmt: skip
WHAT_IT_WAS = re.compile("(物管用房|腾退用房|旁闲置铺面|闲置房屋)$")
CENTRES_WITH_HABITS = 12  # those of the first villages, where the demo's accounts are
WEEKS_BEFORE, WEEKS = 4, 12  # habits were booked so long ago, for so many weeks


@dataclass(frozen=True)
class Clerk:
    """Who keeps the venues, when it is, and what chance decides."""

    by: str
    at: datetime
    chance: random.Random

    @property
    def when(self) -> dict[str, Any]:
        return {"by": self.by, "at": self.at}


def open_venues(district: District, *, seed: int, on: date, by: str, at: datetime) -> tuple[int, int]:
    """Found centres on the survey's day, let micro-venues open after it, book their weeks; return how many are open."""
    today = local_day(at)
    clerk = Clerk(by, at, random.Random(f"{seed}-{district.code}-venues"))
    units = areas_below(district.code, on=on).filter(level=Level.UNIT).order_by("code")
    keys = dict(units.values_list("code", "area_id"))
    points = unit_points(district.code, on=on)
    with written_at_the_end():
        centres = [_centre(village.code, village.name, points, on, clerk) for village in district.villages]
        opened = list(_micro_venues(district, keys, points, on, today, clerk))
    for venue in opened:
        rooms = Room.objects.filter(facility=venue.facility_id)
        unit = venue.servings.order_by("area").values_list("area_id", flat=True).first()
        _habits(rooms[0], VENUE_WEEK, venue.opened_on or today, unit, today, clerk)
    for centre in centres[:CENTRES_WITH_HABITS]:
        _habits(centre.rooms.get(use=Use.MEETING.value), CENTRE_WEEK, on, None, today, clerk)
    return len(centres), len(opened)


def _centre(code: str, name: str, points: dict[str, Point], on: date, clerk: Clerk) -> Facility:
    chance = clerk.chance
    name = short_name(name)
    place = found_centre(f"{name}党群服务中心", code=code, address=f"{name}党群服务中心院内", on=on, **clerk.when)
    lon, lat = next((point for unit, point in points.items() if unit.startswith(code)), (None, None))
    facts = {"lon": lon, "lat": lat, "access": ["step_free", "toilet"] if chance.random() < 0.6 else ["step_free"],
             "equipment": ["projector", "water", "wifi"]}  # fmt: skip
    describe(place.pk, facts, **clerk.when)
    for room in _centre_rooms(chance):
        add_room(place.pk, room, on=on, **clerk.when)
    set_week(place.pk, CENTRE_WEEK, on=on, **clerk.when)
    return place


def _centre_rooms(chance: random.Random) -> Iterator[RoomFacts]:
    """A hall, a meeting room and the feature rooms, and offices against them: 8.7 % of them in the middle."""
    features = dict(FEATURES)
    if chance.random() < LACKS_A_FEATURE:
        del features[chance.choice(list(features))]
    rooms = [RoomFacts("便民服务大厅", Use.HALL, _m2(chance, 80, 160)),
             RoomFacts("议事厅", Use.MEETING, _m2(chance, 40, 80), seats=40, bookable=True)]  # fmt: skip
    for use, name in features.items():
        can_be_booked = use is not Use.PARTNERS
        rooms.append(
            RoomFacts(name, use, _m2(chance, 30, 90), seats=30 if can_be_booked else None, bookable=can_be_booked)
        )
    share = chance.uniform(0.105, 0.16) if chance.random() < CENTRES_OVER_A_TENTH else chance.uniform(0.06, 0.095)
    function = sum((room.area_m2 for room in rooms), Decimal(0))
    yield from rooms
    yield RoomFacts("办公室", Use.OFFICE, (function * Decimal(str(share))).quantize(Decimal("0.1")))
    yield RoomFacts("库房", Use.STORE, _m2(chance, 8, 20))


def _m2(chance: random.Random, least: int, most: int) -> Decimal:
    return Decimal(chance.randint(least * 10, most * 10)) / 10


def _micro_venues(
    district: District, keys: dict[str, int], points: dict[str, Point], on: date, today: date, clerk: Clerk
) -> Iterator[MicroVenue]:
    """Let rooms become what chance makes of them; yield those that are open."""
    codes = dict(areas_below(district.code, on=on).values_list("area_id", "code"))
    found = [(room, _fate(clerk.chance)) for room in premises_in(district.code, on=on) if room.consent == "yes"]
    chosen = [(room, fate) for room, fate in found if fate]
    serves = _served([room for room, _fate in chosen], points, on, clerk.chance)
    for room, fate in chosen:
        units = {code: keys[code] for code in serves[room.pk]}
        venue = _become(room, fate, units, codes[room.area_id], on, today, clerk)
        if venue.state == State.OPEN:
            yield venue


def _fate(chance: random.Random) -> str:
    drawn = chance.random()
    for fate, share in FATES.items():
        if drawn < share:
            return fate
        drawn -= share
    return ""


def _served(
    rooms: Sequence[Premises], points: dict[str, Point], on: date, chance: random.Random
) -> dict[int, list[str]]:
    """Give each unit to the nearest room within the limit; a few that have none next door to none."""
    spots = [(room.lon or 0.0, room.lat or 0.0) for room in rooms]  # the demo knows where each room is
    metres = straight_walks(list(points.values()), spots)
    limits = limits_of(points, on=on)
    served: dict[int, list[str]] = defaultdict(list)
    for unit, row in zip(points, metres, strict=True):
        if (
            len(row)
            and is_within(float(row.min()), limits[unit])
            and (row.min() < NEXT_DOOR_M or chance.random() >= LEFT_OUT)
        ):
            served[rooms[int(row.argmin())].pk].append(unit)
    return served


def _become(
    room: Premises, fate: str, units: dict[str, int], seat: str, on: date, today: date, clerk: Clerk
) -> MicroVenue:  # fmt: skip
    name = WHAT_IT_WAS.sub("", room.name) + "邻里微阵地"
    venue = plan_venue(room, name=name, serves=units, seat=seat, on=on, **clerk.when)
    if fate == "planned":
        return venue
    days = {State.FITTING_OUT: on + FITTED_AFTER, State.OPEN: on + OPENED_AFTER, State.CLOSED: on + CLOSED_AFTER}
    last = {"fitting": State.FITTING_OUT, "open": State.OPEN, "closed": State.CLOSED}[fate]
    for state, day in days.items():
        if day <= today:
            venue = move_on(venue, state, seat=seat, on=day, **clerk.when)
        if state is State.FITTING_OUT:
            _furnish(venue, on, clerk)
        if state is last:
            break
    return venue


def _furnish(venue: MicroVenue, on: date, clerk: Clerk) -> None:
    """Give a micro-venue its room that can be booked, hours and ways in."""
    room = Room.objects.get(facility=venue.facility_id)
    facts = RoomFacts(
        "邻里活动室", Use.MEETING, room.area_m2, seats=20, bookable=True, confirms=clerk.chance.random() < 0.6
    )
    change_room(venue.facility_id, room.pk, facts, on=on, **clerk.when)
    set_week(venue.facility_id, VENUE_WEEK, on=on, **clerk.when)
    access = ["step_free"] if clerk.chance.random() < 0.7 else []
    describe(venue.facility_id, {"access": access, "equipment": ["water", "projector"]}, **clerk.when)


def _habits(room: Room, week: dict[int, list[Span]], opened: date, unit: int | None, today: date, clerk: Clerk) -> None:
    """Book one or two weekly habits, some weeks ago, so that timetables and figures of use aren't empty."""
    fitting = [habit for habit in HABITS if holds(week.get(habit[2], []), habit[3:])]
    then = clerk.at - timedelta(weeks=WEEKS_BEFORE)
    first_day = today - timedelta(weeks=WEEKS_BEFORE) + timedelta(days=1)
    for use, what, day, opens, closes in clerk.chance.sample(fitting, clerk.chance.choice((1, 1, 2))):
        first = first_day + timedelta(days=(day - first_day.weekday()) % 7)
        if first < opened:
            continue
        wish = Wish(
            what=what, use=use, who=Who.GROUP, group=what, on=first, opens=opens, closes=closes, people=12, unit=unit,
            repeat=Repeat(Frequency.WEEKLY, 1, WEEKS),
        )  # fmt: skip
        book(room, wish, rest=True, by=clerk.by, at=then)
