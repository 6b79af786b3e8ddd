"""Keep the teams of an area, and who is in one."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import Key, destroy_key, seal_for
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import check_receipt, receipt_hash
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.ground.territory.queries import area_by_code, area_of

from .models import ShiftPlace, Team, Volunteer
from .rules import (
    LONGEST_CALLED,
    LONGEST_CONTACT,
    LONGEST_NAME,
    LONGEST_POST,
    LONGEST_TELEPHONE,
    LONGEST_WORDS,
    PlaceState,
    ShiftState,
    State,
)

By = User | str


class NotNow(Refused):
    """The team, the volunteer or the shift is in a state that doesn't allow this."""


@dataclass(frozen=True)
class Facts:
    """What a team is called and does, and the post and office telephone one turns to."""

    name: str
    words: str
    post: str
    telephone: str = ""
    brand: UUID | None = None


@transaction.atomic
def found_team(area: str, facts: Facts, *, by: By, at: datetime) -> Team:
    """Write a team down.

    :raises NotAllowed: `by` doesn't keep services there
    :raises BadInput: something can't be
    :raises NotNow: there is a team of this name
    """
    require(by, Duty.KEEP_SERVICES, in_area=area, at=at)
    _check(facts)
    where = area_by_code(area, on=local_day(at))
    if Team.objects.filter(area=where.area_id, name=facts.name.strip()).exists():
        raise NotNow(_("There is a team of this name here. Change that one."))
    made = Team.objects.create(area_id=where.area_id, since=local_day(at), **_told(facts))
    record(what="team.founded", about=made, by=by, at=at, area=area)
    return made


@transaction.atomic
def change_team(key: UUID, facts: Facts, *, by: By, at: datetime) -> Team:
    """Change what is written down about a team.

    :raises NotFound: there is none `by` keeps
    :raises BadInput: something can't be
    :raises NotNow: another team has this name
    """
    team = kept_team(key, by, at)
    _check(facts)
    if Team.objects.filter(area=team.area_id, name=facts.name.strip()).exclude(pk=key).exists():
        raise NotNow(_("There is a team of this name here. Change that one."))
    for name, value in _told(facts).items():
        setattr(team, name, value)
    team.save()
    record(what="team.changed", about=team, by=by, at=at, area=code_of(team, at))
    return team


@transaction.atomic
def end_team(key: UUID, *, on: date, by: By, at: datetime) -> Team:
    """End a team from a day on.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it has ended, or has shifts from that day on
    :raises BadInput: a day before it began
    """
    team = kept_team(key, by, at)
    if team.until is not None:
        raise NotNow(_("This team has ended already."))
    if on <= team.since:
        raise BadInput(_("Choose a day after it began."))
    later = team.shifts.filter(state=ShiftState.PLANNED.value, starts_at__date__gte=on).count()
    if later:
        raise NotNow(_("%(n)s shifts are planned from that day on: cancel them first."), n=later)
    team.until = on
    team.save(update_fields=["until"])
    record(what="team.ended", about=team, by=by, at=at, area=code_of(team, at), after={"until": str(on)})
    return team


@transaction.atomic
def ask_to_join(team: UUID, name: str, contact: str, receipt: str, *, at: datetime) -> Volunteer:
    """Ask to join a team; asked again with the same receipt it stays one.

    name     how the team calls whoever comes; a nickname will do
    receipt  random, at least 128 bit; the way back to one's own page

    :raises NotFound: there is no such team, or it has ended
    :raises BadInput: no name, or too long a one
    """
    check_receipt(receipt)
    found = Team.objects.filter(pk=team, until=None).first()
    if found is None:
        raise NotFound(_("There is no such team any more. Look at the list of your area."))
    name, contact = name.strip(), contact.strip()
    if not 0 < len(name) <= LONGEST_CALLED or len(contact) > LONGEST_CONTACT:
        raise BadInput(
            _("Write how you want to be called in at most 20 characters, and one telephone number or address at most.")
        )
    if before := Volunteer.objects.filter(receipt_hash=receipt_hash(receipt)).first():
        return before
    case = uuid4()
    try:
        with transaction.atomic():
            made = Volunteer.objects.create(
                pk=case, team=found, receipt_hash=receipt_hash(receipt), at=at, sealed_name=seal_for(case, name),
                sealed_contact=seal_for(case, contact) if contact else b"",
            )  # fmt: skip
    except IntegrityError:  # sent twice at once
        destroy_key(case)
        return Volunteer.objects.get(receipt_hash=receipt_hash(receipt))
    record(what="volunteer.asked", about=found, by=RESIDENT, at=at, area=code_of(found, at))
    return made


