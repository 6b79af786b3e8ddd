"""Which changes there are, what each must say, and which verdict stands in its way."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class ChangeKind(StrEnum):
    SET_UP = "set_up"
    SPLIT = "split"
    MERGE = "merge"
    JOIN = "join"  # a joint branch: it stands on what others can't cover by themselves
    DISSOLVE = "dissolve"
    ELECT_EARLY = "elect_early"
    ELECT_LATE = "elect_late"


class State(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"  # and carried out, in the same moment
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


ELECTS = {ChangeKind.ELECT_EARLY.value, ChangeKind.ELECT_LATE.value}

# What the facts of a change may say, all by numbers of organisations and codes of areas; never a person.
#   name, number, kind    of the organisation that is to be; without a number one is given
#   parent, seat, covers  the number it stands under, the code it is seated in, the codes it stands on
#   members_of            numbers of organisations whose members go over to it
#   living_in             codes: of those members only whoever lives there; empty: all of them
#   other                 the number that is taken in; members_to: the number members go to
#   due                   the day the election is to be due; was_due, term: the day by rule, and when the term began
_NEW = {"name", "number", "parent", "seat", "covers", "members_of", "living_in"}
MAY_SAY: dict[str, set[str]] = {
    ChangeKind.SET_UP.value: {*_NEW, "kind"},
    ChangeKind.SPLIT.value: {"name", "number", "seat", "covers", "living_in"},
    ChangeKind.MERGE.value: {"other"},
    ChangeKind.JOIN.value: _NEW,
    ChangeKind.DISSOLVE.value: {"members_to"},
    ChangeKind.ELECT_EARLY.value: {"due", "was_due", "term"},
    ChangeKind.ELECT_LATE.value: {"due", "was_due", "term"},
}
LISTS = {"covers", "members_of", "living_in"}


def plain_facts(kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as they are kept: every text stripped, every list of texts without repetition.

    :raises ValueError: a key this kind of change doesn't know, or a value that is no text (or list of texts)
    """
    unknown = sorted(set(facts) - MAY_SAY[kind])
    if unknown:
        raise ValueError(unknown[0])
    told: dict[str, Any] = {}
    for key, value in facts.items():
        wanted = list if key in LISTS else str
        if not isinstance(value, wanted) or (key in LISTS and not all(isinstance(one, str) for one in value)):
            raise ValueError(key)
        told[key] = value.strip() if isinstance(value, str) else list(dict.fromkeys(value))
    return told


def is_in_the_way(row: Mapping[str, Any]) -> bool:
    """Tell whether a verdict forbids approval: a rule that binds everywhere would be broken by the change.

    One that is broken already is no worse by it; posts that only an election after the change can fill don't hinder it.
    """
    return _breaks(row) and row["force"] == "must"


def is_against_custom(row: Mapping[str, Any]) -> bool:
    """Tell whether a verdict asks for a reason: the change breaks a rule that holds only normally or locally."""
    return _breaks(row) and row["force"] != "must"


def _breaks(row: Mapping[str, Any]) -> bool:
    return row["verdict"] == "broken" and row["before"] != "broken" and not row["afterwards"]
