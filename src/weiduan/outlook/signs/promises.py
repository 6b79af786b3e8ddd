"""Promises that are about to be late, and shifts that lack people: by area how many, and when the first is due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, QuerySet, Sum

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.worktime import due_after
from weiduan.ground.territory.queries import within
from weiduan.systems.governance.bodies.queries import bodies_due
from weiduan.systems.governance.deliberation.models import DecisionTask
from weiduan.systems.governance.deliberation.rules import State as TopicState
from weiduan.systems.governance.partners.models import Agreement
from weiduan.systems.governance.partners.rules import State as AgreementState
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.rules import TO_HANDLE
from weiduan.systems.organisation.changes.queries import elections_due
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.services.meetings.models import MeetingTask
from weiduan.systems.services.projects.models import Milestone
from weiduan.systems.services.projects.rules import MilestoneState
from weiduan.systems.services.projects.rules import State as ProjectState
from weiduan.systems.services.volunteers.models import Shift
from weiduan.systems.services.volunteers.rules import ShiftState

from .rules import AHEAD, REPORTS_WITHIN, Kind

TO_SHOW = (MilestoneState.OPEN.value, MilestoneState.REFUSED.value)


@dataclass(frozen=True)
class Promised:
    """How many things of a kind are due in an area, and when the first: a moment for reports and shifts, else a day.

    people  how many a shift still lacks
    """

    kind: Kind
    area: int
    n: int
    first: date | datetime
    people: int = 0


def promised_in(codes: Sequence[str], *, at: datetime) -> list[Promised]:
    """Return what is about to be late in these areas, by kind; nothing that is late already."""
    on = local_day(at)
    return [
        *_reports(codes, at),
        *_shifts(codes, at),
        *_days(
            Kind.DECISION_TASK,
            DecisionTask.objects.filter(done_at=None, topic__state=TopicState.UNDER_WAY.value),
            "topic__area", "until", codes, on,
        ),
        *_days(Kind.MEETING_TASK, MeetingTask.objects.filter(done_at=None), "meeting__organisation__area", "until", codes, on),
        *_days(
            Kind.MILESTONE,
            Milestone.objects.filter(state__in=TO_SHOW, agreement__project__state=ProjectState.RUNNING.value),
            "agreement__project__area", "due_on", codes, on,
        ),
        *_days(
            Kind.AGREEMENT, Agreement.objects.filter(state=AgreementState.AGREED.value), "need__area", "until", codes, on
        ),
        *_terms(codes, on),
    ]  # fmt: skip


def _reports(codes: Sequence[str], at: datetime) -> Iterable[Promised]:
    rows = Report.objects.filter(
        within(codes, on=local_day(at)), state__in=TO_HANDLE, in_confidence=False, paused_at=None, due_at__gte=at,
        due_at__lte=due_after(at, REPORTS_WITHIN),
    )  # fmt: skip
    for area, n, first in rows.values_list("area").annotate(n=Count("pk"), first=Min("due_at")).order_by("first"):
        yield Promised(Kind.REPORTS_DUE, area, n, first)


def _shifts(codes: Sequence[str], at: datetime) -> Iterable[Promised]:
    rows = Shift.objects.filter(
        within(codes, on=local_day(at), path="team__area"), state=ShiftState.PLANNED.value, starts_at__gt=at,
        starts_at__lte=at + timedelta(days=AHEAD[Kind.SHIFT]), taken__lt=F("least"),
    )  # fmt: skip
    counted = rows.values_list("team__area").annotate(
        n=Count("pk"), first=Min("starts_at"), lack=Sum(F("least") - F("taken"))
    )
    for area, n, first, lack in counted.order_by("first"):
        yield Promised(Kind.SHIFT, area, n, first, lack)


def _days(
    kind: Kind, rows: QuerySet[Any], area: str, due: str, codes: Sequence[str], on: date
) -> Iterable[Promised]:  # fmt: skip
    soon = rows.filter(
        within(codes, on=on, path=area),
        **{f"{due}__gte": on, f"{due}__lte": on + timedelta(days=AHEAD[kind])},
    )
    for key, n, first in soon.values_list(area).annotate(n=Count("pk"), first=Min(due)).order_by("first"):
        yield Promised(kind, key, n, first)


def _terms(codes: Sequence[str], on: date) -> Iterable[Promised]:
    """Elections of organisations and of bodies that are due within a month."""
    ahead = AHEAD[Kind.TERM]
    soon = {one.number: one.due for one in elections_due(codes, on=on) if 0 <= one.days <= ahead}
    due: dict[int, list[date]] = {}
    for number, area in Organisation.objects.filter(number__in=list(soon)).values_list("number", "area"):
        due.setdefault(area, []).append(soon[number])
    for standing in bodies_due(codes, on=on):
        if standing.term is not None and on <= standing.term.due <= on + timedelta(days=ahead):
            due.setdefault(standing.body.area_id, []).append(standing.term.due)
    for area, days in sorted(due.items(), key=lambda one: min(one[1])):
        yield Promised(Kind.TERM, area, len(days), min(days))
