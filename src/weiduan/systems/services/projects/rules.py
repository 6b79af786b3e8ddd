"""The states of a project, a proposal and a milestone; the accounts money moves between."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from weiduan.systems.governance.ballots.rules import RollKind
from weiduan.systems.governance.partners.rules import PartnerKind


class State(StrEnum):
    DRAFT = "draft"  # the package: what is needed, for which units, with how much money
    CALLED = "called"  # partners may propose
    CHOOSING = "choosing"  # residents choose
    CHOSEN = "chosen"
    RUNNING = "running"  # the agreement is signed
    DONE = "done"  # every milestone accepted; residents say whether they are content
    CLOSED = "closed"  # what is left of the money went back
    STOPPED = "stopped"


NEXT: dict[State, tuple[State, ...]] = {
    State.DRAFT: (State.CALLED, State.STOPPED),
    State.CALLED: (State.CHOOSING, State.STOPPED),
    State.CHOOSING: (State.CHOSEN, State.STOPPED),
    State.CHOSEN: (State.RUNNING, State.STOPPED),
    State.RUNNING: (State.DONE, State.STOPPED),
    State.DONE: (State.CLOSED,),
    State.CLOSED: (),
    State.STOPPED: (),
}


class ProposalState(StrEnum):
    DRAFT = "draft"
    HANDED_IN = "handed_in"
    WITHDRAWN = "withdrawn"
    CHOSEN = "chosen"
    NOT_CHOSEN = "not_chosen"


class MilestoneState(StrEnum):
    OPEN = "open"
    REPORTED = "reported"  # evidence lies there
    REFUSED = "refused"  # to be mended and reported again
    ACCEPTED = "accepted"


class Account(StrEnum):
    """Between which accounts a project's money moves."""

    SOURCE = "source"  # where it comes from: the district's fund for communities, a donation
    POT = "pot"  # set aside for the project
    PARTNER = "partner"  # paid to whoever carries it out


@dataclass(frozen=True)
class Way:
    """From which account to which a kind of move goes."""

    debit: Account  # receives
    credit: Account  # gives


class MoveKind(StrEnum):
    FUND = "fund"
    RELEASE = "release"  # for one accepted milestone
    REPAY = "repay"  # the partner pays back
    RETURN = "return"  # what is left goes back


WAYS = {
    MoveKind.FUND: Way(Account.POT, Account.SOURCE),
    MoveKind.RELEASE: Way(Account.PARTNER, Account.POT),
    MoveKind.REPAY: Way(Account.POT, Account.PARTNER),
    MoveKind.RETURN: Way(Account.SOURCE, Account.POT),
}


class Deed(StrEnum):
    """What may be done with a project."""

    CHANGE = "change"
    CALL = "call"
    EXTEND = "extend"
    PROPOSE = "propose"
    LET_CHOOSE = "let_choose"
    CHOOSE = "choose"
    SIGN = "sign"
    SHOW = "show"
    JUDGE = "judge"
    SET_ASIDE = "set_aside"
    RELEASE = "release"
    PAY_BACK = "pay_back"
    GIVE_BACK = "give_back"
    CLOSE = "close"
    STOP = "stop"


_WORKED_ON = frozenset({State.RUNNING, State.DONE, State.STOPPED})
_PAID_FOR = frozenset({State.CALLED, State.CHOOSING, State.CHOSEN, State.RUNNING})
IN_STATES: dict[Deed, frozenset[State]] = {
    Deed.CHANGE: frozenset({State.DRAFT}),
    Deed.CALL: frozenset({State.DRAFT}),
    Deed.EXTEND: frozenset({State.CALLED}),
    Deed.PROPOSE: frozenset({State.CALLED}),
    Deed.LET_CHOOSE: frozenset({State.CALLED, State.CHOOSING}),
    Deed.CHOOSE: frozenset({State.CHOOSING}),
    Deed.SIGN: frozenset({State.CHOSEN}),
    Deed.SHOW: frozenset({State.RUNNING}),
    Deed.JUDGE: frozenset({State.RUNNING}),
    Deed.SET_ASIDE: _PAID_FOR,
    Deed.RELEASE: _WORKED_ON,  # what was accepted is paid, even where the rest was stopped
    Deed.PAY_BACK: _WORKED_ON,
    Deed.GIVE_BACK: _PAID_FOR | _WORKED_ON,
    Deed.CLOSE: frozenset({State.DONE}),
    Deed.STOP: frozenset({State.DRAFT}) | _PAID_FOR,
}
# A residents' own group is no legal person: it can't sign an agreement, and has no account money could be paid to.
PROPOSING = frozenset({PartnerKind.SOCIAL, PartnerKind.ENTERPRISE, PartnerKind.INSTITUTION})
# Residents choose: not the members of an organisation, not a committee.
CHOOSING_ROLLS = frozenset({RollKind.HOUSEHOLDS, RollKind.RESIDENTS, RollKind.OWNERS})
LEAST_CALL = timedelta(days=1)
LONGEST_EVIDENCE, LONGEST_SEEN, LONGEST_REMARK = 2000, 100, 200
MOST_PICTURES, MOST_UNITS, MOST_NEEDS, MOST_DAYS = 6, 200, 50, 1095
LONGEST_TITLE, LONGEST_WORDS, LONGEST_WHAT, LONGEST_WHY = 80, 4000, 200, 500
MOST_MILESTONES, MOST_FEN = 12, 10**13


def may_become(before: State, after: State) -> bool:
    """Tell whether a project may go from one state to another."""
    return after in NEXT[before]


def may_do(state: State, deed: Deed) -> bool:
    """Tell whether something may be done with a project in a state."""
    return state in IN_STATES[deed]


def yuan_of(fen: int) -> Decimal:
    """Return fen as yuan, exactly, with two decimals."""
    return Decimal(fen).scaleb(-2)


def fen_of(yuan: Decimal) -> int:
    """Return yuan as fen, exactly.

    :raises ValueError: there is more behind the point than fen
    """
    fen = yuan.scaleb(2)
    if fen != fen.to_integral_value():
        raise ValueError(yuan)
    return int(fen)
