"""Which rooms would do: the fewest premises so that every unit that can be reached has one within reach."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils.translation import gettext as _
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import areas_below, centres_of
from weiduan.ground.territory.rules import Level
from weiduan.planning.answers import NOWHERE, Solution
from weiduan.planning.cover import min_cost_cover
from weiduan.planning.engines import Engine
from weiduan.planning.neighbours import flat
from weiduan.systems.venues.premises.queries import premises_in

REACH_M = 500.0  # as the crow flies; on foot that is about 650


@dataclass(frozen=True)
class Room:
    """A room chosen, and how many units and households have it within reach."""

    number: str
    name: str
    units: int
    households: int


@dataclass(frozen=True)
class DeadCorner:
    """A unit with no room within reach; `nearest_m` is as the crow flies, None where there is no room at all."""

    code: str
    name: str
    nearest_m: float | None


@dataclass(frozen=True)
class VenuePlan:
    """The fewest rooms, with the proof, and what stays a dead corner."""

    solution: Solution
    units: int
    premises: int
    rooms: tuple[Room, ...]
    dead_corners: tuple[DeadCorner, ...]


def plan_venues(
    area: str, *, on: date, reach_m: float = REACH_M, seconds: float = 60.0, engine: Engine | None = None
) -> VenuePlan:
    """Choose rooms in an area; those whose owner said no are left out.

    :raises BadInput: no unit has a place on the map, or the reach is no distance
    """
    if not reach_m > 0:
        raise BadInput(_("The reach must be more than 0 metres."))
    units = areas_below(area, on=on).filter(level=Level.UNIT).order_by("code").values_list("code", "name", "households")
    centres = centres_of(area, on=on, level=Level.UNIT)
    placed = [(code, name, households or 0, centres[code]) for code, name, households in units if code in centres]
    if not placed:
        raise BadInput(_("No unit of this area has a place on the map yet. Load points or outlines first."))
    rooms = [r for r in premises_in(area, on=on) if r.consent != "no" and r.lon is not None and r.lat is not None]
    lon, lat = np.array([u[3] for u in placed] + [(r.lon, r.lat) for r in rooms], dtype=float).T
    point_m = flat(lon, lat)
    reaches = _reaches(point_m[: len(placed)], point_m[len(placed) :], reach_m)
    solution = _fewest(reaches, seconds, engine)
    return VenuePlan(
        solution, len(placed), len(rooms), _chosen(solution, reaches, rooms, placed),
        _corners(solution, placed, point_m[: len(placed)], point_m[len(placed) :]),
    )  # fmt: skip


def _fewest(reaches: csr_array, seconds: float, engine: Engine | None) -> Solution:
    """Solve; where there is no room at all, say so instead of asking."""
    units, rooms = reaches.shape
    if not rooms:
        return Solution(NOWHERE, np.inf, np.inf, np.inf, "infeasible", np.arange(units))
    return min_cost_cover(reaches, np.ones(rooms), time_limit=seconds, engine=engine)


def _reaches(units_m: np.ndarray, rooms_m: np.ndarray, reach_m: float) -> csr_array:
    """Return (units, rooms), true where a room lies within reach of a unit."""
    if not len(rooms_m):
        return csr_array((len(units_m), 0), dtype=bool)
    near = KDTree(rooms_m).query_ball_point(units_m, reach_m)
    rows = np.repeat(np.arange(len(units_m)), [len(found) for found in near])
    columns = np.array([room for found in near for room in found], dtype=int)
    return csr_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(len(units_m), len(rooms_m)))


def _chosen(solution: Solution, reaches: csr_array, rooms: list, placed: list) -> tuple[Room, ...]:
    households = np.array([unit[2] for unit in placed])
    columns = reaches.tocsc()
    told = []
    for site in solution.chosen:
        inside = columns.indices[columns.indptr[site] : columns.indptr[site + 1]]
        told.append(Room(rooms[site].number, rooms[site].name, len(inside), int(households[inside].sum())))
    return tuple(told)


def _corners(solution: Solution, placed: list, units_m: np.ndarray, rooms_m: np.ndarray) -> tuple[DeadCorner, ...]:
    far = KDTree(rooms_m).query(units_m)[0] if len(rooms_m) else None
    return tuple(
        DeadCorner(placed[unit][0], placed[unit][1], None if far is None else float(far[unit]))
        for unit in solution.uncoverable
    )
