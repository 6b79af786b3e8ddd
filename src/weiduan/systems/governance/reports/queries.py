"""Reports for whoever told them, for whoever has them in hand, and near a place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from math import cos, radians
from operator import or_
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, below
from weiduan.ground.territory.rules import Level

from .models import Report, Step
from .rules import ALSO_DAYS, ALSO_WITHIN_M, OPEN, TO_HANDLE

METRES_A_DEGREE = 111_195.0


def report_by_receipt(receipt: str) -> Report:
    """Return the report a receipt stands for.

    :raises NotFound: there is none
    """
    rows = Report.objects.select_related("category", "joined_to")
    found = rows.filter(Q(receipt_hash=receipt_hash(receipt))).first()
    if found is None:
        raise NotFound(_("No report has this receipt. Check that the whole address was copied."))
    return found


def steps_of(report: Report, *, internal: bool) -> list[Step]:
    """Return what happened to a report, in order, from being told on; internal notes only for staff (`internal`)."""
    rows = Step.objects.filter(report=report).select_related("by").order_by("at", "pk")
    told = Step(report=report, what="told", at=report.told_at, by_id=report.told_by_id)
    return [told, *(rows if internal else rows.filter(is_internal=False))]


def in_hands_of(codes: Iterable[str], *, on: date) -> QuerySet[Report]:
    """Return what is, or was last, in the hands of these areas and those below them.

    Units have nothing in hand; left out, a district's own hundreds of areas lead straight to its open reports among a million.
    """
    wanted = list(codes)
    if not wanted:
        return Report.objects.none()
    here = reduce(or_, map(below, wanted)) if all(wanted) else Q()
    handlers = AreaVersion.objects.filter(alive(on), here, level__lte=Level.GRID)
    return Report.objects.filter(handler__in=handlers.values("area_id"))


def reports_in_care_of(viewer: User, *, at: datetime) -> QuerySet[Report]:
    """Return what is, or was last, in the hands of areas where somebody has the duty for reports."""
    return in_hands_of(areas_of(viewer, Duty.HANDLE_REPORTS, at=at), on=local_day(at))


def report_in_care_of(viewer: User, key: UUID, *, at: datetime) -> Report:
    """Return one report somebody has in hand.

    :raises NotFound: there is none, or it is in other hands; which isn't told
    """
    rows = reports_in_care_of(viewer, at=at).select_related("category", "contact")
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def overdue(reports: QuerySet[Report], *, at: datetime) -> QuerySet[Report]:
    """Narrow to those to be handled whose time is over and whose clock isn't stopped."""
    return reports.filter(is_overdue(at))


def is_overdue(at: datetime) -> Q:
    """What `overdue` narrows to, as a condition."""
    return Q(state__in=TO_HANDLE, paused_at=None, due_at__lt=at)


@dataclass(frozen=True)
class Near:
    """A report nearby that may be the same matter; in words anybody may read."""

    key: UUID
    category: str
    told_at: datetime
    metres: int  # to the nearest twenty
    also: int


def perhaps_the_same(category: str, lon: float, lat: float, *, at: datetime) -> list[Near]:
    """Return reports of a category close to a point that are open or were closed lately, nearest first; no text of them, and none
    that was told in confidence.
    """
    reach = ALSO_WITHIN_M / METRES_A_DEGREE
    wide = reach / max(cos(radians(lat)), 0.1)
    lately = Q(state__in=OPEN) | Q(closed_at__gte=at - timedelta(days=ALSO_DAYS), joined_to=None)
    rows = Report.objects.filter(
        lately,
        in_confidence=False,
        category__code=category,
        lon__range=(lon - wide, lon + wide),
        lat__range=(lat - reach, lat + reach),
    ).annotate(others=Count("also"))
    found = [
        Near(
            row.pk, row.category.name, row.told_at, _roughly(_metres(lon, lat, row.lon or 0, row.lat or 0)), row.others
        )
        for row in rows.select_related("category")[:50]
    ]
    return sorted((n for n in found if n.metres <= ALSO_WITHIN_M), key=lambda n: n.metres)[:5]


def _roughly(metres: float) -> int:
    """Round to twenty metres: from exact distances to three points of one's choice the place itself could be worked out."""
    return round(metres / 20) * 20


def _metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    east, north = (other_lon - lon) * cos(radians(lat)), other_lat - lat
    return METRES_A_DEGREE * (east * east + north * north) ** 0.5


def told_through(account: User) -> QuerySet[Report]:
    """Return what a program told under its account."""
    return Report.objects.filter(told_by=account)


def released() -> QuerySet[Report]:
    """Return what a handler has shown to everyone."""
    return Report.objects.exclude(public_text="")
