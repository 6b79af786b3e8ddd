"""Writes grids, units, organisations and rooms as rows of the survey workbook."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from shapely import Polygon

from .divisions import District, Division
from .ground import Unit, Village
from .organisations import VillageOrganisations
from .people import Member, branch_number, group_number, years_after
from .problems import TERM_OVER

Row = dict[str, Any]

TERM_YEARS = 5
LONGEST_NAME = 40  # of a village or town within an organisation's name
ROOMS_PER_VILLAGE = (1, 4)
CONSENTS, CONSENT_SHARES = ("yes", "not_asked", "no"), (0.5, 0.38, 0.12)


def grid_rows(village: Village) -> Iterator[Row]:
    for grid in village.grids:
        yield {"code": grid.code, "name": grid.name, "kind": grid.kind}


def unit_rows(village: Village, shapes: dict[str, Polygon]) -> Iterator[Row]:
    """Units, and the buildings of a few large estates below theirs."""
    for unit in village.units:
        lon, lat = _point(shapes[unit.code])
        yield {
            "code": unit.code, "name": unit.name, "kind": unit.kind, "households": unit.households,
            "population": unit.population, "management": unit.management, "address": unit.address,
            "lon": lon, "lat": lat,
        }  # fmt: skip
        for number, households in enumerate(unit.buildings, start=1):
            yield {
                "code": f"{unit.code}{number:03}", "name": f"{unit.name}{number}栋", "kind": "building",
                "households": households, "population": None, "management": unit.management,
                "address": unit.address, "lon": None, "lat": None,
            }  # fmt: skip


def organisation_rows(
    district: District, found: list[VillageOrganisations], rng: np.random.Generator, on: date
) -> list[Row]:
    """The district's committee, one for each town, and below them what was set up in the villages."""
    rows = [
        _row(
            _above_number(district.division),
            f"{district.division.short}党委",
            "committee",
            None,
            district.code,
            _term(rng, on, old=True),
        )
    ]
    for town in (town.division for town in district.towns if town.villages):
        name = town.short[:LONGEST_NAME] + ("党工委" if town.kind == "street" else "党委")
        term = _term(rng, on, old=True)
        rows.append(_row(_above_number(town), name, "committee", _above_number(district.division), town.code, term))
    for own in found:
        rows += _village_rows(own, rng, on)
    return rows


def _above_number(division: Division) -> str:
    """W and the digits that count: W510113, W510113002."""
    return "W" + division.code[: 6 if division.level == 3 else 9]


def town_number(village: Division) -> str:
    return f"W{village.parent[:9]}"


def district_number(district: District) -> str:
    return _above_number(district.division)


def _village_rows(own: VillageOrganisations, rng: np.random.Generator, on: date) -> Iterator[Row]:
    village = own.village.division
    above, name = town_number(village), village.short[:LONGEST_NAME]
    if own.kind != "branch":
        title = "党委" if own.kind == "committee" else "党总支"
        yield _row(f"W{village.code}", name + title, own.kind, above, village.code, _term(rng, on, old=True))
        above = f"W{village.code}"
    for branch in own.branches:
        number, codes = branch_number(branch), [grid.code for grid in branch.grids]
        title = name if own.kind == "branch" else name + "、".join(code[-2:] for code in codes) + "网格"
        seat = codes[0] if len(codes) == 1 else village.code
        yield _row(
            number, f"{title}党支部", "branch", above, seat, _term(rng, on, over=branch.fault == TERM_OVER), codes
        )
        for group in branch.groups:
            units = [unit.code for unit in group.units]
            term = _term(rng, on, over=group.fault == TERM_OVER)
            seat = units[0] if len(units) == 1 else units[0][:15]
            yield _row(group_number(group), _group_name(group.units), "group", number, seat, term, units)


def _group_name(units: list[Unit]) -> str:
    if len(units) <= 2:
        return "、".join(unit.name for unit in units) + "党小组"
    return f"{units[0].name}等{len(units)}个单元党小组"


def _row(
    number: str,
    name: str,
    kind: str,
    parent: str | None,
    area: str,
    term: tuple[date, date, date],
    covers: Sequence[str] = (),
) -> Row:
    founded, since, due = term
    return {
        "number": number, "name": name, "kind": kind, "parent": parent, "area": area,
        "covers": "、".join(covers) or None, "founded_on": founded, "term_since": since, "term_due": due,
    }  # fmt: skip


def _term(rng: np.random.Generator, on: date, *, over: bool = False, old: bool = False) -> tuple[date, date, date]:
    """Return founding, beginning and end of the term; `over` ended some months ago, `old` was founded long before."""
    days = TERM_YEARS * 365 + rng.integers(40, 400) if over else rng.integers(60, 1500)
    since = on - timedelta(days=int(days))
    founded = since - timedelta(days=int(rng.integers(2000, 12000))) if old else since
    return founded, since, years_after(since, TERM_YEARS)


def member_row(member: Member) -> Row:
    return {
        "number": member.number, "name": member.name, "contact": member.contact, "organisation": member.organisation,
        "home": member.home or None, "joined_on": member.joined_on, "full_on": member.full_on, "state": member.state,
    }  # fmt: skip


def premises_rows(village: Village, shapes: dict[str, Polygon], rng: np.random.Generator) -> Iterator[Row]:
    """One to four rooms that could become a micro-venue."""
    units = village.units
    low, high = ROOMS_PER_VILLAGE
    for number, place in enumerate(rng.permutation(len(units))[: rng.integers(low, high + 1)].tolist(), start=1):
        unit = units[place]
        origin, what = _origin(unit, village.urban, rng)
        lon, lat = _point(shapes[unit.code])
        yield {
            "number": f"F{village.division.code}-{number:02}", "name": f"{unit.name}{what}", "origin": origin,
            "area": unit.code, "address": unit.address, "area_m2": round(float(rng.gamma(4, 25)) + 25, 1),
            "lon": lon, "lat": lat, "consent": CONSENTS[rng.choice(len(CONSENTS), p=CONSENT_SHARES)],
        }  # fmt: skip


def _origin(unit: Unit, urban: bool, rng: np.random.Generator) -> tuple[str, str]:
    if unit.management == "property":
        return "property_room", "物管用房"
    drawn = rng.random()
    if urban and drawn < 0.3:
        return "state_shop", "旁闲置铺面"
    return ("vacated_room", "腾退用房") if drawn < 0.75 else ("other", "闲置房屋")


def _point(shape: Polygon) -> tuple[float, float]:
    """A point inside the shape, to about 10 cm."""
    point = shape.centroid if shape.contains(shape.centroid) else shape.point_on_surface()
    return round(point.x, 6), round(point.y, 6)
