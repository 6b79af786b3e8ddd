"""Cross-appointment (交叉任职): who of a village's two committees holds a post of another sort too, and where one more is possible.

The rate counts persons, never compares them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weiduan.ground.territory.queries import Place, alive, places
from weiduan.ground.territory.rules import Level, prefix_of
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import COUNTED

from .models import Post
from .rules import CADRES, MOST_POSTS, Sort, sort_of


@dataclass(frozen=True)
class VillageCross:
    """Cross-appointment in one village.

    cadres   persons on the party's or the village's committee (两委)
    crossed  those of them who hold posts of two or more sorts
    open     grids whose worker and head hold no other post, and in which somebody lives who holds a post of one sort and
             could take another: (grid code, name, how many persons)
    """

    code: str
    name: str
    cadres: int
    crossed: int
    open: tuple[tuple[str, str, int], ...]

    @property
    def rate(self) -> float | None:
        """Crossed in per cent of cadres, to two digits; None where there is no cadre."""
        return round(100 * self.crossed / self.cadres, 2) if self.cadres else None


def cross_in(code: str, *, on: date) -> list[VillageCross]:
    """Return the cross-appointment of each village of an area on a day, in order of code: three queries."""
    known = places(code, on=on, levels=[Level.VILLAGE, Level.GRID, Level.UNIT])
    prefix = prefix_of(code)
    codes = {place.id: place.code for place in known}
    sorts, grid_posts = _sorts(codes, on)
    homes = _homes({person for person, _village in sorts}, codes, on)
    grids: dict[str, list[Place]] = defaultdict(list)
    for place in known:
        if place.level == Level.GRID:
            grids[place.code[:12]].append(place)
    return [
        _village(place, sorts, [g for g in grids[place.code] if not _is_crossed(g.code, grid_posts, sorts)], homes)
        for place in known
        if place.level == Level.VILLAGE and place.code.startswith(prefix) and place.kind != "pending"
    ]


Sorts = dict[tuple[UUID, str], set[Sort]]  # (person, village) → sorts held there


def _sorts(codes: Mapping[int, str], on: date) -> tuple[Sorts, dict[str, set[UUID]]]:
    """Return who holds which sorts in which village, and who works or heads which grid."""
    sorts: Sorts = defaultdict(set)
    grid_posts: dict[str, set[UUID]] = defaultdict(set)
    rows = Post.objects.filter(alive(on)).values_list("person_id", "role", "area_id", "organisation__area_id")
    for person, role, area, seat in rows.iterator():
        where = codes.get(area or seat or 0, "")
        sort = sort_of(role, at_village=len(where) == 12) if where else None
        if sort is not None:
            sorts[person, where[:12]].add(sort)
            if sort is Sort.GRID:
                grid_posts[where[:15]].add(person)
    return sorts, grid_posts


def _homes(persons: set[UUID], codes: Mapping[int, str], on: date) -> dict[UUID, str]:
    """Return in which unit each of these persons lives, as far as it is kept."""
    rows = Membership.objects.filter(alive(on), home__in=list(codes), state__in=COUNTED).values_list(
        "person_id", "home_id"
    )
    return {person: codes[home] for person, home in rows.iterator() if person in persons}


def _is_crossed(grid: str, grid_posts: Mapping[str, set[UUID]], sorts: Sorts) -> bool:
    return any(len(sorts[person, grid[:12]]) > 1 for person in grid_posts.get(grid, ()))


def _village(place: Place, sorts: Sorts, uncrossed: list[Place], homes: Mapping[UUID, str]) -> VillageCross:
    own = {person: held for (person, village), held in sorts.items() if village == place.code}
    cadres = [held for held in own.values() if held & CADRES]
    able = [homes.get(person, "") for person, held in own.items() if len(held) < MOST_POSTS and Sort.GRID not in held]
    counts = ((grid, sum(home.startswith(grid.code) for home in able)) for grid in uncrossed)
    return VillageCross(
        place.code, place.name, len(cadres), sum(len(held) > 1 for held in cadres),
        tuple((grid.code, grid.name, n) for grid, n in counts if n),
    )  # fmt: skip
