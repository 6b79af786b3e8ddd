"""双报到: members of organisations elsewhere, registered in the unit they live in. They count for no rule here."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import alive, area_by_code, area_of
from weiduan.ground.territory.rules import Level
from weiduan.systems.organisation.members.daily import (
    By,
    Newcomer,
    NotNow,
    lock_person,
    not_in_the_future,
    person_for,
    seat_of,
)
from weiduan.systems.organisation.members.models import Membership

from .models import Guest


@transaction.atomic
def register_guest(newcomer: Newcomer, unit: str, *, belongs_to: str = "", on: date, by: By, at: datetime) -> Guest:
    """Register somebody in a unit, by own wish; a registration elsewhere ends that day.

    newcomer    by number and name, where kept here already
    belongs_to  the organisation elsewhere, where the membership isn't kept here

    :raises NotAllowed: `by` does not keep the organisations of the unit
    :raises BadInput: it is no unit, or nobody says which organisation the guest belongs to
    :raises NotNow: a member of an organisation of this very village, or registered here already
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=unit, at=at)
    not_in_the_future(on, at)
    place = area_by_code(unit, on=on)
    if place.level != Level.UNIT:
        raise BadInput(_("%(name)s is no basic unit; choose the unit he or she lives in.") % {"name": place.name})
    if not newcomer.name.strip():
        raise BadInput(_("Write the name."))
    person = person_for(newcomer, prefix=f"G{unit}")
    _check_belonging(person.pk, unit, belongs_to, on)
    for before in Guest.objects.filter(alive(on), person=person):
        if before.unit_id == place.area_id:
            raise NotNow(_("He or she is registered here since %(day)s."), day=before.since)
        _end(before, on)
    guest = Guest.objects.create(person=person, unit_id=place.area_id, belongs_to=belongs_to.strip(), since=on)
    record(what="guest.registered", about=person, by=by, at=at, area=unit, after={"since": str(on)})
    return guest


def _check_belonging(person: UUID, unit: str, belongs_to: str, on: date) -> None:
    held = Membership.objects.filter(alive(on), person=person).select_related("organisation").first()
    if held is None and not belongs_to.strip():
        raise BadInput(_("Write to which organisation the guest belongs."))
    if held is not None and seat_of(held.organisation, on)[:12] == unit[:12]:
        raise NotNow(_("He or she belongs to an organisation of this village already and needs no registration."))


@transaction.atomic
def guest_leaves(guest: int, *, on: date, by: By, at: datetime) -> None:
    """Note that a guest is no longer registered, from a day on.

    :raises NotAllowed: `by` does not keep the organisations of the unit
    :raises NotNow: the registration ended already
    """
    found = Guest.objects.filter(pk=guest).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    person = lock_person(found.person_id)
    found.refresh_from_db()
    unit = area_of(found.unit_id, on=max(on, found.since)).code
    require(by, Duty.KEEP_ORGANISATION, in_area=unit, at=at)
    not_in_the_future(on, at)
    if found.until is not None:
        raise NotNow(_("The registration ended on %(day)s."), day=found.until)
    if on < found.since:
        raise BadInput(_("The registration began on %(day)s; it can't end before.") % {"day": found.since})
    _end(found, on)
    record(what="guest.left", about=person, by=by, at=at, area=unit, after={"on": str(on)})


def _end(guest: Guest, on: date) -> None:
    if guest.since >= on:
        guest.delete()
    else:
        guest.until = on
        guest.save(update_fields=["until"])
