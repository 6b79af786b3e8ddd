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
