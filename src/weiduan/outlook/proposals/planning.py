"""Ask planning about one village, and tell its answer as plain data, to be kept."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from weiduan.planning.pool import BodyRules
from weiduan.planning.replan import Wishes as PlanningWishes
from weiduan.planning.villages import Arrangement, Bodies, Ground, Persons, VillageAnswer, VillageTask
from weiduan.systems.organisation.coverage.rules import Covered, Standing

from .inputs import VillageInput
from .rules import GROUP_LIMITS, NO_WISHES, Wishes

PLAN_VILLAGE = "weiduan.planning.villages:plan_village"  # what an executor runs, wherever it runs it


class Unsound(Exception):
    """The independent check found a rule broken: the plan is thrown away, whatever the solver says."""


def task_of(village: VillageInput, *, seconds: float, seed: int = 0, wishes: Wishes = NO_WISHES) -> VillageTask:
    """Put a village as planning asks for it: arrays, no names and no keys.

    `wishes` that name no group or unit of this village say nothing here.
    """
    return VillageTask(
        groups_of(village, wishes),
        Ground(village.grid_places, village.branch_rules, village.branches_today, _secretaries(village)),
        seconds, seed,
    )  # fmt: skip


def groups_of(village: VillageInput, wishes: Wishes = NO_WISHES) -> Ground:
    """Return what groups are planned over."""
    labels = {group.number: i for i, group in enumerate(village.groups)}
    units = {unit.code: i for i, unit in enumerate(village.units)}
    led = {group.id: i for i, group in enumerate(village.groups)}
    persons = _persons(village, [led.get(m.organisation, -1) if m.leads else -1 for m in village.members])
    covered = {unit for body in village.today for unit in body}
    fixed = PlanningWishes(
        tuple(labels[k] for k in wishes.keep if k in labels),
        tuple(units[k] for k in wishes.keep if k in units and units[k] in covered),
    )
    return Ground(village.places, rules_asked(village.rules, wishes), village.today, persons, fixed)


def rules_asked(rules: BodyRules, wishes: Wishes) -> BodyRules:
    """Return the limits in force with those changed that somebody asked to change."""
    changed: dict[str, Any] = {
        limit: value if limit == "most_span_m" else int(value)
        for limit, value in ((GROUP_LIMITS[rule][0], value) for rule, value in wishes.rules.items())
    }
    return replace(rules, **changed)


def _persons(village: VillageInput, leads: Sequence[int]) -> Persons:
    members = village.members
    return Persons(
        np.array([-1 if m.unit is None else m.unit for m in members], dtype=int),
        np.array([m.full for m in members], dtype=bool),
        np.array([m.lives_there for m in members], dtype=bool),
        np.array([max(m.posts - (lead >= 0), 0) for m, lead in zip(members, leads, strict=True)], dtype=int),
        np.array(leads, dtype=int),
    )


def _secretaries(village: VillageInput) -> Persons:
    """Return who could be secretary of a branch: persons counted for the grid they live in."""
    grids = {grid.code: i for i, grid in enumerate(village.grids)}
    of_unit = [grids.get(unit.code[:15], -1) for unit in village.units]
    own = {branch.id: i for i, branch in enumerate(village.standing_branches)}
    first = {i: body[0] for i, body in enumerate(village.branches_today)}
    persons = _persons(village, [own.get(m.secretary_of, -1) if m.secretary_of else -1 for m in village.members])
    place = [first.get(own.get(m.organisation, -1), -1) if m.unit is None else of_unit[m.unit] for m in village.members]
    return replace(persons, place=np.array(place, dtype=int))


def told(village: VillageInput, answer: VillageAnswer, wishes: Wishes = NO_WISHES) -> dict[str, Any]:
    """Return a village's plan as plain data: groups at the top, branches below them.

    :raises Unsound: an arrangement breaks a rule
    """
    groups = groups_of(village, wishes)
    plan = {
        "code": village.code, "name": village.name, "digest": village.digest, "wishes": wishes.told(),
        **_told(answer.groups, groups, village.units, village.groups, village.code),
    }  # fmt: skip
    if answer.branches is not None:
        branches = task_of(village, seconds=0.0).branches
        assert branches is not None
        plan["branches"] = _told(answer.branches, branches, village.grids, village.standing_branches, village.code)
    return plan


def heads_only(village: VillageInput) -> dict[str, Any]:
    """Return the plan of a village in which only heads were asked for: no arrangements."""
    return {
        "code": village.code, "name": village.name, "digest": village.digest, "wishes": {}, "units": [], "today": [],
        "points": [], "prices": [], "if_stayed": [], "contradiction": None,
    }  # fmt: skip


def _told(
    bodies: Bodies, ground: Ground, places: Sequence[Covered], standing: Sequence[Standing], code: str
) -> dict[str, Any]:
    if bodies.broken:
        raise Unsound(f"{code}: {bodies.broken[0]}")
    return {
        "units": [
            {"code": p.code, "name": p.name, "households": int(ground.places.households[i]),
             "members": int(ground.places.members[i]), "full_members": int(ground.places.full_members[i])}
            for i, p in enumerate(places)
        ],
        "today": [
            {"number": s.number, "name": s.name, "units": list(body)}
            for s, body in zip(standing, ground.today, strict=True)
        ],
        "points": [_point(one, standing) for one in bodies.arrangements],
        "rules": asdict(ground.rules),
        "used": asdict(bodies.rules),
        "if_stayed": [{"unit": unit, **asdict(said)} for unit, said in sorted(bodies.if_stayed.items())],
        "prices": [asdict(price) for price in bodies.prices],
        "certificate": {"engine": bodies.engine, "seed": bodies.seed, "sets": bodies.sets, "broken": list(bodies.broken)},
        "contradiction": _contradiction(bodies, places, standing),
        "is_whole": bodies.is_whole,
    }  # fmt: skip


def _point(one: Arrangement, standing: Sequence[Standing]) -> dict[str, Any]:
    point = one.point
    return {
        "bodies": [list(body) for body in point.bodies],
        "labels": list(point.labels),
        "moves": point.moves,
        "count": point.count,
        # Seconds are the only thing that differs from run to run, so they aren't kept.
        "levels": [{k: v for k, v in asdict(level).items() if k != "seconds"} for level in point.levels],
        "left_out": [{"unit": unit, "why": _why(why)} for unit, why in sorted(one.why.items())],
        # No plan can hold an election: these stay a gap until they do.
        "elections": [
            standing[label].number for label in point.labels if label >= 0 and (standing[label].days_overdue or 0) > 0
        ],
        "leaderless": [i for i, person in enumerate(one.heads.person) if person < 0],
    }


def _why(why: Any) -> dict[str, Any]:
    """Tell why a place is left out; the opening by a neighbour has no value before, and JSON has no NaN."""
    said = asdict(why)
    said["openings"] = [
        opening | {"before": None if opening["before"] != opening["before"] else opening["before"]}
        for opening in said["openings"]
    ]
    return said


def _contradiction(
    bodies: Bodies, places: Sequence[Covered], standing: Sequence[Standing]
) -> dict[str, list[str]] | None:
    if bodies.contradiction is None:
        return None
    return {
        "keep": [standing[label].name for label in bodies.contradiction.keep],
        "stay": [places[place].name for place in bodies.contradiction.stay],
    }
