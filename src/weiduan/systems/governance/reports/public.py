"""What everyone may know of reports: counts, how many were answered in time and solved, and those a handler has released.

Nothing told in confidence is in any of it, and nothing of who told what.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import covers
from weiduan.ground.territory.queries import areas_below

from .models import Report
from .rules import CLOSED, TO_HANDLE, State

LOOKED_BACK = timedelta(days=365)
OPEN_ONES, CLOSED_ONES = "open", "closed"


@dataclass(frozen=True)
class Counts:
    """How many reports of a place stand where."""

    open: int = 0
    answered: int = 0
    closed: int = 0
    released: int = 0


@dataclass(frozen=True)
class Rates:
    """Shares of the last year, as counts: nothing is a percentage without what it is of.

    in_time, answered   answered before their time was over, of all that were answered
    late_open           still to be handled and past their time: not among the answered
    solved, disputed    what whoever told it said last
    no_word             answered, and no word came back within a week: neither solved nor not
    left_out            joined to another, not ours, or withdrawn: in none of the others
    """

    in_time: int
    answered: int
    late_open: int
    solved: int
    disputed: int
    no_word: int
    left_out: int


def counts_by_area(code: str, *, at: datetime) -> dict[str, Counts]:
    """Return code → counts for every area in `code` in which something was told: two queries."""
    codes = dict(areas_below(code, on=local_day(at)).values_list("area_id", "code"))
    rows = _shown(code, at).values_list("area_id", "state").annotate(n=Count("pk"), out=Count("pk", ~Q(public_text="")))
    counted: dict[str, Counter[str]] = {}
    for area, state, n, out in rows:
        here = counted.setdefault(codes[area], Counter())
        here[_group(state)] += n
        here["released"] += out
    return {code: Counts(**found) for code, found in counted.items()}


def counts_in(code: str, found: dict[str, Counts]) -> Counts:
    """Add up what was counted for an area and everything below it."""
    inside = [counts for other, counts in found.items() if covers(code, other)]
    return (
        Counts(*(sum(column) for column in zip(*(vars(c).values() for c in inside), strict=True)))
        if inside
        else Counts()
    )


def rates_of(code: str, *, at: datetime) -> Rates:
    """Return the shares of what was told in an area in the last year: one query."""
    rows = _shown(code, at).filter(told_at__gt=at - LOOKED_BACK)
    out = Q(state__in=[State.JOINED.value, State.NOT_OURS.value, State.WITHDRAWN.value])
    answered = Q(answered_at__isnull=False) & ~out
    return Rates(**rows.aggregate(
        in_time=Count("pk", answered & Q(answered_at__lte=F("due_at"))), answered=Count("pk", answered),
        late_open=Count("pk", Q(state__in=TO_HANDLE, paused_at=None, due_at__lt=at, answered_at=None)),
        solved=Count("pk", Q(state=State.CONFIRMED.value)), disputed=Count("pk", Q(state=State.DISPUTED.value)),
        no_word=Count("pk", Q(state=State.NO_WORD.value)), left_out=Count("pk", out),
    ))  # fmt: skip


def released_reports(code: str, *, state: str = "", category: str = "", at: datetime) -> QuerySet[Report]:
    """Return what handlers have shown to everyone of an area, the newest first.

    state     "open", "closed" or all
    category  code of a category or of a heading; "" for all
    """
    rows = _shown(code, at).exclude(public_text="").select_related("category").order_by("-told_at", "number")
    if state:
        rows = rows.filter(state__in=CLOSED) if state == CLOSED_ONES else rows.exclude(state__in=CLOSED)
    if category:
        rows = rows.filter(Q(category__code=category) | Q(category__parent__code=category))
    return rows


def _shown(code: str, at: datetime) -> QuerySet[Report]:
    here = areas_below(code, on=local_day(at)).values("area_id")
    return Report.objects.filter(area__in=here, in_confidence=False)


def _group(state: str) -> str:
    return "open" if state in TO_HANDLE else "answered" if state == State.ANSWERED.value else "closed"
