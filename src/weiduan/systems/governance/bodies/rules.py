"""Kinds of bodies as data with their source, and how a term and an office end."""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

KINDS = Path(__file__).with_name("kinds.csv")
LONGEST_NAME, LONGEST_OFFICE = 40, 20
LONGEST_MEMBER_NAME, LONGEST_WORDS = 30, 200
AHEAD_DAYS = 366  # how far ahead a term may begin that is already elected
DUE_MONTHS = 6  # this long before a term is over, its election is on the list
HANDED_OVER = ("印章", "账册", "合同", "钥匙", "公共收益")  # what a body hands over to the next


class Left(StrEnum):
    """Why an office ended before the term."""

    RESIGNED = "resigned"
    RECALLED = "recalled"
    MOVED = "moved"
    DIED = "died"
    TERM = "term"


@dataclass(frozen=True)
class Kind:
    """A sort of body: for how many years it is elected, how many it has, which offices, and where that stands."""

    code: str
    name: str
    years: int
    least: int
    most: int
    offices: tuple[str, ...]
    members_public: bool
    act: str
    article: str


@cache
def kinds() -> dict[str, Kind]:
    """Return code → kind, as `kinds.csv` says."""
    with KINDS.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Kind(
                row["code"], row["name"], int(row["years"]), int(row["least"]), int(row["most"]),
                tuple(row["offices"].split(";")), row["members_public"] == "1", row["act"], row["article"],
            )
            for row in csv.DictReader(file)
        }  # fmt: skip
