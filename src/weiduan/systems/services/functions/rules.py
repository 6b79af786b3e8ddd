"""Kinds of functions a room has, and how far ahead their dates are laid."""

from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a room can be for on some days, as the district described it."""

    CINEMA = "cinema"
    READING = "reading"
    TEA = "tea"
    DEPUTIES = "deputies"  # 代表接待日
    SAY = "say"  # 我有话说
    MEMBERS_HOME = "members_home"  # 党员之家
    VOLUNTEERS = "volunteers"  # 志愿者工作室
    POLICE = "police"  # 警民议事室
    OTHER = "other"


AHEAD = timedelta(weeks=12)  # dates are laid so far ahead
LONGEST_NAME, LONGEST_RUN_BY, LONGEST_FOR_WHOM = 60, 60, 100
LAID_ANEW_BELOW = timedelta(weeks=8)  # the clock lays more once fewer weeks are left
