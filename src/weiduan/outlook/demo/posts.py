"""Models the posts, cross-appointments among them: one person in several roles, as the article wants it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from . import names
from .ground import Grid
from .organisations import Branch, VillageOrganisations
from .people import Member, branch_number, group_number, years_after
from .problems import NO_LEADER

Row = dict[str, Any]

COMMITTEE_FROM_FULL, LARGE_COMMITTEE_FROM = 7, 20
SECRETARY_LEADS_VILLAGE = 0.6
VILLAGE_COMMITTEE_MEMBERS = 0.6
GROUP_LEADER_LEADS_RESIDENTS = 0.5
WORKER_HOLDS_PARTY_POST = 0.5


@dataclass
class Appointing:
    """Appoints in one village; `rows` are the posts so far.

    terms  organisation number → its row, whose term the post follows
    """

    own: VillageOrganisations
    members: dict[str, list[Member]]
    terms: dict[str, Row]
    rng: np.random.Generator
    on: date
    rows: list[Row] = field(default_factory=list)
    outsiders: int = 0

    def in_organisation(self, member: Member, role: str, organisation: str) -> None:
        """Appoint for the organisation's term; from the day of full membership, if that came later."""
        term = self.terms[organisation]
        since = max(term["term_since"], member.full_on or term["term_since"])
        member.leads = True
        due = term["term_due"] if term["term_due"] > since else None
        self._add(member.number, role, since, organisation=organisation, due=due)

    def able(self, members: Iterable[Member], organisation: str) -> list[Member]:
        """Return who may lead it, longest in the party first: those who could when its term began, if there are any."""
        eligible = _eligible(members)
        since = self.terms[organisation]["term_since"]
        return [m for m in eligible if m.full_on is not None and m.full_on <= since] or eligible

    def in_area(self, who: Member | None, role: str, area: str, years: int | None = None) -> None:
        """Appoint in an area: a member, or with None somebody who is none and is named in the row."""
        since = self.on - timedelta(days=int(self.rng.integers(90, 1000)))
        due = years_after(since, years) if years else None
        if who is not None:
            self._add(who.number, role, max(since, who.joined_on), area=area, due=due)
            return
        self.outsiders += 1
        number = f"N{self.own.village.division.code}-{self.outsiders:03}"
        [name], [contact] = names.people(self.rng, 1), names.phones(self.rng, 1)
        self._add(number, role, since, area=area, due=due, name=name, contact=contact)

    def _add(self, person: str, role: str, since: date, **more: Any) -> None:
        empty = {"name": None, "contact": None, "organisation": None, "area": None, "due": None}
        self.rows.append({"person": person, "role": role, "since": since} | empty | more)


def appoint(village: Appointing, workers_no_members: set[str]) -> None:
    """Fill the posts of a village: branches, groups, the village above them, residents' bodies, grid workers.

    workers_no_members  grids that should have a worker from outside; those without any member to choose are added
    """
    for branch in village.own.branches:
        _branch(village, branch)
    heads = _village_organisation(village)
    _village_committee(village, heads)
    _residents_groups(village)
    for grid in village.own.village.grids:
        _grid_worker(village, grid, workers_no_members)


def _eligible(members: Iterable[Member]) -> list[Member]:
    """Longest in the party first."""
    return sorted((m for m in members if m.eligible), key=lambda m: (m.joined_on, m.number))


def _some(village: Appointing, among: Sequence[Member], count: int) -> list[Member]:
    """Draw up to `count` different ones."""
    if not among:
        return []
    return [among[i] for i in village.rng.choice(len(among), min(count, len(among)), replace=False)]


def _branch(village: Appointing, branch: Branch) -> None:
    number = branch_number(branch)
    for group in branch.groups:
        able = village.able(village.members.get(group_number(group), []), group_number(group))
        if able and group.fault != NO_LEADER:
            village.in_organisation(able[int(village.rng.integers(len(able)))], "group_leader", group_number(group))
    pool = [m for n in (number, *map(group_number, branch.groups)) for m in village.members.get(n, [])]
    _committee(village, number, pool, secretary=branch.fault != NO_LEADER)


