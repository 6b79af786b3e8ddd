"""Categories that grow in a unit: a month beside the unit's own past, and beside its like in the same town."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Sum

from weiduan.ground.base.batches import rows_where
from weiduan.ground.territory.queries import Place, alive, area_ids, areas_below, names_by_area
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.counted.models import MonthCount
from weiduan.systems.governance.categories.models import Category

from .rules import LEAST_MORE, MOST_MONTHS, Grown, month_before

TOWN_DIGITS = 9
Like = tuple[str, str]  # town, kind of unit


@dataclass(frozen=True)
class Growing:
    """A category (its code, and how it is `named`) that grows in a unit, in a month that is over (`is_whole`) or still runs."""

    unit: Place
    category: str
    named: str
    month: date
    is_whole: bool
    grown: Grown


def growing_in(code: str, *, on: date) -> list[Growing]:
    """Return what grows in the units of an area, this month or the last, what is farthest above its past first.

    This month is compared as if it were over: looking at it every day doesn't raise more signs than looking once.
    """
    this = on.replace(day=1)
    months = (this, month_before(this))
    recent = _recent(code, on, months)
    if not recent:
        return []
    units = names_by_area(recent, on=on)
    own = _own_past(units, month_before(months[-1], MOST_MONTHS))
    towns = {place.code[:TOWN_DIGITS] for place in units.values()}
    likes, homes = _likes(towns, on, month_before(months[-1], MOST_MONTHS)), _households(towns, on)
    first, names = (
        _first_months(towns, on),
        {pk: (code, name) for pk, code, name in Category.objects.values_list("pk", "code", "name")},
    )
    found = [
        _grown(place, category, month, own[key], likes, homes, first)
        for key, place in units.items()
        for category, month in recent[key]
    ]
    signs = [
        Growing(place, *names.get(category, ("", "")), month, month != this, grown)
        for place, category, month, grown in found
        if grown is not None and grown.is_sign
    ]
    return _latest(sorted(signs, key=lambda one: (one.grown.usual - one.grown.told, one.unit.code)))


def _recent(code: str, on: date, months: Iterable[date]) -> dict[int, list[tuple[int, date]]]:
    here = areas_below(code, on=on).filter(level=Level.UNIT).values("area_id")
    rows = MonthCount.objects.filter(is_sum=False, month__in=list(months), told__gte=LEAST_MORE, area__in=here)
    recent = defaultdict(list)
    for area, category, month in rows.order_by("area", "category", "-month").values_list("area", "category", "month"):
        recent[area].append((category, month))
    return dict(recent)


def _own_past(units: Iterable[int], since: date) -> dict[int, Counter[tuple[int, date]]]:
    past: dict[int, Counter[tuple[int, date]]] = defaultdict(Counter)
    for row in rows_where(MonthCount.objects.filter(is_sum=False, month__gte=since, told__gt=0), "area", set(units)):
        past[row.area_id][row.category, row.month] = row.told
    return past


def _likes(towns: Iterable[str], on: date, since: date) -> Counter[tuple[Like, int, date]]:
    """Return what all units of a kind in a town were told of a category in a month: one query for each town."""
    found: Counter[tuple[Like, int, date]] = Counter()
    of = "area__versions__"
    for town in towns:
        rows = MonthCount.objects.filter(
            alive(on, of), is_sum=False, month__gte=since, area__versions__level=Level.UNIT,
            area__in=areas_below(town.ljust(12, "0"), on=on).filter(level=Level.UNIT).values("area_id"),
        )  # fmt: skip
        for kind, category, month, n in rows.values_list(f"{of}kind", "category", "month").annotate(n=Sum("told")):
            found[(town, kind), category, month] = n
    return found


def _households(towns: Iterable[str], on: date) -> dict[Like, int]:
    homes: dict[Like, int] = {}
    for town in towns:
        rows = areas_below(town.ljust(12, "0"), on=on).filter(level=Level.UNIT)
        homes |= {(town, kind): n or 0 for kind, n in rows.values_list("kind").annotate(n=Sum("households"))}
    return homes


def _first_months(towns: Iterable[str], on: date) -> dict[str, date]:
    """Return town → the first month anything was told there: before it nothing can be known."""
    keys = area_ids([town.ljust(12, "0") for town in towns], on=on)
    first = dict(MonthCount.objects.filter(area__in=keys.values()).values_list("area").annotate(first=Min("month")))
    return {code[:TOWN_DIGITS]: first[key] for code, key in keys.items() if key in first}


def _grown(
    place: Place, category: int, month: date, own: Counter[tuple[int, date]], likes: Counter[tuple[Like, int, date]],
    homes: dict[Like, int], first: dict[str, date],
) -> tuple[Place, int, date, Grown | None]:  # fmt: skip
    like = (place.code[:TOWN_DIGITS], place.kind)
    begins = max(month_before(month, MOST_MONTHS), first.get(like[0], month))
    before = [m for m in (month_before(month, n) for n in range(1, MOST_MONTHS + 1)) if m >= begins]
    if not before:
        return place, category, month, None
    was = sum(own[category, m] for m in before)
    likes_told = likes[like, category, month] - own[category, month]
    likes_before = sum(likes[like, category, m] for m in before) - was
    asked = len({c for c, m in own if m == month or m in before})
    households = place.households or 0
    grown = Grown(
        own[category, month], was, len(before), likes_told, likes_before, households, homes.get(like, 0) - households, asked
    )  # fmt: skip
    return place, category, month, grown


def _latest(signs: list[Growing]) -> list[Growing]:
    """Keep of a category that grows in two months the later one."""
    latest: dict[tuple[str, str], date] = {}
    for one in signs:
        key = (one.unit.code, one.category)
        latest[key] = max(one.month, latest.get(key, one.month))
    return [one for one in signs if one.month == latest[one.unit.code, one.category]]
