"""Publish the reports told in a quarter once it is over, and read what was published."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import covers, prefix_of
from weiduan.ground.base.batches import rows_where
from weiduan.ground.base.inserts import insert_all
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, ancestors_of, area_ids, names_by_code, places, top_areas
from weiduan.ground.territory.rules import Level, level_of
from weiduan.outlook.insight.units import day_begins
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.rules import State

from .models import PublishedCount, PublishedQuarter
from .rules import Row, Tree, publish

TABLES = ("category", "outcome", "word", "month")
QUARTERS = 4  # as many as are published and shown
LEFT_OUT = {State.JOINED.value, State.NOT_OURS.value, State.WITHDRAWN.value}
OUTCOMES = ("in_time", "late", "unanswered", "left_out")
WORDS = {State.CONFIRMED.value: "solved", State.DISPUTED.value: "not_solved", State.NO_WORD.value: "no_word"}
WORD_COLUMNS = ("solved", "not_solved", "no_word", "none_yet")
Cells = Mapping[str, Mapping[str, Mapping[str, int]]]  # table → code of an area → column → count


@dataclass(frozen=True)
class Told:
    """What is told of an area in one table of one quarter.

    codes     of the area, or of all the areas of which only the sum is told;  together  their names, empty: this one alone
    is_rest   of what lies in the area itself and in none of its parts
    """

    begins: date
    table: str
    codes: tuple[str, ...]
    is_rest: bool
    together: tuple[str, ...]
    total: int
    cells: tuple[tuple[tuple[str, ...], int], ...]


def quarters_over(on: date) -> list[date]:
    """Return the first days of the last quarters that were over on a day, the latest first."""
    this = date(on.year, on.month - (on.month - 1) % 3, 1)
    return [this - relativedelta(months=3 * n) for n in range(1, QUARTERS + 1)]


def publish_quarters(*, at: datetime) -> int:
    """Publish what isn't published yet of the quarters that are over; return how many were, over all districts."""
    return sum(publish_quarter(begins, at=at) for begins in quarters_over(local_day(at)))


def districts(on: date) -> list[str]:
    """Return the codes of the areas that are published each by itself: the districts, or what is topmost below them."""
    tops = top_areas(on=on)
    wide = [code for code in tops if level_of(code) < Level.DISTRICT]
    inside = [place.code for code in wide for place in places(code, on=on, levels=[Level.DISTRICT])]
    return sorted({*inside, *(code for code in tops if code not in wide)})


@transaction.atomic
def publish_quarter(begins: date, *, at: datetime) -> int:
    """Publish the reports told in a quarter in each district where that isn't done; return in how many."""
    on = begins + relativedelta(months=3, days=-1)
    keys = area_ids(districts(local_day(at)), on=local_day(at))
    done = set(
        PublishedQuarter.objects.filter(begins=begins, district__in=keys.values()).values_list("district", flat=True)
    )
    missing = {code: key for code, key in keys.items() if key not in done}
    if missing:
        ground = _ground(on)
        counted = _counted(ground, missing, begins)
    for code, key in missing.items():
        quarter, is_new = PublishedQuarter.objects.get_or_create(district_id=key, begins=begins, defaults={"at": at})
        if is_new:
            _publish(quarter, code, _tree(ground, code), counted[code])
    return len(missing)


def _publish(quarter: PublishedQuarter, district: str, below: Mapping[str, list[str]], counted: Cells) -> None:
    for table, columns in _columns(quarter.begins).items():
        rows = publish(district, Tree(below, counted[table]), columns)
        insert_all(PublishedCount, (_kept(quarter, table, row) for row in rows))


def _kept(quarter: PublishedQuarter, table: str, row: Row) -> PublishedCount:
    return PublishedCount(
        quarter=quarter, table=table, inside=row.inside, code=row.areas[0] if len(row.areas) == 1 else "",
        codes=list(row.areas), total=row.total, cells=[[list(columns), n] for columns, n in row.cells.items()],
    )  # fmt: skip


def _columns(begins: date) -> dict[str, list[str]]:
    headings = Category.objects.filter(parent=None).order_by("order", "code").values_list("code", flat=True)
    months = [f"{begins + relativedelta(months=n):%Y-%m}" for n in range(3)]
    return {"category": list(headings), "outcome": list(OUTCOMES), "word": list(WORD_COLUMNS), "month": months}


