"""Ballots as they are shown: those of an area, how many have voted, and what is still missing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import areas_below, top_areas

from .counting import Base, OnBasis, Tally, Weight, outcome_of
from .models import Ballot, Turnout
from .preparing import is_marked
from .rules import State, procedures

SHOWN = (State.OPEN.value, State.CLOSED.value, State.FINAL.value, State.ANNULLED.value)


def ballots_in(codes: Iterable[str], *, at: datetime) -> QuerySet[Ballot]:
    """Return the ballots of areas and those below them, the newest first."""
    areas = [row for code in codes for row in areas_below(code, on=local_day(at)).values_list("area_id", flat=True)]
    return Ballot.objects.filter(area__in=areas).order_by("-at", "pk")


def ballots_kept_by(viewer: User, *, at: datetime) -> QuerySet[Ballot]:
    """Return the ballots somebody keeps."""
    own = areas_of(viewer, Duty.KEEP_GOVERNANCE, at=at)
    return ballots_in(top_areas(on=local_day(at)) if "" in own else own, at=at)


def public_ballots(code: str, *, at: datetime) -> QuerySet[Ballot]:
    """Return the ballots of an area that everyone may see: those opened."""
    return ballots_in([code], at=at).filter(state__in=SHOWN)


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