@transaction.atomic
def admit(key: UUID, *, by: By, at: datetime) -> Volunteer:
    """Take whoever asked into the team.

    :raises NotFound: nobody `by` may admit
    :raises NotNow: admitted before, or has left
    """
    volunteer = _kept_volunteer(key, by, at)
    if volunteer.state != State.ASKED.value:
        raise NotNow(_("This was decided before."))
    volunteer.state = State.ACTIVE.value
    volunteer.save(update_fields=["state"])
    record(what="volunteer.admitted", about=volunteer.team, by=by, at=at, area=code_of(volunteer.team, at))
    return volunteer


@transaction.atomic
def take_off(key: UUID, *, by: By, at: datetime) -> None:
    """Let somebody go from the team, or not take them in: the own page stays, shifts to come are free again.

    :raises NotFound: nobody of a team `by` keeps
    """
    volunteer = _kept_volunteer(key, by, at)
    _leave(volunteer, by, at)


@transaction.atomic
def leave(receipt: str, *, at: datetime) -> Volunteer:
    """Leave the team; hours and certificate stay on the own page, shifts to come are free again.

    :raises NotFound: nobody has this receipt
    """
    volunteer = _own(receipt)
    _leave(volunteer, RESIDENT, at)
    return volunteer


@transaction.atomic
def erase(receipt: str, *, at: datetime) -> None:
    """Erase everything about whoever holds a receipt, hours too; nothing can bring it back.

    :raises NotFound: nobody has this receipt
    """
    _erased(_own(receipt), RESIDENT, at)


@transaction.atomic
def erase_again(case: UUID, _key: Key, *, at: datetime) -> bool:
    """Erase a volunteer whom a restored backup brought back; tell whether there is one."""
    volunteer = Volunteer.objects.select_related("team").filter(pk=case).first()
    if volunteer is None:
        return False
    _erased(volunteer, "clock", at)
    return True


def _erased(volunteer: Volunteer, by: By, at: datetime) -> None:
    _leave(volunteer, by, at)
    team, key = volunteer.team, volunteer.pk
    volunteer.delete()
    transaction.on_commit(partial(destroy_key, key))
    record(what="volunteer.erased", about=team, by=by, at=at, area=code_of(team, at))


def _leave(volunteer: Volunteer, by: By, at: datetime) -> None:
    """Give the places in shifts to come back, shift after shift in order of their keys, so that no two wait for each other."""
    coming = volunteer.places.filter(state=PlaceState.TAKEN.value, shift__starts_at__gt=at)
    for place in coming.select_related("shift").order_by("shift"):
        give_back_place(place, at)
    if volunteer.state != State.LEFT.value:
        volunteer.state = State.LEFT.value
        volunteer.save(update_fields=["state"])
        record(what="volunteer.left", about=volunteer.team, by=by, at=at, area=code_of(volunteer.team, at))


def give_back_place(place: ShiftPlace, at: datetime) -> None:
    """Free a place of a shift; the shift is locked here."""
    shift = type(place.shift).objects.select_for_update().get(pk=place.shift_id)
    freed = ShiftPlace.objects.filter(pk=place.pk, state=PlaceState.TAKEN.value).update(
        state=PlaceState.GIVEN_BACK.value
    )
    if freed:
        shift.taken -= 1
        shift.save(update_fields=["taken"])


def kept_team(key: UUID, by: By, at: datetime) -> Team:
    """Lock a team that somebody keeps.

    :raises NotFound: there is none `by` keeps
    """
    found = Team.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_SERVICES, in_area=code_of(found, at), at=at)
    return found


def _kept_volunteer(key: UUID, by: By, at: datetime) -> Volunteer:
    found = Volunteer.objects.select_for_update(of=("self",)).select_related("team").filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_SERVICES, in_area=code_of(found.team, at), at=at)
    return found


def _own(receipt: str) -> Volunteer:
    rows = Volunteer.objects.select_for_update(of=("self",)).select_related("team")
    found = rows.filter(receipt_hash=receipt_hash(receipt)).first()
    if found is None:
        raise NotFound(_("No volunteer has this receipt. Check that the whole address was copied."))
    return found


def code_of(team: Team, at: datetime) -> str:
    """Return the code of the area a team is at home in."""
    return area_of(team.area_id, on=local_day(at)).code


def _told(facts: Facts) -> dict[str, Any]:
    return {
        "name": facts.name.strip(), "words": facts.words.strip(), "post": facts.post.strip(), "telephone": facts.telephone.strip(),
        "brand_id": facts.brand,
    }  # fmt: skip


def _check(facts: Facts) -> None:
    for text, most, sentence in (
        (facts.name, LONGEST_NAME, _("Give the team a name of at most 60 characters.")),
        (facts.words, LONGEST_WORDS, _("Say what the team does in at most 1,000 characters.")),
        (facts.post, LONGEST_POST, _("Say which post to turn to, in at most 40 characters.")),
    ):
        if not 0 < len(text.strip()) <= most:
            raise BadInput(sentence)
    if len(facts.telephone.strip()) > LONGEST_TELEPHONE:
        raise BadInput(_("A telephone number has at most 30 characters."))
