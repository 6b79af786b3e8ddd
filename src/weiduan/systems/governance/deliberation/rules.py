"""Procedures of deliberation as data: their stages in order, and what each needs before the next begins."""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path

PROCEDURES = Path(__file__).with_name("procedures.csv")
LONGEST_TITLE, LONGEST_TEXT, LONGEST_WORDS, LONGEST_OWNER = 60, 4000, 1000, 60
LONGEST_REASON, LONGEST_OPTION, LONGEST_WHAT, LONGEST_PLACE = 500, 100, 300, 100
MOST_OPTIONS, MOST_TASKS, MOST_PEOPLE = 20, 50, 30_000
TOPIC_FORM, FOLLOW_FORM, CONTENT_FORM = (
    "weiduan.topic",
    "weiduan.topic.follow",
    "weiduan.topic.content",
)  # kinds of forms


class Need(StrEnum):
    """What a stage needs to be passed."""

    MEETING = "meeting"  # one was held and its minutes are there
    DECISION = "decision"
    TASKS = "tasks"  # all are done, each with evidence
    RESULT = "result"  # what came of it is published


class State(StrEnum):
    PROPOSED = "proposed"  # somebody raised it; the body hasn't looked at it
    UNDER_WAY = "under_way"
    DONE = "done"
    DECLINED = "declined"  # with the reason whoever raised it reads


class Origin(StrEnum):
    RESIDENT = "resident"
    REPORTS = "reports"
    BODY = "body"


@dataclass(frozen=True)
class Stage:
    """One step: its code, what it is called, and what it needs."""

    code: str
    title: str
    need: Need | None


@dataclass(frozen=True)
class Procedure:
    """How something is talked over and decided, stage by stage."""

    code: str
    name: str
    stages: tuple[Stage, ...]
    source: str

    def place_of(self, stage: str) -> int:
        """Return which stage it is, from 0.

        :raises ValueError: there is none such
        """
        return [one.code for one in self.stages].index(stage)

    def after(self, stage: str) -> Stage | None:
        """Return the stage that follows; None after the last."""
        place = self.place_of(stage) + 1
        return self.stages[place] if place < len(self.stages) else None


@cache
def procedures() -> dict[str, Procedure]:
    """Return code → procedure, as `procedures.csv` says."""
    with PROCEDURES.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["procedure"], int(row["order"])))
    found = {}
    for code, group in groupby(rows, key=lambda row: row["procedure"]):
        own = list(group)
        stages = tuple(Stage(row["stage"], row["title"], Need(row["needs"]) if row["needs"] else None) for row in own)
        found[code] = Procedure(code, own[0]["name"], stages, own[0]["source"])
    return found
