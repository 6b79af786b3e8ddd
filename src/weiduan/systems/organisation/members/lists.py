"""Members as lists and records, for those who keep their organisations; nobody else asks here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.sealed import blind_index
from weiduan.ground.territory.queries import alive, area_of, areas_below, names_by_area
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.queries import existing
from weiduan.systems.organisation.organisations.rules import HOLDS_MEMBERS

from .models import Membership, Person
from .queries import open_field
from .rules import REMIND_BEFORE, State, full_due, masked

# A little less than a year without the days of the reminder: whoever isn't due yet is left out afterwards.
NEARLY_A_YEAR = timedelta(days=365 - REMIND_BEFORE.days)


def seated_in(codes: Iterable[str], *, on: date, path: str = "") -> Q:
    """Organisations seated in any of these areas or below; "" is everywhere. `path` leads to them ("sender__")."""
    found = Q(pk__in=[])
    for code in codes:
        if code == "":
            return Q()
        found |= Q(**{f"{path}area__in": areas_below(code, on=on).values("area_id")})
    return found


def memberships_kept_by(viewer: User, *, on: date, at: datetime) -> QuerySet[Membership]:
    """Return the memberships, on a day, of the organisations a viewer keeps, in order of the person's number."""
    return memberships_in(areas_of(viewer, Duty.KEEP_ORGANISATION, at=at), on=on)


def memberships_in(codes: Iterable[str], *, on: date) -> QuerySet[Membership]:
    """Return the memberships, on a day, of organisations seated in these areas; the caller has checked the duty there."""
    rows = Membership.objects.filter(alive(on), seated_in(codes, on=on, path="organisation__"))
    return rows.select_related("person", "organisation").order_by("person__number")


def narrowed(
    rows: QuerySet[Membership], *, on: date, organisation: str = "", state: str = "", words: str = ""
) -> QuerySet[Membership]:
    """Narrow memberships by organisation (its number), state (“probationary” is one too) and words of the number."""
    if organisation:
        rows = rows.filter(organisation__number=organisation)
    if state == "probationary":
        rows = rows.filter(Q(full_on=None) | Q(full_on__gt=on))
    elif state:
        rows = rows.filter(state=state)
    for word in words.split():
        rows = rows.filter(person__number__icontains=word)
    return rows


def found_by(words: str, rows: QuerySet[Membership]) -> list[int]:
    """Return the keys of memberships of persons whose name or number holds every word, or whose whole telephone this is.

    Names are opened to look at and forgotten again, so it takes as long as there are members.
    """
    telephone, wanted = blind_index(words, purpose="phone"), words.casefold().split()
    kept = rows.values_list("pk", "person", "person__number", "person__name", "person__contact_index")
    return [
        key for key, person, number, name, index in kept.iterator()
        if (telephone and bytes(index) == telephone)
        or all(word in number.casefold() or word in open_field(person, "name", name).casefold() for word in wanted)
    ]  # fmt: skip


def rows_of(memberships: Iterable[Membership], *, on: date) -> list[dict[str, Any]]:
    """Lay memberships out by name, with the telephone masked."""
    memberships = list(memberships)
    homes = names_by_area({m.home_id for m in memberships if m.home_id}, on=on)
    return [_row(m, homes[m.home_id].name if m.home_id in homes else "", on) for m in memberships]


def _row(m: Membership, home: str, on: date) -> dict[str, Any]:
    return {
        "person": m.person_id, "number": m.person.number, "name": open_field(m.person_id, "name", m.person.name),
        "contact": masked(open_field(m.person_id, "contact", m.person.contact)), "organisation": m.organisation,
        "home": home, "state": m.state, "joined_on": m.joined_on, "full_on": m.full_on, "since": m.since, "until": m.until,
        "full": m.full_on is not None and m.full_on <= on,
    }  # fmt: skip


@dataclass(frozen=True)
class MemberRecord:
    """One member: the last membership, the seat of its organisation, all memberships (newest first) as rows."""

    person: Person
    membership: Membership
    seat: str
    row: dict[str, Any]
    past: list[dict[str, Any]]

    @property
    def is_member(self) -> bool:
        return self.membership.until is None


def member_record(number: str, *, viewer: User, at: datetime) -> MemberRecord:
    """Return a member as whoever keeps the organisation may see him or her.

    :raises NotFound: there is none, or not for this viewer
    :raises NotAllowed: `viewer` may look there, but does not keep the organisations
    """
    on = local_day(at)
    person = Person.objects.filter(number=number).first()
    held = memberships_of(person.pk) if person is not None else []
    if person is None or not held:
        raise NotFound(_("There is nothing here that you may see."))
    seat = area_of(held[0].organisation.area_id, on=on).code
    require(viewer, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    rows = rows_of(held, on=on)
    return MemberRecord(person, held[0], seat, rows[0], rows)


def memberships_of(person: UUID) -> list[Membership]:
    """Return every membership of somebody, newest first; the caller has checked who asks."""
    rows = Membership.objects.filter(person=person).select_related("person", "organisation")
    return list(rows.order_by("-since"))


@dataclass(frozen=True)
class ProbationDue:
    """A member whose year of probation is over or soon will be."""

    number: str
    organisation: str
    due: date
    late: bool


def probation_due_in(codes: Iterable[str], *, on: date) -> list[ProbationDue]:
    """Return members on probation whose year ends within thirty days or has ended, the longest over first."""
    waiting = Membership.objects.filter(
        alive(on), seated_in(codes, on=on, path="organisation__"), full_on=None,
        joined_on__lte=on - NEARLY_A_YEAR,
    ).order_by("joined_on", "person__number")  # fmt: skip
    rows = waiting.values_list("person__number", "organisation__name", "joined_on")
    found = [ProbationDue(number, name, full_due(joined), full_due(joined) < on) for number, name, joined in rows]
    return [one for one in found if one.due - REMIND_BEFORE <= on]


def colleagues_of(membership: Membership, *, on: date) -> list[tuple[UUID, str, str]]:
    """Return (key, number, name) of the other active members of the same organisation; the caller has checked the duty."""
    rows = Membership.objects.filter(alive(on), organisation=membership.organisation_id, state=State.ACTIVE.value)
    others = rows.exclude(person=membership.person_id).select_related("person").order_by("person__number")
    return [(m.person_id, m.person.number, open_field(m.person_id, "name", m.person.name)) for m in others]


def organisations_kept_by(viewer: User, *, on: date, at: datetime) -> list[Organisation]:
    """Return the branches and groups whose members a viewer keeps, in order of number."""
    codes = areas_of(viewer, Duty.KEEP_ORGANISATION, at=at)
    holding = Organisation.objects.filter(
        existing(on), seated_in(codes, on=on), kind__in=[k.value for k in HOLDS_MEMBERS]
    )
    return list(holding.order_by("number"))
