"""The year of a unit for its residents' assembly: computed once, told alike wherever it is read. No person is in it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import area_by_code, areas_below
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.reading import ReportCounts, counted_in, disputed_in, told_by_category
from weiduan.outlook.insight.governance import overdue_by_area
from weiduan.outlook.insight.told.falling_due import Due, due_between
from weiduan.outlook.insight.told.monthly import Asked, asked_rows
from weiduan.outlook.insight.units import day_begins
from weiduan.outlook.insight.zeros import end_of
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.outcomes import chosen_by, has_passed
from weiduan.systems.governance.ballots.rules import State as BallotState
from weiduan.systems.governance.bodies.models import Body
from weiduan.systems.governance.bodies.queries import standings
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.compacts.models import Version
from weiduan.systems.governance.compacts.rules import UNDER_WAY, Stage
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.deliberation.queries import SHOWN as SHOWN_TOPICS
from weiduan.systems.governance.deliberation.rules import State as TopicState
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.rules import State as ActivityState
from weiduan.systems.services.projects.models import MoneyMove, Project
from weiduan.systems.services.projects.queries import PUBLIC
from weiduan.systems.services.projects.rules import MoveKind
from weiduan.systems.services.satisfaction.models import Questionnaire
from weiduan.systems.services.satisfaction.rules import State as QuestionnaireState

FIRST_YEAR = 2000
DAY = timedelta(days=1)


@dataclass(frozen=True)
class YearOfReports:
    """The reports of the year; `kinds` is how many were told of each kind, most first. For staff: of few units the figures are large."""

    counts: ReportCounts
    disputed: int
    overdue: int
    kinds: list[tuple[str, int]]


@dataclass(frozen=True)
class Voted:
    """A vote counted in the year.

    state   closed (objections are possible), final or annulled
    passed  of a resolution that is final; None otherwise
    chosen  the options in front, of a choice that is final
    """

    on: date
    title: str
    state: str
    passed: bool | None
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class TalkedOver:
    """A topic decided in the year: what residents decided, and what came of it as far as it is published."""

    on: date
    title: str
    decision: str
    result: str


@dataclass(frozen=True)
class InForce:
    """A version of a compact that came into force in the year."""

    on: date
    title: str
    kind: str
    number: int


@dataclass(frozen=True)
class BodyYear:
    """A body that stood in the year: `elected` is the day its last term until the year's end began, `due` when the next election is."""

    name: str
    elected: date | None
    due: date | None


@dataclass(frozen=True)
class ProjectYear:
    """A project for the unit with its account, in fen: set aside and released until the year's end, and released in the year."""

    title: str
    state: str
    budget_fen: int
    set_aside_fen: int
    released_fen: int
    released_in_all_fen: int


@dataclass(frozen=True)
class ActivityYear:
    """Activities that took place: how many of each kind, most first; those who came were counted at `counted` of them."""

    kinds: list[tuple[str, int]]
    counted: int
    attended: int

    @property
    def held(self) -> int:
        """Count all of them."""
        return sum(n for _kind, n in self.kinds)


@dataclass(frozen=True)
class Yearly:
    """Everything of a year; `reports` is None where it is told to everyone."""

    area: AreaVersion
    year: int
    as_of: datetime
    is_over: bool
    reports: YearOfReports | None
    votes: list[Voted]
    topics: list[TalkedOver]
    compacts: list[InForce]
    bodies: list[BodyYear]
    activities: ActivityYear
    projects: list[ProjectYear]
    asked: list[Asked]
    topics_open: list[str]
    compacts_open: list[str]
    due: list[Due]


def yearly_of(code: str, year: int, *, at: datetime, with_reports: bool) -> Yearly:
    """Return the year of a unit; of the year that runs, as far as it has come.

    Everything but the reports is public anyway, each on a page of its own.

    :raises BadInput: the year hasn't begun, or is before anything could be known
    :raises NotFound: there was no such unit
    """
    today = local_day(at)
    if not FIRST_YEAR <= year <= today.year:
        raise BadInput(_("Choose this year or an earlier one."))
    since, until = date(year, 1, 1), date(year + 1, 1, 1)
    last = min(until - DAY, today)
    moment = min(end_of(last), at)
    area = area_by_code(code, on=last)
    if area.level != Level.UNIT:
        raise NotFound(_("A yearly report is made for a unit."))
    here: Any = areas_below(code, on=last).values("area_id")
    return Yearly(
        area, year, moment, today >= until, _reports(area, since, until, last, moment, at) if with_reports else None,
        _votes(here, since, until), _topics(here, since, until), _compacts(here, since, until), _bodies(here, since, last),
        _activities(here, since, until, moment), _projects(here, since, until),
        asked_rows(_questionnaires(here, since, until), on=last), _topics_open(here, until), _compacts_open(here, moment),
        due_between(code, until, date(year + 2, 1, 1), last=last, moment=moment),
    )  # fmt: skip


