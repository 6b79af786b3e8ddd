"""Who could head a grid whose grid worker is no member: members of that grid, ranked; never conduct, never scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import alive
from weiduan.planning.heads import propose
from weiduan.systems.organisation.appointments.actions import appoint
from weiduan.systems.organisation.appointments.models import Post, Where
from weiduan.systems.organisation.appointments.rules import Role

from .inputs import MemberSeen, VillageInput, village_input

SHOWN = 5
TERM_YEARS = 3


@dataclass(frozen=True)
class GridHead:
    """One grid: who is proposed and who else could be, by number, best first; `vacant` says why nobody."""

    grid: str
    name: str
    proposed: str | None
    others: tuple[str, ...]
    vacant: str


def propose_heads(village: str, *, on: date) -> list[GridHead]:
    """Propose a head for each grid of a village that has none: see `heads_in`."""
    return heads_in(village_input(village, on=on), on=on)


def heads_in(seen: VillageInput, *, on: date) -> list[GridHead]:
    """Propose a head for each grid of a village whose grid worker is no member, or that has no worker, and no head yet.

    Looks only at: lives in the grid, holds no more than one other post, full member.
    """
    grids = {grid.code: grid.name for grid in seen.grids if any(u.code.startswith(grid.code) for u in seen.units)}
    headed = _headed(seen, list(grids), on)
    open_grids = [grid for grid in grids if grid not in headed]
    persons = [m for m in seen.members if m.full and m.unit is not None]
    lives = np.array([[_lives_in(m, grid, seen) for m in persons] for grid in open_grids], dtype=bool)
    lives = lives.reshape(len(open_grids), len(persons))
    found = propose(
        lives, lives_there=lives, grid_worker=np.zeros_like(lives),
        posts_held=np.array([min(m.posts, 2) for m in persons], dtype=int), experience=np.zeros(len(persons), int),
    )  # fmt: skip
    return [
        GridHead(
            grid, grids[grid], persons[found.person[i]].number if found.person[i] >= 0 else None,
            tuple(persons[p].number for p in found.alternatives[i] if p != found.person[i]),
            "" if found.person[i] >= 0 else _why(found.shortages[i].persons),
        )
        for i, grid in enumerate(open_grids)
    ]  # fmt: skip


def _headed(seen: VillageInput, grids: list[str], on: date) -> set[str]:
    """Grids with a head, or whose worker is a member: he or she is the head."""
    members = {member.person for member in seen.members}
    roles = [Role.GRID_WORKER.value, Role.GRID_HEAD.value]
    posts = Post.objects.filter(alive(on), alive(on, "area__versions__"), role__in=roles)
    rows = posts.filter(area__versions__code__in=grids).values_list("area__versions__code", "person_id", "role")
    return {code for code, person, role in rows if role == Role.GRID_HEAD.value or person in members}


def _lives_in(member: MemberSeen, grid: str, seen: VillageInput) -> bool:
    return member.lives_there and member.unit is not None and seen.units[member.unit].code.startswith(grid)


def _why(persons: tuple[int, ...]) -> str:
    """Tell nobody living there from all of them having two posts."""
    return "all_taken" if persons else "nobody"


def told_head(head: GridHead) -> dict[str, Any]:
    """Return a grid's proposal without persons: whether there is somebody, how many others, else why nobody."""
    return {
        "grid": head.grid, "name": head.name, "proposed": head.proposed is not None, "others": len(head.others),
        "vacant": head.vacant,
    }  # fmt: skip


def appoint_heads(village: str, chosen: Mapping[str, str] | None, *, on: date, by: Any, at: datetime) -> int:
    """Appoint the heads proposed for a village, or those `chosen` (grid code → member's number); return how many.

    :raises BadInput: somebody chosen can't head that grid, or the grid needs no head
    """
    seen = village_input(village, on=on)
    proposed = {head.grid: head for head in heads_in(seen, on=on)}
    areas = {grid.code: grid.area for grid in seen.grids}
    persons = {member.number: member.person for member in seen.members}
    wanted = (
        {grid: head.proposed for grid, head in proposed.items() if head.proposed}
        if chosen is None
        else {grid: number for grid, number in chosen.items() if grid.startswith(village)}
    )
    for grid, number in sorted(wanted.items()):
        head = proposed.get(grid)
        if head is None or number not in (head.proposed, *head.others):
            raise BadInput(_("This person can't head grid %(grid)s, or it has a head already.") % {"grid": grid})
        due = on + relativedelta(years=TERM_YEARS)
        appoint(persons[number], Role.GRID_HEAD, Where(grid, area=areas[grid]), since=on, due=due, by=by, at=at)
    return len(wanted)
