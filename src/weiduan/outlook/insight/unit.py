"""One unit: what stands on it, who lives there in numbers, which rooms are near."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from weiduan.ground.territory.queries import Place
from weiduan.ground.territory.rules import Level
from weiduan.systems.organisation.coverage.queries import AreaCoverage
from weiduan.systems.organisation.coverage.rules import Standing, form_of
from weiduan.systems.venues.premises.queries import premises_in

from .organisation import coverage_of, gap_row
from .words import CONSENT_TITLES, FORM_TITLES, KIND_TITLES, ORIGIN_TITLES


@dataclass(frozen=True)
class UnitFacts:
    """A unit as its page shows it; `gap` is None where it is covered."""

    gap: dict | None
    groups: list[dict]
    branches: list[dict]
    buildings: list[Place]
    premises: list[dict]


def unit_facts(code: str, coverage: AreaCoverage, *, on: date) -> UnitFacts:
    """Gather what is known about a unit on a day; `coverage` is the unit's, out of its village's."""
    unit = next((u for u in coverage.units if u.code == code), None)
    here = [coverage.standings[i] for i in (unit.organisations if unit else ())]
    above = {s.parent for s in here}
    branches = [s for s in coverage.standings.values() if s.id in above and s.kind == "branch"]
    return UnitFacts(
        gap=gap_row(unit) if unit and unit.reason else None,
        groups=[_told(s, coverage) for s in here],
        branches=[_told(s, coverage) for s in branches],
        buildings=[p for p in coverage.places if p.level == Level.BUILDING and p.code.startswith(code)],
        premises=[_room(room) for room in premises_in(code, on=on)],
    )


def _room(room: Any) -> dict:
    """A room as people read it; `state` marks the owner's word as the tags do."""
    return {
        "name": room.name, "address": room.address, "area": f"{room.area_m2:g}",
        "origin_title": str(ORIGIN_TITLES.get(room.origin, "")), "consent_title": str(CONSENT_TITLES.get(room.consent, "")),
        "state": {"yes": "ok", "no": "late"}.get(room.consent, ""),
    }  # fmt: skip


def _told(standing: Standing, coverage: AreaCoverage) -> dict:
    form = form_of(standing)
    return {
        "number": standing.number, "name": standing.name, "kind": standing.kind, "members": standing.members,
        "full_members": standing.full_members, "sound": not coverage.flaws[standing.id],
        "form": str(FORM_TITLES[form.value]) if form else "",
    }  # fmt: skip


def who_serves(code: str, *, on: date) -> list[dict]:
    """Return the organisations standing on a unit and on its grid, by name only: what residents may know."""
    coverage = coverage_of(code[:15], on=on)
    unit = next((u for u in coverage.units if u.code == code[:18]), None)
    grid = next((g for g in coverage.grids if g.code == code[:15]), None)
    stands = dict.fromkeys(grid.organisations if grid else (), "grid") | dict.fromkeys(
        unit.organisations if unit else (), "unit"
    )
    here = sorted((i for i in stands if i in coverage.standings), key=lambda i: (stands[i] == "grid", i))
    return [_named(coverage.standings[i], stands[i]) for i in here]


def _named(standing: Standing, on: str) -> dict:
    return {"name": standing.name, "kind": standing.kind, "kind_title": str(KIND_TITLES[standing.kind]), "on": on}
