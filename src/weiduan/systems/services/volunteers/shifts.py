"""Plan shifts, take and give back places, write down the hours that were given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.messages.actions import note
from weiduan.systems.services.messages.rules import What

from .models import Shift, ShiftPlace, Volunteer
from .rules import LONGEST_PLACE, LONGEST_WHAT, MOST_MINUTES, MOST_PLACES, PlaceState, ShiftState, State
from .teams import NotNow, code_of, give_back_place, kept_team

By = User | str


class Full(Refused):
    """The shift has as many as it may."""


@dataclass(frozen=True)
class Plan:
    """A shift: what is done where and when, how many are needed at least and at most."""

    what: str
    place: str
    starts_at: datetime
    ends_at: datetime
    least: int
    most: int
    activity: UUID | None = None


@transaction.atomic
def plan_shift(team: UUID, plan: Plan, *, by: By, at: datetime) -> Shift:
    """Plan a shift of a team.

    :raises NotFound: there is no team `by` keeps, or no such activity
    :raises NotNow: the team has ended
    :raises BadInput: something can't be
    """
    found = kept_team(team, by, at)
    _check(plan, at)
    if found.until is not None:
        raise NotNow(_("This team has ended already."))
    if plan.activity is not None and not Activity.objects.filter(pk=plan.activity).exists():
        raise NotFound(_("There is no such activity. Look for it in the list of your area."))
    made = Shift.objects.create(
        team=found, activity_id=plan.activity, what=plan.what.strip(), place=plan.place.strip(), starts_at=plan.starts_at,
        ends_at=plan.ends_at, least=plan.least, most=plan.most,
    )  # fmt: skip
    _record("planned", made, by, at, least=plan.least, most=plan.most)
    return made


@transaction.atomic
def move_shift(key: UUID, plan: Plan, *, by: By, at: datetime) -> Shift:
    """Change a shift that is still to come; whoever has a place and left a contact is told where time or place changed.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is over or cancelled, or more have a place than it would hold
    :raises BadInput: something can't be
    """
    shift = _kept(key, by, at)
    _check(plan, at)
    _only_planned(shift)
    if plan.most < shift.taken:
        raise NotNow(_("%(n)s have a place already; let it hold at least as many."), n=shift.taken)
    moved = (plan.starts_at, plan.ends_at, plan.place.strip()) != (shift.starts_at, shift.ends_at, shift.place)
    shift.what, shift.place = plan.what.strip(), plan.place.strip()
    shift.starts_at, shift.ends_at, shift.least, shift.most = plan.starts_at, plan.ends_at, plan.least, plan.most
    shift.save()
    if moved:
        _tell(shift, What.SHIFT_CHANGED, at)
    _record("changed", shift, by, at, moved=moved)
    return shift


@transaction.atomic
def cancel_shift(key: UUID, *, by: By, at: datetime) -> Shift:
    """Cancel a shift that is still to come; whoever has a place and left a contact is told.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is over or cancelled
    """
    shift = _kept(key, by, at)
    _only_planned(shift)
    _tell(shift, What.SHIFT_CANCELLED, at)
    shift.places.filter(state=PlaceState.TAKEN.value).update(state=PlaceState.GIVEN_BACK.value)
    shift.state, shift.taken = ShiftState.CANCELLED.value, 0
    shift.save(update_fields=["state", "taken"])
    _record("cancelled", shift, by, at)
    return shift


@transaction.atomic
def take(key: UUID, receipt: str, *, at: datetime) -> ShiftPlace:
    """Take a place in a shift; taken already, it stays one.

    :raises NotFound: nobody of this team has this receipt, or there is no such shift
    :raises NotNow: not in the team yet, the shift has begun, or another of one's own is at that time
    :raises Full: it has as many as it may
    """
    volunteer = Volunteer.objects.select_for_update().filter(receipt_hash=receipt_hash(receipt)).first()
    shift = Shift.objects.select_for_update(of=("self",)).select_related("team").filter(pk=key).first()
    if shift is None or volunteer is None or volunteer.team_id != shift.team_id:
        raise NotFound(_("There is no such shift in your team. Look at your page again."))
    if volunteer.state != State.ACTIVE.value:
        raise NotNow(_("You can take shifts once you are in the team."))
    _only_planned(shift)
    if shift.starts_at <= at:
        raise NotNow(_("This shift has begun already."))
    place = ShiftPlace.objects.filter(shift=shift, volunteer=volunteer).first()
    if place is not None and place.state == PlaceState.TAKEN.value:
        return place
    if shift.taken >= shift.most:
        raise Full(_("This shift has everybody it needs. Choose another; thank you."))
    at_that_time = Q(shift__starts_at__lt=shift.ends_at, shift__ends_at__gt=shift.starts_at)
    if volunteer.places.filter(at_that_time, state=PlaceState.TAKEN.value).exists():
        raise NotNow(_("You have another shift at that time."))
    place = place or ShiftPlace(shift=shift, volunteer=volunteer)
    place.state = PlaceState.TAKEN.value
    place.save()
    shift.taken += 1
    shift.save(update_fields=["taken"])
    _record("taken", shift, RESIDENT, at, taken=shift.taken)
    return place


@transaction.atomic
def give_back(key: UUID, receipt: str, *, at: datetime) -> None:
    """Give a place in a shift back before it begins; given back already, nothing changes.

    :raises NotFound: whoever holds this receipt has no place in it
    :raises NotNow: it has begun
    """
    rows = ShiftPlace.objects.select_related("shift__team").filter(
        shift=key, volunteer__receipt_hash=receipt_hash(receipt)
    )
    place = rows.first()
    if place is None:
        raise NotFound(_("There is no such shift in your team. Look at your page again."))
    if place.shift.starts_at <= at:
        raise NotNow(_("This shift has begun already."))
    give_back_place(place, at)
    _record("given_back", place.shift, RESIDENT, at)


@transaction.atomic
def write_hours(key: UUID, minutes: Mapping[int, int], *, by: By, at: datetime) -> Shift:
    """Write down who served how long; they who aren't in it didn't come. Written again within the month, it is put right.

    minutes  key of a place → minutes given

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't over yet, is cancelled, or is too long ago
    :raises BadInput: a place of another shift, or minutes that can't be
    """
    shift = _kept(key, by, at)
    if shift.state == ShiftState.CANCELLED.value or shift.ends_at > at:
        raise NotNow(_("Hours are written down once the shift is over."))
    if (at - shift.ends_at).days > 31:
        raise NotNow(_("Hours are put right within a month of the shift."))
    places = {place.pk: place for place in shift.places.all()}
    if not set(minutes) <= set(places) or any(not 0 < each <= MOST_MINUTES for each in minutes.values()):
        raise BadInput(_("Write whole minutes, from 1 to 1,440, for those who have a place in it."))
    for key_, place in places.items():
        place.minutes = minutes.get(key_)
        place.state = (PlaceState.SERVED if key_ in minutes else PlaceState.GIVEN_BACK).value
    ShiftPlace.objects.bulk_update(list(places.values()), ["minutes", "state"])
    shift.state = ShiftState.DONE.value
    shift.save(update_fields=["state"])
    _record("done", shift, by, at, served=len(minutes))
    return shift


def _kept(key: UUID, by: By, at: datetime) -> Shift:
    found = Shift.objects.select_for_update(of=("self",)).select_related("team").filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_SERVICES, in_area=code_of(found.team, at), at=at)
    return found


def _only_planned(shift: Shift) -> None:
    if shift.state != ShiftState.PLANNED.value:
        raise NotNow(_("This shift is over or cancelled."))


def _tell(shift: Shift, what: What, at: datetime) -> None:
    for place in shift.places.filter(state=PlaceState.TAKEN.value).select_related("volunteer"):
        note(place.volunteer_id, place.volunteer.sealed_contact, what, shift.what[:60], at)


def _record(what: str, shift: Shift, by: By, at: datetime, **told: object) -> None:
    record(what=f"shift.{what}", about=shift, by=by, at=at, area=code_of(shift.team, at), after=told)


def _check(plan: Plan, at: datetime) -> None:
    for is_so, sentence in (
        (not 0 < len(plan.what.strip()) <= LONGEST_WHAT, _("Say what is done in at most 100 characters.")),
        (not 0 < len(plan.place.strip()) <= LONGEST_PLACE, _("Say where, in at most 100 characters.")),
        (plan.ends_at <= plan.starts_at, _("It ends before it begins. Choose a later end.")),
        ((plan.ends_at - plan.starts_at).total_seconds() > MOST_MINUTES * 60, _("A shift lasts at most a day.")),
        (plan.starts_at <= at, _("This time is past; choose a later one.")),
        (not 0 <= plan.least <= plan.most <= MOST_PLACES or plan.most == 0,
         _("Say how many are needed at least and at most; at most 500.")),
    ):  # fmt: skip
        if is_so:
            raise BadInput(sentence)
