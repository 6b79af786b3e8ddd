"""The month of an area in figures: computed once, and told alike by its page, its PDF and its workbook. No person is in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import Place, area_by_code, areas_below, names_by_area, names_by_code
from weiduan.outlook.insight.corner_words import REASON_TITLES as CORNER_TITLES
from weiduan.outlook.insight.corner_words import why_sentence
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.counted.reading import (
    ReportCounts,
    counted_in,
    disputed_in,
    first_month,
    told_by_category,
)
from weiduan.outlook.insight.counted.rules import ZEROS, month_of
from weiduan.outlook.insight.governance import overdue_by_area
from weiduan.outlook.insight.organisation import coverage_of
from weiduan.outlook.insight.told.falling_due import Due, due_between
from weiduan.outlook.insight.units import day_begins
from weiduan.outlook.insight.venues import venue_reach
from weiduan.outlook.insight.words import REASON_TITLES as BLIND_TITLES
from weiduan.outlook.insight.words import reason_sentence
from weiduan.outlook.insight.zero_words import REASON_TITLES as ZERO_REASONS
from weiduan.outlook.insight.zeros import end_of, standings_on, why
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.rules import State as ActivityState
from weiduan.systems.services.functions.models import FunctionDates
from weiduan.systems.services.meetings.models import OrganisationMeeting
from weiduan.systems.services.meetings.plan import Standing
from weiduan.systems.services.meetings.rules import Kind as MeetingKind
from weiduan.systems.services.meetings.rules import State as MeetingState
from weiduan.systems.services.meetings.years import FIRST_YEAR, counts_in
from weiduan.systems.services.projects.models import Milestone, MilestoneAcceptance, MoneyMove, Project
from weiduan.systems.services.projects.rules import MoveKind
from weiduan.systems.services.satisfaction.models import Questionnaire
from weiduan.systems.services.satisfaction.queries import results_of
from weiduan.systems.services.satisfaction.rules import Share
from weiduan.systems.services.satisfaction.rules import State as QuestionnaireState
from weiduan.systems.services.volunteers.models import Shift
from weiduan.systems.services.volunteers.rules import ShiftState
from weiduan.systems.services.wishes.models import Wish
from weiduan.systems.services.wishes.rules import State as WishState
from weiduan.systems.venues.bookings.rules import SlotState

DAY = timedelta(days=1)
BEFORE = 6  # months a category is held against
GREW_BY, GREW_FROM = 1.5, 3  # it grew where it is at least so many times its own mean, and not fewer than so many
REASONS: Mapping[str, Mapping[str, object]] = {
    "organisation": BLIND_TITLES, "venues": CORNER_TITLES, "governance": ZERO_REASONS, "services": ZERO_REASONS,
}  # fmt: skip


@dataclass(frozen=True)
class Move:
    """A unit that came to lack a zero, or lacks it no more: where it lies, and why in a sentence."""

    code: str
    name: str
    around: str
    why: str


@dataclass(frozen=True)
class ZeroMonth:
    """How many units lacked a zero at the end of the month and of the month before, and which ones came and went."""

    name: str
    now: int
    before: int
    entered: list[Move]
    left: list[Move]


@dataclass(frozen=True)
class ReportMonth:
    """The reports of the month; `overdue` as they stood at its end, `grew` the categories that grew.

    mean_known  there are counts of as many months before as a category is held against
    """

    counts: ReportCounts
    disputed: int
    overdue: int
    grew: list[tuple[str, int, float]]  # name, told, its mean before
    mean_known: bool


@dataclass(frozen=True)
class MeetingMonth:
    """The meetings of a kind: how duties stand whose time ended in the month, and how many were held in it."""

    kind: MeetingKind
    due: Standing
    held: int


@dataclass(frozen=True)
class Services:
    """What there was: counts only.

    activities  that ended in the month; `attended` is counted at the door in `counted` of them
    dates       of functions of rooms, `functions` how many different ones
    """

    activities: int
    counted: int
    attended: int
    called_off: int
    dates: int
    functions: int
    shifts: int
    wishes: int


@dataclass(frozen=True)
class Projects:
    """Projects under way at the end of the month, milestones accepted in it, and money released, in fen."""

    running: int
    accepted: int
    released_fen: int
    released_in_all_fen: int


@dataclass(frozen=True)
class Asked:
    """What came of a questionnaire; `share` of its first question, None where too few answered for it to be shown."""

    title: str
    area: str
    asked: int
    answered: int
    share: Share | None


@dataclass(frozen=True)
class Monthly:
    """Everything of a month: from `since` until (without) `until`, as known at `as_of`."""

    area: AreaVersion
    since: date
    until: date
    as_of: datetime
    is_over: bool
    units: int
    units_before: int
    zeros: list[ZeroMonth]
    reports: ReportMonth
    meetings: list[MeetingMonth]
    services: Services
    projects: Projects
    asked: list[Asked]
    due: list[Due]
    activities_ahead: int
    meetings_ahead: int


def monthly_of(code: str, *, since: date, at: datetime) -> Monthly:
    """Return the month of an area that begins on `since`; of the month that runs, as far as it has come.

    :raises BadInput: it hasn't begun
    :raises NotFound: there was no such area
    """
    until, today = after(since), local_day(at)
    if since > today:
        raise BadInput(_("This month hasn't begun. Choose this one or an earlier."))
    last = min(until - DAY, today)
    area = area_by_code(code, on=last)
    moment = min(end_of(last), at)
    catch_up(at=at)
    now = _standings(code, last, at)
    before = standings_on(code, on=since - DAY)
    held = OrganisationMeeting.objects.filter(
        state=MeetingState.HELD.value, starts_at__gte=day_begins(since), starts_at__lt=day_begins(until),
        organisation__area__in=_here(code, last),
    )  # fmt: skip
    dues = _dues(code, since, until, today)
    by_kind = dict(held.values_list("kind").annotate(n=Count("pk")))
    return Monthly(
        area, since, until, moment, today >= until, len(now), len(before), _zeros(code, now, before, since, last, at),
        _reports(area, since, until, last, moment),
        [
            MeetingMonth(kind, dues.get(kind, Standing()), by_kind.get(kind.value, 0))
            for kind in MeetingKind if kind in dues or kind in by_kind
        ],
        _services(code, since, until, last, at), _projects(code, since, until, last), _asked(code, since, until, last),
        due_between(code, until, after(until), last=last, moment=moment), _ahead(code, until, last),
        sum(one.open + one.missing for one in _dues(code, until, after(until), today).values()),
    )  # fmt: skip


def after(since: date) -> date:
    """Return the first day of the month after one."""
    return month_of(since + 31 * DAY)


def months_before(since: date, n: int) -> date:
    """Return the first day of the month `n` months before one."""
    months = since.year * 12 + since.month - 1 - n
    return date(months // 12, months % 12 + 1, 1)


def _here(code: str, on: date) -> Any:
    return areas_below(code, on=on).values("area_id")


def _standings(code: str, on: date, at: datetime) -> list[UnitStanding]:
    """Return how units stood at the end of a day; of today, as the other pages count them."""
    if on == local_day(at):
        return list(UnitStanding.objects.filter(code__startswith=prefix_of(code)).order_by("code"))
    return standings_on(code, on=on)


def _zeros(
    code: str, now: Sequence[UnitStanding], before: Sequence[UnitStanding], since: date, last: date, at: datetime
) -> list[ZeroMonth]:
    was, are = {row.area_id: row for row in before}, {row.area_id: row for row in now}
    moved: dict[str, tuple[list[UnitStanding], list[UnitStanding]]] = {}
    for name in ZEROS:
        entered = [
            row for row in now if getattr(row, name) and not (row.area_id in was and getattr(was[row.area_id], name))
        ]
        left = [
            row for row in before if getattr(row, name) and not (row.area_id in are and getattr(are[row.area_id], name))
        ]
        moved[name] = entered if before else [], left
    touched = [row for pair in moved.values() for rows in pair for row in rows]
    places = names_by_area({row.area_id for row in touched}, on=since - DAY) | names_by_area(
        {row.area_id for row in touched}, on=last
    )
    around = names_by_code({row.code[:12] for row in touched}, on=since - DAY) | names_by_code(
        {row.code[:12] for row in touched}, on=last
    )

    def told(row: UnitStanding, words: str) -> Move:
        name = places[row.area_id].name if row.area_id in places else row.code
        return Move(row.code, name, around.get(row.code[:12], ""), words)

    found = []
    for name, (entered, left) in moved.items():
        sentences = _why(code, name, entered, places, last, at)
        came = [told(row, sentences.get(row.code, str(REASONS[name][getattr(row, name)]))) for row in entered]
        went = [told(row, _was(name, row, are)) for row in left]
        found.append(ZeroMonth(
            name, sum(bool(getattr(row, name)) for row in now), sum(bool(getattr(row, name)) for row in before), came, went
        ))  # fmt: skip
    return found


def _was(name: str, row: UnitStanding, are: Mapping[int, UnitStanding]) -> str:
    """Say what a unit lacked that lacks it no more."""
    title = REASONS[name][getattr(row, name)]
    if row.area_id not in are:
        return _("Had lacked it (%(reason)s); the unit itself is no more.") % {"reason": title}
    return _("Had lacked it (%(reason)s); that is settled.") % {"reason": title}


def _why(
    code: str, zero: str, rows: Sequence[UnitStanding], places: Mapping[int, Place], on: date, at: datetime
) -> dict[str, str]:
    """Return code → why units lack a zero, in sentences."""
    if not rows:
        return {}
    if zero == "organisation":
        return {gap.code: reason_sentence(gap) for gap in coverage_of(code, on=on).gaps}
    if zero == "venues":
        return {corner.unit.code: why_sentence(corner) for corner in venue_reach(code, on=on).corners}
    told = why(rows, zero, places, on=on, at=at)
    return {unit: " ".join(str(one["why"]) for one in found) for unit, found in told.items()}


def _reports(area: AreaVersion, since: date, until: date, last: date, moment: datetime) -> ReportMonth:
    key, code = area.area_id, area.code
    told, first = told_by_category(key, since=since, until=until), first_month(key)
    before = told_by_category(key, since=months_before(since, BEFORE), until=since)
    known = first is not None and first <= months_before(since, BEFORE)
    grew = grown(told, before) if known else []
    names = dict(Category.objects.filter(pk__in=[one for one, _n, _mean in grew]).values_list("pk", "name"))
    overdue = overdue_by_area(areas_below(code, on=last).values_list("area_id", flat=True), at=moment)
    return ReportMonth(
        counted_in(key, since=since, until=until), disputed_in(code, since=since, until=until, on=last), sum(overdue.values()),
        [(names[one], n, mean) for one, n, mean in grew], known,
    )  # fmt: skip


def grown(told: Mapping[int, int], before: Mapping[int, int]) -> list[tuple[int, int, float]]:
    """Return the categories that grew against their own mean of the months before, those that grew most first."""
    means = {one: before.get(one, 0) / BEFORE for one in told}
    found = [(one, n, means[one]) for one, n in told.items() if n >= GREW_FROM and n >= GREW_BY * means[one]]
    return sorted(found, key=lambda row: (row[2] - row[1], row[0]))


def _dues(code: str, since: date, until: date, today: date) -> dict[MeetingKind, Standing]:
    """Return how the duties to meet stand whose time ends between two days, by kind."""
    year = (until - DAY).year
    if not FIRST_YEAR <= year <= today.year + 1:
        return {}
    sums: dict[MeetingKind, Standing] = {}
    for one in counts_in(code, year, on=today):
        for due, standing in zip(one.dues, one.standings, strict=True):
            if since < due.until <= until:
                sums[due.kind] = sums.get(due.kind, Standing()) + standing
    return sums


def _services(code: str, since: date, until: date, last: date, at: datetime) -> Services:
    here, begins, ends = _here(code, last), day_begins(since), min(day_begins(until), at)
    activities = Activity.objects.filter(area__in=here, ends_at__gte=begins, ends_at__lt=ends).aggregate(
        called_off=Count("pk", filter=Q(state=ActivityState.CANCELLED.value)), all=Count("pk"),
        counted=Count("pk", filter=Q(attended__isnull=False) & ~Q(state=ActivityState.CANCELLED.value)),
        attended=Sum("attended", filter=~Q(state=ActivityState.CANCELLED.value)),
    )  # fmt: skip
    dates = FunctionDates.objects.filter(
        function__room__facility__area__in=here, booking__slots__state=SlotState.HELD.value,
        booking__slots__until__gte=begins, booking__slots__until__lt=ends,
    ).aggregate(dates=Count("booking__slots"), functions=Count("function", distinct=True))  # fmt: skip
    shifts = Shift.objects.filter(
        team__area__in=here, state=ShiftState.DONE.value, ends_at__gte=begins, ends_at__lt=ends
    )
    wishes = Wish.objects.filter(
        area__in=here, state__in=[WishState.FULFILLED.value, WishState.THANKED.value], ended_at__gte=begins, ended_at__lt=ends
    )  # fmt: skip
    return Services(
        activities["all"] - activities["called_off"], activities["counted"], activities["attended"] or 0,
        activities["called_off"], dates["dates"], dates["functions"], shifts.count(), wishes.count(),
    )  # fmt: skip


def _projects(code: str, since: date, until: date, last: date) -> Projects:
    here = _here(code, last)
    accepted = MilestoneAcceptance.objects.filter(
        milestone__agreement__project__area__in=here, at__gte=day_begins(since), at__lt=day_begins(until)
    ).count()
    signed = Project.objects.filter(area__in=here, agreement__signed_on__lt=until)
    steps = Milestone.objects.filter(agreement__project__in=signed)
    open_then = steps.filter(Q(acceptance=None) | Q(acceptance__at__gte=day_begins(until)))
    running = signed.filter(pk__in=open_then.values("agreement__project")).exclude(stopped_because__gt="").count()
    moves = MoneyMove.objects.filter(project__area__in=here, kind=MoveKind.RELEASE.value, on__lt=until)
    fen = moves.aggregate(all=Sum("amount_fen"), month=Sum("amount_fen", filter=Q(on__gte=since)))
    return Projects(running, accepted, fen["month"] or 0, fen["all"] or 0)


def _asked(code: str, since: date, until: date, last: date) -> list[Asked]:
    rows = Questionnaire.objects.filter(
        area__in=_here(code, last), state=QuestionnaireState.CLOSED.value, closes_on__gte=since, closes_on__lt=until
    ).order_by("closes_on", "title", "pk")
    return asked_rows(rows, on=last)


def asked_rows(rows: Iterable[Questionnaire], *, on: date) -> list[Asked]:
    """Return what came of some questionnaires."""
    known = list(rows)
    names, results = names_by_area({one.area_id for one in known}, on=on), results_of(known)
    return [
        Asked(
            one.title, names[one.area_id].name if one.area_id in names else "", one.asked, results[one.pk].answered,
            results[one.pk].answers[0].share if results[one.pk].answers else None,
        )
        for one in known
    ]  # fmt: skip


def _ahead(code: str, since: date, last: date) -> int:
    """Count the activities announced for the month after."""
    rows = Activity.objects.filter(
        area__in=_here(code, last), starts_at__gte=day_begins(since), starts_at__lt=day_begins(after(since))
    )
    return rows.exclude(state=ActivityState.CANCELLED.value).count()
