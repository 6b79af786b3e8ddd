"""Models the organisations: a branch for most grids, a group for most units, and those above them.

The four forms of the article come about by joining: 一支部一网格 mostly, 一支部多网格 where two grids
were joined; 一党小组一基本单元 mostly, 一党小组多基本单元 where units have too few members of their own.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np

from .calibration import figures, per_person
from .ground import Grid, Unit, Village, shares
from .problems import (
    FEW_FULL,
    FEW_MEMBERS,
    FEWEST_IN_A_GROUP,
    GRIDS_FEW_FULL,
    GRIDS_NO_LEADER,
    GRIDS_TERM_OVER,
    GRIDS_WITHOUT_BRANCH,
    NO_LEADER,
    TERM_OVER,
    UNITS_FEW_FULL,
    UNITS_FEW_MEMBERS,
    UNITS_NO_LEADER,
    UNITS_TERM_OVER,
    UNITS_WITHOUT_GROUP,
)

SMALL_VILLAGE = 50  # a village with fewer members has one branch and nothing above it
COMMITTEE_FROM = 100
MOST_IN_A_BRANCH, MOST_UNITS_IN_A_GROUP, MOST_IN_A_GROUP = 75, 5, 24


@dataclass(slots=True)
class Group:
    units: list[Unit]
    fault: str = ""
    joined: bool = False  # went into a larger one

    @property
    def members(self) -> int:
        return sum(unit.members for unit in self.units)


@dataclass(slots=True)
class Branch:
    """A branch on one or more grids; `loose` are units with no group, whose members belong to the branch itself."""

    grids: list[Grid]
    groups: list[Group] = field(default_factory=list)
    loose: list[Unit] = field(default_factory=list)
    fault: str = ""


@dataclass(slots=True)
class VillageOrganisations:
    """`kind` is committee or general_branch, or branch: then the one branch is the village's organisation."""

    village: Village
    kind: str
    branches: list[Branch]
    bare: list[Grid]  # grids without a branch


def set_up(villages: list[Village], rng: np.random.Generator) -> list[VillageOrganisations]:
    """Return the organisations of each village, the modelled faults among them."""
    found = [_branches(village) for village in villages]
    large = [own for own in found if len(own.branches) > 1]
    weak = _weaken(large, rng)
    _join_branches(large, weak, round(sum(v.population for v in villages) * per_person("grid_branches")), found)
    _groups(found, weak, rng)
    _fault_branches(found, weak, rng)
    _fault_groups(found, rng)
    return found


def _branches(village: Village) -> VillageOrganisations:
    members = sum(unit.members for unit in village.units)
    if members < SMALL_VILLAGE:
        return VillageOrganisations(village, "branch", [Branch(list(village.grids))], [])
    kind = "committee" if members >= COMMITTEE_FROM else "general_branch"
    return VillageOrganisations(village, kind, [Branch([grid]) for grid in village.grids], [])


def _weaken(large: list[VillageOrganisations], rng: np.random.Generator) -> set[str]:
    """Take the branch from some grids and leave too few members in others; return the codes of the latter."""
    total = sum(len(own.branches) for own in large)
    order = [large[i] for i in rng.permutation(len(large))]
    without, few = round(total * GRIDS_WITHOUT_BRANCH), round(total * GRIDS_FEW_FULL)
    for own in [own for own in order if len(own.branches) > 2][:without]:
        own.bare = own.branches.pop().grids
    weak = set()
    wide_enough = [own for own in order if not own.bare and own.branches[-1].grids[0].members > 2]
    for own in sorted(wide_enough, key=lambda own: len(own.branches) < 4)[:few]:  # what they lose others must take in
        grid = own.branches[-1].grids[0]
        weak.add(grid.code)
        _thin(grid, [unit for branch in own.branches[:-1] for unit in branch.grids[0].units])
    return weak


def _thin(grid: Grid, others: list[Unit]) -> None:
    """Leave two members in the grid, too few for a branch; the rest live elsewhere in the village."""
    moved = grid.members - 2
    for unit in grid.units:
        unit.members = 0
    grid.units[0].members = 2
    for unit, more in zip(others, shares(moved, np.array([1.0 + unit.members for unit in others])), strict=True):
        unit.members += more


def _join_branches(
    large: list[VillageOrganisations], weak: set[str], target: int, found: list[VillageOrganisations]
) -> None:
    """Join neighbouring grids under one branch, the smallest first, until there are as many branches as wanted."""
    surplus = sum(len(own.branches) for own in found) - target
    pairs = [
        (own.branches[i].grids[0].members + own.branches[i + 1].grids[0].members, own.branches[i].grids[0].code, own, i)
        for own in large
        for i in range(0, len(own.branches) - 1, 2)
        if len(own.branches) > 2
    ]
    for members, _code, own, i in sorted(pairs, key=lambda pair: pair[:2]):
        first, second = own.branches[i], own.branches[i + 1]
        if surplus > 0 and members <= MOST_IN_A_BRANCH and second.grids[0].code not in weak:
            first.grids += second.grids
            second.grids = []
            surplus -= 1
    for own in large:
        own.branches = [branch for branch in own.branches if branch.grids]


