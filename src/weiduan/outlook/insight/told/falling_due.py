"""What falls due in an area between two days: terms, milestones, votes, questionnaires, calls. No person is in it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import areas_below, names_by_area
from weiduan.outlook.insight.units import day_begins
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.bodies.models import BodyTerm
from weiduan.systems.organisation.organisations.models import Term
from weiduan.systems.services.projects.models import Milestone, Project
from weiduan.systems.services.satisfaction.models import Questionnaire
from weiduan.systems.services.satisfaction.rules import State as QuestionnaireState


@dataclass(frozen=True)
class Due:
    """Something that is due: which day, what kind of thing, called what, where."""

    on: date
    what: str
    title: str
    area: str


def due_between(code: str, since: date, until: date, *, last: date, moment: datetime) -> list[Due]:
    """Return what is due in an area from one day until another as it stood at a moment before: six queries."""
    here: Any = areas_below(code, on=last).values("area_id")
    between = {"gte": since, "lt": until}
    begins, ends = day_begins(since), day_begins(until)
    terms = BodyTerm.objects.filter(
        Q(until=None) | Q(until__gt=last), Q(body__until=None) | Q(body__until__gt=last), body__area__in=here, since__lte=last,
        **{f"due__{k}": v for k, v in between.items()},
    )  # fmt: skip
    rows: list[tuple[date, str, str, int]] = [
        (day, "body", name, area) for day, name, area in terms.values_list("due", "body__name", "body__area")
    ]
    later = Term.objects.filter(organisation=OuterRef("organisation"), since__gt=OuterRef("since"), since__lte=last)
    ends_then = Term.objects.filter(
        Q(organisation__dissolved_on=None) | Q(organisation__dissolved_on__gt=last), ~Exists(later), organisation__area__in=here,
        since__lte=last,
        **{f"due_on__{k}": v for k, v in between.items()},
    ).values_list("due_on", "organisation__name", "organisation__area")  # fmt: skip
    rows += [(day, "organisation", name, area) for day, name, area in ends_then]
    steps = Milestone.objects.filter(
        Q(acceptance=None) | Q(acceptance__at__gt=moment), agreement__project__area__in=here, agreement__signed_on__lte=last,
        agreement__project__stopped_because="", **{f"due_on__{k}": v for k, v in between.items()},
    )  # fmt: skip
    rows += [
        (day, "milestone", f"{title}：{what}", area)
        for day, title, what, area in steps.values_list(
            "due_on", "agreement__project__title", "what", "agreement__project__area"
        )
    ]
    ballots = Ballot.objects.filter(area__in=here, opens_at__lte=moment, closes_at__gte=begins, closes_at__lt=ends)
    rows += [
        (local_day(closes), "ballot", title, area)
        for closes, title, area in ballots.filter(annulled_because="").values_list("closes_at", "title", "area")
        if closes is not None
    ]
    asked = Questionnaire.objects.filter(
        area__in=here, opens_on__lte=last, **{f"closes_on__{k}": v for k, v in between.items()}
    )
    rows += [
        (day, "questionnaire", title, area)
        for day, title, area in asked.exclude(state=QuestionnaireState.DRAFT.value).values_list(
            "closes_on", "title", "area"
        )
    ]
    calls = Project.objects.filter(area__in=here, call_until__gte=begins, call_until__lt=ends, stopped_because="")
    rows += [
        (local_day(call), "call", title, area)
        for call, title, area in calls.values_list("call_until", "title", "area")
        if call is not None
    ]
    names = names_by_area({area for _day, _what, _title, area in rows}, on=last)
    found = [Due(day, what, title, names[area].name if area in names else "") for day, what, title, area in rows]
    return sorted(found, key=lambda one: (one.on, one.what, one.title))
