"""What happens to one member: joining, becoming full, another state or home, and whose telephone was looked at.

A membership is never rewritten: what changes closes the row and opens the next, from a day on. Only
what is said twice about the same day replaces itself.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.scope import beyond_scope
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.ground.territory.rules import Level
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.rules import HOLDS_MEMBERS

from .actions import keep_persons
from .models import Membership, Person
from .queries import open_field, persons_numbered
from .rules import LookedAtFor, State, full_due

By = User | str


class NotNow(Refused):
    """It can't be done in the state things are in; the sentence says what would allow it."""


@dataclass(frozen=True)
class Newcomer:
    """Whoever joins. Without a number one is given; without `joined_on` he or she joins on the day it is written down.

    joined_on, full_on  for somebody who comes from an organisation outside
    """

    name: str
    contact: str = ""
    number: str = ""
    joined_on: date | None = None
    full_on: date | None = None


@beyond_scope()  # whoever is new belongs nowhere yet; whether somebody may is asked by each action that holds the lock
def lock_person(person: UUID) -> Person:
    """Lock somebody: everything about one person goes through this lock.

    :raises NotFound: there is nobody with this key
    """
    found = Person.objects.select_for_update().filter(pk=person).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def held_on(person: UUID, on: date) -> Membership:
    """Return the membership that holds on a day and is the last one kept; call `lock_person` first.

    :raises NotFound: nobody's: he or she never was a member
    :raises NotNow: the membership ended, or it changed after that day
    """
    last = Membership.objects.filter(person=person).select_related("organisation").order_by("-since").first()
    if last is None:
        raise NotFound(_("There is nothing here that you may see."))
    if last.since > on:
        raise NotNow(_("Something changed on %(day)s already; give that day or a later one."), day=last.since)
    if last.until is not None:
        raise NotNow(_("The membership ended on %(day)s. Let him or her join anew."), day=last.until)
    return last


def seat_of(organisation: Organisation, on: date) -> str:
    """Return the code of the area an organisation is seated in."""
    return area_of(organisation.area_id, on=on).code


def not_in_the_future(on: date, at: datetime) -> None:
    """Let only what has happened be written down.

    :raises BadInput: the day is still to come
    """
    if on > local_day(at):
        raise BadInput(_("%(day)s is still to come; write it down on that day.") % {"day": on})


def reopen(held: Membership, on: date, **changes: Any) -> Membership:
    """Let a membership go on with changes from a day: close the row and open the next."""
    if held.since == on:
        for name, value in changes.items():
            setattr(held, name, value)
        held.save()
        return held
    held.until = on
    held.save(update_fields=["until"])
    kept = ("person_id", "organisation_id", "home_id", "state", "joined_on", "full_on")
    went_on = Membership(since=on, **{name: getattr(held, name) for name in kept})
    for name, value in changes.items():
        setattr(went_on, name, value)
    went_on.save()
    return went_on


def close(held: Membership, on: date) -> None:
    """End a membership on a day; one that began that very day never was."""
    if held.since == on:
        held.delete()
    else:
        held.until = on
        held.save(update_fields=["until"])


