"""The law of a report on one page: its states, who may move it from where to where, and what each move needs.

    filed ──accept──▶ accepted ──begin──▶ in hand ──answer──▶ answered ──confirm──▶ confirmed
      │                                      ▲                   │  └──lapse (7 days)──▶ no word
      ├─ not ours, join another              └──── disputed ◀────┘ dispute; reopened from confirmed or no word
      └─ handed up or over: filed again there, with the same number and the same clock

Whoever told it may withdraw it while it is open. The clock runs from telling to answering, in working time, and stops only for a
stated reason; reopening goes on with it.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    FILED = "filed"
    ACCEPTED = "accepted"
    IN_HAND = "in_hand"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"  # solved, says whoever told it
    DISPUTED = "disputed"  # not solved, says whoever told it
    NO_WORD = "no_word"  # answered, and no word from whoever told it for a week; counted apart
    JOINED = "joined"  # goes on under another report of the same matter
    NOT_OURS = "not_ours"  # passed on, with where to
    WITHDRAWN = "withdrawn"


class Who(StrEnum):
    HANDLER = "handler"  # has the duty in the area that has it in hand
    REPORTER = "reporter"  # holds the receipt
    CLOCK = "clock"


class Move(StrEnum):
    ACCEPT = "accept"
    BEGIN = "begin"
    ANSWER = "answer"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    REOPEN = "reopen"
    LAPSE = "lapse"
    HAND_UP = "hand_up"
    HAND_OVER = "hand_over"
    JOIN = "join"
    NOT_OURS = "not_ours"
    WITHDRAW = "withdraw"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True)
class Law:
    """From which states a move may be made, by whom, to which state (None: it stays), and whether words are needed."""

    who: Who
    before: frozenset[State]
    after: State | None
    needs_words: bool = False


_OPEN = frozenset({State.FILED, State.ACCEPTED, State.IN_HAND, State.DISPUTED})
_BEGUN = frozenset({State.ACCEPTED, State.IN_HAND, State.DISPUTED})
LAW: dict[Move, Law] = {
    Move.ACCEPT: Law(Who.HANDLER, frozenset({State.FILED}), State.ACCEPTED),
    Move.BEGIN: Law(Who.HANDLER, frozenset({State.FILED, State.ACCEPTED, State.DISPUTED}), State.IN_HAND),
    # The resident reads it, so it says what was done.
    Move.ANSWER: Law(Who.HANDLER, _BEGUN, State.ANSWERED, needs_words=True),
    Move.CONFIRM: Law(Who.REPORTER, frozenset({State.ANSWERED}), State.CONFIRMED),
    # What is still wrong must be said, or nobody knows what to do.
    Move.DISPUTE: Law(Who.REPORTER, frozenset({State.ANSWERED}), State.DISPUTED, needs_words=True),
    Move.REOPEN: Law(Who.REPORTER, frozenset({State.CONFIRMED, State.NO_WORD}), State.DISPUTED, needs_words=True),
    Move.LAPSE: Law(Who.CLOCK, frozenset({State.ANSWERED}), State.NO_WORD),
    # 上下衔接: whoever gets it reads why; it begins there anew, with its number and clock.
    Move.HAND_UP: Law(Who.HANDLER, _OPEN, State.FILED, needs_words=True),
    Move.HAND_OVER: Law(Who.HANDLER, _OPEN, State.FILED, needs_words=True),
    Move.JOIN: Law(Who.HANDLER, _OPEN, State.JOINED),
    # With where to go; it is never the end of the road without a sign.
    Move.NOT_OURS: Law(Who.HANDLER, frozenset({State.FILED, State.ACCEPTED}), State.NOT_OURS, needs_words=True),
    Move.WITHDRAW: Law(Who.REPORTER, _OPEN | {State.ANSWERED}, State.WITHDRAWN),
    # A pause without a reason would be a way to miss every deadline.
    Move.PAUSE: Law(Who.HANDLER, _BEGUN, None, needs_words=True),
    Move.RESUME: Law(Who.HANDLER, _BEGUN, None),
}
OPEN = tuple(state.value for state in (*sorted(_OPEN), State.ANSWERED))  # something may still happen by itself
TO_HANDLE = tuple(state.value for state in sorted(_OPEN))
CLOSED = tuple(s.value for s in (State.CONFIRMED, State.NO_WORD, State.JOINED, State.NOT_OURS, State.WITHDRAWN))


def may(move: Move, state: State, who: Who) -> bool:
    """Tell whether the law lets `who` make this move from this state."""
    law = LAW[move]
    return law.who is who and state in law.before


def moves_from(state: State, who: Who) -> list[Move]:
    """Return what `who` may do from a state, in the order of the page."""
    return [move for move in LAW if may(move, state, who)]


class Channel(StrEnum):
    PORTAL = "portal"
    DESK = "desk"  # told by telephone or on a visit, written down by staff
    API = "api"
    OPEN311 = "open311"


class Wish(StrEnum):
    """How whoever told it wants to be known."""

    ANONYMOUS = "anonymous"  # nothing was left
    HANDLER_ONLY = "handler_only"  # only who has it in hand may open the contact
    ANSWERABLE = "answerable"  # whoever handles it on its way may


LONGEST_TEXT, LONGEST_WORDS, LONGEST_PLACE = 4000, 1000, 100
MOST_PHOTOS = 5
WORD_WITHIN = timedelta(days=7)  # after the answer
REOPEN_WITHIN = timedelta(days=30)  # after it was closed
ALSO_WITHIN_M = 100  # of a report nearby that may be the same
ALSO_DAYS = 14  # and closed no longer than this
