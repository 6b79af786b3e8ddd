"""States of a proposal and which follow which; what may be asked, and what may be fixed or changed beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class State(StrEnum):
    WAITING = "waiting"
    PLANNING = "planning"
    READY = "ready"
    STOPPED = "stopped"  # by a person; what is planned so far can be adopted, and the rest asked for again
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


SILENT_AFTER = timedelta(minutes=5)  # longer than any village may take


def fell_silent(state: str, last: datetime, at: datetime) -> bool:
    """Tell whether whoever planned seems to be gone, so that planning may be taken up again."""
    return state == State.PLANNING.value and at - last > SILENT_AFTER


UNDER_WAY = (State.WAITING.value, State.PLANNING.value)
ADOPTABLE = (State.READY.value, State.STOPPED.value)


class Ask(StrEnum):
    ORGANISE = "organise"  # groups over units, branches over grids
    VENUES = "venues"
    HEADS = "heads"


# Rule of the pack → limit of planning; the least and the most that make sense when somebody asks “what if”.
GROUP_LIMITS = {
    "group-members": ("least_members", 1, 50),
    "group-full-members": ("least_full_members", 0, 50),
    "group-size": ("most_members", 1, 500),
    "group-units": ("most_places", 1, 20),
    "group-span": ("most_span_m", 1, 20_000),
}


@dataclass(frozen=True)
class Wishes:
    """What whoever asks fixes or changes beforehand.

    rules       rule of GROUP_LIMITS → value, instead of the one in force
    keep        numbers of groups that stay just as they are, and codes (18 digits) of units that stay with their group
    reach_m     metres as the crow flies within which a room serves a unit
    budget      at most so many new rooms; None: as many as it takes
    keep_rooms, drop_rooms  numbers of premises that must, and that must not, be chosen
    """

    rules: Mapping[str, float]
    keep: tuple[str, ...] = ()
    reach_m: float | None = None
    budget: int | None = None
    keep_rooms: tuple[str, ...] = ()
    drop_rooms: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return them as plain data, to be kept."""
        return asdict(self)


NO_WISHES = Wishes({})


def wishes_from(told: Mapping[str, Any]) -> Wishes:
    """Read wishes back from plain data."""
    if not told:
        return NO_WISHES
    return Wishes(
        told["rules"], tuple(told["keep"]), told["reach_m"], told["budget"], tuple(told["keep_rooms"]),
        tuple(told["drop_rooms"]),
    )  # fmt: skip


def limits_out_of_range(rules: Mapping[str, float]) -> list[str]:
    """Return the rules whose value makes no sense, or that planning doesn't know."""
    return [
        rule
        for rule, value in rules.items()
        if rule not in GROUP_LIMITS or not GROUP_LIMITS[rule][1] <= value <= GROUP_LIMITS[rule][2]
    ]


def asked_for(asks: Sequence[str], what: Ask) -> bool:
    """Tell whether a proposal asks for something."""
    return what.value in (asks or [Ask.ORGANISE.value])
