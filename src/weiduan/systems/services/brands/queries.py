"""Brands as they stand, and what each gathers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import ancestors_of, area_ids, areas_below, within

from .models import Brand


def standing(on: date) -> Q:
    """Brands there are on a day."""
    return Q(since__lte=on) & (Q(until=None) | Q(until__gt=on))


def brands_kept_by(viewer: User, *, at: datetime) -> QuerySet[Brand]:
    """Return the brands of the areas whose services somebody keeps, those that ended among them."""
    own = areas_of(viewer, Duty.KEEP_SERVICES, at=at)
    return Brand.objects.filter(within(own, on=local_day(at))).order_by("name", "pk")


def kept_brand(viewer: User, key: UUID, *, at: datetime) -> Brand:
    """Return a brand somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = brands_kept_by(viewer, at=at).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def brand_by_key(key: UUID) -> Brand:
    """Return a brand, whether it stands or has ended.

    :raises NotFound: there is none
    """
    found = Brand.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such brand. Look for it in the list of your area."))
    return found


def brands_for(code: str, *, on: date) -> QuerySet[Brand]:
    """Return the brands that something in an area may belong to: its own and those of the areas above it."""
    above = area_ids(ancestors_of(code), on=on).values()
    return Brand.objects.filter(standing(on), area__in=list(above)).order_by("name", "pk")


def brands_in(code: str, *, on: date) -> QuerySet[Brand]:
    """Return the brands residents of an area meet: its own, those above it, and those of what lies in it."""
    above = area_ids(ancestors_of(code), on=on).values()
    here = Q(area__in=list(above)) | Q(area__in=areas_below(code, on=on).values("area_id"))
    return Brand.objects.filter(standing(on), here).order_by("name", "pk")


@dataclass(frozen=True)
class Gathered:
    """What belongs to a brand: activities to come and those over (the newest first), functions, projects, teams."""

    to_come: list[Any]
    over: list[Any]
    functions: list[Any]
    projects: list[Any]
    teams: list[Any]


def gathered(brand: Brand, *, at: datetime, most: int = 20) -> Gathered:
    """Return what everybody may see of what belongs to a brand."""
    on = local_day(at)
    activities = brand.activities.exclude(state="cancelled")
    lasting = Q(until=None) | Q(until__gt=on)
    return Gathered(
        to_come=list(activities.filter(ends_at__gt=at).order_by("starts_at", "pk")[:most]),
        over=list(activities.filter(ends_at__lte=at).order_by("-starts_at", "pk")[:most]),
        functions=list(brand.functions.filter(lasting).select_related("room__facility").order_by("name", "pk")[:most]),
        projects=list(brand.projects.exclude(state__in=["draft", "stopped"]).order_by("-at", "pk")[:most]),
        teams=list(brand.teams.filter(lasting).order_by("name", "pk")[:most]),
    )  # fmt: skip
