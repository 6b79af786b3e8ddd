"""States of a micro-venue and which follow which; its form."""

from datetime import date
from enum import StrEnum


class State(StrEnum):
    """A candidate is premises without a micro-venue; a plan given up is closed without ever having opened."""

    PLANNED = "planned"
    FITTING_OUT = "fitting_out"
    OPEN = "open"
    CLOSED = "closed"


class Form(StrEnum):
    """Derived from how many units a micro-venue serves, never typed in."""

    ONE_UNIT = "one_unit"  # 一单元一微阵地
    UNITS = "units"  # 多单元一微阵地


FOLLOWS = {
    State.PLANNED: (State.FITTING_OUT,),
    State.FITTING_OUT: (State.OPEN, State.CLOSED),
    State.OPEN: (State.CLOSED,),
    State.CLOSED: (),
}
LIVE = (State.PLANNED, State.FITTING_OUT, State.OPEN)


def may_become(now: State, then: State) -> bool:
    """Tell whether one state may follow another; a plan is given up, not closed."""
    return then in FOLLOWS[now]


def form_of(units: int) -> Form | None:
    """Return the form of a micro-venue that serves so many units, None where it serves none."""
    return None if not units else Form.ONE_UNIT if units == 1 else Form.UNITS


def state_on(
    on: date, *, planned_on: date, fitting_since: date | None, opened_on: date | None, closed_on: date | None
) -> State | None:
    """Return what a micro-venue with these dates was on a day; None before it was planned."""
    begun = {
        State.CLOSED: closed_on, State.OPEN: opened_on, State.FITTING_OUT: fitting_since, State.PLANNED: planned_on,
    }  # fmt: skip
    return next((state for state, since in begun.items() if since is not None and since <= on), None)
