"""One village as planning sees it: its units and grids with members and neighbours, today's groups and branches, the rules."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import numpy as np

from weiduan.ground.base.batches import rows_where
from weiduan.ground.rulebook.queries import rules_of
from weiduan.ground.territory.queries import alive, shapes_of
from weiduan.ground.territory.rules import Level
from weiduan.planning.neighbours import flat, touching
from weiduan.planning.pool import BRANCH_RULES, BodyRules, Places
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.coverage.queries import AreaCoverage, coverage_in
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
    leads: bool  # a group of the plan
    posts: int
    secretary_of: int | None = None


@dataclass(frozen=True)
class VillageInput:
    """What a plan for a village is made from; `digest` changes when any of it does.

    today, branches_today  units of each group, grids of each branch, by index
    branches               grid code → the first branch standing on it
    """

    code: str
    name: str
    units: tuple[Covered, ...]
    places: Places
    groups: tuple[Standing, ...]
    today: tuple[tuple[int, ...], ...]
    grids: tuple[Covered, ...]
    grid_places: Places
    branches: dict[str, Standing]
    standing_branches: tuple[Standing, ...]
    branches_today: tuple[tuple[int, ...], ...]
    members: tuple[MemberSeen, ...]
    rules: BodyRules
    branch_rules: BodyRules
    digest: str


def village_input(code: str, *, on: date) -> VillageInput:
    """Read a village as it is on a day."""
    coverage = coverage_in(code, on=on)
    units, grids = tuple(coverage.units), tuple(coverage.grids)
    groups, today = _bodies(coverage, "group", units)
    branches, branches_today = _bodies(coverage, "branch", grids)
    members = _members(coverage, groups, today, units, on)
    rules, branch_rules = body_rules(code, on=on)
    places = _places(code, units, *_counted(members, len(units)), coverage, on)
    grid_places = _grid_places(code, units, grids, members, branches, branches_today, coverage, on)
    name = next((p.name for p in coverage.places if p.code == code), code)
    digest = _digest(
        [(units, groups, today, rules, places), (grids, branches, branches_today, branch_rules, grid_places)], members
    )
    return VillageInput(
        code, name, units, places, groups, today, grids, grid_places, _branches(coverage), branches, branches_today,
        members, rules, branch_rules, digest,
    )  # fmt: skip


def body_rules(code: str, *, on: date) -> tuple[BodyRules, BodyRules]:
    """Return the limits of a group and of a branch as the rule pack (with local values) sets them."""
    value = {rule.id: rule.value for rule in rules_of(code, on=on)}
    group, branch = BodyRules(), BRANCH_RULES
    return (
        BodyRules(
            value.get("group-members", group.least_members), value.get("group-full-members", group.least_full_members),
            value.get("group-size", group.most_members), value.get("group-units", group.most_places),
            float(value.get("group-span", group.most_span_m)),
        ),
        replace(
            branch, least_full_members=value.get("branch-full-members", branch.least_full_members),
            most_members=value.get("branch-size", branch.most_members),
        ),
    )  # fmt: skip


def _bodies(
    coverage: AreaCoverage, kind: str, places: Sequence[Covered]
) -> tuple[tuple[Standing, ...], tuple[tuple[int, ...], ...]]:
    """Return today's groups with their units, or branches with their grids.

    A place with two of them counts for the first; one left without any is no part of the plan.
    """
    index = {place.code: i for i, place in enumerate(places)}
    bodies, today, taken = [], [], set[int]()
    for body in sorted(coverage.standings.values(), key=lambda s: s.number):
        own = {index[code] for code in body.covers if code in index} - taken
        if body.kind == kind and own:
            taken |= own
            bodies.append(body)
            today.append(tuple(sorted(own)))
    return tuple(bodies), tuple(today)


def _members(
    coverage: AreaCoverage,
    groups: tuple[Standing, ...],
    today: tuple[tuple[int, ...], ...],
    units: Sequence[Covered],
    on: date,
) -> tuple[MemberSeen, ...]:
    """Count each member for one unit: of a group for the unit lived in if it is the group's, else for the group's first.

    Whoever belongs to no group counts for the unit lived in.
    """
    body_of = {group.id: body for group, body in zip(groups, today, strict=True)}
    elsewhere = {s.id for s in coverage.standings.values() if s.kind == "group"} - {group.id for group in groups}
    homes = {unit.area: i for i, unit in enumerate(units)}
    held = Membership.objects.filter(alive(on), state__in=COUNTED, organisation__in=list(coverage.standings))
    fields = ("person_id", "person__number", "full_on", "home_id", "organisation_id")
    rows = list(held.order_by("person__number").values_list(*fields))
    # By keys rather than by a subquery: right after a large load PostgreSQL has no statistics and joins all with all.
    now = rows_where(Post.objects.filter(alive(on)).only("person_id"), "person", {row[0] for row in rows})
    posts = Counter(post.person_id for post in now)
    leads = set(
        Post.objects.filter(alive(on), role="group_leader", organisation__in=[g.id for g in groups]).values_list(
            "person_id", "organisation_id"
        )
    )
    secretaries = dict(
        Post.objects.filter(alive(on), role="secretary", organisation__in=list(coverage.standings))
        .order_by("organisation__number")
        .values_list("person_id", "organisation_id")
    )
    return tuple(
        MemberSeen(
            person, number, full_on is not None and full_on <= on,
            None if organisation in elsewhere else _counts_for(homes.get(home), body_of.get(organisation)),
            home in homes, organisation, (person, organisation) in leads, posts[person],
            secretaries.get(person),
        )
        for person, number, full_on, home, organisation in rows
    )  # fmt: skip


def _counts_for(home: int | None, body: tuple[int, ...] | None) -> int | None:
    return home if body is None or home in body else body[0]


def _counted(members: Sequence[MemberSeen], units: int) -> tuple[np.ndarray, np.ndarray]:
    """Count members, and full ones, per unit."""
    count, full = np.zeros(units, int), np.zeros(units, int)
    for member in members:
        if member.unit is not None:
            count[member.unit] += 1
            full[member.unit] += member.full
    return count, full


def _places(
    code: str, there: Sequence[Covered], count: np.ndarray, full: np.ndarray, coverage: AreaCoverage, on: date
) -> Places:
    """Lay units, or grids, out as planning wants them: where they are, whom they touch, how many live in them."""
    level = Level.UNIT if there and len(there[0].code) == 18 else Level.GRID
    shapes = {place.code: shape for place, shape in shapes_of(code, on=on, levels=[level])}
    points = {place.code: (place.lon, place.lat) for place in coverage.places}
    lonlat = np.array([_point(points.get(p.code), shapes.get(p.code)) for p in there], dtype=float).reshape(-1, 2)
    point_m = flat(lonlat[:, 0], lonlat[:, 1])
    households = np.array([place.households for place in there], dtype=int)
    return Places(touching([shapes.get(p.code) for p in there], point_m), point_m, households, count, full)


def _grid_places(
    code: str, units: Sequence[Covered], grids: Sequence[Covered], members: Sequence[MemberSeen],
    branches: Sequence[Standing], today: Sequence[Sequence[int]], coverage: AreaCoverage, on: date,
) -> Places:  # fmt: skip
    """Add units up to grids; a branch's own members who live elsewhere count for its first grid."""
    index = {grid.code: i for i, grid in enumerate(grids)}
    first = {branch.id: body[0] for branch, body in zip(branches, today, strict=True)}
    of_unit = [index.get(unit.code[:15]) for unit in units]
    count, full, households = (np.zeros(len(grids), int) for _ in range(3))
    for member in members:
        grid = of_unit[member.unit] if member.unit is not None else first.get(member.organisation)
        if grid is not None:
            count[grid] += 1
            full[grid] += member.full
    for unit, grid in zip(units, of_unit, strict=True):
        if grid is not None:
            households[grid] += unit.households
    laid = _places(code, grids, count, full, coverage, on)
    return replace(laid, households=households)


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


def _digest(grounds: Sequence[tuple], members: Sequence[MemberSeen]) -> str:
    """Hash everything a plan depends on: when it changes, the plan is stale."""
    told = [
        [
            [(p.code, p.households) for p in there], [(s.number, body) for s, body in zip(standings, today, strict=True)],
            vars(rules), places.neighbours, places.point_m.round(1).tolist(), places.members.tolist(),
        ]
        for there, standings, today, rules, places in grounds
    ]  # fmt: skip
    persons = [(m.number, m.full, m.unit, m.organisation, m.leads, m.secretary_of) for m in members]
    return hashlib.sha256(json.dumps([told, persons], sort_keys=True, default=str).encode()).hexdigest()
