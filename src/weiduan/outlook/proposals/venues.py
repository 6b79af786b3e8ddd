"""Which rooms would do: the fewest that reach every unit, or the most households within a number of new rooms.

Micro-venues that are planned, fitted out or open stay and cost nothing. Of the plans that are equally good, the one
with the shortest way to the nearest room is chosen, and that too is proved or carries its bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from scipy.spatial import KDTree

from weiduan.ground.base.errors import BadInput
from weiduan.planning.answers import Clock, Numbers, Places, Solution
from weiduan.planning.engines import Engine

from .venue_levels import Question, fewest, question_of, solve
from .venues_ground import REACH_M, Site, Unit, VenueGround, digest_of, venue_ground

FARTHEST = 3.0  # nobody is told to walk more than so many times the reach
STEP_M = 10


@dataclass(frozen=True)
class Room:
    """A room of the plan.

    units, households  within reach of it; serves: those (indices) to which it is the nearest; only: those that no other
    room of the area reaches
    """

    site: Site
    units: int
    households: int
    serves: tuple[int, ...]
    only: tuple[int, ...]

    @property
    def number(self) -> str:
        return self.site.number

    @property
    def name(self) -> str:
        return self.site.name


@dataclass(frozen=True)
class Opening:
    """One change that alone brings a unit within reach of a room.

    rule  reach_m and budget: from `before` to `after`; consent and drop: of `room`, called `name`, whose owner said no
          or that was to be left out
    """

    rule: str
    before: float | None = None
    after: float | None = None
    room: str | None = None
    name: str | None = None

    def told(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {key: value for key, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class DeadCorner:
    """A unit that no room of the plan reaches.

    nearest_m  to the nearest room that could be used, chosen or not, as the crow flies; None where there is none
    """

    unit: int
    code: str
    name: str
    nearest_m: float | None
    nearest: Site | None
    openings: tuple[Opening, ...]


@dataclass(frozen=True)
class VenuePlan:
    """Rooms for an area, with the proof, and what stays a dead corner.

    candidates       rooms without a micro-venue that may be used
    today_m, metres  (units,) to the nearest micro-venue of today and room of the plan; inf where there is none
    room             (units,) index of the room within reach, -1 for none
    solution         how good it is: new rooms, or with a budget households within reach (a unit without a known number
                     counts as one); `chosen` are sites of the ground
    shortest         how short the ways are in all: households x metres of the units within reach; None: not looked at
    """

    reach_m: float
    budget: int | None
    keep: tuple[str, ...]
    drop: tuple[str, ...]
    digest: str
    ground: VenueGround
    candidates: int
    rooms: tuple[Room, ...]
    room: Places
    today_m: Numbers
    metres: Numbers
    dead_corners: tuple[DeadCorner, ...]
    solution: Solution
    shortest: Solution | None

    @property
    def units(self) -> int:
        return len(self.ground.units)


def plan_venues(
    area: str, *, on: date, reach_m: float = REACH_M, budget: int | None = None, keep: Sequence[str] = (),
    drop: Sequence[str] = (), seconds: float = 60.0, engine: Engine | None = None,
) -> VenuePlan:  # fmt: skip
    """Choose rooms in an area.

    reach_m  metres as the crow flies within which a room serves a unit
    budget   at most so many new rooms, for the most households within reach; None: the fewest that reach everybody
    keep     numbers of premises that must be chosen; drop: that must not

    :raises BadInput: no unit has a place on the map, the reach is no distance, or the wishes contradict each other
    :raises UnsoundVenues: the independent check found a rule broken
    """
    clock = Clock(seconds)
    ground = venue_ground(area, on=on)
    _check_wishes(ground, reach_m, budget, keep, drop)
    asked = question_of(ground, reach_m, budget, set(keep), set(drop))
    solution = solve(asked, clock, engine)
    digest = digest_of(ground, reach_m=reach_m, budget=budget, keep=keep, drop=drop)
    wishes = (float(reach_m), budget, tuple(sorted(set(keep))), tuple(sorted(set(drop))))
    return _plan(asked, wishes, digest, *solution, clock=clock, engine=engine)


def _check_wishes(
    ground: VenueGround, reach_m: float, budget: int | None, keep: Sequence[str], drop: Sequence[str]
) -> None:
    if not 0 < reach_m < np.inf:
        raise BadInput(_("The reach must be more than 0 metres."))
    if budget is not None and budget < 0:
        raise BadInput(_("The number of new rooms can't be below 0."))
    if not ground.units:
        raise BadInput(_("No unit of this area has a place on the map yet. Load points or outlines first."))
    sites = {site.number: site for site in ground.sites}
    for number in sorted({*keep, *drop}):
        if number in ground.sites_off_map:
            raise BadInput(_("Room %(number)s has no place on the map yet.") % {"number": number})
        if number not in sites:
            raise BadInput(_("There is no room %(number)s in this area.") % {"number": number})
        _check_wish(sites[number], number in keep, number in drop)
    new = [number for number in set(keep) if not sites[number].held]
    if budget is not None and len(new) > budget:
        raise BadInput(
            _("%(rooms)s rooms are to be chosen, but only %(budget)s new ones are allowed.")
            % {"rooms": len(new), "budget": budget}
        )


def _check_wish(site: Site, keep: bool, drop: bool) -> None:
    named = {"number": site.number, "name": site.name}
    if keep and drop:
        raise BadInput(_("%(name)s (%(number)s) can't be both chosen and left out.") % named)
    if keep and site.consent == "no" and not site.held:
        raise BadInput(_("%(name)s (%(number)s) can't be chosen: its owner said no.") % named)
    if drop and site.held:
        raise BadInput(
            _(
                "%(name)s (%(number)s) can't be left out: it is a micro-venue already. Close it or give its plan up first."
            )
            % named
        )


def _plan(
    asked: Question, wishes: tuple[float, int | None, tuple[str, ...], tuple[str, ...]], digest: str,
    solution: Solution, shortest: Solution | None, *, clock: Clock, engine: Engine | None,
) -> VenuePlan:  # fmt: skip
    chosen = solution.chosen
    metres, nearest = _nearest(asked.unit_m, asked.site_m[chosen])
    served = asked.reached(chosen)
    room = np.where(served, nearest, -1)
    corners = tuple(_corners(asked, np.flatnonzero(~served), solution, clock, engine))
    return VenuePlan(
        *wishes, digest, asked.ground, int((~asked.held).sum()), tuple(_rooms(asked, chosen, room)), room,
        _nearest(asked.unit_m, asked.site_m[asked.held])[0], metres, corners, solution, shortest,
    )  # fmt: skip


def _nearest(units_m: Numbers, rooms_m: Numbers) -> tuple[Numbers, Places]:
    """Return (units,) metres to the nearest room and which it is; inf and -1 where there is no room."""
    if not len(rooms_m):
        return np.full(len(units_m), np.inf), np.full(len(units_m), -1)
    metres, nearest = KDTree(rooms_m).query(units_m)
    return metres, nearest


def _rooms(asked: Question, chosen: Places, room: Places) -> Iterator[Room]:
    columns = asked.reaches.tocsc()
    choices = np.diff(asked.reaches.indptr)
    for number, site in enumerate(chosen):
        inside = np.sort(columns.indices[columns.indptr[site] : columns.indptr[site + 1]])
        households = sum(asked.ground.units[unit].households for unit in inside)
        serves, only = np.flatnonzero(room == number), inside[choices[inside] == 1]
        yield Room(asked.sites[site], len(inside), households, tuple(serves.tolist()), tuple(only.tolist()))


def _corners(
    asked: Question, left_out: Places, solution: Solution, clock: Clock, engine: Engine | None
) -> Iterator[DeadCorner]:
    if not len(left_out):
        return
    needed = _needed(asked, left_out, solution, clock, engine)
    metres, nearest = _nearest(asked.unit_m[left_out], asked.site_m)
    steady = asked.site_m if asked.budget is None else asked.site_m[asked.fixed]
    sure, _which = _nearest(asked.unit_m[left_out], steady)
    barred, bar = _nearest(asked.unit_m[left_out], asked.barred_m)
    for i, unit in enumerate(left_out):
        openings = []
        if asked.reachable[unit] and needed is not None and needed > (asked.budget or 0):
            openings.append(Opening("budget", asked.budget, needed))
        if asked.reach_m < sure[i] <= FARTHEST * asked.reach_m:
            openings.append(Opening("reach_m", asked.reach_m, STEP_M * ceil(sure[i] / STEP_M)))
        if barred[i] <= asked.reach_m and _one_more(asked, needed):
            site = asked.barred[bar[i]]
            openings.append(Opening("consent" if site.consent == "no" else "drop", room=site.number, name=site.name))
        there = asked.ground.units[unit]
        known = bool(len(asked.sites))
        yield DeadCorner(
            int(unit), there.code, there.name, float(metres[i]) if known else None,
            asked.sites[nearest[i]] if known else None, tuple(openings),
        )  # fmt: skip


def _needed(asked: Question, left_out: Places, solution: Solution, clock: Clock, engine: Engine | None) -> int | None:
    """Return with a budget how many new rooms reach every unit that can be reached; None without one."""
    if asked.budget is None:
        return None
    if not asked.reachable[left_out].any():
        return int((~asked.held[solution.chosen]).sum())
    return int((~asked.held[fewest(asked, clock, engine).chosen]).sum())


def _one_more(asked: Question, needed: int | None) -> bool:
    """Tell whether the budget leaves room for one more than all the others need, so that it is surely chosen."""
    return asked.budget is None or (needed is not None and needed + 1 <= asked.budget)


def as_told(plan: VenuePlan) -> dict[str, Any]:
    """Return a plan as plain data, to be kept in a proposal; metres to the decimetre."""
    return {
        "reach_m": plan.reach_m, "budget": plan.budget, "keep": list(plan.keep), "drop": list(plan.drop),
        "digest": plan.digest,
        "units": [
            {
                "code": unit.code, "name": unit.name, "households": unit.households, **_point(unit),
                "today_m": _metres(plan.today_m[i]), "room": int(plan.room[i]) if plan.room[i] >= 0 else None,
                "metres": _metres(plan.metres[i]),
            }
            for i, unit in enumerate(plan.ground.units)
        ],
        "rooms": [
            {
                "number": room.number, "name": room.name, **_point(room.site),
                "village": room.site.village, "area_m2": room.site.area_m2, "origin": room.site.origin,
                "state": "kept" if room.site.held else "new", "units": list(room.serves), "only": list(room.only),
            }
            for room in plan.rooms
        ],
        "left_out": [
            {
                "unit": corner.unit, "nearest_m": _metres(corner.nearest_m), "nearest": corner.nearest.number if corner.nearest else None,
                "nearest_name": corner.nearest.name if corner.nearest else None,
                "openings": [opening.told() for opening in corner.openings],
            }
            for corner in plan.dead_corners
        ],
        "figures": _figures(plan),
        "certificate": _certificate(plan),
    }  # fmt: skip


def _point(there: Unit | Site) -> dict[str, float]:
    return {"lon": round(there.point[0], 6), "lat": round(there.point[1], 6)}


def _metres(metres: float | None) -> float | None:
    return None if metres is None or not np.isfinite(metres) else round(float(metres), 1)


def _figures(plan: VenuePlan) -> dict[str, Any]:
    """Count; means are over all units with their households, to the nearest room however far it is."""
    households = np.array([unit.households for unit in plan.ground.units])
    weight = np.maximum(households, 1)
    today, within = plan.today_m <= plan.reach_m, plan.room >= 0
    return {
        "units": plan.units, "within_today": int(today.sum()), "within": int(within.sum()),
        "households_within_today": int(households[today].sum()), "households_within": int(households[within].sum()),
        "mean_m_today": _metres(np.average(plan.today_m, weights=weight)),
        "mean_m": _metres(np.average(plan.metres, weights=weight)),
        "farthest_m_today": _metres(plan.today_m.max()), "farthest_m": _metres(plan.metres.max()),
        "new": sum(not room.site.held for room in plan.rooms), "kept": sum(room.site.held for room in plan.rooms),
        "candidates": plan.candidates, "units_off_map": plan.ground.units_off_map,
    }  # fmt: skip


def _certificate(plan: VenuePlan) -> dict[str, Any]:
    """Return the proof of the plan, and of its second level, the shortest ways, where that was asked."""
    proof = plan.solution.certificate
    told: dict[str, Any] = {
        "value": proof.value, "bound": proof.bound, "gap": proof.gap, "status": proof.status, "engine": proof.engine,
        "seed": proof.seed, "seconds": round(proof.seconds, 3), "broken": list(proof.broken), "shortest": None,
    }  # fmt: skip
    second = plan.shortest
    if second is not None:
        told["shortest"] = {
            "value": second.objective, "bound": second.bound, "gap": second.gap, "status": second.status,
            "engine": second.engine,
        }  # fmt: skip
    return told
