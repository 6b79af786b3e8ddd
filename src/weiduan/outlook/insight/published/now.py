"""How many reports are being seen to now, of an area and its parts, with small counts hidden as in what is published."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db.models import Sum

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.batches import batches
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import PLACE_FIELDS, Place, alive, ancestors_of
from weiduan.ground.territory.rules import Level, level_of
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.models import MonthCount

from .rules import Row, tell_parts, tell_whole

OPEN = "open"


@dataclass(frozen=True)
class Part:
    """Parts of an area that are told as one; the area itself among them: what lies in none of its parts."""

    places: tuple[Place, ...]
    count: int


@dataclass(frozen=True)
class Now:
    """How many are being seen to.

    count     None: too few to be told
    together  the areas of which the sum is told instead, and that sum; this one, or one around it, is among them
    parts     what lies in the area, told together where there is little
    """

    count: int | None
    together: Part | None
    parts: list[Part]
    as_of: datetime


def seen_to_now(code: str, *, at: datetime) -> Now:
    """Return how many reports are being seen to in an area now: three queries however large it is, besides catching up."""
    as_of = catch_up(at=at)
    ground = _around(code, at)
    row, told = ground.whole(), True
    for parent, inner in pairwise(ground.way):
        if row is None or len(row.areas) > 1:
            break
        row = next((one for one in ground.parts(parent, row) if inner in one.areas and parent not in one.areas), None)
        told = row is not None or ground.total(inner) == 0
    if row is None:
        return Now(0 if told and ground.total(code) == 0 else None, None, [], as_of)
    if row.areas != (code,):
        return Now(None, ground.part(row), [], as_of)
    return Now(row.total, None, [ground.part(one) for one in ground.parts(code, row)], as_of)


@dataclass(frozen=True)
class _Ground:
    """The way from the district to an area, and the parts of each area on it, with what is open in them.

    places  code → place;  below  code → codes one level down;  own, sums  key → count in the area itself, and below it
    """

    way: list[str]
    places: Mapping[str, Place]
    below: Mapping[str, list[str]]
    own: Mapping[int, int]
    sums: Mapping[int, int]

    def total(self, code: str) -> int:
        key = self.places[code].id
        return self.own.get(key, 0) + self.sums.get(key, 0)

    def whole(self) -> Row | None:
        return tell_whole(self.way[0], {OPEN: self.total(self.way[0])}, [OPEN])

    def parts(self, code: str, row: Row) -> list[Row]:
        inner = [(part, {OPEN: self.total(part)}) for part in self.below.get(code, ())]
        return tell_parts(row, [*inner, (code, {OPEN: self.own.get(self.places[code].id, 0)})]) if inner else []

    def part(self, row: Row) -> Part:
        return Part(tuple(self.places[code] for code in row.areas), row.total)


def _around(code: str, at: datetime) -> _Ground:
    versions = AreaVersion.objects.filter(alive(local_day(at)))
    wanted = [c for c in ancestors_of(code) if level_of(c) >= Level.DISTRICT]
    on_way = [Place(*row) for row in versions.filter(code__in=wanted).values_list(*PLACE_FIELDS)]
    parents = {place.id: place.code for place in on_way}
    below: dict[str, list[str]] = defaultdict(list)
    places = {place.code: place for place in on_way}
    rows = versions.filter(parent__in=parents, level__lte=Level.UNIT).order_by("code")
    for parent, *row in rows.values_list("parent", *PLACE_FIELDS):
        place = Place(*row)
        below[parents[parent]].append(place.code)
        places[place.code] = place
    way = sorted((place.code for place in on_way), key=lambda c: level_of(c))
    return _Ground(way, places, below, *_counts([place.id for place in places.values()]))


def _counts(areas: list[int]) -> tuple[dict[int, int], dict[int, int]]:
    own, sums = Counter[int](), Counter[int]()
    for batch in batches(areas):
        rows = (
            MonthCount.objects.filter(area__in=batch, open__gt=0).values_list("area", "is_sum").annotate(n=Sum("open"))
        )
        for area, is_sum, n in rows:
            (sums if is_sum else own)[area] += n
    return own, sums
