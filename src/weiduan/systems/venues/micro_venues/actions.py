"""Plan a micro-venue, say whom it serves, give the plan up, move it on through its life."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import alive
from weiduan.systems.venues.bookings.deciding import free_outside
from weiduan.systems.venues.facilities.actions import found, open_from, open_until
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.facilities.rules import Kind, Use
from weiduan.systems.venues.premises.models import Premises

from .models import MicroVenue, Serving
from .rules import State, may_become

HUNDREDTH = Decimal("0.01")
DATES = {State.FITTING_OUT: "fitting_since", State.OPEN: "opened_on", State.CLOSED: "closed_on"}
DEEDS = {State.FITTING_OUT: "venue.fitting_out", State.OPEN: "venue.opened", State.CLOSED: "venue.closed"}


class CannotPlan(Refused):
    """A micro-venue can't be planned in these premises."""


class CannotMove(Refused):
    """The micro-venue isn't in a state that allows this."""


@transaction.atomic
def plan_venue(
    premises: Premises, *, name: str, serves: Mapping[str, int], seat: str, on: date, by: Any, at: datetime
) -> MicroVenue:
    """Plan a micro-venue in premises, from a day on.

    serves  code → key of the units it shall serve; seat is the code of the area the premises lie in

    :raises NotAllowed: `by` does not keep the micro-venues there
    :raises CannotPlan: the owner said no, the room isn't there on that day, or it holds a micro-venue already
    :raises BadInput: it has no name
    """
    premises = Premises.objects.select_for_update().get(pk=premises.pk)
    require(by, Duty.KEEP_VENUES, in_area=seat, at=at)
    _check_premises(premises, on)
    if not name.strip():
        raise BadInput(_("Give the micro-venue a name."))
    venue = MicroVenue.objects.create(premises=premises, facility=_facility_in(premises, name, on), planned_on=on)
    _take_on(venue, serves.values(), on)
    after = {"premises": premises.number, "name": venue.name, "serves": sorted(serves)}
    record(what="venue.planned", about=venue, by=by, at=at, area=seat, after=after)
    return venue


def _facility_in(premises: Premises, name: str, on: date) -> Facility:
    """Found the place people will find, with the surveyed room as its first."""
    facility = found(
        Kind.MICRO_VENUE, name, area=premises.area_id, address=premises.address, lon=premises.lon, lat=premises.lat
    )
    area = max(Decimal(str(premises.area_m2)).quantize(HUNDREDTH), HUNDREDTH)
    Room.objects.create(facility=facility, name=premises.name, use=Use.OTHER.value, area_m2=area, since=on)
    return facility


def _check_premises(premises: Premises, on: date) -> None:
    number = {"number": premises.number, "name": premises.name}
    if premises.consent == "no":
        raise CannotPlan(_("The owner of %(name)s (%(number)s) said no.") % number)
    if premises.found_on > on or (premises.gone_on is not None and premises.gone_on <= on):
        raise CannotPlan(_("%(name)s (%(number)s) is not among the rooms of that day.") % number)
    venues = MicroVenue.objects.filter(premises=premises)
    if venues.filter(closed_on=None).exists():
        raise CannotPlan(_("%(name)s (%(number)s) already holds a micro-venue.") % number)
    if venues.filter(closed_on__gt=on).exists():
        raise CannotPlan(_("%(name)s (%(number)s) held a micro-venue on that day. Choose a later one.") % number)


@transaction.atomic
def serve_units(
    venue: MicroVenue, serves: Mapping[str, int], *, seat: str, on: date, by: Any, at: datetime
) -> MicroVenue:
    """Let a micro-venue serve just these units (code → key) from a day on.

    :raises NotAllowed: `by` does not keep the micro-venues there
    :raises CannotMove: it is closed
    """
    venue = MicroVenue.objects.select_for_update().get(pk=venue.pk)
    require(by, Duty.KEEP_VENUES, in_area=seat, at=at)
    if venue.state == State.CLOSED:
        raise CannotMove(_("%(name)s is closed: it can't serve anybody.") % {"name": venue.name})
    _check_day(venue, on)
    now = set(Serving.objects.filter(alive(on), venue=venue).values_list("area_id", flat=True))
    wanted = set(serves.values())
    _leave(venue, now - wanted, on)
    _take_on(venue, wanted - now, on)
    record(what="venue.serves", about=venue, by=by, at=at, area=seat, after={"serves": sorted(serves)})
    return venue


