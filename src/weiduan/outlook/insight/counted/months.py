"""Count reports by month: put in what a report counts for now, take out what it was counted for before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.batches import batches, rows_where
from weiduan.ground.base.inserts import insert_all
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, ancestors_of
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.rules import TO_HANDLE, State

from .models import CountedReport, MonthCount
from .rules import MEASURES, OUTCOMES, Counted, month_of

FIELDS = (
    "pk", "area_id", "category_id", "told_at", "answered_at", "due_at", "closed_at", "state", "in_confidence",
)  # fmt: skip
KEPT = ("area", "category", "told", "answered", "in_time", "closed", "outcome", "standing")
Cell = tuple[int, date, int, str]  # area, month, category, measure


def count_again(reports: Iterable[UUID], *, on: date) -> set[int]:
    """Count some reports as they stand now; those that are gone or told in confidence count for nothing.

    Return the keys of the areas they are counted for, and were before.
    """
    keys = set(reports)
    now = {row[0]: counted(*row[1:]) for row in _rows(keys)}
    before = {row.report: row for row in rows_where(CountedReport.objects.all(), "report", keys)}
    delta: Counter[Cell] = Counter()
    for key in keys:
        _add(delta, _before(before.get(key)), -1)
        _add(delta, now.get(key), 1)
    _keep(keys, before, now)
    _apply(delta, on)
    return {one.area for one in [*before.values(), *now.values()] if one is not None}


def count_all_reports(*, on: date) -> None:
    """Throw all counts of months away and count every report anew."""
    CountedReport.objects.all().delete()
    MonthCount.objects.all().delete()
    cells: Counter[Cell] = Counter()
    insert_all(CountedReport, _counting(cells))
    _write(cells, is_sum=False)
    sum_up(on=on)


def _counting(cells: Counter[Cell]) -> Iterable[CountedReport]:
    for row in Report.objects.values_list(*FIELDS).iterator(chunk_size=5_000):
        one = counted(*row[1:])
        if one is not None:
            _add(cells, one, 1)
            yield CountedReport(report=row[0], **vars(one))


def sum_up(*, on: date) -> None:
    """Add the counts of areas up over all that lies above them, anew: for a change of the ground."""
    MonthCount.objects.filter(is_sum=True).delete()
    above = ancestors_by_area(on)
    sums: Counter[Cell] = Counter()
    rows = MonthCount.objects.filter(is_sum=False).values_list("area", "month", "category", *MEASURES)
    for area, month, category, *counts in rows.iterator(chunk_size=5_000):
        for key in above.get(area, ()):
            for measure, count in zip(MEASURES, counts, strict=True):
                if count:
                    sums[(key, month, category, measure)] += count
    _write(sums, is_sum=True)


def ancestors_by_area(on: date) -> dict[int, list[int]]:
    """Return area key → keys of all areas around it on a day, itself left out."""
    codes = dict(AreaVersion.objects.filter(alive(on)).values_list("code", "area_id"))
    return {key: [codes[c] for c in ancestors_of(code)[:-1] if c in codes] for code, key in codes.items()}


def _rows(keys: Iterable[UUID]) -> Iterable[tuple[Any, ...]]:
    rows = Report.objects.values_list(*FIELDS)
    return [row for batch in batches(keys) for row in rows.filter(pk__in=batch)]


def counted(
    area: int, category: int, told: datetime, answered: datetime | None, due: datetime, closed: datetime | None, state: str,
    in_confidence: bool,
) -> Counted | None:  # fmt: skip
    """Return what a report counts for, from its FIELDS without the key; None: told in confidence."""
    if in_confidence:
        return None
    standing = "open" if state in TO_HANDLE else "waiting" if state == State.ANSWERED.value else ""
    return Counted(
        area, category, month_of(local_day(told)), month_of(local_day(answered)) if answered else None,
        answered is not None and answered <= due, month_of(local_day(closed)) if closed else None, OUTCOMES.get(state, ""), standing,
    )  # fmt: skip


def _before(row: CountedReport | None) -> Counted | None:
    return None if row is None else Counted(**{name: getattr(row, name) for name in KEPT})


def _add(cells: Counter[Cell], counted: Counted | None, sign: int) -> None:
    if counted is not None:
        for month, measure in counted.cells():
            cells[(counted.area, month, counted.category, measure)] += sign


def _keep(keys: set[UUID], before: Mapping[UUID, CountedReport], now: Mapping[UUID, Counted | None]) -> None:
    gone = [key for key in keys if key in before and now.get(key) is None]
    CountedReport.objects.filter(pk__in=gone).delete()
    fresh = [CountedReport(report=key, **vars(one)) for key, one in now.items() if one is not None]
    CountedReport.objects.bulk_create(fresh, update_conflicts=True, unique_fields=["report"], update_fields=list(KEPT))


def _apply(delta: Counter[Cell], on: date) -> None:
    """Add a difference to the counts of the areas themselves and of all above them."""
    changed = {cell: n for cell, n in delta.items() if n}
    if not changed:
        return
    above = _above({area for area, *_rest in changed}, on)
    sums: Counter[Cell] = Counter()
    for (area, month, category, measure), n in changed.items():
        for key in above.get(area, ()):
            sums[(key, month, category, measure)] += n
    _add_to(changed, is_sum=False)
    _add_to(sums, is_sum=True)


def _above(areas: set[int], on: date) -> dict[int, list[int]]:
    codes = dict(AreaVersion.objects.filter(alive(on), area__in=areas).values_list("area_id", "code"))
    wanted = {above for code in codes.values() for above in ancestors_of(code)[:-1]}
    keys = dict(AreaVersion.objects.filter(alive(on), code__in=wanted).values_list("code", "area_id"))
    return {area: [keys[c] for c in ancestors_of(code)[:-1] if c in keys] for area, code in codes.items()}


def _add_to(cells: Mapping[Cell, int], *, is_sum: bool) -> None:
    """Add to what is counted; nobody else counts meanwhile, so it is read, added to and written as a whole."""
    rows = _by_row(cells)
    there = MonthCount.objects.filter(is_sum=is_sum, month__in={month for _area, month, _category in rows})
    found = {
        key: row
        for row in rows_where(there, "area", {area for area, _month, _category in rows})
        if (key := (row.area_id, row.month, row.category)) in rows
    }
    for (area, month, category), counts in rows.items():
        row = found.setdefault(
            (area, month, category), MonthCount(area_id=area, month=month, category=category, is_sum=is_sum)
        )
        for measure, n in counts.items():
            setattr(row, measure, getattr(row, measure) + n)
        row.pk = None  # known by what it counts
    MonthCount.objects.bulk_create(
        found.values(), batch_size=500, update_conflicts=True, unique_fields=["area", "is_sum", "month", "category"],
        update_fields=list(MEASURES),
    )  # fmt: skip


def _by_row(cells: Mapping[Cell, int]) -> dict[tuple[int, date, int], dict[str, int]]:
    rows: dict[tuple[int, date, int], dict[str, int]] = defaultdict(dict)
    for (area, month, category, measure), n in cells.items():
        if n:
            rows[(area, month, category)][measure] = n
    return dict(rows)


def _write(cells: Counter[Cell], *, is_sum: bool) -> None:
    insert_all(
        MonthCount,
        (
            MonthCount(area_id=a, month=m, category=c, is_sum=is_sum, **counts)
            for (a, m, c), counts in _by_row(cells).items()
        ),
    )
