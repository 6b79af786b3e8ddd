"""Turn one village's arrangement into actions: set up groups, move members, let groups stand, choose leaders, dissolve."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from weiduan.ground.base.errors import Refused
from weiduan.planning.replan import NEW, Point
from weiduan.planning.villages import heads_of
from weiduan.systems.organisation.appointments.actions import appoint, end_posts
from weiduan.systems.organisation.appointments.models import Where
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.coverage.actions import stand_on
from weiduan.systems.organisation.coverage.queries import areas_covered
from weiduan.systems.organisation.members.actions import move_members
from weiduan.systems.organisation.organisations.actions import dissolve_group, set_up_group
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.queries import free_number, numbers_of

from .inputs import VillageInput
from .planning import groups_of


class NoBranch(Refused):
    """A new group needs a branch above it, and its village has none."""


def adopt_village(village: VillageInput, point: Point, *, on: date, due: date, by: Any, at: datetime) -> dict[str, int]:
    """Carry an arrangement out from a day on; return what was done.

    due  the day the terms of new groups and leaders are due

    :raises NotAllowed: `by` does not keep the organisations of the village
    :raises NoBranch: there is no branch a new group could stand under
    """
    when: dict[str, Any] = {"seat": village.code, "on": on, "by": by, "at": at}
    groups = [
        _group_of(village, body, label, due, when) for body, label in zip(point.bodies, point.labels, strict=True)
    ]
    for group, body in zip(groups, point.bodies, strict=True):
        stand_on(group, {village.units[i].code: village.units[i].area for i in body}, **when)
    moved = _move(village, point, groups, when)
    led = _choose_leaders(village, point, groups, due, when)
    gone = [standing for i, standing in enumerate(village.groups) if i not in point.labels]
    for standing in gone:
        _dissolve(Organisation.objects.get(pk=standing.id), when)
    return {
        "groups_set_up": sum(label == NEW for label in point.labels), "groups_dissolved": len(gone),
        "members_moved": moved, "leaders": led,
    }  # fmt: skip


def adopt_branches(village: VillageInput, point: Point, *, on: date, by: Any, at: datetime) -> dict[str, int]:
    """Let branches that are there stand on the grids the plan gives them, as joint branches; return how many grids joined.

    A branch that is to be set up, or that nobody needs any more, is left to its superior: neither is a planner's to decide.

    :raises NotAllowed: `by` does not keep the organisations of the village
    """
    joined = 0
    for body, label in zip(point.bodies, point.labels, strict=True):
        if label == NEW:
            continue
        branch, before = village.standing_branches[label], set(village.branches_today[label])
        gained = set(body) - before
        if gained:
            wanted = {village.grids[i].code: village.grids[i].area for i in sorted(before | set(body))}
            stand_on(
                Organisation.objects.get(pk=branch.id), wanted | _elsewhere(branch.id, wanted, on),
                seat=village.code, on=on, by=by, at=at,
            )  # fmt: skip
            joined += len(gained)
    return {"grids_joined": joined}


def _elsewhere(branch: int, here: dict[str, int], on: date) -> dict[str, int]:
    """Return what a branch stands on that is no grid of this plan: it goes on standing there."""
    return {code: area for code, area in areas_covered(branch, on=on).items() if code not in here}


def _dissolve(group: Organisation, when: dict[str, Any]) -> None:
    """Let a group that nobody needs any more leave its units, its posts and the list."""
    stand_on(group, {}, **when)
    end_posts(group, **when)
    dissolve_group(group.pk, **when)


def _group_of(village: VillageInput, body: Sequence[int], label: int, due: date, when: dict[str, Any]) -> Organisation:
    """Return the group that goes on, or a new one under the branch of its grid."""
    if label != NEW:
        return Organisation.objects.get(pk=village.groups[label].id)
    first = village.units[body[0]]
    branch = village.branches.get(first.code[:15]) or next(iter(village.branches.values()), None)
    if branch is None:
        raise NoBranch(
            _("%(village)s has no branch to set a group up under. Set up a branch first.") % {"village": village.name}
        )
    name = "、".join(village.units[i].name for i in body)[:50] + "党小组"
    return set_up_group(
        free_number(f"X{first.code}"), name=name, parent=branch.id, area=first.area, term_due=due, **when
    )


def _move(village: VillageInput, point: Point, groups: list[Organisation], when: dict[str, Any]) -> int:
    """Let members counted for a unit belong to its group; who is left without one goes up to the branch.

    A group that stays on its units with members enough of its own is left in peace: nobody has to join it.
    """
    group_of = {
        i: group.pk
        for group, body, label in zip(groups, point.bodies, point.labels, strict=True)
        if not _is_left_in_peace(village, body, label)
        for i in body
    }
    going = {g.id for i, g in enumerate(village.groups) if i not in point.labels}
    above = {g.id: g.parent for g in village.groups}
    moves: dict[UUID, int] = {}
    for member in village.members:
        target = group_of.get(member.unit) if member.unit is not None else None
        if target is None and member.organisation in going:
            target = above[member.organisation]
        if target is not None and target != member.organisation:
            moves[member.person] = target
    keys = {m.organisation for m in village.members} | set(moves.values())
    return move_members(moves, numbers=numbers_of(keys), **when)


def _is_left_in_peace(village: VillageInput, body: Sequence[int], label: int) -> bool:
    """Tell whether a group keeps its units and has members enough as it is."""
    if label == NEW or tuple(body) != village.today[label]:
        return False
    group, rules = village.groups[label], village.rules
    return group.members >= rules.least_members and group.full_members >= rules.least_full_members


def _choose_leaders(
    village: VillageInput, point: Point, groups: list[Organisation], due: date, when: dict[str, Any]
) -> int:
    """Appoint the proposed leader wherever it is not whoever leads already."""
    chosen = 0
    for group, index in zip(groups, heads_of(groups_of(village), point).person, strict=True):
        person = village.members[index] if index >= 0 else None
        if person is not None and not (person.leads and person.organisation == group.pk):
            appoint(
                person.person, Role.GROUP_LEADER, Where(when["seat"], organisation=group), since=when["on"], due=due,
                by=when["by"], at=when["at"],
            )  # fmt: skip
            chosen += 1
    return chosen
