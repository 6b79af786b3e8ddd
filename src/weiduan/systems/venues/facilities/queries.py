"""Places and their rooms."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import alive, areas_below

from .models import Facility, Photo, Plate, Room
from .rules import hash_of


def open_on(on: date) -> Q:
    """Places that are open to the public, as such, on a day."""
    return Q(open_since__lte=on) & (Q(open_until=None) | Q(open_until__gt=on))


def facilities_in(code: str, *, on: date) -> QuerySet[Facility]:
    """Return the places open on a day in an area, centres first, then by name."""
    here = areas_below(code, on=on).values("area_id")
    return Facility.objects.filter(open_on(on), area__in=here).order_by("kind", "name", "pk")


def facility_by_key(key: UUID) -> Facility:
    """Return a place, open or not.

    :raises NotFound: there is none
    """
    found = Facility.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such place. Look for it by name, or choose it from the list."))
    return found


def rooms_of(facility: UUID, *, on: date) -> QuerySet[Room]:
    """Return the rooms of a place on a day, in order of name."""
    return Room.objects.filter(alive(on), facility=facility).order_by("name")


def room_by_key(key: int, *, on: date) -> Room:
    """Return a room that is there on a day.

    :raises NotFound: there is none
    """
    found = Room.objects.filter(alive(on), pk=key).select_related("facility").first()
    if found is None:
        raise NotFound(_("There is no such room here."))
    return found


def facility_by_plate(token: str) -> UUID:
    """Return the place a plate leads to.

    :raises NotFound: there is no such plate, or it was revoked; which of these isn't told
    """
    found = Plate.objects.filter(token_hash=hash_of(token), revoked_at=None).values_list("facility_id", flat=True)
    key = found.first()
    if key is None:
        raise NotFound(_("This code leads nowhere any more. Look for the place by its name."))
    return key


def photos_of(facility: UUID) -> QuerySet[Photo]:
    """Return the photos of a place, the first taken in first."""
    return Photo.objects.filter(facility=facility).order_by("at", "pk")


def photo_by_key(key: UUID) -> Photo:
    """Return a photo of a place.

    :raises NotFound: there is none
    """
    found = Photo.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such page here."))
    return found


def working_plates(facility: UUID) -> list[datetime]:
    """Return when the plates of a place that still lead to it were made, the newest first."""
    working = Plate.objects.filter(facility=facility, revoked_at=None).order_by("-made_at")
    return list(working.values_list("made_at", flat=True))
