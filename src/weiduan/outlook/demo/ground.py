"""Models people, households, grids and units of each village, in numbers (where they lie: layout.py).

The shares of each kind of village come from calibration.csv, so that Qingbaijiang gets its census
population; inside a district chance decides, within the bands of the published figures.
"""

from dataclasses import dataclass, field
from math import ceil

import numpy as np

from .calibration import figures, per_person
from .divisions import District, Division
from .names import EMPLOYER, NONE, PROPERTY, SELF, VILLAGE, UnitNames

# Share of each kind of unit, and how large they are against each other.
KINDS = {
    "street community": {"estate": 0.56, "courtyard": 0.32, "new_community": 0.12},
    "town community": {"estate": 0.32, "courtyard": 0.42, "new_community": 0.26},
    "street village": {"estate": 0.06, "courtyard": 0.34, "settlement": 0.18, "new_community": 0.42},
    "village": {"courtyard": 0.43, "settlement": 0.31, "new_community": 0.22, "stockade": 0.04},
}
WEIGHT = {"estate": 2.6, "new_community": 2.5, "courtyard": 1.0, "settlement": 0.8, "stockade": 0.5}
UNITS_PER_GRID = {"street community": 2.6, "town community": 2.9, "street village": 3.4, "village": 4.4}
PEOPLE = {
    "street community": "people_street_community",
    "town community": "people_town_community",
    "street village": "people_street_village",
    "village": "people_village",
}
MANAGED = {
    "estate": ((PROPERTY, 0.8), (SELF, 0.15), (NONE, 0.05)),
    "courtyard": ((SELF, 0.45), (VILLAGE, 0.3), (NONE, 0.2), (EMPLOYER, 0.05)),
    "new_community": ((VILLAGE, 0.5), (PROPERTY, 0.4), (SELF, 0.1)),
    "settlement": ((VILLAGE, 0.6), (SELF, 0.25), (NONE, 0.15)),
    "stockade": ((VILLAGE, 0.7), (NONE, 0.3)),
}
M2_PER_HOUSEHOLD = {
    "estate": 90,
    "new_community": 260,
    "courtyard": 600,
    "settlement": 450,
    "stockade": 900,
}  # with yards and lanes
BUILDINGS_FROM_HOUSEHOLDS, BUILDINGS_SHARE, HOUSEHOLDS_PER_BUILDING = 260, 0.12, 60
DEDICATED_SHARE = 0.02


@dataclass(slots=True)
class Unit:
    """A basic unit; `members` is how many members live there."""

    code: str
    name: str
    kind: str
    households: int
    population: int
    management: str
    address: str
    group_number: int
    members: int = 0
    buildings: list[int] = field(default_factory=list)  # households of each


@dataclass(slots=True)
class Grid:
    code: str
    name: str
    kind: str
    households: int
    units: list[Unit] = field(default_factory=list)

    @property
    def members(self) -> int:
        return sum(unit.members for unit in self.units)


@dataclass(slots=True)
class Village:
    division: Division
    kind: str  # a key of KINDS
    population: int
    households: int = 0
    grids: list[Grid] = field(default_factory=list)

    @property
    def urban(self) -> bool:
        """Whether its units fill its ground; in the country they are islands in the fields."""
        return self.kind != "village"

    @property
    def units(self) -> list[Unit]:
        return [unit for grid in self.grids for unit in grid.units]


def settle_people(
    district: District, rng: np.random.Generator, *, scale: float, units: int | None, members: int | None
) -> list[Village]:
    """Return the villages with grids and units, down to how many members live in each unit.

    scale    multiplies people, and with them households, grids and units
    units    so many units in all, instead of what the published figures suggest; likewise `members`
    """
    villages = _populations(district, rng, scale)
    for village in villages:
        _grids(village, rng)
    counts = _unit_counts(villages, rng, units)
    for village in villages:
        _units(village, counts, rng)
    _members(villages, rng, members)
    return villages


def shares(total: int, weights: np.ndarray, least: int = 0) -> list[int]:
    """Divide `total` into whole parts by weight, each at least `least`; they add up exactly."""
    spare = max(total - least * len(weights), 0)
    exact = spare * weights / weights.sum()
    parts = np.floor(exact).astype(int)
    largest = np.argsort(parts - exact, kind="stable")[: spare - int(parts.sum())]
    parts[largest] += 1
    return (parts + least).tolist()


def _populations(district: District, rng: np.random.Generator, scale: float) -> list[Village]:
    found = [
        Village(village, _kind(town.division.kind, village.kind), 0)
        for town in district.towns
        for village in town.villages
    ]
    usual = np.array([figures()[PEOPLE[village.kind]] for village in found])
    drawn = shares(round(float(usual.sum()) * scale), usual * np.exp(rng.normal(0, 0.22, len(found))), least=20)
    for village, population in zip(found, drawn, strict=True):
        village.population = population
    return found


def _kind(town: str, village: str) -> str:
    if village == "community":
        return "street community" if town == "street" else "town community"
    return "street village" if town == "street" else "village"