def _ground(on: date) -> dict[int, str]:
    """Return area key → code, from the towns down to the units as they were on a day."""
    levels = [Level.TOWN, Level.VILLAGE, Level.GRID, Level.UNIT]
    return dict(AreaVersion.objects.filter(alive(on), level__in=levels).values_list("area", "code"))


def _tree(ground: Mapping[int, str], district: str) -> dict[str, list[str]]:
    """Return code → codes one level below it, in a district."""
    known, below = set(ground.values()), defaultdict(list)
    for code in sorted(code for code in known if code != district and covers(district, code)):
        around = [above for above in ancestors_of(code)[:-1] if above in known and covers(district, above)]
        below[around[-1] if around else district].append(code)
    return dict(below)


def _counted(ground: Mapping[int, str], districts: Iterable[str], begins: date) -> Mapping[str, Cells]:
    """Return what was told in a quarter: code of a district → table → code of an area → column → count."""
    found: dict[str, dict[str, dict[str, dict[str, int]]]] = {d: {table: {} for table in TABLES} for d in districts}
    for n in range(3):
        month = begins + relativedelta(months=n)
        groups = list(_groups(month))
        gone = _last_codes({group[0] for group in groups} - set(ground))
        for area, heading, state, in_time, answered, count in groups:
            code = ground.get(area) or gone.get(area, "")
            district = next((d for d in found if covers(d, code)), None)
            if district is None:
                continue
            outcome = (
                "left_out" if state in LEFT_OUT else "unanswered" if not answered else "in_time" if in_time else "late"
            )
            cells = {
                "category": heading,
                "outcome": outcome,
                "word": WORDS.get(state, "none_yet"),
                "month": f"{month:%Y-%m}",
            }
            for table, column in cells.items():
                # Where a unit is gone by then, it is told of the district, in none of its parts.
                line = found[district][table].setdefault(code if area in ground else district, {})
                line[column] = line.get(column, 0) + count
    return found


def _last_codes(areas: Iterable[int]) -> dict[int, str]:
    rows = rows_where(AreaVersion.objects.defer("shape").order_by("since"), "area", areas)
    return {row.area_id: row.code for row in sorted(rows, key=lambda row: row.since)}


def _groups(month: date) -> Iterable[tuple]:
    """Give what was told in a month: area, heading, state, answered in time, answered, how many. Nothing told in confidence."""
    since, until = day_begins(month), day_begins(month + relativedelta(months=1))
    return (
        Report.objects.filter(told_at__gte=since, told_at__lt=until, in_confidence=False)
        .annotate(
            heading=Coalesce("category__parent__code", "category__code"),
            in_time=ExpressionWrapper(Q(answered_at__lte=F("due_at")), output_field=BooleanField()),
            answered=ExpressionWrapper(Q(answered_at__isnull=False), output_field=BooleanField()),
        )
        .values_list("area", "heading", "state", "in_time", "answered")
        .annotate(n=Count("pk"))
    )


def told_of(code: str, *, on: date) -> list[Told]:
    """Return what was published of an area, the latest quarter first: of itself, or of it and its neighbours together. Two queries."""
    above = ancestors_of(code)[:-1]
    alone, together = Q(code=code) & ~Q(inside=code), Q(code="", inside__in=above)
    rows = [row for row in _published(on).filter(alone | together) if row.code or code in row.codes]
    names = names_by_code({c for row in rows if not row.code for c in row.codes}, on=on)
    return [_told(row, names) for row in rows]


def told_below(code: str, *, on: date) -> list[Told]:
    """Return what was published of an area and of everything below it, quarter by quarter, widest first: two queries."""
    prefix = prefix_of(code)
    itself = Q(code=code) & ~Q(inside=code)
    rows = list(
        _published(on).filter(itself | Q(inside__startswith=prefix)).order_by("-quarter__begins", "table", "pk")
    )
    names = names_by_code({c for row in rows if not row.code for c in row.codes}, on=on)
    return [_told(row, names) for row in rows]


def _published(on: date) -> QuerySet[PublishedCount]:
    rows = PublishedCount.objects.filter(quarter__begins__in=quarters_over(on)).select_related("quarter")
    return rows.order_by("-quarter__begins", "table")


def _told(row: PublishedCount, names: Mapping[str, str]) -> Told:
    together = tuple(names.get(code, code) for code in row.codes) if not row.code else ()
    cells = tuple((tuple(columns), n) for columns, n in row.cells)
    return Told(row.quarter.begins, row.table, tuple(row.codes), row.code == row.inside, together, row.total, cells)
