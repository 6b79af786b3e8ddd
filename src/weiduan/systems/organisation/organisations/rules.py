"""Kinds of organisation and who may stand above whom."""

from enum import StrEnum


class Kind(StrEnum):
    """From the widest to the smallest."""

    COMMITTEE = "committee"
    GENERAL_BRANCH = "general_branch"
    BRANCH = "branch"
    GROUP = "group"


MAY_STAND_UNDER = {
    Kind.COMMITTEE: {Kind.COMMITTEE},
    Kind.GENERAL_BRANCH: {Kind.COMMITTEE},
    Kind.BRANCH: {Kind.COMMITTEE, Kind.GENERAL_BRANCH},
    Kind.GROUP: {Kind.BRANCH},
}
HOLDS_MEMBERS = {Kind.BRANCH, Kind.GROUP}