def _grids(village: Village, rng: np.random.Generator) -> None:
    """Divide the households into grids of 300 to 500; a village with fewer is one grid."""
    low, high = int(figures()["grid_households_low"]), int(figures()["grid_households_high"])
    size = figures()["household_size_urban" if village.urban else "household_size_rural"]
    households = max(6, round(village.population / (size * rng.uniform(0.94, 1.06))))
    if high < households < 2 * low:  # too many for one grid and too few for two
        households = high if households < (high + 2 * low) / 2 else 2 * low
    village.households = households
    count = ceil(households / high)
    parts = shares(households, rng.uniform(0.85, 1.15, count))
    for number, part in enumerate(_within(parts, low, high) if count > 1 else parts, start=1):
        code = f"{village.division.code}{number:03}"
        dedicated = village.urban and count > 2 and rng.random() < DEDICATED_SHARE * 2
        village.grids.append(Grid(code, f"{number:02}网格", "dedicated" if dedicated else "general", part))


def _within(parts: list[int], low: int, high: int) -> list[int]:
    """Move households between parts until each lies between the two (their mean does)."""
    parts = list(parts)
    for number in range(len(parts)):
        while not low <= parts[number] <= high:
            step = 1 if parts[number] < low else -1
            other = parts.index(max(parts) if step > 0 else min(parts))
            parts[number] += step
            parts[other] -= step
    return parts


def _unit_counts(villages: list[Village], rng: np.random.Generator, units: int | None) -> dict[str, int]:
    """Say for each grid how many units it has: at least one, and a village at least two."""
    grids = [(village, grid) for village in villages for grid in village.grids]
    usual = np.array([UNITS_PER_GRID[village.kind] * min(grid.households / 300, 1.5) for village, grid in grids])
    total = round(sum(v.population for v in villages) * per_person("units_modelled")) if units is None else units
    floor = [2 if len(village.grids) == 1 else 1 for village, _grid in grids]
    spare = max(total - sum(floor), 0)
    extra = shares(spare, np.maximum(usual * rng.uniform(0.6, 1.4, len(grids)) - floor, 0.1))
    most = 900  # three digits
    return {
        grid.code: min(low + more, grid.households // 2, most)
        for (_v, grid), low, more in zip(grids, floor, extra, strict=True)
    }


def _units(village: Village, counts: dict[str, int], rng: np.random.Generator) -> None:
    names = UnitNames(village.division.short, rng)
    kinds, chances = list(KINDS[village.kind]), np.array(list(KINDS[village.kind].values()))
    group = 0
    for grid in village.grids:
        drawn = rng.choice(len(kinds), counts[grid.code], p=chances / chances.sum())
        weights = np.array([WEIGHT[kinds[k]] for k in drawn]) * np.exp(rng.normal(0, 0.35, len(drawn)))
        least = 2 if grid.households >= 2 * len(drawn) else 1
        for number, (k, households) in enumerate(
            zip(drawn, shares(grid.households, weights, least), strict=True), start=1
        ):
            group += 1
            kind = kinds[k]
            unit = Unit(
                code=f"{grid.code}{number:03}", name=names.name(kind, group), kind=kind, households=households,
                population=0, management=_management(kind, grid.kind, rng), address=names.address(), group_number=group,
            )  # fmt: skip
            if kind == "estate" and households >= BUILDINGS_FROM_HOUSEHOLDS and rng.random() < BUILDINGS_SHARE:
                towers = round(households / HOUSEHOLDS_PER_BUILDING)
                unit.buildings = shares(households, rng.uniform(0.8, 1.2, towers))
            grid.units.append(unit)
    units = village.units
    weights = np.array([unit.households for unit in units]) * rng.uniform(0.9, 1.1, len(units))
    for unit, population in zip(units, shares(village.population, weights, least=1), strict=True):
        unit.population = population


def _management(kind: str, grid_kind: str, rng: np.random.Generator) -> str:
    if grid_kind == "dedicated":
        return EMPLOYER
    names, chances = zip(*MANAGED[kind], strict=True)
    return names[rng.choice(len(names), p=chances)]


def _members(villages: list[Village], rng: np.random.Generator, members: int | None) -> None:
    """Give each village 6 to 14 members for 100 households, and say how many live in which unit."""
    low, high = figures()["members_per_100_households_low"], figures()["members_per_100_households_high"]
    rates = rng.triangular(low + 0.6, low + 3.4, high - 0.6, len(villages)) / 100
    if members is not None:
        rates *= members / sum(rate * village.households for rate, village in zip(rates, villages, strict=True))
    for village, rate in zip(villages, rates, strict=True):
        units = village.units
        weights = np.array([unit.households for unit in units]) * rng.uniform(0.6, 1.4, len(units))
        total = max(round(village.households * rate), 5)  # enough for one branch with one group
        for unit, count in zip(units, shares(total, weights), strict=True):
            unit.members = count
