"""Plan one village: the curve from today repaired to the fewest groups, who could lead, what stays uncovered and why."""

from dataclasses import asdict
from typing import Any

import numpy as np

from weiduan.planning.bodies_checking import broken_rules
from weiduan.planning.engines import Engine
from weiduan.planning.heads import Heads, propose
from weiduan.planning.openings import why_left_out
from weiduan.planning.replan import Point, curve

from .inputs import VillageInput


class Unsound(Exception):
    """The independent check found a rule broken: the plan is thrown away, whatever the solver says."""


def plan_village(
    village: VillageInput, *, seconds: float, seed: int = 0, engine: Engine | None = None
) -> dict[str, Any]:
    """Return the plan of a village as plain data, to be kept.

    :raises Unsound: a point of the curve breaks a rule
    """
    points = curve(village.places, village.rules, village.today, time_limit=seconds, seed=seed, engine=engine)
    for point in points:
        left_out = _left_out(village, point)
        broken = broken_rules(point.bodies, left_out, village.places, village.rules)
        if broken:
            raise Unsound(f"{village.code}: {broken[0]}")
    return {
        "code": village.code, "name": village.name, "digest": village.digest,
        "units": [{"code": u.code, "name": u.name, "households": u.households} for u in village.units],
        "today": [
            {"number": g.number, "name": g.name, "units": list(body)}
            for g, body in zip(village.groups, village.today, strict=True)
        ],
        "points": [_told(village, point) for point in points],
        "rules": asdict(village.rules),
    }  # fmt: skip


def _left_out(village: VillageInput, point: Point) -> list[int]:
    return sorted(set(range(len(village.units))) - {p for body in point.bodies for p in body})


def _told(village: VillageInput, point: Point) -> dict[str, Any]:
    heads = leaders(village, point)
    return {
        "bodies": [list(body) for body in point.bodies],
        "labels": list(point.labels),
        "moves": point.moves,
        "count": point.count,
        "levels": [{k: v for k, v in asdict(level).items() if k != "seconds"} for level in point.levels],
        "left_out": [
            {"unit": unit, "why": asdict(why_left_out(unit, village.places, village.rules))}
            for unit in _left_out(village, point)
        ],
        # No plan can hold an election: these groups stay a gap until they do.
        "elections": [
            village.groups[label].number
            for label in point.labels
            if label >= 0 and (village.groups[label].days_overdue or 0) > 0
        ],
        "leaderless": [i for i, person in enumerate(heads.person) if person < 0],
    }


def leaders(village: VillageInput, point: Point) -> Heads:
    """Propose who leads each body: today's leader where he or she is still in it, else ranked full members.

    posts are the bodies, persons the village's members in their order
    """
    persons = village.members
    shape = (len(point.bodies), len(persons))
    eligible, lives, already = (np.zeros(shape, dtype=bool) for _ in range(3))
    for post, (body, label) in enumerate(zip(point.bodies, point.labels, strict=True)):
        group = village.groups[label].id if label >= 0 else None
        for i, person in enumerate(persons):
            inside = person.unit in body
            eligible[post, i] = person.full and inside
            lives[post, i] = inside and person.lives_there
            already[post, i] = inside and person.leads and person.organisation == group
    held = np.array([max(person.posts - person.leads, 0) for person in persons], dtype=int)
    return propose(
        eligible,
        lives_there=lives,
        grid_worker=already,
        posts_held=np.minimum(held, 2),
        experience=np.zeros(len(persons), int),
    )
