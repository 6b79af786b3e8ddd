"""The fourth zero: no distance. Which units no service reached lately, where answers came late, where residents aren't content."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q

from weiduan.ground.rulebook.rules import Judgement
from weiduan.ground.territory.queries import alive
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.rules import State as ActivityState
from weiduan.systems.services.functions.models import FunctionDates
from weiduan.systems.services.projects.models import MilestoneAcceptance, ProjectUnit
from weiduan.systems.services.satisfaction.models import AnswerCount, Questionnaire
from weiduan.systems.services.satisfaction.rules import CANT_SAY, CONTENT, LEAST_SHOWN, About
from weiduan.systems.services.satisfaction.rules import State as QuestionnaireState
from weiduan.systems.venues.bookings.rules import SlotState
from weiduan.systems.venues.micro_venues.models import Serving

from .units import Units, day_begins, judged

KIND = "unit_services"  # of the rule pack
LOOKED_BACK = timedelta(days=90)
ASKED_WITHIN = timedelta(days=400)  # a yearly questionnaire, and some weeks


@dataclass(frozen=True)
class Content:
    """What residents of a unit said when last asked: content, of how many who could say, of how many who answered."""

    content: int
    could_say: int
    answered: int


@dataclass(frozen=True)
class Distance:
    """What reached a unit within ninety days, how many of its reports were answered in time, and what its residents say."""

    services: int
    answered: int
    in_time: int
    asked: Content | None

    def figures(self) -> dict[str, int | None]:
        """Name the figures as the rule pack does; a share of nothing is none."""
        said = self.asked
        shown = said is not None and said.answered >= LEAST_SHOWN and said.could_say > 0
        return {
            "services_90_days": self.services,
            "in_time_percent": 100 * self.in_time // self.answered if self.answered else None,
            "asked_in_a_year": int(said is not None),
            "content_percent": 100 * said.content // said.could_say if said is not None and shown else None,
        }


def distance_of(units: Units, *, at: datetime) -> dict[str, Distance]:
    """Return code → what reached each unit: seven queries, however many units."""
    since = day_begins(units.on - LOOKED_BACK)
    held = Counter(_activities(list(units.around.values()), since, at))
    functions, milestones = _functions(units, since, at), _milestones(units, since, at)
    answers = answered_by_area(units.keys, since=since, until=at)
    said = contentment_of(units.keys, on=units.on)
    return {
        code: Distance(
            sum(held[key] for key in keys) + functions[keys[0]] + milestones[keys[0]], *answers.get(keys[0], (0, 0)),
            said.get(keys[0]),
        )
        for code, keys in units.with_all_around()
    }  # fmt: skip


def distances_of(units: Units, *, at: datetime) -> dict[str, list[Judgement]]:
    """Return code → the rules of services each unit breaks, the gravest first; without those that break none."""
    return judged(units, KIND, {code: one.figures() for code, one in distance_of(units, at=at).items()})


def answered_by_area(areas: Iterable[int], *, since: datetime, until: datetime) -> dict[int, tuple[int, int]]:
    """Return area key → how many reports were answered in a time, and how many of them in time; none told in confidence."""
    rows = Report.objects.filter(
        area__in=list(areas), in_confidence=False, answered_at__gte=since, answered_at__lte=until
    ).values_list("area")
    counted = rows.annotate(answered=Count("pk"), in_time=Count("pk", filter=Q(answered_at__lte=F("due_at"))))
    return {area: (answered, in_time) for area, answered, in_time in counted}


def contentment_of(areas: Iterable[int], *, on: date) -> dict[int, Content]:
    """Return area key → what residents said when last asked about the unit as a whole, within some four hundred days."""
    asked = Questionnaire.objects.filter(
        area__in=list(areas), about=About.UNIT.value, state=QuestionnaireState.CLOSED.value, closes_on__lte=on,
        closes_on__gt=on - ASKED_WITHIN,
    )  # fmt: skip
    last = {
        area: (key, len(questions))
        for area, key, questions in asked.order_by("closes_on").values_list("area", "pk", "questions")
    }
    counts: dict[object, Counter[int]] = defaultdict(Counter)
    rows = AnswerCount.objects.filter(questionnaire__in=[key for key, _n in last.values()])
    for key, value, count in rows.values_list("questionnaire", "answer", "count"):
        counts[key][value] += count
    return {area: _content(counts[key], questions) for area, (key, questions) in last.items()}


def _content(counts: Counter[int], questions: int) -> Content:
    could_say = sum(count for value, count in counts.items() if value != CANT_SAY)
    return Content(sum(counts[value] for value in CONTENT), could_say, sum(counts.values()) // max(questions, 1))


def _activities(areas: list[int], since: datetime, at: datetime) -> Iterable[int]:
    rows = Activity.objects.filter(area__in=areas, ends_at__gte=since, ends_at__lte=at)
    return rows.exclude(state=ActivityState.CANCELLED.value).values_list("area", flat=True)


def _functions(units: Units, since: datetime, at: datetime) -> Counter[int]:
    """Count for each unit the dates of functions held in the places that serve it."""
    held = FunctionDates.objects.filter(
        booking__slots__state=SlotState.HELD.value, booking__slots__until__gte=since, booking__slots__until__lte=at
    ).values_list("booking__room__facility")
    dates = dict(held.annotate(n=Count("booking__slots")))
    serving = Serving.objects.filter(alive(units.on), area__in=units.keys).values_list("area", "venue__facility")
    counted: Counter[int] = Counter()
    for area, facility in serving:
        counted[area] += dates.get(facility, 0)
    return counted


def _milestones(units: Units, since: datetime, at: datetime) -> Counter[int]:
    accepted = MilestoneAcceptance.objects.filter(at__gte=since, at__lte=at)
    projects = Counter(accepted.values_list("milestone__agreement__project", flat=True))
    rows = ProjectUnit.objects.filter(area__in=units.keys, project__in=list(projects)).values_list("area", "project")
    counted: Counter[int] = Counter()
    for area, project in rows:
        counted[area] += projects[project]
    return counted