def _reports(area: AreaVersion, since: date, until: date, last: date, moment: datetime, at: datetime) -> YearOfReports:
    catch_up(at=at)
    told = Counter(told_by_category(area.area_id, since=since, until=until)).most_common()
    names = dict(Category.objects.filter(pk__in=[one for one, _n in told]).values_list("pk", "name"))
    late = overdue_by_area(areas_below(area.code, on=last).values_list("area_id", flat=True), at=moment)
    return YearOfReports(
        counted_in(area.area_id, since=since, until=until), disputed_in(area.code, since=since, until=until, on=last),
        sum(late.values()), [(names[one], n) for one, n in told],
    )  # fmt: skip


def _votes(here: Any, since: date, until: date) -> list[Voted]:
    rows = Ballot.objects.filter(
        area__in=here, state__in=[BallotState.CLOSED.value, BallotState.FINAL.value],
        closed_at__gte=day_begins(since), closed_at__lt=day_begins(until),
    ).select_related("count").order_by("closed_at", "title")  # fmt: skip
    return [_voted(one) for one in rows]


def _voted(one: Ballot) -> Voted:
    assert one.closed_at is not None  # a closed ballot says when
    chosen = chosen_by(one)
    is_resolution = one.state == BallotState.FINAL.value and not one.options
    passed = has_passed(one) if is_resolution else None
    return Voted(
        local_day(one.closed_at), one.title, one.state, passed, chosen.leading if chosen and chosen.enough else ()
    )


def _topics(here: Any, since: date, until: date) -> list[TalkedOver]:
    rows = Topic.objects.filter(
        area__in=here, state__in=SHOWN_TOPICS, decided_at__gte=day_begins(since), decided_at__lt=day_begins(until)
    ).order_by("decided_at", "title")
    return [
        TalkedOver(local_day(one.decided_at), one.title, one.decision, one.result)
        for one in rows
        if one.decided_at is not None
    ]


def _compacts(here: Any, since: date, until: date) -> list[InForce]:
    rows = Version.objects.filter(
        compact__area__in=here,
        stage__in=[Stage.IN_FORCE.value, Stage.REPLACED.value],
        in_force_from__gte=since,
        in_force_from__lt=until,
    ).order_by("in_force_from", "compact__title")
    values = rows.values_list("in_force_from", "compact__title", "compact__kind", "number")
    return [InForce(day, title, kind, number) for day, title, kind, number in values if day is not None]


def _bodies(here: Any, since: date, last: date) -> list[BodyYear]:
    rows = Body.objects.filter(Q(until=None) | Q(until__gt=since), area__in=here, since__lte=last).order_by(
        "name", "pk"
    )
    return [
        BodyYear(one.body.name, one.term.since if one.term else None, one.term.due if one.term else None)
        for one in standings(rows, on=last)
    ]


def _activities(here: Any, since: date, until: date, moment: datetime) -> ActivityYear:
    rows = Activity.objects.filter(
        area__in=here, ends_at__gte=day_begins(since), ends_at__lt=day_begins(until), ends_at__lte=moment
    )
    rows = rows.exclude(state=ActivityState.CANCELLED.value)
    values = list(rows.values_list("kind", "attended"))
    came = [attended for _kind, attended in values if attended is not None]
    return ActivityYear(Counter(kind for kind, _attended in values).most_common(), len(came), sum(came))


def _projects(here: Any, since: date, until: date) -> list[ProjectYear]:
    """Return the public projects that were called before the year's end and moved money in it or aren't closed."""
    called = Project.objects.filter(PUBLIC, at__lt=day_begins(until))
    mine = called.filter(Q(area__in=here) | Q(pk__in=Project.objects.filter(units__area__in=here).values("pk")))
    moves = MoneyMove.objects.filter(project__in=mine, on__lt=until).values_list("project", "kind")
    sums: Counter[tuple[object, str]] = Counter()
    for key, kind, fen in moves.annotate(fen=Sum("amount_fen")):
        sums[(key, kind)] = fen
    lately = MoneyMove.objects.filter(project__in=mine, on__gte=since, on__lt=until)
    release = lately.filter(kind=MoveKind.RELEASE.value).values_list("project").annotate(fen=Sum("amount_fen"))
    this_year = {key: fen for key, fen in release}
    moved = set(lately.values_list("project", flat=True))
    return [
        ProjectYear(
            one.title, one.state, one.budget_fen, sums[(one.pk, MoveKind.FUND.value)], this_year.get(one.pk, 0),
            sums[(one.pk, MoveKind.RELEASE.value)],
        )
        for one in mine.order_by("at", "title")
        if one.pk in moved or one.at >= day_begins(since) or one.state not in ("closed", "stopped")
    ]  # fmt: skip


def _questionnaires(here: Any, since: date, until: date) -> Iterable[Questionnaire]:
    return Questionnaire.objects.filter(
        area__in=here, state=QuestionnaireState.CLOSED.value, closes_on__gte=since, closes_on__lt=until
    ).order_by("closes_on", "title", "pk")


def _topics_open(here: Any, until: date) -> list[str]:
    rows = Topic.objects.filter(area__in=here, state=TopicState.UNDER_WAY.value, at__lt=day_begins(until))
    return list(rows.order_by("at", "title").values_list("title", flat=True))


def _compacts_open(here: Any, moment: datetime) -> list[str]:
    stages = [stage.value for stage in UNDER_WAY]
    rows = Version.objects.filter(compact__area__in=here, stage__in=stages, at__lte=moment)
    return list(rows.order_by("at").values_list("compact__title", flat=True))
