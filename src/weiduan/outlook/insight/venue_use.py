"""How much the places of an area were used, by what for and by which unit, never by whom."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import areas_below, names_by_area
from weiduan.systems.venues.bookings.use import Use, use_of
from weiduan.systems.venues.facilities.models import Facility


@dataclass(frozen=True)
class UseRow:
    """Hours of one place over some dates, in its rooms that can be booked, most first.

    by_use  (use, hours); by_unit: (name of the unit, hours), "" for what was for no unit of its own
    """

    key: UUID
    name: str
    kind: str
    open_hours: float
    used_hours: float
    percent: float | None
    by_use: list[tuple[str, float]]
    by_unit: list[tuple[str, float]]


def month_of(said: str) -> tuple[date, date]:
    """Return the first day of a month like 2018-11, and the first of the next.

    :raises BadInput: it is no month
    """
    try:
        since = date.fromisoformat(f"{said}-01")
        return since, date(since.year + since.month // 12, since.month % 12 + 1, 1)
    except ValueError as error:
        raise BadInput(_("“%(month)s” is no month. Write it like 2018-10.") % {"month": said[:20]}) from error


def use_in(code: str, *, since: date, until: date) -> list[UseRow]:
    """Return the use of places of an area that were open in some of the days from `since` until (without) `until`."""
    here = areas_below(code, on=since).values("area_id")
    places = list(
        Facility.objects.filter(
            Q(open_until=None) | Q(open_until__gt=since), open_since__lt=until, area__in=here
        ).order_by("kind", "name", "pk")
    )
    uses = use_of([place.pk for place in places], since=since, until=until)
    units = {unit for use in uses.values() for unit in use.by_unit if unit is not None}
    names = {key: place.name for key, place in names_by_area(units, on=since).items()}
    return [_row(place, uses[place.pk], names) for place in places]


def _row(place: Facility, use: Use, names: dict[int, str]) -> UseRow:
    by_unit = [
        (names.get(unit, str(unit)) if unit is not None else "", _hours(n)) for unit, n in use.by_unit.most_common()
    ]
    return UseRow(
        place.pk, place.name, place.kind, _hours(use.open_min), _hours(use.used_min), use.percent,
        [(what, _hours(n)) for what, n in use.by_use.most_common()], by_unit,
    )  # fmt: skip


def _hours(minutes: int) -> float:
    return round(minutes / 60, 1)
