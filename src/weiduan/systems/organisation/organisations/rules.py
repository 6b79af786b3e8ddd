"""Kinds of organisation and who may stand above whom."""

from enum import StrEnum


class Kind(StrEnum):
    """From the widest to the smallest."""

    COMMITTEE = "committee"
    GENERAL_BRANCH = "general_branch"
    BRANCH = "branch"
    GROUP = "group"


# Which kinds may stand directly above a kind, the nearest first.
MAY_STAND_UNDER: dict[str, tuple[str, ...]] = {
    Kind.COMMITTEE.value: (Kind.COMMITTEE.value,),
    Kind.GENERAL_BRANCH.value: (Kind.COMMITTEE.value,),
    Kind.BRANCH.value: (Kind.GENERAL_BRANCH.value, Kind.COMMITTEE.value),
    Kind.GROUP.value: (Kind.BRANCH.value,),
}
HOLDS_MEMBERS = {Kind.BRANCH, Kind.GROUP}
