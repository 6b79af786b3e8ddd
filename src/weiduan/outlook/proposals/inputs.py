"""One village as planning sees it: its units with members and neighbours, today's groups, the rules in force."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from django.db.models import Count

from weiduan.ground.territory.queries import alive, shapes_of
from weiduan.ground.territory.rules import Level
from weiduan.planning.neighbours import flat, touching
from weiduan.planning.pool import BodyRules, Places
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.coverage.queries import AreaCoverage, coverage_in, rules_for
from weiduan.systems.organisation.coverage.rules import Covered, Standing
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import COUNTED


@dataclass(frozen=True)
class MemberSeen:
    """A member as planning sees one: no name."""

    person: UUID
    number: str
    full: bool
    unit: int | None  # the unit he or she counts for; None where the village has none for them
    lives_there: bool
    organisation: int
    leads: bool
    posts: int


@dataclass(frozen=True)
class VillageInput:
    """What a plan for a village is made from; `digest` changes when any of it does."""

    code: str
    name: str
    units: tuple[Covered, ...]
    places: Places
    groups: tuple[Standing, ...]
    today: tuple[tuple[int, ...], ...]  # units of each group, by index
    branches: dict[str, Standing]  # grid code → the branch standing on it
    members: tuple[MemberSeen, ...]
    rules: BodyRules
    digest: str


def village_input(code: str, *, on: date) -> VillageInput:
    """Read a village as it is on a day."""
    coverage = coverage_in(code, on=on)
    units = tuple(coverage.units)
    index = {unit.code: i for i, unit in enumerate(units)}
    groups, today = _groups(coverage, index)
    members = _members(coverage, groups, today, index, on)
    rules = body_rules(code, on=on)
    places = _places(code, units, members, coverage, on)
    name = next((p.name for p in coverage.places if p.code == code), code)
    digest = _digest(units, groups, today, members, rules, places)
    return VillageInput(code, name, units, places, groups, today, _branches(coverage), members, rules, digest)


def body_rules(code: str, *, on: date) -> BodyRules:
    """Return the limits of a group as the rule pack (with local values) sets them."""
    value = {rule.id: rule.value for rule in rules_for(code, on=on)}
    usual = BodyRules()
    return BodyRules(
        value.get("group-members", usual.least_members), value.get("group-full-members", usual.least_full_members),
        value.get("group-size", usual.most_members), value.get("group-units", usual.most_places),
        float(value.get("group-span", usual.most_span_m)),
    )  # fmt: skip


def _groups(coverage: AreaCoverage, index: dict[str, int]) -> tuple[tuple[Standing, ...], tuple[tuple[int, ...], ...]]:
    """Return today's groups with their units.

    A unit with two groups counts for the first; a group left without any is no part of the plan.
    """
    groups, today, taken = [], [], set[int]()
    for group in sorted(coverage.standings.values(), key=lambda s: s.number):
        own = {index[code] for code in group.covers if code in index} - taken
        if group.kind == "group" and own:
            taken |= own
            groups.append(group)
            today.append(tuple(sorted(own)))
    return tuple(groups), tuple(today)


def _members(
    coverage: AreaCoverage,
    groups: tuple[Standing, ...],
    today: tuple[tuple[int, ...], ...],
    index: dict[str, int],
    on: date,
) -> tuple[MemberSeen, ...]:
    """Count each member for the unit lived in, else for the first unit of the group belonged to."""
    first = {group.id: body[0] for group, body in zip(groups, today, strict=True) if body}
    elsewhere = {s.id for s in coverage.standings.values() if s.kind == "group"} - {group.id for group in groups}
    homes = {unit.area: index[unit.code] for unit in coverage.units}
    held = Membership.objects.filter(alive(on), state__in=COUNTED, organisation__in=list(coverage.standings))
    fields = ("person_id", "person__number", "full_on", "home_id", "organisation_id")
    rows = list(held.order_by("person__number").values_list(*fields))
    posts = Counter(
        dict(
            Post.objects.filter(alive(on), person__in=held.values("person_id"))
            .values_list("person_id")
            .annotate(n=Count("id"))
        )
    )
    leads = set(
        Post.objects.filter(alive(on), role="group_leader", organisation__in=[g.id for g in groups]).values_list(
            "person_id", "organisation_id"
        )
    )
    return tuple(
        MemberSeen(
            person, number, full_on is not None and full_on <= on,
            None if organisation in elsewhere else homes.get(home, first.get(organisation)),
            home in homes, organisation, (person, organisation) in leads, posts[person],
        )
        for person, number, full_on, home, organisation in rows
    )  # fmt: skip


def _places(
    code: str, units: tuple[Covered, ...], members: tuple[MemberSeen, ...], coverage: AreaCoverage, on: date
) -> Places:
    shapes = {place.code: shape for place, shape in shapes_of(code, on=on, levels=[Level.UNIT])}
    points = {place.code: (place.lon, place.lat) for place in coverage.places}
    lonlat = np.array([_point(points.get(u.code), shapes.get(u.code)) for u in units], dtype=float).reshape(-1, 2)
    point_m = flat(lonlat[:, 0], lonlat[:, 1])
    count, full = np.zeros(len(units), int), np.zeros(len(units), int)
    for member in members:
        if member.unit is not None:
            count[member.unit] += 1
            full[member.unit] += member.full
    households = np.array([unit.households for unit in units], dtype=int)
    return Places(touching([shapes.get(u.code) for u in units], point_m), point_m, households, count, full)


def _point(lonlat: tuple[float | None, float | None] | None, shape) -> tuple[float, float]:
    """Return a unit's point, else one inside its outline, else the origin: undrawn units lie together."""
    if lonlat is not None and lonlat[0] is not None and lonlat[1] is not None:
        return lonlat[0], lonlat[1]
    return (shape.representative_point().x, shape.representative_point().y) if shape is not None else (0.0, 0.0)


def _branches(coverage: AreaCoverage) -> dict[str, Standing]:
    """Return grid code → the first branch standing on it."""
    found: dict[str, Standing] = {}
    for grid in coverage.grids:
        for key in grid.organisations:
            standing = coverage.standings.get(key)
            if standing is not None and standing.kind == "branch":
                found.setdefault(grid.code, standing)
    return found


def _digest(units, groups, today, members, rules: BodyRules, places: Places) -> str:
    """Hash everything a plan depends on: when it changes, the plan is stale."""
    told = [
        [(u.code, u.households) for u in units], [(g.number, body) for g, body in zip(groups, today, strict=True)],
        [(m.number, m.full, m.unit, m.organisation, m.leads) for m in members], vars(rules), places.neighbours,
        places.point_m.round(1).tolist(),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
