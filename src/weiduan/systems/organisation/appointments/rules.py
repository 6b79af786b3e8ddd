"""Roles, and what each is held in."""

from enum import StrEnum


class Role(StrEnum):
    SECRETARY = "secretary"
    DEPUTY_SECRETARY = "deputy_secretary"
    COMMITTEE_MEMBER = "committee_member"
    GROUP_LEADER = "group_leader"
    GRID_WORKER = "grid_worker"
    GRID_HEAD = "grid_head"  # a member, where the grid worker is none
    VILLAGE_COMMITTEE = "village_committee"
    RESIDENTS_GROUP_LEADER = "residents_group_leader"
    OWNERS_COMMITTEE = "owners_committee"
    COURTYARD_COMMITTEE = "courtyard_committee"
    SELF_MANAGEMENT = "self_management"
    VENUE_KEEPER = "venue_keeper"


IN_AN_ORGANISATION = {
    Role.SECRETARY.value, Role.DEPUTY_SECRETARY.value, Role.COMMITTEE_MEMBER.value, Role.GROUP_LEADER.value,
}  # fmt: skip
LEADS = {Role.SECRETARY.value, Role.GROUP_LEADER.value}
COMMITTEE_ROLES = {Role.SECRETARY.value, Role.DEPUTY_SECRETARY.value, Role.COMMITTEE_MEMBER.value}
RESIDENTS_BODIES = {Role.OWNERS_COMMITTEE.value, Role.COURTYARD_COMMITTEE.value, Role.SELF_MANAGEMENT.value}
MOST_POSTS = 2


class Sort(StrEnum):
    """Sorts of posts between which people are cross-appointed (交叉任职)."""

    PARTY = "party"  # on the committee of the village's own party organisation
    VILLAGE = "village"  # on the village or residents' committee
    BRANCH = "branch"  # on the committee of a branch below it
    GROUP = "group"  # leads a party group
    RESIDENTS_GROUP = "residents_group"
    RESIDENTS_BODY = "residents_body"  # owners', courtyard or self-management committee
    GRID = "grid"  # works or heads a grid


CADRES = {Sort.PARTY, Sort.VILLAGE}  # 两委


def sort_of(role: str, *, at_village: bool) -> Sort | None:
    """Return the sort a post is of; `at_village`: its organisation is seated in the village itself, not in a grid or unit."""
    if role in COMMITTEE_ROLES:
        return Sort.PARTY if at_village else Sort.BRANCH
    if role in RESIDENTS_BODIES:
        return Sort.RESIDENTS_BODY
    return {
        Role.VILLAGE_COMMITTEE.value: Sort.VILLAGE, Role.GROUP_LEADER.value: Sort.GROUP,
        Role.RESIDENTS_GROUP_LEADER.value: Sort.RESIDENTS_GROUP, Role.GRID_WORKER.value: Sort.GRID,
        Role.GRID_HEAD.value: Sort.GRID,
    }.get(role)  # fmt: skip
