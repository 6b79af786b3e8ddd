"""Ballots as they are shown: those of an area, how many have voted, and what is still missing."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import within

from .counting import Base, OnBasis, Tally, Weight, outcome_of
from .models import Ballot, Turnout
from .preparing import is_marked
from .rules import State, procedures

SHOWN = (State.OPEN.value, State.CLOSED.value, State.FINAL.value, State.ANNULLED.value)


def ballots_in(codes: Iterable[str], *, at: datetime) -> QuerySet[Ballot]:
    """Return the ballots of areas and those below them, the newest first."""
    return Ballot.objects.filter(within(codes, on=local_day(at))).order_by("-at", "pk")


def ballots_kept_by(viewer: User, *, at: datetime) -> QuerySet[Ballot]:
    """Return the ballots somebody keeps."""
    return ballots_in(areas_of(viewer, Duty.KEEP_GOVERNANCE, at=at), at=at)


def public_ballots(code: str, *, at: datetime) -> QuerySet[Ballot]:
    """Return the ballots of an area that everyone may see: those opened."""
    return ballots_in([code], at=at).filter(state__in=SHOWN)


def public_ballot(key: UUID, *, counted: bool = False) -> Ballot:
    """Return a ballot everyone may see; `counted`: only one whose votes are counted.

    :raises NotFound: there is none
    """
    states = (State.CLOSED.value, State.FINAL.value) if counted else SHOWN
    found = Ballot.objects.filter(pk=key, state__in=states).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def kept_ballot(viewer: User, key: UUID, *, at: datetime) -> Ballot:
    """Return a ballot somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = ballots_kept_by(viewer, at=at).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


@dataclass(frozen=True)
class RollLine:
    """One line of a roll as who keeps it sees it."""

    number: int
    names: str
    parts: str
    heads: int
    area: int
    was_reached: bool
    is_used: bool


def roll_of(ballot: Ballot) -> list[RollLine]:
    """Return the roll of a ballot, opened; names are empty once they were erased."""
    turnout = Turnout.objects.filter(ballot=ballot).first()
    marks = bytes(turnout.marks) if turnout else b""
    lines = []
    for holder in ballot.right_holders.order_by("number"):
        told = json.loads(open_for(ballot.pk, holder.sealed) or "{}") if holder.sealed else {}
        lines.append(RollLine(
            holder.number, told.get("names", ""), "、".join(told.get("parts", [])), holder.heads, holder.area, holder.was_reached,
            bool(marks) and is_marked(marks, holder.number),
        ))  # fmt: skip
    return lines


@dataclass(frozen=True)
class Missing:
    """How many take part so far, and how much is missing until enough do; nothing of what they voted."""

    heads: OnBasis
    area: OnBasis | None


def turnout_of(ballot: Ballot) -> Missing:
    """Return how an open ballot stands on heads, and where it counts on area. Papers in a box count when they are read."""
    rule = replace(procedures()[ballot.procedure].rule, of=Base.TAKING_PART)
    marks = bytes(Turnout.objects.get(ballot=ballot).marks)
    whole, voted = Weight(), Weight()
    for number, heads, area in ballot.right_holders.values_list("number", "heads", "area"):
        whole += Weight(heads, area)
        voted += Weight(heads, area) if is_marked(marks, number) else Weight()
    outcome = outcome_of(Tally(whole=whole, yes=voted, no=Weight()), rule)
    return Missing(outcome.heads, outcome.area)
