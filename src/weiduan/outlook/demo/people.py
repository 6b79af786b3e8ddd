"""Models the members: invented people, as many in each unit as ground.py says."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from . import names
from .organisations import Branch, Group, VillageOrganisations
from .problems import FEW_FULL

PROBATIONARY = 0.03
STATES, STATE_SHARES = ("active", "mobile", "transferring", "suspended"), (0.935, 0.04, 0.015, 0.01)
MOBILE_WITHOUT_HOME = 0.4
SURE = 3  # the first so many of a group or branch are full and active, so that it is as sound as modelled


@dataclass(slots=True)
class Member:
    number: str
    name: str
    contact: str
    organisation: str
    home: str
    joined_on: date
    full_on: date | None
    state: str
    leads: bool = False

    @property
    def counted(self) -> bool:
        """Whether the rules count this member."""
        return self.state != "suspended"

    @property
    def eligible(self) -> bool:
        """Whether this member may hold a post in an organisation."""
        return self.full_on is not None and self.state == "active"


def branch_number(branch: Branch) -> str:
    return f"Z{branch.grids[0].code}"


def group_number(group: Group) -> str:
    return f"X{group.units[0].code}"


def enrol(own: VillageOrganisations, rng: np.random.Generator, on: date) -> dict[str, list[Member]]:
    """Return the members of a village by the number of their organisation."""
    homes: list[tuple[str, str, bool, bool]] = []  # organisation, home, sure to be full, sure to be probationary
    for branch in own.branches:
        places = [(branch_number(branch), branch.loose, "")]
        places += [(group_number(group), group.units, group.fault) for group in branch.groups]
        for organisation, units, fault in places:
            living = [unit.code for unit in units for _member in range(unit.members)]
            new = fault == FEW_FULL
            homes += [(organisation, home, i < SURE and not new, new) for i, home in enumerate(living)]
    members: dict[str, list[Member]] = {}
    for member in _made_up(own.village.division.code, homes, rng, on):
        members.setdefault(member.organisation, []).append(member)
    return members


def _made_up(
    village: str, homes: list[tuple[str, str, bool, bool]], rng: np.random.Generator, on: date
) -> list[Member]:
    count = len(homes)
    called, contacts = names.people(rng, count), names.phones(rng, count)
    states = rng.choice(len(STATES), count, p=STATE_SHARES).tolist()
    probationary = (rng.random(count) < PROBATIONARY).tolist()
    days = (rng.triangular(1.1, 14, 52, count) * 365.25).astype(int).tolist()
    few_days = rng.integers(20, 350, count).tolist()
    unknown_home = (rng.random(count) < MOBILE_WITHOUT_HOME).tolist()
    found = []
    for i, (organisation, home, sure, new) in enumerate(homes):
        state = "active" if sure or new else STATES[states[i]]
        on_trial = new or (probationary[i] and not sure)
        joined = on - timedelta(days=few_days[i] if on_trial else days[i])
        found.append(
            Member(
                number=f"P{village}-{i + 1:04}",
                name=called[i],
                contact=contacts[i],
                organisation=organisation,
                home="" if state == "mobile" and unknown_home[i] else home,
                joined_on=joined,
                full_on=None if on_trial else years_after(joined, 1),
                state=state,
            )
        )
    return found


def years_after(day: date, years: int) -> date:
    """Return the same day so many years later; 29 February becomes 28."""
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year + years)
