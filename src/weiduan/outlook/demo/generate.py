"""Makes a whole district up: the same seed gives the same district, to the last figure.

Everything below village level is modelled (演示数据). The result is what a survey would bring in:
rows of the workbook's sheets and outlines by code, loaded by the survey's own load.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from shapely import Polygon

from . import rows as write
from .divisions import District
from .ground import M2_PER_HOUSEHOLD, Village, settle_people
from .layout import Room, lay_out
from .organisations import Branch, VillageOrganisations, set_up
from .people import Member, branch_number, enrol, group_number
from .posts import Appointing, appoint, appoint_above
from .problems import (
    FEW_FULL,
    FEWEST_FULL_IN_A_BRANCH,
    GRID_WORKERS_NO_MEMBERS,
    NO_BRANCH,
    NO_GROUP,
    Truth,
)

CUT_OFF = date(2018, 10, 31)  # of the edition of division codes the demo uses

Row = dict[str, Any]


@dataclass
class Demo:
    """A made-up survey.

    divisions  rows of the district, those above it, its towns and villages, keyed as the table of divisions
    rows       sheet key → rows, keyed as in outlook.survey.sheets; choices by their key
    shapes     code → outline in WGS 84: district, towns, villages, grids and units (not buildings)
    truth      what was modelled as missing
    """

    divisions: list[Row]
    shapes: dict[str, Polygon]
    on: date
    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {k: [] for k in ("grids", "units", "organisations", "members", "posts", "premises")}
    )
    truth: Truth = field(default_factory=Truth)


def generate(
    district: District,
    *,
    seed: int = 2018,
    scale: float = 1.0,
    on: date = CUT_OFF,
    units: int | None = None,
    members: int | None = None,
) -> Demo:
    """Make up the survey of a district on a day.

    scale           multiplies people, households, grids and units; a village keeps at least one grid and two units
    units, members  so many in all (nearly), instead of what the published figures suggest
    """
    rng = np.random.default_rng([seed, int(district.code)])
    villages = settle_people(district, rng, scale=scale, units=units, members=members)
    found = set_up(villages, rng)
    demo = Demo(_divisions(district), lay_out(district, {v.division.code: _rooms(v) for v in villages}, rng), on)
    demo.rows["organisations"] = write.organisation_rows(district, found, rng, on)
    _people(district, demo, found, rng)
    for village in villages:
        demo.rows["grids"] += write.grid_rows(village)
        demo.rows["units"] += write.unit_rows(village, demo.shapes)
        demo.rows["premises"] += write.premises_rows(village, demo.shapes, rng)
    return demo


def _divisions(district: District) -> list[Row]:
    towns = [d for town in district.towns for d in (town.division, *town.villages)]
    return [division.row() for division in (*district.above, district.division, *towns)]


def _rooms(village: Village) -> list[Room]:
    return [
        Room(
            grid.code,
            [unit.code for unit in grid.units],
            [max(unit.households * M2_PER_HOUSEHOLD[unit.kind], 900.0) for unit in grid.units],
            filled=village.urban,
        )
        for grid in village.grids
    ]


def _people(district: District, demo: Demo, found: list[VillageOrganisations], rng: np.random.Generator) -> None:
    """Members and posts, village by village, and what they show to be missing."""
    terms = {row["number"]: row for row in demo.rows["organisations"]}
    grids = [grid.code for own in found for grid in own.village.grids]
    drawn = rng.choice(len(grids), round(len(grids) * GRID_WORKERS_NO_MEMBERS), replace=False)
    demo.truth.workers = {grids[i] for i in drawn}
    waiting = [write.district_number(district)]  # committees that still look for people, the district's first
    seen: set[str] = set()
    for own in found:
        members = enrol(own, rng, demo.on)
        village = Appointing(own, members, terms, rng, demo.on)
        appoint(village, demo.truth.workers)
        town = write.town_number(own.village.division)
        if town not in seen:
            appoint_above(village, [*waiting, town])
            seen, waiting = seen | {town}, []
        demo.rows["posts"] += village.rows
        demo.rows["members"] += [write.member_row(member) for own_members in members.values() for member in own_members]
        _note(demo.truth, own, members)


def _note(truth: Truth, own: VillageOrganisations, members: dict[str, list[Member]]) -> None:
    """Write down the faults of a village's units and grids."""
    truth.grids |= {grid.code: NO_BRANCH for grid in own.bare}
    for branch in own.branches:
        truth.units |= {unit.code: NO_GROUP for unit in branch.loose}
        truth.units |= {unit.code: group.fault for group in branch.groups if group.fault for unit in group.units}
        fault = FEW_FULL if _full(branch, members) < FEWEST_FULL_IN_A_BRANCH else branch.fault
        truth.grids |= {grid.code: fault for grid in branch.grids if fault}


def _full(branch: Branch, members: dict[str, list[Member]]) -> int:
    """Count full members of a branch, those of its groups among them."""
    numbers = (branch_number(branch), *(group_number(group) for group in branch.groups))
    return sum(m.full_on is not None and m.counted for number in numbers for m in members.get(number, []))
