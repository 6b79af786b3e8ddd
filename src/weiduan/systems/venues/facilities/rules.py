"""Kinds of places, what rooms are used for, and what a place may say about itself."""

import hashlib
from enum import StrEnum


class Kind(StrEnum):
    CENTRE = "centre"
    MICRO_VENUE = "micro_venue"


class Use(StrEnum):
    """What a room is for, and what a booking is for."""

    OFFICE = "office"
    HALL = "hall"  # 便民服务大厅
    MEETING = "meeting"
    MEMBERS_HOME = "members_home"  # 党员之家
    VOLUNTEERS = "volunteers"  # 党员志愿者工作室
    POLICE = "police"  # 警民共建和谐空间
    DEPUTIES = "deputies"  # 人大民声驿站
    CINEMA = "cinema"  # 邻里影院
    READING = "reading"  # 邻里书吧
    TEA = "tea"  # 邻里茶园
    SAY = "say"  # 我有话说
    PARTNERS = "partners"  # 社会组织办公室
    DANCE = "dance"
    TRAINING = "training"
    AFTER_SCHOOL = "after_school"  # 430学校
    ELDERLY = "elderly"
    CHILDREN = "children"
    SPORT = "sport"
    STORE = "store"  # storage, plant, corridors: neither office nor function room
    OTHER = "other"


NOT_BOOKED_FOR = {Use.OFFICE, Use.STORE}


class Access(StrEnum):
    """Ways in and aids, each said to be there by whoever keeps the place."""

    STEP_FREE = "step_free"
    LIFT = "lift"
    TOILET = "toilet"  # one that a wheelchair fits in
    HEARING = "hearing"  # a hearing loop
    LARGE_PRINT = "large_print"
    PARKING = "parking"


class Equipment(StrEnum):
    PROJECTOR = "projector"
    SOUND = "sound"
    WHITEBOARD = "whiteboard"
    WATER = "water"
    WIFI = "wifi"
    AIR_CONDITIONING = "air_conditioning"
    KITCHEN = "kitchen"
    DEFIBRILLATOR = "defibrillator"


def known(said: list[str], kind: type[StrEnum]) -> bool:
    """Tell whether a list holds only known words, each once."""
    return len(set(said)) == len(said) and set(said) <= {one.value for one in kind}


TOKEN_BYTES = 16  # of a plate or a receipt: 128 bits
LONGEST_NAME = 60
LONGEST_WAY = 200
QUOTA_HOURS = 24  # a group may have so many hours still to come in one place, unless it says otherwise


def hash_of(token: str) -> bytes:
    """Return what is kept of a plate's token or a receipt: both are drawn at random, so one round is enough."""
    return hashlib.sha256(token.encode()).digest()
