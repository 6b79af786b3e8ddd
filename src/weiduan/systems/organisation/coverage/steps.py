"""The shortest way out of a gap: plain choices, looked for near the unit first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from .rules import MOST_UNITS_A_GROUP, NO_BRANCH, NO_GROUP, Covered, Flaw, Standing, Step

# What each unit's own members could found: how many live there, how many of them full.
Living = Mapping[str, tuple[int, int]]


def add_steps(
    gaps: Iterable[Covered],
    *,
    units: Iterable[Covered],
    standings: Mapping[int, Standing],
    flaws: Mapping[int, tuple[Flaw, ...]],
    living: Living,
) -> None:
    """Give each gap its step.

    living  unit code → (members living there, full members among them)
    """
    by_grid: dict[str, list[Covered]] = defaultdict(list)
    for unit in units:
        by_grid[unit.code[:15]].append(unit)
    for gap in gaps:
        gap.step = _step(gap, by_grid[gap.code[:15]], standings, flaws, living)


def _step(
    gap: Covered,
    neighbours: list[Covered],
    standings: Mapping[int, Standing],
    flaws: Mapping[int, tuple[Flaw, ...]],
    living: Living,
) -> Step:
    if gap.reason == NO_BRANCH:
        return Step("set_up_branch")
    own = next((standings[i] for i in gap.organisations if i in standings), None)
    if gap.reason == "no_leader" and own is not None:
        return Step("choose_leader", own.name, people=own.full_members)
    if gap.reason == "term_over" and own is not None:
        return Step("elect", own.name)
    if gap.reason == NO_GROUP:
        found = _found_group(gap, living)
        if found:
            return found
    return _join(gap, neighbours, standings, flaws) or _found_together(gap, neighbours, living) or Step("ask_branch")


def _found_group(gap: Covered, living: Living) -> Step | None:
    members, full = living.get(gap.code, (0, 0))
    return Step("found_group", people=members) if members >= 3 and full >= 1 else None


def _join(
    gap: Covered, neighbours: list[Covered], standings: Mapping[int, Standing], flaws: Mapping[int, tuple[Flaw, ...]]
) -> Step | None:
    """Find the sound group of the same grid with the fewest units that can take one more."""
    sound = [
        standings[i]
        for unit in neighbours
        if unit.code != gap.code and not unit.reason
        for i in unit.organisations
        if i in standings and standings[i].kind == "group" and not flaws[i]
    ]
    room = [s for s in sound if len(s.covers) < MOST_UNITS_A_GROUP]
    if not room:
        return None
    group = min(room, key=lambda s: (len(s.covers), s.number))
    return Step("join_group", group.name, people=group.full_members)


def _found_together(gap: Covered, neighbours: list[Covered], living: Living) -> Step | None:
    """Find another gap of the same grid with which there are members enough."""
    members, full = living.get(gap.code, (0, 0))
    for other in neighbours:
        more, more_full = living.get(other.code, (0, 0))
        if other.code != gap.code and other.reason and members + more >= 3 and full + more_full >= 1:
            return Step("found_together", unit=other.name, people=members + more)
    return None
