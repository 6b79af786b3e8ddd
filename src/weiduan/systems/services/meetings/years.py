"""The year of an organisation: what it owes, how far that is fulfilled, what is missing; of one, or of all in an area."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.base.batches import among
from weiduan.ground.base.errors import BadInput
from weiduan.ground.rulebook.models import RuleOverride
from weiduan.ground.rulebook.rules import Override, Rule, rules_in_force
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.coverage.rules import COMMITTEE_FROM
from weiduan.systems.organisation.members.lists import seated_in
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import COUNTED
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.queries import existing, organisation_by_number
from weiduan.systems.organisation.organisations.rules import Kind as OrganisationKind

from .models import OrganisationMeeting
from .plan import Body, Due, Standing, by_kind, plan_of, standing_of
from .rules import Kind, State
from .sight import VILLAGE_DIGITS, Sight, seat_of, sight_of

FIRST_YEAR = 2018  # the regulations the plan is made from came into force that October


def bodies_of(organisations: Iterable[Organisation], year: int, *, on: date) -> dict[int, Body]:
    """Return key → what the plans of organisations look at; months still to come are taken to be as `on` is."""
    organisations = list(organisations)
    committees = _committees([o.pk for o in organisations if o.kind == OrganisationKind.BRANCH], year, on)
    return {o.pk: Body(o.kind, o.founded_on, o.dissolved_on, committees.get(o.pk, frozenset())) for o in organisations}


Span = tuple[date, date | None]  # from one day until another


def _committees(branches: Sequence[int], year: int, on: date) -> dict[int, frozenset[int]]:
    """Return branch → months in which it had a committee: posts of one, or as many full members as must elect one."""
    seated: dict[int, list[Span]] = defaultdict(list)
    posts = Post.objects.filter(organisation__in=among(branches), role=Role.COMMITTEE_MEMBER.value)
    for branch, since, until in posts.filter(_during(year)).values_list("organisation_id", "since", "until"):
        seated[branch or 0].append((since, until))
    full: dict[int, list[Span]] = defaultdict(list)
    rows = Membership.objects.filter(
        Q(organisation__in=among(branches)) | Q(organisation__parent__in=among(branches)),
        _during(year), state__in=COUNTED, full_on__isnull=False,
    )  # fmt: skip
    known = set(branches)
    for own, parent, since, until, full_on in rows.values_list(
        "organisation_id", "organisation__parent_id", "since", "until", "full_on"
    ):
        full[own if own in known else parent or 0].append((max(since, full_on or since), until))
    days = {month: min(date(year, month, 1), on) for month in range(1, 13)}
    return {
        branch: frozenset(
            month
            for month, day in days.items()
            if _alive(seated[branch], day) or _alive(full[branch], day) >= COMMITTEE_FROM
        )
        for branch in branches
    }


def _during(year: int) -> Q:
    return Q(since__lte=date(year, 12, 31)) & (Q(until=None) | Q(until__gt=date(year, 1, 1)))


def _alive(spans: Iterable[Span], day: date) -> int:
    return sum(since <= day and (until is None or day < until) for since, until in spans)


def rules_during(year: int) -> Callable[[str], Callable[[date], tuple[Rule, ...]]]:
    """Return area code → day → the rules in force there, reading the local values of a year once."""
    rows = list(RuleOverride.objects.filter(_during(year)))

    @cache
    def rules(prefix: str, day: date) -> tuple[Rule, ...]:
        own = [
            Override(row.rule, prefix_of(row.area), row.value, row.source)
            for row in rows
            if row.since <= day and (row.until is None or day < row.until)
        ]
        asked = rules_in_force(area=prefix, on=day, overrides=own)
        return tuple(rule for rule in asked if rule.applies_to.endswith("_plan"))

    return lambda code: lambda day: rules(prefix_of(code)[:VILLAGE_DIGITS], day)


def plan_for(organisation: Organisation, year: int, *, on: date) -> list[Due]:
    """Return what an organisation owes in a year, as seen on a day.

    :raises BadInput: before the regulations, or further on than next year
    """
    check_year(year, on)
    body = bodies_of([organisation], year, on=on)[organisation.pk]
    return plan_of(body, year, rules_during(year)(seat_of(organisation, on=on)))


def check_year(year: int, on: date) -> None:
    """Let only years pass for which a plan can be made.

    :raises BadInput: it is none of them
    """
    if not FIRST_YEAR <= year <= on.year + 1:
        raise BadInput(_("Choose a year from %(first)s to %(last)s."), first=FIRST_YEAR, last=on.year + 1)


@dataclass(frozen=True)
class Cell:
    """One duty of the plan, how far it is fulfilled, and (inside only) the meetings of its span in order of time."""

    due: Due
    standing: Standing
    meetings: tuple[OrganisationMeeting, ...] = ()


@dataclass(frozen=True)
class YearPlan:
    """The year of one organisation as one reader sees it: `cells` and their meetings are for those inside."""

    organisation: Organisation
    seat: str
    year: int
    inside: bool
    sums: dict[Kind, Standing]
    cells: list[Cell] = field(default_factory=list)

    @property
    def to_do(self) -> list[Cell]:
        """Return the duties that aren't fulfilled yet, late ones too."""
        return [cell for cell in self.cells if cell.standing.missing or cell.standing.open]