def _committee(village: Appointing, number: str, pool: list[Member], *, secretary: bool = True) -> list[Member]:
    """Fill a branch's posts: from seven full members on a committee of three to five, otherwise one or two."""
    full = sum(m.full_on is not None and m.counted for m in pool)
    able = village.able(pool, number)
    size = 5 if full >= LARGE_COMMITTEE_FROM else 3 if full >= COMMITTEE_FROM_FULL else 2 if full > 4 else 1
    chosen = _some(village, able, size)
    roles = ["secretary", "deputy_secretary", *["committee_member"] * 3]
    for member, role in zip(chosen, roles, strict=False):
        if role != "secretary" or secretary:
            village.in_organisation(member, role, number)
    return chosen


def _village_organisation(village: Appointing) -> list[Member]:
    """Return those who lead the village's organisation, the secretary first."""
    everyone = [m for members in village.members.values() for m in members]
    if village.own.kind == "branch":
        number = branch_number(village.own.branches[0])
        return [
            m for m in everyone if any(r["person"] == m.number and r["organisation"] == number for r in village.rows)
        ]
    return _committee(village, f"W{village.own.village.division.code}", everyone)


def _village_committee(village: Appointing, heads: list[Member]) -> None:
    code, rng = village.own.village.division.code, village.rng
    seats = int(rng.integers(3, 6)) if village.own.village.kind.endswith("village") else int(rng.integers(5, 8))
    first = 0 if rng.random() < SECRETARY_LEADS_VILLAGE else 1
    for seat in range(seats):
        inside = rng.random() < VILLAGE_COMMITTEE_MEMBERS or seat == 0
        who = heads[first + seat] if inside and first + seat < len(heads) else None
        village.in_area(who, "village_committee", code, years=3)


def _residents_groups(village: Appointing) -> None:
    """One leader for each unit in the country, for every other one in town; often the party group's leader."""
    leaders = {r["organisation"]: r["person"] for r in village.rows if r["role"] == "group_leader"}
    people = {m.number: m for members in village.members.values() for m in members}
    group_of = {u.code: group_number(g) for b in village.own.branches for g in b.groups for u in g.units}
    taken: set[str] = set()
    for unit in village.own.village.units[:: 2 if village.own.village.urban else 1]:
        who = people.get(leaders.get(group_of.get(unit.code, ""), ""))
        if who is not None and (who.number in taken or village.rng.random() > GROUP_LEADER_LEADS_RESIDENTS):
            who = None
        taken |= {who.number} if who else set()
        village.in_area(who, "residents_group_leader", unit.code, years=3)


def _grid_worker(village: Appointing, grid: Grid, workers_no_members: set[str]) -> None:
    living = _eligible(m for members in village.members.values() for m in members if m.home.startswith(grid.code))
    if not living:
        workers_no_members.add(grid.code)
    if grid.code in workers_no_members:
        village.in_area(None, "grid_worker", grid.code)
        return
    leading = [m for m in living if m.leads]
    among = leading if leading and village.rng.random() < WORKER_HOLDS_PARTY_POST else living
    village.in_area(among[int(village.rng.integers(len(among)))], "grid_worker", grid.code)


def appoint_above(village: Appointing, numbers: Sequence[str]) -> None:
    """Give committees above the villages a secretary and a deputy: members of this village without a post."""
    free = [m for m in _eligible(m for members in village.members.values() for m in members) if not m.leads]
    chosen = _some(village, free, 2 * len(numbers))
    for place, member in enumerate(chosen):
        role = ("secretary", "deputy_secretary")[place % 2]
        village.in_organisation(member, role, numbers[place // 2])
