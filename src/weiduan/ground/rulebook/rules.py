"""Rules with numbers as data, and the one evaluator of them.

Each record of pack.csv says of which kind of thing (`applies_to`) which figure
(`measure`) must be at least (`min`) or at most (`max`) what. `reason` names what
a unit lacks when the rule of its organisation doesn't hold; rules without one
are shown on the record but make no blind spot.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

PACK = Path(__file__).with_name("pack.csv")


class Force(StrEnum):
    """How strongly a rule binds; only `normally` and `local` may be set anew by a district."""

    MUST = "must"
    NORMALLY = "normally"
    LOCAL = "local"


class Verdict(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    DOES_NOT_APPLY = "does_not_apply"


@dataclass(frozen=True)
class Rule:
    """One rule as it stands from `valid_from` on."""

    id: str
    applies_to: str
    only_if: str
    measure: str
    test: str
    value: int
    unit: str
    force: Force
    reason: str
    act: str
    article: str
    valid_from: date
    source: str


@dataclass(frozen=True)
class Override:
    """A district's own value for a rule, in its area from a day on."""

    rule: str
    area: str  # significant digits
    value: int
    source: str


@dataclass(frozen=True)
class Judgement:
    """What the evaluator says of one rule, with the figures it compared."""

    rule: Rule
    verdict: Verdict
    found: int | Decimal | None


@cache
def pack() -> tuple[Rule, ...]:
    """Read the rule pack in its order: the gravest reason first."""
    with PACK.open(encoding="utf-8", newline="") as lines:
        return tuple(_rule(row) for row in csv.DictReader(lines))


def _rule(row: dict[str, str]) -> Rule:
    typed = row | {
        "value": int(row["value"]),
        "force": Force(row["force"]),
        "valid_from": date.fromisoformat(row["valid_from"]),
    }
    return Rule(**typed)  # type: ignore[arg-type]


def rules_in_force(*, area: str, on: date, overrides: Iterable[Override] = ()) -> tuple[Rule, ...]:
    """Return the rules valid on a day in an area, with its own values where it set some.

    Of several overrides the one for the smallest area counts; a `must` is never replaced.
    """
    own = {o.rule: o for o in sorted(overrides, key=lambda o: len(o.area)) if area.startswith(o.area)}
    return tuple(
        replace(rule, value=own[rule.id].value, source=own[rule.id].source)
        if rule.id in own and rule.force is not Force.MUST
        else rule
        for rule in pack()
        if rule.valid_from <= on
    )


def judge(rule: Rule, kind: str, figures: Mapping[str, int | Decimal | None]) -> Judgement:
    """Say whether `rule` holds for a thing of this kind with these figures."""
    found = figures.get(rule.measure)
    if rule.applies_to != kind or found is None or not _condition(rule.only_if, figures):
        return Judgement(rule, Verdict.DOES_NOT_APPLY, found)
    holds = found >= rule.value if rule.test == "min" else found <= rule.value
    return Judgement(rule, Verdict.HOLDS if holds else Verdict.BROKEN, found)


def _condition(only_if: str, figures: Mapping[str, int | Decimal | None]) -> bool:
    """`only_if` is empty, the name of a figure that must be there and not 0, or “figure>=number”."""
    if not only_if:
        return True
    measure, _sign, least = only_if.partition(">=")
    return (figures.get(measure) or 0) >= int(least or 1)
