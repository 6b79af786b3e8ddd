"""Lists at the desk: what somebody has in hand, narrowed, the late ones first; what it may be joined to, and who may get it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import PLACE_FIELDS, Place, alive, ancestors_of, areas_below, below, starting_with
from weiduan.ground.territory.rules import Level, level_of, prefix_of

from .models import Report, ReportPhoto
from .queries import in_hands_of, is_overdue, reports_in_care_of
from .rules import CLOSED, OPEN, TO_HANDLE, State
from .search import with_words
from .tasks import tasks_late

TO_DO, PAUSED, DONE, ALL = "", "paused", "closed", "all"  # beside the states themselves
LATE, LATE_BELOW, LATE_TASK = "late", "below", "task"
MOST_TO_JOIN = 20


@dataclass(frozen=True)
class Narrowing:
    """What a list is narrowed to; empty words leave it wide, an empty `state` means what is still to be handled."""

    state: str = TO_DO
    late: str = ""
    category: str = ""
    area: str = ""
    words: str = ""


def narrowed(
    rows: QuerySet[Report], wanted: Narrowing, *, own: Sequence[str], on: date, at: datetime
) -> QuerySet[Report]:  # fmt: skip
    """Narrow a list and put it in order: the late ones first, then by when they are due.

    own  the areas the reader has the duty in: “late below” leaves out what these have in hand themselves
    """
    rows = _in_state(rows, wanted.state)
    if wanted.late == LATE_TASK:
        rows = rows.filter(pk__in=tasks_late(on=on).values("report"))
    elif wanted.late:
        rows = rows.filter(is_overdue(at))
    if wanted.late == LATE_BELOW:
        rows = rows.exclude(handler__in=AreaVersion.objects.filter(alive(on), code__in=list(own)).values("area_id"))
    if wanted.category:
        rows = rows.filter(Q(category__code=wanted.category) | Q(category__parent__code=wanted.category))
    if wanted.area:
        rows = rows.filter(area__in=areas_below(wanted.area, on=on).values("area_id"))
    for word in wanted.words.split():
        rows = rows.filter(Q(pk__in=with_words(word).values("report_id")) | Q(number__startswith=word))
    is_late = When(is_overdue(at), then=Value(0))
    return rows.annotate(turn=Case(is_late, default=Value(1), output_field=IntegerField())).order_by(
        "turn", "due_at", "number"
    )


def part_of(rows: QuerySet[Report], first: int, most: int) -> tuple[list[Report], int]:
    """Return at most so many of a list from the how many-th on (0 is the first), and how many the whole list has: one query.

    Past its end nothing is found and nothing is known of the whole.
    """
    whole = Subquery(
        rows.order_by().values("pk"),
        template="(SELECT count(*) FROM (%(subquery)s) AS whole)",
        output_field=IntegerField(),
    )
    found: list[Any] = list(rows.annotate(whole=whole)[first : first + most])
    return found, found[0].whole if found else 0


def _in_state(rows: QuerySet[Report], state: str) -> QuerySet[Report]:
    if state == ALL:
        return rows
    if state == PAUSED:
        return rows.filter(state__in=TO_HANDLE, paused_at__isnull=False)
    if state == DONE:
        return rows.filter(state__in=CLOSED)
    return rows.filter(state=state) if state in {s.value for s in State} else rows.filter(state__in=TO_HANDLE)


def most_pressing(rows: QuerySet[Report], most: int) -> list[Report]:
    """Return at most so many of a list that are to be handled, by when they are due."""
    return list(rows.filter(state__in=TO_HANDLE).select_related("category").order_by("due_at", "number")[:most])


@dataclass(frozen=True)
class Waiting:
    """How many wait to be handled, how many of these came back as not solved, and how many are late."""

    all: int
    disputed: int
    late: int


def waiting_in(codes: Iterable[str], *, on: date, at: datetime) -> Waiting:
    """Count what waits in the hands of areas and those below them: one query."""
    rows = in_hands_of(codes, on=on).filter(state__in=TO_HANDLE)
    disputed = Count("pk", filter=Q(state=State.DISPUTED.value))
    counts = rows.aggregate(all=Count("pk"), disputed=disputed, late=Count("pk", filter=is_overdue(at)))
    return Waiting(**counts)


def joinable_to(report: Report, viewer: User, *, at: datetime) -> list[Report]:
    """Return open reports of the same place that this one may be joined to: those of its category first, then the oldest."""
    same = Case(When(category=report.category_id, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = reports_in_care_of(viewer, at=at).filter(area=report.area_id, state__in=OPEN).exclude(pk=report.pk)
    return list(rows.select_related("category").order_by(same, "told_at", "number")[:MOST_TO_JOIN])


def photos_of(report: Report) -> list[ReportPhoto]:
    """Return the pictures of a report, in the order they came."""
    return list(ReportPhoto.objects.filter(report=report).order_by("at", "pk"))


def photo_in_care_of(viewer: User, report: UUID, key: UUID, *, at: datetime) -> ReportPhoto:
    """Return a picture of a report somebody has in hand.

    :raises NotFound: there is none, or it is in other hands; which isn't told
    """
    rows = ReportPhoto.objects.filter(report__in=reports_in_care_of(viewer, at=at), report_id=report)
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def areas_around(
    codes: Iterable[str], keys: Iterable[int] = (), *, on: date
) -> tuple[list[Place], dict[int, Place]]:  # fmt: skip
    """Return some areas, those above them, beside them and one level below them, down to grids, in order of code; and by key the
    areas that have these `keys`: one query for both.
    """
    listed, below_these, named = set[str](), list[tuple[str, Level]](), set(keys)
    for code in codes:
        above = [c for c in ancestors_of(code) if c != code]
        listed |= {code, *above}
        below_these += [child for near in (code, *above[-1:]) for child in _children_of(near)]
    near = Q(code__in=listed)
    for prefix, level in below_these:
        near |= starting_with(prefix) & Q(level=level)
    wide = Q(near, level__gte=Level.DISTRICT, level__lte=Level.GRID)
    rows = AreaVersion.objects.filter(Q(area__in=named) | wide, alive(on)).order_by("code")
    found = [Place(*row) for row in rows.values_list(*PLACE_FIELDS)]
    around = [
        place for place in found if Level.DISTRICT <= place.level <= Level.GRID
        and (place.code in listed or any(place.level == level and place.code.startswith(p) for p, level in below_these))
    ]  # fmt: skip
    return around, {place.id: place for place in found if place.id in named}


def _children_of(code: str) -> list[tuple[str, Level]]:
    """Return (how their codes begin, their level) of the areas one level below; of a city without districts its towns."""
    try:
        level, prefix = level_of(code), prefix_of(code)
    except ValueError:  # a mandate may name what is no area
        return []
    towns = [(prefix + "00", Level.TOWN)] if level is Level.CITY else []
    return [(prefix, Level(level + 1)), *towns] if level < Level.GRID else []


def may_receive(code: str, *, on: date) -> list[Place]:
    """Return where a report in the hands of an area may be handed over to: its district, all its towns and villages, and the
    grids of its own village; one query.
    """
    district, village = code[:6] + "000000", code[:12]
    wide = below(district) & Q(level__gte=Level.DISTRICT, level__lte=Level.VILLAGE)
    near = below(village) & Q(level=Level.GRID)
    rows = AreaVersion.objects.filter(alive(on), wide | near).exclude(code=code)
    return [Place(*row) for row in rows.order_by("code").values_list(*PLACE_FIELDS)]
