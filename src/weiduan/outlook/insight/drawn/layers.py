"""What a map shows of each unit, and of each village added up: the four zeros, reach, and reports of a category.

Reports told in confidence are in no count (`MonthCount`). These figures are for staff; those for everyone are published by the quarter.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from threading import Lock

from django.db.models import Sum

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.ledger.queries import state
from weiduan.ground.territory.queries import area_ids, areas_below
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.models import Folded, MonthCount, UnitStanding
from weiduan.outlook.insight.counted.rules import ZEROS
from weiduan.outlook.insight.zeros import standings_on
from weiduan.systems.governance.categories.models import Category

VILLAGE_DIGITS = 12
KEPT = 16  # layers of districts held in memory by one process
MONTHS = 12  # so many months of reports, the one that runs among them


class Layer(StrEnum):
    ZEROS = "zeros"
    REACH = "reach"
    REPORTS = "reports"


@dataclass(frozen=True)
class Cell:
    """What a layer says of one area.

    n, of  zeros: how many zeros a unit lacks, of four, or of the one asked for; of a village how many of its units lack something
           reach: how many units have no place within reach, of how many; reports: how many were told, and in how many units
    each   zeros: zero → how many units lack it
    """

    n: int
    of: int
    each: Mapping[str, int]

    def state(self, layer: Layer) -> str:
        """Return the word that colours it: "ok", "some", "most"."""
        if layer is Layer.REPORTS:
            return "ok" if not self.n else "some" if self.n < MANY_REPORTS * self.of else "most"
        return "ok" if not self.n else "some" if 2 * self.n <= self.of else "most"


MANY_REPORTS = 12  # in a unit: one a month
Cells = dict[str, Cell]


@dataclass(frozen=True)
class Values:
    """A layer over all units of a district, and added up over its villages; `stamp` changes whenever one of them may have."""

    stamp: str
    units: Cells
    villages: Cells


_held: OrderedDict[tuple[str, Layer, str, date], Values] = OrderedDict()
_lock = Lock()


def stamp_of(*, on: date, at: datetime) -> str:
    """Return a text that changes whenever a value of a layer may have changed.

    Of today the counts say when they last moved; what was on another day hangs on everything that is recorded.
    """
    if on != local_day(at):
        return f"{on} {state()}"
    catch_up(at=at)
    moved, heads = Folded.objects.values_list("at", "heads").get(pk=1)
    return f"{on} {moved} {sorted(heads.items())}"


def values_of(district: str, layer: Layer, *, category: str = "", on: date, at: datetime, stamp: str = "") -> Values:
    """Return a layer of a district (its code), from memory where nothing moved since.

    category  of reports, with those below it; of the zeros the name of one; "" is all
    stamp     of `stamp_of`, where the caller has it
    """
    stamp = stamp or stamp_of(on=on, at=at)
    key = (district, layer, category, on)
    with _lock:
        known = _held.get(key)
    if known is None or known.stamp != stamp:
        cells = _cells(district, layer, category, on, at)
        known = Values(stamp, cells, _by_village(cells, layer))
        with _lock:
            _held[key] = known
            _held.move_to_end(key)
            while len(_held) > KEPT:
                _held.popitem(last=False)
    return known


def _cells(district: str, layer: Layer, category: str, on: date, at: datetime) -> Cells:
    if layer is Layer.REPORTS:
        return _reports(district, category, on)
    rows: list[tuple[str, ...]]
    if on == local_day(at):
        here = UnitStanding.objects.filter(code__startswith=prefix_of(district))
        rows = list(here.values_list("code", *ZEROS))
    else:
        rows = [(row.code, *(getattr(row, name) for name in ZEROS)) for row in standings_on(district, on=on)]
    one = "venues" if layer is Layer.REACH else category
    if one in ZEROS:
        place = ZEROS.index(one) + 1
        return {row[0]: Cell(int(bool(row[place])), 1, {}) for row in rows}
    return {code: _lacks(reasons) for code, *reasons in rows}


def _lacks(reasons: list[str]) -> Cell:
    each = {name: 1 for name, reason in zip(ZEROS, reasons, strict=True) if reason}
    return Cell(len(each), len(ZEROS), each)


def _reports(district: str, category: str, on: date) -> Cells:
    month = on.year * 12 + on.month - MONTHS
    since = date(month // 12, month % 12 + 1, 1)
    units = areas_below(district, on=on).filter(level=Level.UNIT)
    codes = dict(units.values_list("area_id", "code"))
    rows = MonthCount.objects.filter(
        is_sum=False, month__gte=since, month__lte=on, area__in=units.values("area_id")
    ).values_list("area")  # fmt: skip
    if category:
        rows = rows.filter(category__in=[pk for pk, _code, _name in _family(category)])
    told = dict(rows.annotate(n=Sum("told")))
    return {code: Cell(told.get(key, 0), 1, {}) for key, code in codes.items()}


def _family(category: str) -> list[tuple[int, str, str]]:
    rows = Category.objects.filter(code=category) | Category.objects.filter(parent__code=category)
    return list(rows.values_list("pk", "code", "name"))


def categories_told(area: str, *, on: date) -> list[tuple[str, str, int]]:
    """Return (code, name, how many) of the categories reports of an area were told of within twelve months, most first."""
    month = on.year * 12 + on.month - MONTHS
    since = date(month // 12, month % 12 + 1, 1)
    key = area_ids([area], on=on).get(area)
    rows = MonthCount.objects.filter(area=key, month__gte=since, month__lte=on).values_list("category")
    told = {pk: n for pk, n in rows.annotate(n=Sum("told")) if n}
    names = {pk: (code, name) for pk, code, name in Category.objects.values_list("pk", "code", "name")}
    found = [(*names[pk], n) for pk, n in told.items() if pk in names]
    return sorted(found, key=lambda one: (-one[2], one[0]))


def _by_village(cells: Cells, layer: Layer) -> Cells:
    n: Counter[str] = Counter()
    of: Counter[str] = Counter()
    each: dict[str, Counter[str]] = {}
    for code, cell in cells.items():
        village = code[:VILLAGE_DIGITS]
        n[village] += cell.n if layer is Layer.REPORTS else int(bool(cell.n))
        of[village] += 1
        if cell.each:
            each.setdefault(village, Counter()).update(cell.each)
    return {code: Cell(n[code], of[code], each.get(code, {})) for code in of}
