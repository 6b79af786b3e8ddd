"""How the four zeros of an area went over the last year, and how its parts compare: areas by gap and by need, never persons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Substr

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.territory.queries import Place, children

from .counted.folding import catch_up
from .counted.models import MonthCount, PastStanding, UnitStanding
from .counted.past import month_ends
from .counted.rules import ZEROS, month_of
from .zeros import Zeros

MONTHS_OF_NEED = 3


@dataclass(frozen=True)
class Point:
    """How many units an area had on a day and how many lacked each zero."""

    on: date
    units: int
    missing: Mapping[str, int]


@dataclass(frozen=True)
class Compared:
    """A part of an area: its gaps and its need.

    missing     zero → how many of its units lack it;  before  the same a month's end ago, None where that isn't known
    households  in all of its units;  in_need  in those that lack two zeros or more
    told        reports told there in this month and the two before, without those told in confidence
    """

    place: Place
    units: int
    missing: Mapping[str, int]
    before: Mapping[str, int] | None
    households: int
    in_need: int
    told: int

    def told_by_hundred(self) -> float | None:
        """Return how many reports were told for each hundred households."""
        return round(100 * self.told / self.households, 1) if self.households else None


def _past_of(area: int, *, on: date) -> list[Point]:
    """Return an area at the ends of the last months, as far as they were looked at, the earliest first: one query."""
    rows = PastStanding.objects.filter(area=area, on__in=month_ends(on), units__gt=0).order_by("on")
    return [Point(row.on, row.units, {name: getattr(row, name) for name in ZEROS}) for row in rows]


def trend_of(area: int, now: Zeros, *, on: date) -> list[Point]:
    """Return an area at the ends of the last months and as it stands now, the earliest first: one query."""
    return [*_past_of(area, on=on), Point(on, now.units, now.missing)]


def compare(code: str, *, at: datetime) -> list[Compared]:
    """Return the parts of an area that have units, in order of code: four queries besides catching up."""
    on = local_day(at)
    catch_up(at=at)
    parts = children(code, on=on)
    digits = max((len(prefix_of(part.code)) for part in parts), default=0)
    standing = _standing(code, digits)
    before = {
        row.area_id: row for row in PastStanding.objects.filter(area__in=[p.id for p in parts], on=month_ends(on)[-1])
    }
    told = _told([part.id for part in parts], month_of(on))
    return [
        Compared(
            part, row["units"], {name: row[name] for name in ZEROS},
            {name: getattr(before[part.id], name) for name in ZEROS} if part.id in before else None,
            row["all_households"] or 0, row["in_need"] or 0, told.get(part.id, 0),
        )
        for part in parts
        if (row := standing.get(prefix_of(part.code))) is not None
    ]  # fmt: skip


def _standing(code: str, digits: int) -> dict[str, dict[str, int]]:
    """Return prefix of a part → what its units lack together."""
    lacks = {name: ~Q(**{name: ""}) for name in ZEROS}
    two = Q(pk__in=[])
    for n, one in enumerate(ZEROS):
        for other in ZEROS[n + 1 :]:
            two |= lacks[one] & lacks[other]
    rows = UnitStanding.objects.filter(code__startswith=prefix_of(code)).annotate(part=Substr("code", 1, digits or 1))
    counted: Any = rows.values("part").annotate(
        units=Count("pk"), all_households=Sum("households"), in_need=Sum("households", filter=two),
        **{f"no_{name}": Count("pk", filter=lack) for name, lack in lacks.items()},
    )  # fmt: skip
    return {row["part"]: row | {name: row[f"no_{name}"] for name in ZEROS} for row in counted}


def _told(areas: list[int], month: date) -> dict[int, int]:
    since = date(month.year - (month.month < MONTHS_OF_NEED), (month.month - MONTHS_OF_NEED) % 12 + 1, 1)
    rows = MonthCount.objects.filter(area__in=areas, month__gte=since, told__gt=0)
    return dict(rows.values_list("area").annotate(n=Sum("told")))
