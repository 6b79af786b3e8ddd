"""How votes are held: procedures as data with their source, the states of a ballot, and what a choice may be."""

import csv
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from .counting import Bar, Base, Rule

PROCEDURES = Path(__file__).with_name("procedures.csv")


class State(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"  # counted; objections may be raised
    FINAL = "final"
    ANNULLED = "annulled"


class RollKind(StrEnum):
    OWNERS = "owners"  # of exclusive parts, with their area
    HOUSEHOLDS = "households"
    RESIDENTS = "residents"
    MEMBERS = "members"
    COMMITTEE = "committee"


@dataclass(frozen=True)
class Procedure:
    """How a sort of decision is taken, and where that stands."""

    code: str
    name: str
    roll: RollKind
    rule: Rule
    may_be_by_proxy: bool
    may_be_secret: bool
    notice_days: int
    act: str
    article: str


@cache
def procedures() -> dict[str, Procedure]:
    """Return code → procedure, as `procedures.csv` says."""
    with PROCEDURES.open(encoding="utf-8", newline="") as file:
        return {row["code"]: _procedure(row) for row in csv.DictReader(file)}


def _procedure(row: dict[str, str]) -> Procedure:
    part = Bar(int(row["part_n"]), int(row["part_d"]), row["part_strict"] == "1")
    yes = Bar(int(row["yes_n"]), int(row["yes_d"]), row["yes_strict"] == "1")
    return Procedure(
        row["code"], row["name"], RollKind(row["roll"]), Rule(part, yes, Base(row["of"]), row["by_area"] == "1"),
        row["proxies"] == "1", row["secret"] == "1", int(row["notice_days"]), row["act"], row["article"],
    )  # fmt: skip


YES, NO, ABSTAIN = "yes", "no", "abstain"
RESOLUTION = (YES, NO, ABSTAIN)
MOST_OPTIONS = 20
LONGEST_TITLE, LONGEST_TEXT, LONGEST_OPTION = 80, 20_000, 100
MOST_ON_A_ROLL = 20_000
URNS = 16
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
CODE_LENGTH = 16  # of 32 letters: 80 bits
OBJECTIONS_WITHIN = timedelta(days=7)
# 民法典 280: a decision may be annulled by a court; whoever asks for that has a year from knowing of it (法释〔2020〕17号, 12).
ROLL_KEPT = {RollKind.OWNERS: timedelta(days=365)}
ROLL_KEPT_ELSE = timedelta(days=30)


def roll_kept(kind: RollKind) -> timedelta:
    """Return how long after closing a roll is kept: until nobody can object or have the decision annulled any more."""
    return ROLL_KEPT.get(kind, ROLL_KEPT_ELSE)


def is_choice(choice: str, options: int, most: int) -> bool:
    """Tell whether a choice can be made.

    choice   yes, no or abstain; where there are options their numbers from 1, rising, parted by commas, or abstain
    options  how many there are; 0: it is a resolution
    most     how many may be chosen
    """
    if not options:
        return choice in RESOLUTION
    if choice == ABSTAIN:
        return True
    numbers = choice.split(",")
    if not all(number.isascii() and number.isdecimal() and number == str(int(number)) for number in numbers):
        return False
    chosen = [int(number) for number in numbers]
    return len(chosen) <= most and chosen == sorted(set(chosen)) and chosen[0] >= 1 and chosen[-1] <= options
