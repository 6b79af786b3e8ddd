"""Worlds for dead corners: units and rooms on a line, micro-venues in any state, and distances worked out another way."""

from collections.abc import Sequence
from datetime import date, timedelta

import shapely
from pyproj import Transformer

from tests.builders import GRID, MONDAY, SURVEYED, VILLAGE, divisions, grid, load, survey, unit
from weiduan.ground.territory.models import AreaVersion
from weiduan.systems.venues.micro_venues.actions import move_on, plan_venue
from weiduan.systems.venues.micro_venues.models import MicroVenue
from weiduan.systems.venues.micro_venues.rules import State
from weiduan.systems.venues.premises.models import Premises

LON, LAT = 104.25, 30.83
STEP = 100 / 95_700  # 100 m of longitude at 30.83 degrees north, on the ellipsoid
# Gauss-Krüger about 105° east, the national grid of this district; metres.
GRID_PLANE = Transformer.from_crs("EPSG:4326", "EPSG:4544", always_xy=True)
ORDER = (State.FITTING_OUT, State.OPEN, State.CLOSED)


def walked(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres on foot where no streets are known, by Shapely on the national grid."""
    return 1.3 * shapely.Point(GRID_PLANE.transform(*one)).distance(shapely.Point(GRID_PLANE.transform(*other)))


def at(hundreds: float) -> tuple[float, float]:
    return LON + hundreds * STEP, LAT


def a_row(units: dict[int, float | None], rooms: dict[str, float | None], **facts) -> None:
    """Lay a village: unit number → place in hundreds of metres, room number → place; None is off the map."""
    divisions()
    load(
        survey(
            grids=[grid()],
            units=[unit(f"{GRID}{n:03}", **_point(place), households=100 + n) for n, place in units.items()],
            premises=[a_room(number, place, **facts) for number, place in rooms.items()],
        )
    )


def a_room(number: str, place: float | None, **facts) -> dict:
    room = {
        "number": number,
        "name": f"{number}旧房",
        "origin": "other",
        "area": VILLAGE,
        "address": None,
        "area_m2": 60.0,
    }
    return room | _point(place) | {"consent": "yes"} | facts


def _point(place: float | None) -> dict:
    return {"lon": None, "lat": None} if place is None else dict(zip(("lon", "lat"), at(place), strict=True))


def a_venue(number: str, serves: Sequence[int] = (), *, state: State = State.OPEN, on: date = SURVEYED) -> MicroVenue:
    """Plan a micro-venue and bring it into a state, all on one day; it closes on the next."""
    codes = [f"{GRID}{n:03}" for n in serves]
    keys = dict(AreaVersion.objects.filter(code__in=codes).values_list("code", "area_id"))
    when = {"seat": VILLAGE, "on": on, "by": "test", "at": MONDAY}
    venue = plan_venue(Premises.objects.get(number=number), name=f"{number}微阵地", serves=keys, **when)
    for then in ORDER[: ORDER.index(state) + 1] if state is not State.PLANNED else ():
        venue = move_on(venue, then, **when | {"on": on + timedelta(days=then is State.CLOSED)})
    return venue