@transaction.atomic
def join(
    newcomer: Newcomer, organisation: Organisation, *, home: str | None = None, on: date, by: By, at: datetime
) -> Person:
    """Let somebody join an organisation: on probation, unless `full_on` says otherwise.

    home  code of the unit he or she can be counted on in

    :raises NotAllowed: `by` does not keep the organisations there
    :raises BadInput: dates that can't be, a home that is no unit, an organisation that takes no members
    :raises NotNow: the number belongs to somebody else, or to a member already
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    seat = seat_of(organisation, on)
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    not_in_the_future(on, at)
    _check_newcomer(newcomer, organisation, on)
    person = person_for(newcomer, prefix=organisation.number)
    _check_free(person, on)
    membership = Membership.objects.create(
        person=person, organisation=organisation, home_id=home_of(home, on), state=State.ACTIVE.value,
        joined_on=newcomer.joined_on or on, full_on=newcomer.full_on, since=on,
    )  # fmt: skip
    told = {"organisation": organisation.number, "full": membership.full_on is not None}
    record(what="member.joined", about=person, by=by, at=at, area=seat, after=told)
    return person


def _check_newcomer(newcomer: Newcomer, organisation: Organisation, on: date) -> None:
    joined = newcomer.joined_on or on
    if organisation.kind not in HOLDS_MEMBERS:
        raise BadInput(_("Members belong to a branch or a group; choose one of those."))
    if organisation.dissolved_on is not None and organisation.dissolved_on <= on:
        raise BadInput(_("%(name)s is dissolved; choose another organisation.") % {"name": organisation.name})
    if organisation.founded_on > on:
        raise BadInput(_("%(name)s was founded later than that day.") % {"name": organisation.name})
    if not newcomer.name.strip():
        raise BadInput(_("Write the name."))
    if joined > on:
        raise BadInput(_("The day of joining can't lie after %(day)s.") % {"day": on})
    if newcomer.full_on is not None and not joined <= newcomer.full_on <= on:
        raise BadInput(_("The day of full membership lies between the day of joining and %(day)s.") % {"day": on})


@beyond_scope()  # numbers are given once everywhere, and a newcomer belongs nowhere yet
def person_for(newcomer: Newcomer, *, prefix: str) -> Person:
    """Return, locked, the person a newcomer is: kept already under the number and the same name, or kept now.

    prefix  what the number begins with, where one is given here

    :raises NotNow: the number is given to somebody of another name; whose is not told
    """
    number = newcomer.number.strip() or _free_number(prefix)
    known = persons_numbered([number]).get(number)
    if known is None:
        keys = keep_persons([{"number": number, "name": newcomer.name.strip(), "contact": newcomer.contact.strip()}])
        return lock_person(keys[number])
    person = lock_person(known)
    if open_field(person.pk, "name", person.name) != newcomer.name.strip():
        raise NotNow(_("This number is given to somebody else. Leave it empty, and one is given."))
    return person


def _free_number(prefix: str) -> str:
    taken = set(Person.objects.filter(number__startswith=f"{prefix[:24]}-").values_list("number", flat=True))
    return next(n for n in (f"{prefix[:24]}-{i:04}" for i in range(1, len(taken) + 2)) if n not in taken)


def _check_free(person: Person, on: date) -> None:
    last = Membership.objects.filter(person=person).order_by("-since").first()
    if last is not None and last.until is None:
        raise NotNow(_("He or she is a member already; ask for a transfer instead."))
    if last is not None and last.until is not None and last.until > on:
        raise NotNow(_("Something changed on %(day)s already; give that day or a later one."), day=last.until)


def home_of(code: str | None, on: date) -> int | None:
    """Return the key of the unit with this code.

    :raises BadInput: it is no unit
    """
    if not code:
        return None
    version = area_by_code(code, on=on)
    if version.level != Level.UNIT:
        raise BadInput(_("%(name)s is no basic unit; choose the unit he or she lives in.") % {"name": version.name})
    return version.area_id


def permitted(person: UUID, *, by: By, at: datetime) -> tuple[Person, Membership, str]:
    """Lock somebody and let only whoever keeps the organisation act; return person, last membership, its seat.

    :raises NotFound: there is nobody, or nobody who ever was a member
    :raises NotAllowed: `by` does not keep the organisations there
    """
    locked = lock_person(person)
    last = Membership.objects.filter(person=person).select_related("organisation").order_by("-since").first()
    if last is None:
        raise NotFound(_("There is nothing here that you may see."))
    seat = seat_of(last.organisation, local_day(at))
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    return locked, last, seat


def kept_by(person: UUID, *, on: date, by: By, at: datetime) -> tuple[Person, Membership, str]:
    """As `permitted`, for a change from a day on.

    :raises NotNow: not a member on that day, or changed after it
    """
    locked, _last, seat = permitted(person, by=by, at=at)
    not_in_the_future(on, at)
    return locked, held_on(person, on), seat


@transaction.atomic
def make_full(person: UUID, *, on: date, by: By, at: datetime) -> Membership:
    """Make a member on probation a full one.

    :raises NotNow: full already, or the year of probation isn't over
    """
    locked, held, seat = kept_by(person, on=on, by=by, at=at)
    if held.full_on is not None:
        raise NotNow(_("He or she is a full member since %(day)s."), day=held.full_on)
    if on < full_due(held.joined_on):
        raise NotNow(
            _("The year of probation ends on %(day)s; from then on it can be done."), day=full_due(held.joined_on)
        )
    went_on = reopen(held, on, full_on=on)
    record(what="member.made_full", about=locked, by=by, at=at, area=seat, after={"on": str(on)})
    return went_on


@transaction.atomic
def change_state(person: UUID, state: State, *, on: date, by: By, at: datetime) -> Membership:
    """Change the state of a membership; to and from “transferring” it goes by a transfer alone.

    Lifting a suspension has its own action (transfers.away.resume), which knows who is away.

    :raises NotNow: a transfer is open, or the state is this one already
    """
    locked, held, seat = kept_by(person, on=on, by=by, at=at)
    if State.TRANSFERRING.value in (held.state, state.value):
        raise NotNow(_("A transfer is open; it must be accepted, returned or withdrawn first."))
    if held.state == state.value:
        raise NotNow(_("It is in this state already."))
    before = held.state
    went_on = reopen(held, on, state=state.value)
    told = {"state": before}, {"state": state.value}
    record(what="member.changed", about=locked, by=by, at=at, area=seat, before=told[0], after=told[1])
    return went_on


@transaction.atomic
def change_home(person: UUID, home: str | None, *, on: date, by: By, at: datetime) -> Membership:
    """Change the unit a member can be counted on in; the ledger keeps that it changed, not from where to where.

    :raises BadInput: it is no unit
    """
    locked, held, seat = kept_by(person, on=on, by=by, at=at)
    went_on = reopen(held, on, home_id=home_of(home, on))
    record(what="member.changed", about=locked, by=by, at=at, area=seat, after={"home_changed": True})
    return went_on


@transaction.atomic
def reveal_contact(person: UUID, reason: LookedAtFor, *, by: By, at: datetime) -> str:
    """Open a member's telephone for a reason; that it was opened, by whom and why stays in the ledger.

    :raises NotAllowed: `by` does not keep the organisations there
    """
    locked, _last, seat = permitted(person, by=by, at=at)
    record(what="contact.revealed", about=locked, by=by, at=at, area=seat, after={"reason": reason.value})
    return open_field(locked.pk, "contact", locked.contact)
