"""Dead corners: units that no place serves within the walking limit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.rulebook.queries import overrides_on
from weiduan.ground.rulebook.rules import Override, pack
from weiduan.ground.territory.queries import Place, alive, areas_below
from weiduan.systems.venues.micro_venues.models import MicroVenue, Serving
from weiduan.systems.venues.micro_venues.queries import in_states
from weiduan.systems.venues.micro_venues.rules import State

from .queries import unit_points, units_of, walks_between
from .rules import Point

LIMIT = "unit-venue-walk"  # the rule, metres on foot
CENTIMETRE = 0.01  # as exact as distances are


@dataclass(frozen=True)
class Reached:
    """A unit, and how far it is to the nearest place that serves it.

    point    None where the unit isn't on the map
    limit_m  metres on foot that hold here
    served   places that serve it, wherever they are
    place    the nearest of them; None where none of them, or not the unit, is on the map
    metres   on foot to it; inf where no street leads there
    """

    key: int
    code: str
    name: str
    households: int
    point: Point | None
    limit_m: int
    served: frozenset[UUID]
    place: UUID | None
    metres: float | None

    @property
    def is_within(self) -> bool:
        return self.metres is not None and is_within(self.metres, self.limit_m)


def is_within(metres: float, limit_m: float) -> bool:
    """Tell whether a way is no longer than the limit."""
    return metres <= limit_m + CENTIMETRE


def reached_in(
    code: str, *, on: date, states: Collection[State] = (State.OPEN,), units: Sequence[Place] | None = None,
    overrides: Sequence[Override] | None = None,
) -> list[Reached]:  # fmt: skip
    """Return the units of an area in order of code, each with the nearest micro-venue in one of these states that serves it.

    The number of queries doesn't grow with the area.

    units, overrides  where they have been read already
    """
    known = units_of(code, on=on) if units is None else units
    points = unit_points(code, on=on, units=known)
    limits = limits_of((one.code for one in known), on=on, overrides=overrides)
    serving, spots = _serving(code, on, states)
    walks = walks_between(points, spots, code=code, on=on)
    row_of, column_of = ({key: n for n, key in enumerate(keys)} for keys in (walks.units, walks.places))
    found = []
    for one in known:
        key, unit = one.id, one.code
        served = frozenset(serving[key])
        ways = [(float(walks.metres[row_of[unit], column_of[place]]), place) for place in served & spots.keys()
                if unit in row_of]  # fmt: skip
        metres, place = min(ways, default=(None, None))
        found.append(
            Reached(key, unit, one.name, one.households or 0, points.get(unit), limits[unit], served, place, metres)
        )
    return found


def dead_corners(code: str, *, on: date, states: Collection[State] = (State.OPEN,)) -> list[str]:
    """Return the codes of the units that no micro-venue in one of these states serves within the limit on a day.

    A unit that isn't on the map is one of them: nobody can say that it isn't.
    """
    return [unit.code for unit in reached_in(code, on=on, states=states) if not unit.is_within]


def limits_of(codes: Iterable[str], *, on: date, overrides: Sequence[Override] | None = None) -> dict[str, int]:
    """Return code → metres on foot within which a place must be, with each area's own value where it set one."""
    usual = next(rule.value for rule in pack() if rule.id == LIMIT)
    own = sorted(
        (o for o in (overrides_on(on) if overrides is None else overrides) if o.rule == LIMIT),
        key=lambda o: len(o.area),
    )
    return {code: next((o.value for o in reversed(own) if prefix_of(code).startswith(o.area)), usual) for code in codes}


def _serving(
    code: str, on: date, states: Collection[State]
) -> tuple[dict[int, list[UUID]], dict[UUID, Point]]:  # fmt: skip
    """Return which places serve each unit (by its key), and where those on the map are."""
    rows = Serving.objects.filter(
        alive(on), area__in=areas_below(code, on=on).values("area_id"),
        venue__in=MicroVenue.objects.filter(in_states(states, on)),
    )  # fmt: skip
    serving: dict[int, list[UUID]] = defaultdict(list)
    spots: dict[UUID, Point] = {}
    for area, place, lon, lat in rows.values_list(
        "area_id", "venue__facility_id", "venue__facility__lon", "venue__facility__lat"
    ):
        serving[area].append(place)
        if lon is not None and lat is not None:
            spots[place] = (lon, lat)
    return serving, spots
