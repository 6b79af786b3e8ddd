"""Changes asked for and decided, and the elections that are due: for those who keep the organisations at either end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import alive, area_of
from weiduan.ground.territory.rules import prefix_of
from weiduan.systems.organisation.members.lists import seated_in
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.queries import open_field
from weiduan.systems.organisation.members.rules import COUNTED
from weiduan.systems.organisation.organisations.models import Organisation, Term
from weiduan.systems.organisation.organisations.queries import existing, keys_below

from .models import Change
from .rules import State

REMIND_MONTHS = (6, 3)


@dataclass(frozen=True)
class Seen:
    """A change as one reader sees it: whether it is for this reader to approve, to return, to withdraw."""

    change: Change
    may_approve: bool
    may_return: bool
    may_withdraw: bool


def changes_about(codes: Iterable[str], *, on: date) -> QuerySet[Change]:
    """Return the changes about these areas or to be decided in them, the newest first."""
    codes = list(codes)
    about = Q(pk__in=[])
    for code in codes:
        about |= Q(seat__startswith=prefix_of(code))
    rows = Change.objects.filter(about | seated_in(codes, on=on, path="superior__"))
    return rows.select_related("organisation", "superior", "asked_by", "decided_by").order_by("-asked_at")


def to_decide_in(codes: Iterable[str], *, on: date) -> list[Change]:
    """Return what is asked for of superiors seated in these areas and not decided, the longest waiting first."""
    rows = Change.objects.filter(seated_in(codes, on=on, path="superior__"), state=State.ASKED.value)
    return list(rows.select_related("organisation", "superior", "asked_by").order_by("asked_at"))


def change_seen_by(key: UUID, viewer: User, *, at: datetime) -> Seen:
    """Return a change as `viewer` may see it.

    :raises NotFound: there is none, or it is neither about nor decided in an area one may look at
    """
    change = Change.objects.select_related("organisation", "superior", "asked_by", "decided_by").filter(pk=key).first()
    looks = areas_of(viewer, Duty.LOOK, at=at)
    superior = area_of(change.superior.area_id, on=local_day(at)).code if change else ""
    if change is None or not any(covers(area, seat) for area in looks for seat in (change.seat, superior)):
        raise NotFound(_("There is nothing here that you may see."))
    keeps = areas_of(viewer, Duty.KEEP_ORGANISATION, at=at)
    is_open = change.state == State.ASKED.value
    decides = is_open and any(covers(area, superior) for area in keeps)
    asks = is_open and any(covers(area, change.seat) for area in keeps)
    return Seen(change, decides and change.asked_by_id != viewer.pk, decides, asks)


@dataclass(frozen=True)
class ElectionDue:
    """An election that is due within six months, or late: `stage` is 6 or 3 (months before) or 0 (late)."""

    number: str
    name: str
    due: date
    stage: int
    days: int  # until it is due; below 0 where it is late


def elections_due(codes: Iterable[str], *, on: date) -> list[ElectionDue]:
    """Return the elections due within six months in organisations seated in these areas, the latest first."""
    later = Term.objects.filter(organisation=OuterRef("organisation"), since__gt=OuterRef("since"), since__lte=on)
    here = Organisation.objects.filter(existing(on), seated_in(codes, on=on)).values("pk")
    rows = Term.objects.filter(~Exists(later), organisation__in=here, since__lte=on)
    rows = rows.filter(due_on__lte=on + relativedelta(months=max(REMIND_MONTHS))).order_by(
        "due_on", "organisation__number"
    )
    return [
        ElectionDue(number, name, due, _stage(due, on) or 0, (due - on).days)
        for number, name, due in rows.values_list("organisation__number", "organisation__name", "due_on")
    ]


def _stage(due: date, on: date) -> int | None:
    if due < on:
        return 0
    return min((months for months in REMIND_MONTHS if due <= on + relativedelta(months=months)), default=None)


@dataclass(frozen=True)
class TermSeen:
    """The term an organisation is in on a day: `stage` as of ElectionDue, None where it is due later than that.

    past  (since, until) of the terms before, the newest first
    """

    since: date
    due: date
    stage: int | None
    past: list[tuple[date, date]]


def term_of(organisation: Organisation, *, on: date) -> TermSeen | None:
    """Return the term an organisation is in on a day, or None where none is kept."""
    rows = (
        Term.objects.filter(organisation=organisation, since__lte=on).order_by("-since").values_list("since", "due_on")
    )
    terms = list(rows)
    if not terms:
        return None
    since, due = terms[0]
    begun = [since for since, _due in terms]
    return TermSeen(since, due, _stage(due, on), list(zip(begun[1:], begun, strict=False)))


def electors_of(organisation: Organisation, *, on: date) -> QuerySet[Membership]:
    """Return the full members of an organisation and of everything below it on a day; suspended ones have no vote."""
    keys = keys_below(organisation.pk, on=on)
    rows = Membership.objects.filter(alive(on), organisation__in=keys, state__in=COUNTED, full_on__lte=on)
    return rows.order_by("person__number")


def named_electors(electors: QuerySet[Membership]) -> list[tuple[UUID, str, str]]:
    """Return (key, number, name) of electors; the caller has checked the duty."""
    rows = electors.select_related("person")
    return [(m.person_id, m.person.number, open_field(m.person_id, "name", m.person.name)) for m in rows]
