"""Look whether the counts are right: count everything once more, another way, and name what differs."""

from collections import Counter
from datetime import date, datetime

from django.db import transaction

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import top_areas
from weiduan.systems.governance.reports.models import Report

from .folding import catch_up
from .models import MonthCount, UnitStanding
from .months import FIELDS, ancestors_by_area, counted
from .rules import MEASURES
from .standings import FIELDS as STANDING
from .standings import standings_in

Key = tuple[int, date, int, bool, str]


@transaction.atomic
def differences(*, at: datetime) -> list[str]:
    """Return what of the counts isn't as a full recount has it, in words; empty: all is right."""
    as_of = catch_up(at=at)
    return [*_months(local_day(as_of)), *_units(as_of)]


def _months(on: date) -> list[str]:
    found, kept = Counter[Key](), Counter[Key]()
    above = ancestors_by_area(on)
    for row in Report.objects.values_list(*FIELDS).iterator(chunk_size=5_000):
        one = counted(*row[1:])
        for month, measure in one.cells() if one is not None else ():
            assert one is not None
            found[(one.area, month, one.category, False, measure)] += 1
            for key in above.get(one.area, ()):
                found[(key, month, one.category, True, measure)] += 1
    rows = MonthCount.objects.values_list("area", "month", "category", "is_sum", *MEASURES)
    for area, month, category, is_sum, *counts in rows.iterator(chunk_size=5_000):
        for measure, n in zip(MEASURES, counts, strict=True):
            if n:
                kept[(area, month, category, is_sum, measure)] = n
    return [
        f"area {key[0]}, {key[1]:%Y-%m}, category {key[2]}, {'below it' if key[3] else 'itself'}, {key[4]}: {kept[key]}, not {found[key]}"
        for key in sorted(found.keys() | kept.keys())
        if found[key] != kept[key]
    ]


def _units(as_of: datetime) -> list[str]:
    fresh = {one.area_id: one for code in top_areas(on=local_day(as_of)) for one in standings_in(code, at=as_of)}
    kept = {one.area_id: one for one in UnitStanding.objects.all()}
    wrong = [key for key in fresh.keys() | kept.keys() if _facts(fresh.get(key)) != _facts(kept.get(key))]
    return sorted(
        f"unit {(fresh.get(key) or kept[key]).code}: {_facts(kept.get(key))}, not {_facts(fresh.get(key))}"
        for key in wrong
    )


def _facts(one: UnitStanding | None) -> tuple | None:
    return None if one is None else tuple(getattr(one, name) for name in STANDING)
