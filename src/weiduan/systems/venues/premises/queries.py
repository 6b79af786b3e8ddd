"""Premises of an area."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import areas_below

from .models import Premises


def known_on(on: date) -> Q:
    """Rooms that were found and not gone on a day."""
    return Q(found_on__lte=on) & (Q(gone_on=None) | Q(gone_on__gt=on))


def premises_in(code: str, *, on: date) -> QuerySet[Premises]:
    """Return the rooms known in an area on a day, in order of number."""
    here = areas_below(code, on=on).values("area_id")
    return Premises.objects.filter(known_on(on), area__in=here).order_by("number")


def filtered(rooms: QuerySet[Premises], *, origin: str = "", consent: str = "", number: str = "") -> QuerySet[Premises]:
    """Narrow rooms to those of an origin, with that word of the owner, of that number; "" is any."""
    wanted = {"origin": origin, "consent": consent, "number": number}
    return rooms.filter(**{name: value for name, value in wanted.items() if value})


def premises_by_number(number: str, *, on: date) -> Premises:
    """Return a room known on a day.

    :raises NotFound: there is none
    """
    found = Premises.objects.filter(known_on(on), number=number).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found
