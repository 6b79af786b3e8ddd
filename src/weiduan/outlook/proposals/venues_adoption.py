"""Turn chosen rooms into planned micro-venues that serve their units."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.ledger.actions import written_at_the_end
from weiduan.ground.territory.models import Area
from weiduan.ground.territory.queries import area_by_code, areas_below
from weiduan.systems.venues.micro_venues.actions import plan_venue, serve_units
from weiduan.systems.venues.micro_venues.models import MicroVenue
from weiduan.systems.venues.micro_venues.queries import served_by, venues_in
from weiduan.systems.venues.premises.queries import premises_in

from .venues_ground import digest_of, venue_ground

Told = dict[str, Any]


class StaleVenues(Refused):
    """Rooms, units or micro-venues changed since the plan was made; it must be planned again."""


@transaction.atomic
def adopt_venues(
    told: Told, *, area: str, on: date, villages: Iterable[str] | None = None, numbers: Iterable[str] | None = None,
    by: User | str, at: datetime,
) -> dict[str, int]:  # fmt: skip
    """Plan a micro-venue in each new room of a plan, and let those that stay serve the units the plan gives them.

    told      as kept by `as_told`; villages and numbers narrow its rooms, None: all. No unit loses a room that serves it.

    :raises StaleVenues: the ground isn't what it was planned from any more
    :raises BadInput: one of the numbers is no room of the plan
    :raises NotAllowed: `by` does not keep the micro-venues where one of the rooms lies
    """
    Area.objects.select_for_update().get(pk=area_by_code(area, on=on).area_id)
    require(by, Duty.LOOK, in_area=area, at=at)
    rooms = _rooms(told, villages, numbers)
    _check_fresh(told, area, on)
    codes = dict(areas_below(area, on=on).values_list("area_id", "code"))
    premises = {room.number: room for room in premises_in(area, on=on)}
    venues = {venue.premises.number: venue for venue in venues_in(area, on=on)}
    serving = served_by(venues.values(), on=on)
    when: Told = {"on": on, "by": by, "at": at}
    done = {"venues_planned": 0, "units_served": 0}
    with written_at_the_end():
        for room in rooms:
            serves = _units_of(room, told, codes)
            if room["number"] in venues:
                venue = venues[room["number"]]
                done["units_served"] += _serve_too(venue, serves, serving[venue.pk], codes, when)
            else:
                found = premises[room["number"]]
                plan_venue(found, name=found.name, serves=serves, seat=codes[found.area_id], **when)
                done["venues_planned"] += 1
                done["units_served"] += len(serves)
    return done


def _units_of(room: Told, told: Told, codes: Mapping[int, str]) -> dict[str, int]:
    """Return code → key of the units a room is to serve."""
    wanted = {told["units"][unit]["code"] for unit in room["units"]}
    return {code: key for key, code in codes.items() if code in wanted}


def _rooms(told: Told, villages: Iterable[str] | None, numbers: Iterable[str] | None) -> list[Told]:
    wanted = None if numbers is None else set(numbers)
    for number in sorted((wanted or set()) - {room["number"] for room in told["rooms"]}):
        raise BadInput(_("%(number)s is no room of this plan.") % {"number": number})
    inside = None if villages is None else set(villages)
    return [
        room
        for room in told["rooms"]
        if (wanted is None or room["number"] in wanted) and (inside is None or room["village"] in inside)
    ]


def _check_fresh(told: Told, area: str, on: date) -> None:
    """Compare the ground with what the plan was made from; what was adopted of this very plan is no change."""
    ground, own = venue_ground(area, on=on), {room["number"] for room in told["rooms"] if room["state"] == "new"}
    sites = tuple(replace(site, held=False) if site.number in own else site for site in ground.sites)
    asked = {key: told[key] for key in ("reach_m", "budget", "keep", "drop")}
    if digest_of(replace(ground, sites=sites), **asked) != told["digest"]:
        raise StaleVenues(
            _("Units, rooms or micro-venues here have changed since this plan was made. Ask for a new one.")
        )


def _serve_too(
    venue: MicroVenue, serves: Mapping[str, int], already: Collection[int], codes: Mapping[int, str], when: Told
) -> int:
    """Let a micro-venue serve some units besides those it serves; return how many are new to it."""
    new = set(serves.values()) - set(already)
    if new:
        everybody = {codes.get(key, str(key)): key for key in already} | dict(serves)
        serve_units(venue, everybody, seat=codes[venue.premises.area_id], **when)
    return len(new)


def rooms_held(told: Told, area: str, *, on: date) -> set[str]:
    """Return the numbers of the plan's rooms in which there is a micro-venue on a day."""
    numbers = {room["number"] for room in told["rooms"]}
    return numbers & set(venues_in(area, on=on).values_list("premises__number", flat=True))