def _groups(found: list[VillageOrganisations], weak: set[str], rng: np.random.Generator) -> None:
    """Give units their groups, all but a known share of them."""
    forced = {u.code for own in found for g in own.bare for u in g.units}
    forced |= {u.code for own in found for b in own.branches for g in b.grids if g.code in weak for u in g.units}
    free = [u.code for own in found for b in own.branches for g in b.grids for u in g.units if u.code not in forced]
    units = len(free) + len(forced)
    more = max(round(units * UNITS_WITHOUT_GROUP) - len(forced), 0)
    forced |= {free[i] for i in rng.choice(len(free), min(more, len(free)), replace=False)}
    for own in found:
        for branch in own.branches:
            for grid in branch.grids:
                branch.loose += [unit for unit in grid.units if unit.code in forced]
                _group_grid(branch, [unit for unit in grid.units if unit.code not in forced])
        own.branches[0].loose += [unit for grid in own.bare for unit in grid.units]
    _join_groups(found, round(units * figures()["grid_groups"] / figures()["units_modelled"]))


def _group_grid(branch: Branch, units: list[Unit]) -> None:
    """Make a group of each unit with enough members; units with fewer join up, or stay without one."""
    small: list[Unit] = []
    for unit in units:
        if unit.members >= FEWEST_IN_A_GROUP:
            branch.groups.append(Group([unit]))
            continue
        small.append(unit)
        if sum(each.members for each in small) >= FEWEST_IN_A_GROUP:
            branch.groups.append(Group(small))
            small = []
    own = [group for group in branch.groups if group.units[0].code[:15] == (small[0].code[:15] if small else "")]
    for unit in small:
        group = min(own, key=lambda group: len(group.units), default=None)
        if group is not None and len(group.units) < MOST_UNITS_IN_A_GROUP:
            group.units.append(unit)
        else:
            branch.loose.append(unit)


def _join_groups(found: list[VillageOrganisations], target: int) -> None:
    """Join the smallest neighbouring groups of a grid until there are as many groups as there should be."""
    surplus = sum(len(branch.groups) for own in found for branch in own.branches) - target
    offers: list[tuple[int, int, Branch, Group, Group]] = []  # members, running number, the pair
    for own in found:
        for branch in own.branches:
            for first, second in zip(branch.groups, branch.groups[1:], strict=False):
                _offer(offers, branch, first, second)
    running = len(offers)
    while surplus > 0 and offers:
        _members, _number, branch, first, second = heapq.heappop(offers)
        if first.joined or second.joined:
            continue
        first.joined = second.joined = True
        place = next(i for i, group in enumerate(branch.groups) if group is first)
        branch.groups[place : place + 2] = [Group(first.units + second.units)]
        for i in range(max(place - 1, 0), min(place + 1, len(branch.groups) - 1)):
            running += 1
            _offer(offers, branch, branch.groups[i], branch.groups[i + 1], running)
        surplus -= 1


def _offer(offers: list, branch: Branch, first: Group, second: Group, number: int | None = None) -> None:
    """Put a pair up for joining if it lies in one grid and stays small enough."""
    members, units = first.members + second.members, len(first.units) + len(second.units)
    same_grid = first.units[0].code[:15] == second.units[0].code[:15]
    if same_grid and units <= MOST_UNITS_IN_A_GROUP and members <= MOST_IN_A_GROUP:
        heapq.heappush(offers, (members, len(offers) if number is None else number, branch, first, second))


def _fault_branches(found: list[VillageOrganisations], weak: set[str], rng: np.random.Generator) -> None:
    sound = [b for own in found if own.kind != "branch" for b in own.branches if b.grids[0].code not in weak]
    grids = sum(len(branch.grids) for own in found for branch in own.branches)
    drawn = iter(rng.permutation(len(sound)).tolist())
    for fault, share in ((NO_LEADER, GRIDS_NO_LEADER), (TERM_OVER, GRIDS_TERM_OVER)):
        for _number in range(round(grids * share)):
            branch = next(drawn, None)
            if branch is not None:
                sound[branch].fault = fault
    for own in found:
        for branch in own.branches:
            if branch.grids[0].code in weak:
                branch.fault = FEW_FULL


def _fault_groups(found: list[VillageOrganisations], rng: np.random.Generator) -> None:
    """Spread the faults of groups so that each hits its share of the units."""
    total = sum(len(own.village.units) for own in found)
    groups = [(branch, group) for own in found for branch in own.branches for group in branch.groups]
    order = [groups[i] for i in rng.permutation(len(groups))]
    small = [(branch, group) for branch, group in order if len(group.units) == 1 and group.members <= 12]
    for fault, left, share, among in (
        (FEW_FULL, 3, UNITS_FEW_FULL, small),
        (FEW_MEMBERS, 2, UNITS_FEW_MEMBERS, small),
        (NO_LEADER, 0, UNITS_NO_LEADER, order),
        (TERM_OVER, 0, UNITS_TERM_OVER, order),
    ):
        wanted = round(total * share)
        for branch, group in among:
            if wanted >= len(group.units) and not group.fault and (not left or _shrink(branch, group, left)):
                group.fault = fault
                wanted -= len(group.units)


def _shrink(branch: Branch, group: Group, left: int) -> bool:
    """Leave so many members in a group of one unit; the others live in a unit of another group of the branch."""
    others = [other for other in branch.groups if other is not group and other.fault not in (FEW_FULL, FEW_MEMBERS)]
    if not others:
        return False
    others[0].units[0].members += group.members - left
    group.units[0].members = left
    return True
