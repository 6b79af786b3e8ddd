"""What became of a ballot, for whatever waits for it: a compact, a topic, an election."""

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
