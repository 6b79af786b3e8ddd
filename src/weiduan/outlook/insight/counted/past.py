"""Keep how things stood at the ends of the last months, for the trend of every area from the district to the village."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.db import transaction

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.inserts import insert_all
from weiduan.ground.territory.queries import ancestors_of, area_ids, top_areas
from weiduan.outlook.insight.units import day_begins, end_of

from .models import PastStanding, UnitStanding
from .rules import ZEROS
from .standings import standings_in

MONTHS = 12


def month_ends(on: date) -> list[date]:
    """Return the last days of the last twelve months that were over on a day, the earliest first."""
    first = on.replace(day=1)
    return [first - relativedelta(months=n, days=1) for n in range(MONTHS - 1, -1, -1)]


def look_back(*, at: datetime) -> int:
    """Look anew at the one month's end that was looked at longest ago, if that wasn't today; return how many are left to look at."""
    today = local_day(at)
    fresh = set(PastStanding.objects.filter(at__gte=day_begins(today)).values_list("on", flat=True).distinct())
    due = [on for on in month_ends(today) if on not in fresh]
    known = dict(PastStanding.objects.filter(on__in=due).values_list("on", "at").distinct())
    due.sort(key=lambda on: (known.get(on) is not None, known.get(on) or at, -on.toordinal()))
    if due:
        _look(due[0], at)
    return max(len(due) - 1, 0)


def look_back_whole(*, at: datetime) -> None:
    """Look anew at every month's end."""
    for on in month_ends(local_day(at)):
        _look(on, at)


@transaction.atomic
def _look(on: date, at: datetime) -> None:
    rows = [row for code in top_areas(on=on) for row in standings_in(code, at=end_of(on))]
    counts = _by_area(rows)
    keys = area_ids(counts, on=on)
    PastStanding.objects.filter(on=on).delete()
    insert_all(PastStanding, (
        PastStanding(area_id=keys[code], on=on, at=at, units=found["units"], **{name: found[name] for name in ZEROS})
        for code, found in counts.items()
        if code in keys
    ))  # fmt: skip
    if not counts:  # a day before anything was known is remembered as well, so that it isn't looked at all day
        insert_all(PastStanding, (
            PastStanding(area_id=key, on=on, at=at, units=0, **dict.fromkeys(ZEROS, 0))
            for key in area_ids(top_areas(on=local_day(at)), on=local_day(at)).values()
        ))  # fmt: skip


def _by_area(rows: Iterable[UnitStanding]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for code in ancestors_of(row.code)[:-2]:  # from the village up
            counts[code]["units"] += 1
            for name in ZEROS:
                counts[code][name] += bool(getattr(row, name))
    return counts
