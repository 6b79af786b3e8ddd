"""名册: lists of members by name, given out to those who keep their organisations; each leaves an entry in the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.ground.territory.queries import area_by_code, area_of, areas_below
from weiduan.ground.territory.rules import Level
from weiduan.systems.organisation.organisations.models import Organisation

from .lists import memberships_kept_by, rows_of
from .models import Membership
from .queries import open_field
from .rules import LookedAtFor


@dataclass(frozen=True)
class Roster:
    """Members of one organisation, or living in one grid or unit: rows as in lists.rows_of, telephones masked.

    about  (kind, key) of what it is a list of, as the ledger names it
    """

    name: str
    code: str
    about: tuple[str, str]
    memberships: list[Membership]
    rows: list[dict[str, Any]]


def roster_of_organisation(organisation: Organisation, *, viewer: User, at: datetime) -> Roster:
    """Return the members of an organisation today.

    :raises NotAllowed: `viewer` does not keep the organisations at its seat
    """
    on = local_day(at)
    seat = area_of(organisation.area_id, on=on).code
    require(viewer, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    members = memberships_kept_by(viewer, on=on, at=at).filter(organisation=organisation)
    return _roster(organisation.name, seat, ("organisation.organisation", str(organisation.pk)), members, on)


def roster_of_area(code: str, *, viewer: User, at: datetime) -> Roster:
    """Return the members living in a grid or unit today, as far as `viewer` keeps their organisations.

    :raises NotAllowed: `viewer` does not keep the organisations there
    :raises BadInput: it is neither a grid nor a unit
    """
    on = local_day(at)
    require(viewer, Duty.KEEP_ORGANISATION, in_area=code, at=at)
    area = area_by_code(code, on=on)
    if area.level not in (Level.GRID, Level.UNIT):
        raise BadInput(_("Lists of members are made for an organisation, a grid or a unit; choose one of those."))
    living = memberships_kept_by(viewer, on=on, at=at).filter(home__in=areas_below(code, on=on).values("area_id"))
    return _roster(area.name, code, ("territory.area", str(area.area_id)), living, on)


def _roster(name: str, code: str, about: tuple[str, str], members: QuerySet[Membership], on: date) -> Roster:
    memberships = list(members)
    return Roster(name, code, about, memberships, rows_of(memberships, on=on))


@transaction.atomic
def give_out(roster: Roster, *, contacts_for: LookedAtFor | None, by: User, at: datetime) -> list[dict[str, Any]]:
    """Write down that a roster is given out; return its rows, with telephones only where a reason is given.

    A telephone given out is an entry with each person too, as if it had been looked at.
    """
    kind, key = roster.about
    told = {"members": len(roster.rows), "contacts": contacts_for.value if contacts_for else ""}
    deeds = [Deed("roster.exported", kind, key, roster.code, None, told)]
    if contacts_for is not None:
        deeds += _revealed(roster.memberships, contacts_for, roster.code)
    record_many(deeds, by=by, at=at)
    opened = _contacts(roster.memberships) if contacts_for is not None else {}
    return [
        {key: value for key, value in row.items() if key != "contact"}
        | ({"contact": opened[row["number"]]} if opened else {})
        for row in roster.rows
    ]


def _revealed(memberships: Iterable[Membership], reason: LookedAtFor, code: str) -> list[Deed]:
    return [
        Deed("contact.revealed", "organisation.person", str(m.person_id), code, None, {"reason": reason.value})
        for m in memberships
    ]


def _contacts(memberships: Iterable[Membership]) -> dict[str, str]:
    return {m.person.number: open_field(m.person_id, "contact", m.person.contact) for m in memberships}