@transaction.atomic
def give_up_plan(venue: MicroVenue, *, seat: str, on: date, by: Any, at: datetime) -> MicroVenue:
    """Give a planned micro-venue up: its room is a candidate again.

    :raises NotAllowed: `by` does not keep the micro-venues there
    :raises CannotMove: it is more than planned already
    """
    venue = MicroVenue.objects.select_for_update().get(pk=venue.pk)
    require(by, Duty.KEEP_VENUES, in_area=seat, at=at)
    if venue.state != State.PLANNED:
        raise CannotMove(_("%(name)s is no mere plan any more: close it instead.") % {"name": venue.name})
    return _become(venue, State.CLOSED, on, "venue.given_up", seat=seat, by=by, at=at)


@transaction.atomic
def move_on(venue: MicroVenue, state: State, *, seat: str, on: date, by: Any, at: datetime) -> MicroVenue:
    """Begin to fit a micro-venue out, open it, or close it.

    :raises NotAllowed: `by` does not keep the micro-venues there
    :raises CannotMove: this state doesn't follow the present one
    :raises BadInput: the day lies before the present state began
    """
    venue = MicroVenue.objects.select_for_update().get(pk=venue.pk)
    require(by, Duty.KEEP_VENUES, in_area=seat, at=at)
    if not may_become(State(venue.state), state):
        raise CannotMove(
            _("%(name)s can't go from “%(before)s” to “%(after)s”. The order is: planned, fitting out, open, closed.")
            % {"name": venue.name, "before": _title(State(venue.state)), "after": _title(state)}
        )
    return _become(venue, state, on, DEEDS[state], seat=seat, by=by, at=at)


def _title(state: State) -> str:
    return {
        State.PLANNED: _("only planned"), State.FITTING_OUT: _("fitting out"), State.OPEN: _("open"), State.CLOSED: _("closed"),
    }[state]  # fmt: skip


def _become(venue: MicroVenue, state: State, on: date, what: str, *, seat: str, by: Any, at: datetime) -> MicroVenue:
    _check_day(venue, on)
    before = venue.state
    venue.state = state.value
    setattr(venue, DATES[state], on)
    venue.save(update_fields=["state", DATES[state]])
    if state is State.OPEN:
        open_from(venue.facility, on)
    if state is State.CLOSED:
        open_until(venue.facility, on)
        free_outside(Facility.objects.get(pk=venue.facility_id), answer=_("The place closes."), by=by, at=at)
        _leave(venue, set(Serving.objects.filter(venue=venue).values_list("area_id", flat=True)), on)
    record(what=what, about=venue, by=by, at=at, area=seat, before={"state": before}, after={"state": state.value})
    return venue


def _check_day(venue: MicroVenue, on: date) -> None:
    last = max(day for day in (venue.planned_on, venue.fitting_since, venue.opened_on) if day is not None)
    if on < last:
        raise BadInput(
            _("%(name)s was still something else on %(day)s. Choose %(last)s or later.")
            % {"name": venue.name, "day": on, "last": last}
        )


def _take_on(venue: MicroVenue, areas: Iterable[int], on: date) -> None:
    Serving.objects.bulk_create([Serving(venue=venue, area_id=area, since=on) for area in sorted(areas)])


def _leave(venue: MicroVenue, areas: set[int], on: date) -> None:
    """End service from a day on; what would begin only then never was."""
    here = Serving.objects.filter(venue=venue, area__in=areas)
    here.filter(since__gte=on).delete()
    here.filter(alive(on)).update(until=on)
