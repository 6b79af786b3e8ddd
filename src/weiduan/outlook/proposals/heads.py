"""Who could head a grid whose grid worker is no member: members of that grid, ranked; never conduct, never scores."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from weiduan.ground.territory.queries import alive, names_by_code
from weiduan.planning.heads import propose
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import Role

from .inputs import MemberSeen, village_input

SHOWN = 5


@dataclass(frozen=True)
class GridHead:
    """One grid: who is proposed and who else could be, by number, best first; `vacant` says why nobody."""

    grid: str
    name: str
    proposed: str | None
    others: tuple[str, ...]
    vacant: str


def propose_heads(village: str, *, on: date) -> list[GridHead]:
    """Propose a head for each grid of a village whose grid worker is no member, or that has no worker.

    Looks only at: lives in the grid, holds no more than one other post, full member.
    """
    seen = village_input(village, on=on)
    members = {member.person for member in seen.members}
    grids = sorted({unit.code[:15] for unit in seen.units})
    led = _grids_led_by_members(grids, members, on)
    open_grids = [grid for grid in grids if grid not in led]
    persons = [m for m in seen.members if m.full and m.unit is not None]
    lives = np.array([[_lives_in(m, grid, seen) for m in persons] for grid in open_grids], dtype=bool)
    lives = lives.reshape(len(open_grids), len(persons))
    held = np.array([min(m.posts, 2) for m in persons], dtype=int)
    found = propose(
        lives,
        lives_there=lives,
        grid_worker=np.zeros_like(lives),
        posts_held=held,
        experience=np.zeros(len(persons), int),
    )
    names = names_by_code(open_grids, on=on)
    return [
        GridHead(
            grid, names.get(grid, grid), persons[found.person[i]].number if found.person[i] >= 0 else None,
            tuple(persons[p].number for p in found.alternatives[i] if p != found.person[i])[:SHOWN],
            "" if found.person[i] >= 0 else _why(found.shortages[i].persons),
        )
        for i, grid in enumerate(open_grids)
    ]  # fmt: skip


def _grids_led_by_members(grids: list[str], members: set, on: date) -> set[str]:
    """Grids whose worker is a member: he or she is the head."""
    posts = Post.objects.filter(alive(on), alive(on, "area__versions__"), role=Role.GRID_WORKER.value)
    rows = posts.filter(area__versions__code__in=grids).values_list("area__versions__code", "person_id")
    return {code for code, person in rows if person in members}


def _lives_in(member: MemberSeen, grid: str, seen) -> bool:
    return member.lives_there and seen.units[member.unit].code.startswith(grid)


def _why(persons: tuple[int, ...]) -> str:
    """Tell nobody living there from all of them having two posts."""
    return "all_taken" if persons else "nobody"
