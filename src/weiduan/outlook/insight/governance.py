"""The third zero: no gap. Which units lack a body in term, a compact in force, a deliberation within the year, or an answer in time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q

from weiduan.ground.rulebook.rules import Judgement
from weiduan.systems.governance.bodies.models import Body, BodyTerm
from weiduan.systems.governance.compacts.models import Version
from weiduan.systems.governance.compacts.rules import Stage
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.reports.models import Report

from .units import Units, day_begins, judged

KIND = "unit_governance"  # of the rule pack
LOOKED_BACK = relativedelta(months=12)


@dataclass(frozen=True)
class SelfGovernment:
    """What a unit governs itself by on a day; `bodies` counts those that are in term and those that are not.

    A body, compact or deliberation of the grid around it counts for each of its units; one of the village doesn't, for then no unit
    would ever lack one.
    """

    bodies: int
    bodies_in_term: int
    compacts: int
    deliberated_at: datetime | None
    overdue: int

    def figures(self) -> dict[str, int | None]:
        """Name the figures as the rule pack does."""
        return {
            "bodies": self.bodies, "bodies_in_term": self.bodies_in_term, "compacts_in_force": self.compacts,
            "deliberations_year": int(self.deliberated_at is not None), "reports_overdue": self.overdue,
        }  # fmt: skip


def self_government_of(units: Units, *, at: datetime) -> dict[str, SelfGovernment]:
    """Return code → what each unit governs itself by: five queries, however many units."""
    on, around = units.on, units.and_their_grids()
    bodies = Counter(_bodies(around, on))
    running = Counter(_in_term(around, on))
    compacts = Counter(_in_force(around, on))
    talked = _talked_over(around, on, at)
    late = overdue_by_area(units.keys, at=at)
    return {
        code: SelfGovernment(
            sum(bodies[key] for key in keys), sum(running[key] for key in keys), sum(compacts[key] for key in keys),
            max((talked[key] for key in keys if key in talked), default=None), late.get(units.key(code), 0),
        )
        for code, keys in units.with_their_grids()
    }  # fmt: skip


def gaps_of(units: Units, *, at: datetime) -> dict[str, list[Judgement]]:
    """Return code → the rules of self-government each unit breaks, the gravest first; without those that break none."""
    return judged(units, KIND, {code: one.figures() for code, one in self_government_of(units, at=at).items()})


def overdue_by_area(areas: Iterable[int] | None, *, at: datetime) -> Mapping[int, int]:
    """Return area key → how many reports were open and past their time at a moment; those told in confidence are in no figure.

    For a moment of the past by the time they have now, for a pause that was taken back since isn't known any more.
    """
    open_then = (
        Q(told_at__lte=at) & (Q(answered_at=None) | Q(answered_at__gt=at)) & (Q(closed_at=None) | Q(closed_at__gt=at))
    )
    rows = Report.objects.filter(open_then, due_at__lt=at, in_confidence=False)
    rows = rows.filter(Q(paused_at=None) | Q(paused_at__gt=at))
    if areas is not None:
        rows = rows.filter(area__in=list(areas))
    return dict(rows.values_list("area").annotate(n=Count("pk")))


def _bodies(areas: list[int], on: date) -> Iterable[int]:
    alive = Q(until=None) | Q(until__gt=on)
    return Body.objects.filter(alive, area__in=areas, since__lte=on).values_list("area", flat=True)


def _in_term(areas: list[int], on: date) -> Iterable[int]:
    lasts = (Q(until=None) | Q(until__gt=on)) & (Q(body__until=None) | Q(body__until__gt=on))
    rows = BodyTerm.objects.filter(lasts, body__area__in=areas, since__lte=on, due__gte=on)
    return rows.values_list("body__area", flat=True)


def _in_force(areas: list[int], on: date) -> Iterable[int]:
    rows = Version.objects.filter(
        Q(in_force_until=None) | Q(in_force_until__gt=on), compact__area__in=areas, in_force_from__lte=on,
        stage__in=[Stage.IN_FORCE.value, Stage.REPLACED.value],
    )  # fmt: skip
    return rows.values_list("compact__area", flat=True)


def _talked_over(areas: list[int], on: date, at: datetime) -> dict[int, datetime]:
    """Return area key → when something was last decided there within the year."""
    since = day_begins(on - LOOKED_BACK)
    rows = Topic.objects.filter(area__in=areas, decided_at__gte=since, decided_at__lte=at).values_list(
        "area", "decided_at"
    )
    return {area: decided for area, decided in rows.order_by("decided_at") if decided is not None}
