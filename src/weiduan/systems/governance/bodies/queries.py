"""Bodies as they stand on a day: who is in office, which seats are vacant, whose election is due."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import ancestors_of, area_ids, within

from .models import Body, BodyHandover, BodyTerm, Officer
from .rules import DUE_MONTHS, Kind, kinds


@dataclass(frozen=True)
class Standing:
    """A body on a day.

    term       the last one that has begun, None before the first election
    officers   who is in office, in the order of the offices
    vacancies  seats nobody holds
    is_overdue the term is over and no election was recorded
    handovers  what earlier terms left to hand over, not done yet
    """

    body: Body
    kind: Kind
    term: BodyTerm | None
    officers: tuple[Officer, ...]
    vacancies: int
    is_overdue: bool
    handovers: tuple[BodyHandover, ...]

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Return (office, name) as everyone may read it: names only where they are public by law."""
        return [(one.office, one.name if self.kind.members_public else "") for one in self.officers]


def bodies_in(code: str, *, on: date) -> QuerySet[Body]:
    """Return the bodies there are on a day in an area and those below it."""
    return _alive(on).filter(within([code], on=on))


def bodies_for(code: str, *, on: date) -> QuerySet[Body]:
    """Return the bodies that govern an area on a day: its own, and those of the areas above it."""
    return _alive(on).filter(area__in=area_ids(ancestors_of(code), on=on).values())


def bodies_kept_by(viewer: User, *, at: datetime) -> QuerySet[Body]:
    """Return the bodies somebody keeps, those dissolved among them."""
    here = within(areas_of(viewer, Duty.KEEP_GOVERNANCE, at=at), on=local_day(at))
    return Body.objects.filter(here).order_by(F("until").asc(nulls_first=True), "name", "pk")


def kept_body(viewer: User, key: UUID, *, at: datetime) -> Body:
    """Return a body somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = bodies_kept_by(viewer, at=at).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def standings(bodies: Iterable[Body], *, on: date) -> list[Standing]:
    """Return how bodies stand on a day, in their order: three queries for all of them."""
    rows = list(bodies)
    begun = BodyTerm.objects.filter(body__in=rows, since__lte=on).select_related("ballot").order_by("since")
    terms = {term.body_id: term for term in begun}  # the last of each stays
    officers, handovers = defaultdict(list), defaultdict(list)
    for officer in _in_office(on).filter(term__in=terms.values()):
        officers[officer.term_id].append(officer)
    left = BodyHandover.objects.filter(term__body__in=rows, done_on=None).select_related("term").order_by("pk")
    for one in left:
        handovers[one.term.body_id].append(one)
    return [_standing(body, terms.get(body.pk), officers, handovers[body.pk], on) for body in rows]


def _standing(
    body: Body, term: BodyTerm | None, officers: dict[int, list[Officer]], handovers: Sequence[BodyHandover], on: date
) -> Standing:
    kind = kinds()[body.kind]
    held = officers.get(term.pk, []) if term else []
    ordered = sorted(held, key=lambda one: (kind.offices.index(one.office), one.since, one.name))
    vacancies = term.seats - len(held) if term else 0
    overdue = term is not None and body.until is None and term.due < on
    return Standing(body, kind, term, tuple(ordered), vacancies, overdue, tuple(handovers))


def terms_of(body: Body) -> list[tuple[BodyTerm, list[Officer], list[BodyHandover]]]:
    """Return every term of a body, the latest first, with everyone who held an office and what was handed over."""
    rows = body.terms.order_by("-since").prefetch_related("officers", "handovers").select_related("ballot")
    return [
        (
            term,
            sorted(term.officers.all(), key=lambda one: (one.since, one.office, one.name)),
            sorted(term.handovers.all(), key=lambda one: one.pk),
        )
        for term in rows
    ]


def bodies_due(codes: Iterable[str], *, on: date) -> list[Standing]:
    """Return the bodies of areas whose election is due within six months, or overdue, or was never held; the oldest first."""
    found = standings(_alive(on).filter(within(codes, on=on)), on=on)
    until = on + relativedelta(months=DUE_MONTHS)
    due = [one for one in found if one.term is None or (one.term.until is None and one.term.due <= until)]
    return sorted(due, key=lambda one: one.term.due if one.term else one.body.since)


def in_term(code: str, *, on: date) -> list[Body]:
    """Return the bodies of just this area that are in term on a day: elected, and the next election isn't overdue."""
    here = _alive(on).filter(area__in=area_ids([code], on=on).values())
    running = Q(terms__since__lte=on, terms__due__gte=on) & (Q(terms__until=None) | Q(terms__until__gt=on))
    return list(here.filter(running).distinct())


def _alive(on: date) -> QuerySet[Body]:
    lasts = Q(until=None) | Q(until__gt=on)
    return Body.objects.filter(lasts, since__lte=on).order_by("name", "pk")


def _in_office(on: date) -> QuerySet[Officer]:
    return Officer.objects.filter(Q(until=None) | Q(until__gt=on), since__lte=on)
