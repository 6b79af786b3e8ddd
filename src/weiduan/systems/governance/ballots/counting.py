"""Count a vote exactly: whole heads and hundredths of a square metre, majorities as fractions, nothing rounded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Base(StrEnum):
    """Of whom a majority is taken."""

    TAKING_PART = "taking_part"  # all who voted, those who abstain among them
    PRESENT = "present"  # who came, voting or not
    ALL = "all"  # everyone on the roll


@dataclass(frozen=True, slots=True)
class Bar:
    """A share to be reached: at least, or if `strict` more than, `over`/`under`."""

    over: int
    under: int
    strict: bool

    def reached(self, part: int, of: int) -> bool:
        """Tell whether `part` is enough of `of`; of nothing nothing is enough."""
        left, right = part * self.under, of * self.over
        return of > 0 and (left > right if self.strict else left >= right)

    def needed(self, of: int) -> int:
        """Return the least whole part that is enough."""
        exact, rest = divmod(of * self.over, self.under)
        return max(exact + 1 if self.strict or rest else exact, 1)


@dataclass(frozen=True, slots=True)
class Weight:
    """Heads, and area in hundredths of a square metre."""

    heads: int = 0
    area: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(self.heads + other.heads, self.area + other.area)

    def __sub__(self, other: "Weight") -> "Weight":
        return Weight(self.heads - other.heads, self.area - other.area)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a decision needs: how many take part, and how many say yes, of whom; on heads, and where `by_area` on area too."""

    part: Bar
    yes: Bar
    of: Base
    by_area: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted.

    whole    everyone on the roll
    present  who came, at least those who voted
    silent   who was reached and said nothing; counts only where the owners' own rules say so
    """

    whole: Weight
    yes: Weight
    no: Weight
    abstain: Weight = Weight()
    present: Weight = Weight()
    silent: Weight = Weight()

    @property
    def voted(self) -> Weight:
        """Everyone who voted, those who abstain among them."""
        return self.yes + self.no + self.abstain


@dataclass(frozen=True, slots=True)
class OnBasis:
    """The outcome on heads, or on area.

    part, part_needed   how much takes part, and the least that is enough
    yes, yes_needed     how much says yes, and the least that is enough of the base as it is now
    """

    part: int
    part_needed: int
    part_reached: bool
    yes: int
    yes_needed: int
    yes_reached: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether enough take part (valid), and whether it is decided."""

    heads: OnBasis
    area: OnBasis | None
    valid: bool
    passed: bool


def outcome_of(tally: Tally, rule: Rule) -> Outcome:
    """Judge a tally by the letter of a rule."""
    base = {Base.TAKING_PART: tally.voted, Base.ALL: tally.whole, Base.PRESENT: _present(tally)}[rule.of]
    part = _present(tally) if rule.of is Base.PRESENT else tally.voted
    heads = _on(part.heads, tally.whole.heads, tally.yes.heads, base.heads, rule)
    area = _on(part.area, tally.whole.area, tally.yes.area, base.area, rule) if rule.by_area else None
    each = [heads] if area is None else [heads, area]
    valid = all(one.part_reached for one in each)
    return Outcome(heads, area, valid, valid and all(one.yes_reached for one in each))


def with_silence(tally: Tally, *, by_area: bool) -> Tally | None:
    """Return the tally as owners' own rules count it that let silence follow the majority of those who spoke.

    None where there is no such majority: heads and area don't point the same way, or both sides are equal.
    """
    more_yes = [tally.yes.heads - tally.no.heads] + ([tally.yes.area - tally.no.area] if by_area else [])
    if all(n > 0 for n in more_yes):
        return replace(tally, yes=tally.yes + tally.silent, silent=Weight())
    if all(n < 0 for n in more_yes):
        return replace(tally, no=tally.no + tally.silent, silent=Weight())
    return None


def add_up(votes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add votes up as they are published: each choice, and all who voted, as [heads, area].

    votes  each with its choice (several parted by commas), and by name with heads and area
    """
    choices: dict[str, list[int]] = {}
    voted = [0, 0]
    for vote in votes:
        heads, area = vote.get("heads", 1), vote.get("area", 0)
        voted = [voted[0] + heads, voted[1] + area]
        for choice in vote["choice"].split(","):
            before = choices.get(choice, [0, 0])
            choices[choice] = [before[0] + heads, before[1] + area]
    return {"choices": choices, "voted": voted}


def tally_of(sums: Mapping[str, Any]) -> Tally:
    """Return published sums of a yes or no as they are judged."""
    chosen = {choice: Weight(*weight) for choice, weight in sums["choices"].items()}
    return Tally(
        whole=Weight(*sums["whole"]), yes=chosen.get("yes", Weight()), no=chosen.get("no", Weight()),
        abstain=chosen.get("abstain", Weight()), present=Weight(*sums["voted"]), silent=Weight(*sums["silent"]),
    )  # fmt: skip


def _present(tally: Tally) -> Weight:
    return Weight(max(tally.present.heads, tally.voted.heads), max(tally.present.area, tally.voted.area))


def _on(part: int, whole: int, yes: int, base: int, rule: Rule) -> OnBasis:
    return OnBasis(
        part, rule.part.needed(whole), rule.part.reached(part, whole),
        yes, rule.yes.needed(base), rule.yes.reached(yes, base),
    )  # fmt: skip
