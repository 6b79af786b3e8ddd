"""The places open to a unit's residents: those that serve it, and those of its village; how far, and what is on today."""

from dataclasses import dataclass
from datetime import date, datetime

from weiduan.ground.territory.queries import Place, centres_of
from weiduan.ground.territory.rules import Level
from weiduan.systems.venues.bookings.queries import Shown
from weiduan.systems.venues.bookings.showing import Standing, places_now
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.facilities.queries import facilities_in
from weiduan.systems.venues.micro_venues.queries import places_serving
from weiduan.systems.venues.reach.queries import walks_between


@dataclass(frozen=True)
class Near:
    """A place as seen from a unit; `metres` on foot, None where one of them isn't on the map or no way leads there."""

    facility: Facility
    serves: bool
    metres: int | None
    standing: Standing
    shown: tuple[Shown, ...]


def places_near(unit: Place, *, on: date, at: datetime) -> list[Near]:
    """Return the open places that serve a unit, then the others of its village, each the nearest first."""
    serving = places_serving(unit.id, on=on)
    own = {facility.pk for facility in serving}
    others = [facility for facility in facilities_in(unit.code[:12], on=on) if facility.pk not in own]
    found = [*serving, *others]
    metres = _metres(unit, found, on)
    near = [
        Near(facility, facility.pk in own, metres.get(facility.pk), standing, tuple(shown))
        for facility, standing, shown in places_now(found, at=at)
    ]
    return sorted(near, key=lambda one: (not one.serves, one.metres is None, one.metres or 0, one.facility.name))


def _metres(unit: Place, found: list[Facility], on: date) -> dict:
    """Return facility → whole metres on foot from the unit's middle."""
    start = centres_of(unit.code, on=on, level=Level.UNIT)
    ends = {f.pk: (f.lon, f.lat) for f in found if f.lon is not None and f.lat is not None}
    if not start or not ends:
        return {}
    walks = walks_between(start, ends, code=unit.code, on=on)
    far = {key: walks.between(unit.code, key) for key in ends}
    return {key: round(metres) for key, metres in far.items() if metres is not None and metres != float("inf")}
