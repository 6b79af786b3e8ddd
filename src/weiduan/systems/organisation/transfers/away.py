"""Members who are away: who keeps in touch, when they spoke, and that they are back."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.members.daily import (
    By,
    NotNow,
    change_state,
    kept_by,
    not_in_the_future,
    permitted,
    reopen,
)
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import State

from .ending import end_contact
from .models import Away, Contacted


@transaction.atomic
def go_away(person: UUID, keeper: UUID, *, on: date, by: By, at: datetime) -> Away:
    """Note that a member is away from a day on and who of the organisation keeps in touch; or name another keeper.

    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: a transfer is open, or the member is suspended
    :raises BadInput: the keeper is the member, or no active member of the same organisation
    """
    locked, held, seat = kept_by(person, on=on, by=by, at=at)
    if held.state not in (State.ACTIVE.value, State.MOBILE.value):
        raise NotNow(_("Only an active member goes away: end the transfer or the suspension first."))
    same = Membership.objects.filter(
        alive(on), person=keeper, organisation=held.organisation_id, state=State.ACTIVE.value
    )
    if keeper == person or not same.exists():
        raise BadInput(_("Choose an active member of the same organisation to keep in touch."))
    _check_after_last(person, on)
    end_contact(person, on)
    away = Away.objects.create(person=locked, keeper_id=keeper, since=on)
    if held.state != State.MOBILE.value:
        reopen(held, on, state=State.MOBILE.value)
    record(what="member.away", about=locked, by=by, at=at, area=seat, after={"since": str(on)})
    return away


def _check_after_last(person: UUID, on: date) -> None:
    last = Away.objects.filter(person=person).order_by("-since").first()
    if last is not None and (last.since > on or (last.until is not None and last.until > on)):
        raise NotNow(
            _("Something changed on %(day)s already; give that day or a later one."), day=last.until or last.since
        )


@transaction.atomic
def contacted(person: UUID, *, on: date, by: By, at: datetime) -> Contacted:
    """Note that the keeper spoke to a member who is away; the same day twice stays one.

    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: the member isn't away, or wasn't on that day
    """
    locked, _last, seat = permitted(person, by=by, at=at)
    not_in_the_future(on, at)
    away = Away.objects.filter(person=person, until=None, since__lte=on).first()
    if away is None:
        raise NotNow(_("He or she is not away on that day."))
    note, made = Contacted.objects.get_or_create(away=away, on=on)
    if made:
        record(what="member.contacted", about=locked, by=by, at=at, area=seat, after={"on": str(on)})
    return note


@transaction.atomic
def come_back(person: UUID, *, on: date, by: By, at: datetime) -> None:
    """Note that a member who was away is back from a day on.

    :raises NotNow: the member isn't away
    """
    locked, held, seat = kept_by(person, on=on, by=by, at=at)
    if not Away.objects.filter(person=person, until=None, since__lte=on).exists():
        raise NotNow(_("He or she is not away on that day."))
    end_contact(person, on)
    if held.state == State.MOBILE.value:
        reopen(held, on, state=State.ACTIVE.value)
    record(what="member.back", about=locked, by=by, at=at, area=seat, after={"on": str(on)})


@transaction.atomic
def resume(person: UUID, *, on: date, by: By, at: datetime) -> Membership:
    """Lift a suspension: the member is active again, or mobile where somebody still keeps in touch.

    :raises NotNow: the membership isn't suspended
    """
    _locked, held, _seat = kept_by(person, on=on, by=by, at=at)
    if held.state != State.SUSPENDED.value:
        raise NotNow(_("The membership is not suspended."))
    away = Away.objects.filter(person=person, until=None).exists()
    return change_state(person, State.MOBILE if away else State.ACTIVE, on=on, by=by, at=at)
