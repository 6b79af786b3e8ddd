"""大屏: what one screen shows of an area, in figures and words; no person is on it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Q

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.ledger.models import Chain, Entry
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import area_by_code, areas_below, names_by_code
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.counted.reading import ReportCounts, counted_in, overdue_in
from weiduan.outlook.insight.counted.rules import ZEROS, month_of
from weiduan.outlook.insight.drawn.gap_maps import GapMap, gap_map
from weiduan.outlook.insight.services import ASKED_WITHIN
from weiduan.outlook.insight.units import day_begins
from weiduan.outlook.insight.wall.words import CHANGES
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.rules import State as ActivityState
from weiduan.systems.services.projects.models import Project
from weiduan.systems.services.projects.rules import MilestoneState
from weiduan.systems.services.projects.rules import State as ProjectState
from weiduan.systems.services.satisfaction.models import AnswerCount, Questionnaire
from weiduan.systems.services.satisfaction.rules import CANT_SAY, CONTENT, LEAST_SHOWN, About
from weiduan.systems.services.satisfaction.rules import State as QuestionnaireState
from weiduan.systems.venues.bookings.models import Slot
from weiduan.systems.venues.bookings.rules import SlotState

DAY = timedelta(days=1)
SHOWN = 4  # of each list: what a screen holds without scrolling
READ_BACK = 40  # entries of each chain of the ledger among which the last changes are looked for

WIDE, HIGH = 800.0, 720.0  # of the map, as in weiduan.css


@dataclass(frozen=True)
class OnToday:
    """Something that is on today, for everyone."""

    since: datetime
    until: datetime
    title: str
    place: str


@dataclass(frozen=True)
class Running:
    """A project being carried out, with how many of its milestones are accepted."""

    title: str
    accepted: int
    milestones: int


@dataclass(frozen=True)
class Said:
    """What residents said of their units when last asked: content, of how many who could say, answered, of how many asked.

    Units where fewer answered than may be shown are in none of it.
    """

    units: int
    asked: int
    answered: int
    could_say: int
    content: int


@dataclass(frozen=True)
class Changed:
    """Something that was done lately: when, where, and what in words."""

    at: datetime
    what: str
    area: str


@dataclass(frozen=True)
class Screen:
    """Everything on the screen; `as_of` is when the counted figures were right."""

    area: AreaVersion
    units: int
    missing: Mapping[str, int]
    drawing: GapMap
    reports: ReportCounts
    overdue: int
    today: list[OnToday]
    today_count: int
    projects: list[Running]
    projects_count: int
    said: Said
    changes: list[Changed]
    as_of: datetime


def screen_of(code: str, *, at: datetime) -> Screen:
    """Return what the screen of an area shows now; how many queries that takes doesn't grow with the area.

    :raises NotFound: there is no such area
    """
    on = local_day(at)
    here = area_by_code(code, on=on)
    as_of = catch_up(at=at)
    standings = list(UnitStanding.objects.filter(code__startswith=prefix_of(code)).only("code", *ZEROS))
    today, projects = on_today(code, at=at), running_in(code, on=on)
    until = (month_of(on) + 31 * DAY).replace(day=1)
    return Screen(
        here, len(standings), {name: sum(bool(getattr(row, name)) for row in standings) for name in ZEROS},
        gap_map(code, standings, on=on, wide=WIDE, high=HIGH),
        counted_in(here.area_id, since=month_of(on), until=until), overdue_in(code, at=at),
        [one for one in today if one.until > at][:SHOWN], len(today), projects[:SHOWN], len(projects),
        said_in(code, on=on), last_changes(code, on=on), as_of,
    )  # fmt: skip


def on_today(code: str, *, at: datetime) -> list[OnToday]:
    """Return what is on in an area today, activities and functions of rooms, in order of time: two queries."""
    on = local_day(at)
    begins, ends = day_begins(on), day_begins(on + DAY)
    here = areas_below(code, on=on).values("area_id")
    activities = Activity.objects.filter(area__in=here, starts_at__lt=ends, ends_at__gt=begins)
    activities = activities.exclude(state=ActivityState.CANCELLED.value)
    slots = Slot.objects.filter(
        state=SlotState.HELD.value, since__lt=ends, until__gt=begins, room__facility__area__in=here,
        booking__function_dates__isnull=False,
    )  # fmt: skip
    found = [OnToday(*row) for row in activities.values_list("starts_at", "ends_at", "title", "place")]
    names = ("since", "until", "booking__function_dates__function__name", "room__facility__name")
    found += [OnToday(*row) for row in slots.values_list(*names)]
    return sorted(found, key=lambda one: (one.since, one.title))


def running_in(code: str, *, on: date) -> list[Running]:
    """Return the projects being carried out in an area, the newest first: one query."""
    here = areas_below(code, on=on).values("area_id")
    rows = Project.objects.filter(state=ProjectState.RUNNING.value).filter(
        Q(area__in=here) | Q(pk__in=Project.objects.filter(units__area__in=here).values("pk"))
    )
    accepted = Q(agreement__milestones__state=MilestoneState.ACCEPTED.value)
    counted = rows.annotate(
        accepted=Count("agreement__milestones", filter=accepted), steps=Count("agreement__milestones")
    )
    return [Running(*row) for row in counted.order_by("-at", "pk").values_list("title", "accepted", "steps")]


def said_in(code: str, *, on: date) -> Said:
    """Add up what residents said of their units when each was last asked, within some four hundred days: two queries."""
    here = areas_below(code, on=on).values("area_id")
    rows = Questionnaire.objects.filter(
        area__in=here, about=About.UNIT.value, state=QuestionnaireState.CLOSED.value, closes_on__lte=on,
        closes_on__gt=on - ASKED_WITHIN,
    ).order_by("closes_on")  # fmt: skip
    last = {row.area_id: row for row in rows.only("area", "asked", "questions")}
    by_key = {row.pk: row for row in last.values()}
    counts: dict[object, Counter[int]] = {key: Counter() for key in by_key}
    answers: Counter[object] = Counter()
    found = AnswerCount.objects.filter(questionnaire__in=rows.values("pk"))
    for key, question, answer, count in found.values_list("questionnaire", "question", "answer", "count"):
        if key in by_key:
            counts[key][answer] += count
            answers[key] += count if question == 0 else 0
    shown = [key for key in by_key if answers[key] >= LEAST_SHOWN]
    return Said(
        len(shown), sum(by_key[key].asked for key in shown), sum(answers[key] for key in shown),
        sum(n for key in shown for value, n in counts[key].items() if value != CANT_SAY),
        sum(counts[key][value] for key in shown for value in CONTENT),
    )  # fmt: skip


def last_changes(code: str, *, on: date) -> list[Changed]:
    """Return what was done last in an area, the newest first, of the kinds everyone may know: three queries.

    They are looked for among the last entries of each chain, which an index finds; further back nothing is the latest any more.
    """
    heads = Chain.objects.filter(pos__gt=0).values_list("number", "pos")
    lately = [Q(chain=number, pos__gt=pos - READ_BACK) for number, pos in heads]
    if not lately:
        return []
    rows = Entry.objects.filter(reduce(or_, lately), what__in=list(CHANGES), area__startswith=prefix_of(code))
    found = list(rows.order_by("-at", "-pos").values_list("at", "what", "area")[:SHOWN])
    names = names_by_code({area for _at, _what, area in found}, on=on)
    return [Changed(at, str(CHANGES[what]), names.get(area, "")) for at, what, area in found]
