"""Keep what each unit lacks of the four zeros, village by village."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.base.batches import batches
from weiduan.ground.territory.queries import area_ids, names_by_area, top_areas
from weiduan.outlook.insight.governance import gaps_of
from weiduan.outlook.insight.services import distances_of
from weiduan.outlook.insight.units import Units, units_in
from weiduan.outlook.insight.venues import venue_reach
from weiduan.systems.organisation.coverage.queries import coverage_in

from .models import UnitStanding

FIELDS = ("code", "households", "organisation", "venues", "governance", "services", "reasons")


def stand_anew(codes: Iterable[str], *, at: datetime) -> None:
    """Look at the units of some areas anew, at all four zeros."""
    for code in sorted(set(codes)):
        fresh = standings_in(code, at=at)
        _keep(fresh)
        there = UnitStanding.objects.filter(code__startswith=prefix_of(code))
        there.exclude(area__in=[one.area_id for one in fresh]).delete()


def _keep(rows: Iterable[UnitStanding]) -> None:
    for row in (found := list(rows)):
        row.pk = None  # known by its area alone
    UnitStanding.objects.bulk_create(found, update_conflicts=True, unique_fields=["area"], update_fields=list(FIELDS))


def stand_anew_all(*, at: datetime) -> None:
    """Throw all standings away and look at every unit anew."""
    UnitStanding.objects.all().delete()
    for code in top_areas(on=local_day(at)):
        UnitStanding.objects.bulk_create(standings_in(code, at=at), batch_size=1_000)


def govern_anew(codes: Iterable[str], *, at: datetime) -> None:
    """Look at the third and the fourth zero of some units, grids or villages anew: what reports, votes and activities change."""
    on = local_day(at)
    known = {row.code: row for row in UnitStanding.objects.filter(_in_any(codes))}
    around = area_ids({code[:n] for code in known for n in (12, 15, 18)}, on=on)
    places = names_by_area({row.area_id for row in known.values()}, on=on)
    here = [place for row in known.values() if (place := places.get(row.area_id)) is not None]
    for batch in batches(here):
        units = Units(
            on, batch, {code: key for code, key in around.items() if len(code) < 18} | {p.code: p.id for p in batch}
        )
        rows = {place.code: known[place.code] for place in batch}
        _judge(units, rows, at)
        _keep(rows.values())


def _in_any(codes: Iterable[str]) -> Q:
    wanted = set(codes)
    within = Q(code__in=[code for code in wanted if len(code) == 18])
    for code in wanted:
        if len(code) < 18:
            within |= Q(code__startswith=prefix_of(code))
    return within


def standings_in(code: str, *, at: datetime) -> list[UnitStanding]:
    """Return what each unit of an area lacks, in order of code, as it is computed from the systems; nothing is kept."""
    on = local_day(at)
    units = units_in(code, on=on)
    whole = code[:12]  # a grid or unit is never looked at without its village
    uncovered = {gap.code: gap.reason for gap in coverage_in(whole, on=on).gaps}
    corners = {corner.unit.code: corner.reason for corner in venue_reach(whole, on=on).corners}
    rows = {
        place.code: UnitStanding(
            area_id=place.id, code=place.code, households=place.households or 0, organisation=uncovered.get(place.code, ""),
            venues=corners.get(place.code, ""),
        )
        for place in units.places
    }  # fmt: skip
    _judge(units, rows, at)
    return [rows[place.code] for place in units.places]


def _judge(units: Units, rows: dict[str, UnitStanding], at: datetime) -> None:
    lacking, far = gaps_of(units, at=at), distances_of(units, at=at)
    for code, row in rows.items():
        governance = [one.rule.reason for one in lacking.get(code, [])]
        services = [one.rule.reason for one in far.get(code, [])]
        row.governance, row.services = next(iter(governance), ""), next(iter(services), "")
        row.reasons = [*governance, *services]
