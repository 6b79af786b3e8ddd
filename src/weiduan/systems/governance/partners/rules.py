"""What can be offered and needed, and the states of an agreement."""

from enum import StrEnum

LONGEST_NAME, LONGEST_WHAT, LONGEST_WORDS = 60, 200, 1000


class PartnerKind(StrEnum):
    SOCIAL = "social"  # 社会组织
    ENTERPRISE = "enterprise"
    INSTITUTION = "institution"  # school, hospital, bank, station
    GROUP = "group"  # residents' own group


class Sort(StrEnum):
    ROOM = "room"
    HOURS = "hours"  # people's time
    SKILL = "skill"
    MONEY = "money"
    THINGS = "things"


class State(StrEnum):
    PROPOSED = "proposed"
    AGREED = "agreed"
    DONE = "done"  # what came of it is written down
    CALLED_OFF = "called_off"


NEXT: dict[State, tuple[State, ...]] = {
    State.PROPOSED: (State.AGREED, State.CALLED_OFF),
    State.AGREED: (State.DONE, State.CALLED_OFF),
    State.DONE: (),
    State.CALLED_OFF: (),
}
