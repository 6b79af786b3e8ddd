"""Roles, and what each is held in."""

from enum import StrEnum

from weiduan.systems.organisation.organisations.rules import Kind


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
SOLE = LEADS | {Role.GRID_HEAD.value}  # held by one person at a time in each place
COMMITTEE_ROLES = {Role.SECRETARY.value, Role.DEPUTY_SECRETARY.value, Role.COMMITTEE_MEMBER.value}
RESIDENTS_BODIES = {Role.OWNERS_COMMITTEE.value, Role.COURTYARD_COMMITTEE.value, Role.SELF_MANAGEMENT.value}
MEMBERS_ONLY = IN_AN_ORGANISATION | {Role.GRID_HEAD.value}
FULL_MEMBERS_ONLY = SOLE
MOST_POSTS = 2

# How many digits the codes of the areas have in which a role is held.
ROLE_AREAS: dict[str, tuple[int, ...]] = {
    Role.GRID_WORKER.value: (15,),
    Role.GRID_HEAD.value: (15,),
    Role.VILLAGE_COMMITTEE.value: (12,),
    Role.RESIDENTS_GROUP_LEADER.value: (12, 15, 18),
    Role.OWNERS_COMMITTEE.value: (18, 21),
    Role.COURTYARD_COMMITTEE.value: (18, 21),
    Role.SELF_MANAGEMENT.value: (18, 21),
    Role.VENUE_KEEPER.value: (12, 15, 18, 21),
}


def roles_in_area(code: str) -> list[Role]:
    """Return the roles held in the area with this code: none in towns and what is wider."""
    if len(code) == 12 and code.endswith("000"):
        return []
    return [role for role in Role if len(code) in ROLE_AREAS.get(role.value, ())]


def roles_in_organisation(kind: str) -> list[Role]:
    """Return the roles held in an organisation of a kind, who leads first: a group has its leader only."""
    if kind == Kind.GROUP:
        return [Role.GROUP_LEADER]
    return [Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COMMITTEE_MEMBER]


class Thing(StrEnum):
    """What is handed over when a post ends."""

    MEMBERS = "members"
    MINUTES = "minutes"
    SEAL = "seal"
    FEES = "fees"
    TRANSFERS = "transfers"
    CHANGES = "changes"
    ELECTION = "election"
    ACCOUNTS = "accounts"
    GRID_MAP = "grid_map"
    OPEN_MATTERS = "open_matters"
    DECISIONS = "decisions"
    KEYS = "keys"
    INVENTORY = "inventory"
    BOOKINGS = "bookings"


# What whoever leaves a role hands over, in the order in which it is gone through.
HANDED_OVER: dict[str, tuple[Thing, ...]] = {
    Role.SECRETARY.value: (
        Thing.MEMBERS, Thing.MINUTES, Thing.SEAL, Thing.FEES, Thing.TRANSFERS, Thing.CHANGES, Thing.ELECTION,
    ),
    Role.DEPUTY_SECRETARY.value: (Thing.MINUTES, Thing.OPEN_MATTERS),
    Role.COMMITTEE_MEMBER.value: (Thing.MINUTES, Thing.OPEN_MATTERS),
    Role.GROUP_LEADER.value: (Thing.MEMBERS, Thing.MINUTES, Thing.FEES, Thing.TRANSFERS),
    Role.GRID_WORKER.value: (Thing.GRID_MAP, Thing.OPEN_MATTERS),
    Role.GRID_HEAD.value: (Thing.GRID_MAP, Thing.OPEN_MATTERS),
    Role.VILLAGE_COMMITTEE.value: (Thing.DECISIONS, Thing.SEAL, Thing.ACCOUNTS, Thing.OPEN_MATTERS),
    Role.RESIDENTS_GROUP_LEADER.value: (Thing.DECISIONS, Thing.OPEN_MATTERS),
    Role.OWNERS_COMMITTEE.value: (Thing.DECISIONS, Thing.SEAL, Thing.ACCOUNTS, Thing.OPEN_MATTERS),
    Role.COURTYARD_COMMITTEE.value: (Thing.DECISIONS, Thing.ACCOUNTS, Thing.OPEN_MATTERS),
    Role.SELF_MANAGEMENT.value: (Thing.DECISIONS, Thing.ACCOUNTS, Thing.OPEN_MATTERS),
    Role.VENUE_KEEPER.value: (Thing.KEYS, Thing.INVENTORY, Thing.BOOKINGS),
}  # fmt: skip


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
