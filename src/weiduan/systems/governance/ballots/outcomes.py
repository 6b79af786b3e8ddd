"""What became of a ballot, for whatever waits for it: a compact, a topic, an election, a project."""

from dataclasses import dataclass

from .models import Ballot
from .publishing import outcome_told
from .rules import State, procedures


def has_passed(ballot: Ballot) -> bool:
    """Tell whether a resolution is final and was passed: by the letter, or as the owners' own rules count silence.

    A choice among options passes nothing.
    """
    if ballot.state != State.FINAL.value or ballot.options:
        return False
    told = outcome_told(ballot, procedures()[ballot.procedure], ballot.count.sums)
    return any(outcome is not None and outcome["passed"] for outcome in told.values())


@dataclass(frozen=True)
class Chosen:
    """What a choice among options came to.

    enough   as many took part as its procedure asks for
    leading  the options with the most votes: one, several where they are equal, none where nobody chose any
    """

    enough: bool
    leading: tuple[str, ...]


def chosen_by(ballot: Ballot) -> Chosen | None:
    """Return what a choice came to, by heads and where its procedure counts area by area too; None before it is final.

    Where heads and area have different ones in front, both lead.
    """
    if ballot.state != State.FINAL.value or not ballot.options:
        return None
    sums, rule = ballot.count.sums, procedures()[ballot.procedure].rule
    bases = (0, 1) if rule.by_area else (0,)
    enough = all(rule.part.reached(sums["voted"][base], sums["whole"][base]) for base in bases)
    votes = [sums["choices"].get(str(number), [0, 0]) for number in range(1, len(ballot.options) + 1)]
    leading: set[int] = set()
    for base in bases:
        most = max(vote[base] for vote in votes)
        leading |= {number for number, vote in enumerate(votes) if most and vote[base] == most}
    return Chosen(enough, tuple(ballot.options[number] for number in sorted(leading)))