def year_plan(number: str, year: int, *, viewer: User, at: datetime) -> YearPlan:
    """Return the year of an organisation as `viewer` may see it.

    :raises NotFound: there is none, or not for this viewer
    :raises BadInput: no plan can be made for that year
    """
    on = local_day(at)
    organisation = organisation_by_number(number, viewer=viewer, on=on, at=at)
    seat = seat_of(organisation, on=on)
    dues = plan_for(organisation, year, on=on)
    inside = sight_of(viewer, seat, at=at) is Sight.INSIDE
    rows = OrganisationMeeting.objects.filter(
        organisation=organisation, since__gte=date(year, 1, 1), since__lt=date(year + 1, 1, 1)
    )
    meetings: dict[tuple[Any, ...], list[OrganisationMeeting]] = defaultdict(list)
    for row in rows.order_by("starts_at", "at"):
        meetings[Kind(row.kind), row.since, row.until].append(row)
    counted = {
        (*span, state.value): sum(one.state == state for one in found)
        for span, found in meetings.items()
        for state in State
    }
    cells = [Cell(due, standing_of(due, counted, on), tuple(meetings.get(due.span, ()))) for due in dues]
    sums = by_kind(dues, counted, on)
    return YearPlan(organisation, seat, year, inside, sums, cells if inside else [])


@dataclass(frozen=True)
class OrganisationCounts:
    """How far the duties of one organisation are fulfilled, by kind."""

    number: str
    name: str
    kind: str
    dues: list[Due] = field(repr=False)
    standings: list[Standing] = field(repr=False)  # of each due, in the same order
    sums: dict[Kind, Standing]

    @property
    def total(self) -> Standing:
        return sum(self.sums.values(), Standing())


def counts_in(code: str, year: int, *, on: date) -> list[OrganisationCounts]:
    """Return the counts of every organisation seated in an area or below, in order of number; the caller has checked who looks.

    :raises BadInput: no plan can be made for that year
    """
    check_year(year, on)
    return _counts(Organisation.objects.filter(existing(on), seated_in([code], on=on)), year, on)


def _counts(rows: QuerySet[Organisation], year: int, on: date) -> list[OrganisationCounts]:
    organisations = list(rows.order_by("number"))
    codes = _seats({o.area_id for o in organisations}, on)
    bodies, rules = bodies_of(organisations, year, on=on), rules_during(year)

    @cache
    def planned(body: Body, prefix: str) -> list[Due]:
        return plan_of(body, year, rules(prefix))

    counted = _counted({o.pk for o in organisations}, year)
    found = []
    for one in organisations:
        dues = planned(bodies[one.pk], prefix_of(codes[one.area_id])[:VILLAGE_DIGITS])
        own = counted.get(one.pk, {})
        standings = [standing_of(due, own, on) for due in dues]
        found.append(OrganisationCounts(one.number, one.name, one.kind, dues, standings, by_kind(dues, own, on)))
    return found


def _seats(areas: set[int], on: date) -> dict[int, str]:
    """Return area → its code on a day, the last one where it has ended."""
    rows = AreaVersion.objects.filter(area__in=among(areas), since__lte=on).order_by("since")
    return dict(rows.values_list("area_id", "code"))


