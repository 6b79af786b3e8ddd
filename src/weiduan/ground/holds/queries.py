"""What is held now."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from .models import Hold, WaitingToErase


def holds_at(at: datetime) -> QuerySet[Hold]:
    """Return the holds that bind at a moment."""
    return Hold.objects.filter(lifted_at=None, until__gt=timezone.localtime(at).date())


def held_cases(at: datetime) -> QuerySet[Hold, UUID]:
    """Return the keys of cases that aren't to be erased at a moment, as a subquery."""
    return holds_at(at).values_list("case", flat=True)


def hold_on(case: UUID, *, at: datetime) -> Hold | None:
    """Return the hold on a case; None where there is none."""
    return holds_at(at).filter(case=case).first()


def holds_in(area: str, *, at: datetime) -> QuerySet[Hold]:
    """Return the holds of an area and of everything in it (its code cut to what is significant), those that end first at the head."""
    return holds_at(at).filter(area__startswith=area).select_related("by").order_by("until", "pk")


def over_and_waiting(at: datetime) -> list[WaitingToErase]:
    """Return what was wished erased and isn't held any more."""
    return list(WaitingToErase.objects.exclude(case__in=held_cases(at)).order_by("pk"))
