"""Keep the counts right: read on in the ledger from where it was left, and count anew whatever was touched since.

Whoever writes pays nothing for it: every deed leaves an entry in the ledger anyway, in its own transaction. So the counts are right
whenever they have read as far as the ledger goes, whatever was killed in between, and `rebuild` makes the same out of nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError, connection, transaction

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.batches import rows_where
from weiduan.ground.base.scope import beyond_scope
from weiduan.ground.ledger.queries import entries_between, heads
from weiduan.ground.territory.queries import names_by_area
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.rules import TO_HANDLE
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.functions.models import FunctionDates
from weiduan.systems.venues.micro_venues.models import Serving

from .models import Folded, UnitStanding
from .months import count_again, count_all_reports, sum_up
from .standings import govern_anew, stand_anew, stand_anew_all

MINUTE = timedelta(minutes=1)  # what changes by itself is looked for as often
MOST_VILLAGES = 40  # more of them are sooner looked at all together
VILLAGE_DIGITS = 12
REPORT = "governance.report"
ACTIVITY = "services.activity"
# What else changes a zero, by the kind of thing it was done to; whatever isn't named here changes none.
OF_UNITS = {
    "governance.body", "governance.topic", "governance.version", "governance.compact", "services.activity", "services.questionnaire",
    "services.milestone", "services.milestoneacceptance", "services.project",
}  # fmt: skip
OF_VILLAGES = ("organisation.", "territory.", "rulebook.", "venues.")
ELSEWHERE = {
    "venues.booking",
    "organisation.onetimelink",
    "organisation.correction",
}  # the held dates come by the clock


@dataclass
class Touched:
    """What was done since, as far as it may change a count.

    reports  that were told or moved on; everything else by the code of its area
    units    whose third and fourth zero may have changed (a unit, a grid, or a village with all its units)
    whole    whose four zeros may all have changed
    """

    reports: set[UUID] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    everything: bool = False
    ground: bool = False


@beyond_scope()  # counts are everybody's, whoever happens to ask first
def catch_up(*, at: datetime) -> datetime:
    """Count everything done until now; return as of when the counts are right.

    Where somebody else is counting, what they have counted so far is what there is.
    """
    now = heads()
    known = Folded.objects.filter(pk=1).first()
    if known is not None and known.at is not None and not _is_behind(known, now, at):
        return known.at
    before = known.at if known is not None else None
    try:
        return _fold(at) or before or at
    except OperationalError:  # somebody writes, and SQLite lets only one: what was counted before is what there is
        if before is None:
            raise
        return before


@transaction.atomic
def rebuild(*, at: datetime) -> None:
    """Throw all counts away and make them anew."""
    Folded.objects.get_or_create(pk=1)
    row = Folded.objects.select_for_update().get(pk=1)
    read = _heads()
    count_all_reports(on=local_day(at))
    stand_anew_all(at=at)
    row.heads, row.at = read, at
    row.save()


@transaction.atomic
def _fold(at: datetime) -> datetime | None:
    Folded.objects.get_or_create(pk=1)
    row = Folded.objects.select_for_update(skip_locked=connection.vendor == "postgresql").filter(pk=1).first()
    if row is None:
        return None
    if row.at is None:
        rebuild(at=at)
        return at
    read = _heads()
    touched = touched_by(_entries(row.heads, read))
    if local_day(row.at) != local_day(at):
        touched.everything = True  # what holds for so many days holds no more, or only now
    else:
        touched.units |= _by_time(row.at, at)
    _count(touched, at)
    row.heads, row.at = read, max(at, row.at)
    row.save()
    return row.at


def _count(touched: Touched, at: datetime) -> None:
    on = local_day(at)
    if touched.ground:
        sum_up(on=on)
    areas = count_again(touched.reports, on=on)
    touched.units |= {place.code[:18] for place in names_by_area(areas, on=on).values()}
    villages = {code[:VILLAGE_DIGITS] for code in touched.whole}
    villages |= _not_known(touched.units)
    if touched.everything or len(villages) > MOST_VILLAGES:
        stand_anew_all(at=at)
        return
    stand_anew(villages, at=at)
    govern_anew({code for code in touched.units if code[:VILLAGE_DIGITS] not in villages}, at=at)


def _not_known(units: set[str]) -> set[str]:
    """Return the villages of units of which nothing is kept yet."""
    wanted = {code for code in units if len(code) == 18}
    known = {row.code for row in rows_where(UnitStanding.objects.only("code"), "code", wanted)}
    return {code[:VILLAGE_DIGITS] for code in wanted - known}


def touched_by(entries: Iterable[tuple[str, str, str]]) -> Touched:
    """Return what entries, as (kind, key, area), may have changed."""
    touched = Touched()
    for kind, key, area in entries:
        if kind == REPORT:
            touched.reports.add(UUID(key))
        elif kind in OF_UNITS and len(area) >= VILLAGE_DIGITS and not area.endswith("000"):
            touched.units.add(area[:18])
        elif kind in OF_UNITS:
            touched.everything = True
        elif kind.startswith(OF_VILLAGES) and kind not in ELSEWHERE:
            touched.ground |= kind.startswith("territory.")
            if kind.startswith("organisation.") and len(area) >= VILLAGE_DIGITS and not area.endswith("000"):
                touched.whole.add(area)
            else:  # a rule holds everywhere; a place serves units of other villages too
                touched.everything = True
    return touched


def _entries(since: dict[str, int], until: dict[str, int]) -> Iterable[tuple[str, str, str]]:
    before, after = ({int(number): pos for number, pos in one.items()} for one in (since, until))
    return entries_between(before, after).values_list("kind", "key", "area").iterator(chunk_size=5_000)


def _heads() -> dict[str, int]:
    return {str(number): pos for number, pos in heads().items()}


def _is_behind(known: Folded, now: dict[int, int], at: datetime) -> bool:
    assert known.at is not None
    if local_day(known.at) != local_day(at) or any(known.heads.get(str(n), 0) != pos for n, pos in now.items()):
        return True
    return at - known.at >= MINUTE


def _by_time(since: datetime, at: datetime) -> set[str]:
    """Return the codes of units where something changed by itself between two moments: a time ran out, something took place."""
    areas = set(
        Report.objects.filter(state__in=TO_HANDLE, due_at__gte=since, due_at__lt=at).values_list("area", flat=True)
    )
    areas |= set(Activity.objects.filter(ends_at__gt=since, ends_at__lte=at).values_list("area", flat=True))
    held = FunctionDates.objects.filter(booking__slots__until__gt=since, booking__slots__until__lte=at)
    places = held.values_list("booking__room__facility", flat=True)
    areas |= set(Serving.objects.filter(venue__facility__in=list(places)).values_list("area", flat=True))
    return {place.code[:18] for place in names_by_area(areas, on=local_day(at)).values()}