Counts = dict[tuple[Kind, date, date, str], int]


def _counted(keys: Iterable[int], year: int) -> dict[int, Counts]:
    rows = OrganisationMeeting.objects.filter(
        organisation__in=among(keys), since__gte=date(year, 1, 1), since__lt=date(year + 1, 1, 1)
    )
    found: dict[int, Counts] = defaultdict(dict)
    for key, kind, since, until, state, n in rows.values_list(
        "organisation_id", "kind", "since", "until", "state"
    ).annotate(n=Count("pk")):
        found[key][Kind(kind), since, until, state] = n
    return found


def counted_of(organisation: Organisation, year: int) -> Counts:
    """Count the meetings of an organisation in a year by the duty they fulfil and their state."""
    return _counted([organisation.pk], year).get(organisation.pk, {})


def sums_of(counts: Iterable[OrganisationCounts]) -> dict[Kind, Standing]:
    """Sum up organisations by kind of meeting, in the order of kinds."""
    sums: dict[Kind, Standing] = {}
    for one in counts:
        for kind, standing in one.sums.items():
            sums[kind] = sums.get(kind, Standing()) + standing
    return {kind: sums[kind] for kind in Kind if kind in sums}


@dataclass(frozen=True)
class Lacking:
    """A duty of one organisation that isn't fulfilled: `until` is the last day for it."""

    number: str
    name: str
    kind: Kind
    since: date
    until: date
    late: bool


def missing_in(code: str, *, year: int, on: date) -> list[Lacking]:
    """Return the duties of a year that are over without a meeting or an excuse, the longest over first."""
    found = [one for counts in counts_in(code, year, on=on) for one in _lacking(counts) if one.late]
    return sorted(found, key=lambda one: (one.until, one.number, one.kind))


def _lacking(counts: OrganisationCounts) -> list[Lacking]:
    return [
        Lacking(counts.number, counts.name, due.kind, due.since, due.until - DAY, standing.missing > 0)
        for due, standing in zip(counts.dues, counts.standings, strict=True)
        if standing.missing or standing.open
    ]


DAY = date(2000, 1, 2) - date(2000, 1, 1)
REMIND_BEFORE = 7 * DAY


def lacking_inside(codes: Iterable[str], *, on: date) -> list[Lacking]:
    """Return what those who keep organisations in these areas are reminded of: duties that end within a week, and missed ones.

    Only of organisations they see inside, so that the branch is told first and nobody above it; and only of those that keep
    their meetings here, for of the others nothing is known. Missed ones of last year are told until the end of March.
    """
    rows = Organisation.objects.filter(existing(on), _own_to(codes, on))
    last = on.year - 1
    kept = OrganisationMeeting.objects.filter(since__gte=date(last, 1, 1)).values("organisation")
    rows = rows.filter(pk__in=kept)
    if not rows.exists():
        return []
    years = [last, on.year] if on.month <= 3 and last >= FIRST_YEAR else [on.year]
    found = [one for year in years for counts in _counts(rows, year, on) for one in _lacking(counts)]
    begun = _first_kept(rows)
    near = [one for one in found if (one.late and one.until >= begun[one.number]) or _is_soon(one, on)]
    return sorted(near, key=lambda one: (one.until, one.number, one.kind))


def _is_soon(one: Lacking, on: date) -> bool:
    return not one.late and one.until - on < REMIND_BEFORE


def _first_kept(rows: QuerySet[Organisation]) -> dict[str, date]:
    """Return number → the first period whose meetings are kept here: what was before it isn't known, so it isn't missed."""
    found: dict[str, date] = {}
    kept = OrganisationMeeting.objects.filter(organisation__in=rows.values("pk")).order_by("-since")
    for number, since in kept.values_list("organisation__number", "since"):
        found[number] = since
    return found


def _own_to(codes: Iterable[str], on: date) -> Q:
    """Organisations seated where a mandate for one of these areas sees inside; as `sight_of`."""
    own = Q(pk__in=[])
    for code in codes:
        digits = len(prefix_of(code))
        own |= (
            seated_in([code], on=on)
            if digits >= VILLAGE_DIGITS
            else Q(area__in=AreaVersion.objects.filter(alive(on), code=code).values("area_id"))
        )
    return own
