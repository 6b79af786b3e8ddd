"""Micro-venues of an area on a day, and the units they serve."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from weiduan.ground.base.batches import among
from weiduan.ground.territory.queries import alive, areas_below
from weiduan.ground.territory.rules import Level
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.facilities.queries import open_on

from .models import MicroVenue, Serving
from .rules import LIVE, State


def in_state(state: State, on: date) -> Q:
    """Micro-venues that were in a state on a day: their dates tell."""
    begun = {State.PLANNED: "planned_on", State.FITTING_OUT: "fitting_since", State.OPEN: "opened_on"}
    order = [*begun.values(), "closed_on"]
    since = begun.get(state, "closed_on")
    held = Q(**{f"{since}__lte": on})
    for later in order[order.index(since) + 1 :]:
        held &= Q(**{later: None}) | Q(**{f"{later}__gt": on})
    return held


def in_states(states: Collection[State], on: date) -> Q:
    """Micro-venues that were in one of these states on a day."""
    held = Q(pk__in=[])
    for state in states:
        held |= in_state(state, on)
    return held


def venues_in(code: str, *, on: date, states: Collection[State] = LIVE) -> QuerySet[MicroVenue]:
    """Return the micro-venues of an area that were in one of these states on a day, in order of their premises."""
    here = areas_below(code, on=on).values("area_id")
    found = MicroVenue.objects.filter(in_states(states, on), premises__area__in=here).select_related(
        "premises", "facility"
    )
    return found.order_by("premises__number", "pk")


def served_by(venues: Iterable[MicroVenue], *, on: date) -> dict[int, list[int]]:
    """Return venue key → keys of the units it serves on a day, in their order."""
    rows = Serving.objects.filter(alive(on), venue__in=among({venue.pk for venue in venues}))
    served: dict[int, list[int]] = defaultdict(list)
    for venue, area in rows.order_by("venue", "area").values_list("venue_id", "area_id"):
        served[venue].append(area)
    return served


def units_unserved(code: str, *, on: date, states: Collection[State] = LIVE) -> list[str]:
    """Return the codes of the units that no micro-venue in one of these states serves on a day.

    How far they would have to walk is not looked at.
    """
    serving = Serving.objects.filter(alive(on), venue__in=MicroVenue.objects.filter(in_states(states, on)))
    units = areas_below(code, on=on).filter(level=Level.UNIT).exclude(area__in=serving.values("area"))
    return list(units.order_by("code").values_list("code", flat=True))


def units_served_from(facility: UUID, *, on: date) -> list[int]:
    """Return the keys of the units that the micro-venue in a place serves on a day; none of a centre."""
    rows = Serving.objects.filter(alive(on), venue__facility=facility)
    return list(rows.order_by("area").values_list("area_id", flat=True))


def places_serving(area: int, *, on: date) -> list[Facility]:
    """Return the places open to the public on a day that serve a unit, in order of name."""
    serving = Serving.objects.filter(alive(on), area=area).values("venue__facility")
    return list(Facility.objects.filter(open_on(on), pk__in=serving).order_by("name", "pk"))
