"""Premises of an area."""

from datetime import date

from django.db.models import Q, QuerySet

from weiduan.ground.territory.queries import areas_below

from .models import Premises


def premises_in(code: str, *, on: date) -> QuerySet[Premises]:
    """Return the rooms known in an area on a day, in order of number."""
    here = areas_below(code, on=on).values("area_id")
    known = Q(found_on__lte=on) & (Q(gone_on=None) | Q(gone_on__gt=on))
    return Premises.objects.filter(known, area__in=here).order_by("number")
