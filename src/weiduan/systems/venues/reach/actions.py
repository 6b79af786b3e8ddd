"""Take in a network of streets."""

from collections.abc import Iterable
from datetime import date, datetime

import shapely
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import alive, area_by_code

from .models import Street, StreetNetwork
from .rules import streets_of

BATCH = 500


@transaction.atomic
def load_streets(
    shapes: Iterable[BaseGeometry], *, code: str, source: str, on: date, by: User | str, at: datetime
) -> int:
    """Let these lines (WGS 84) be the streets of an area from a day on; return how many lines were taken.

    Distances on foot then go along them, and where no street leads there is no way.

    :raises NotAllowed: `by` does not keep the ground there
    :raises BadInput: no source, or nothing that is a line
    """
    require(by, Duty.KEEP_GROUND, in_area=code, at=at)
    if not 0 < len(source.strip()) <= 200:
        raise BadInput(_("Say in at most 200 characters where the streets are from."))
    lines = [line for shape in shapes for line in _lines_in(shape)]
    if streets_of([list(line.coords) for line in lines]) is None:
        raise BadInput(_("The file holds no lines. Streets are lines (LineString), not points or areas."))
    area = area_by_code(code, on=on).area_id
    before = StreetNetwork.objects.select_for_update().filter(area=area)
    before.filter(since__gte=on).delete()
    before.filter(alive(on)).update(until=on)
    network = StreetNetwork.objects.create(area_id=area, source=source.strip(), since=on)
    rows = [Street(network=network, shape=shapely.to_wkb(line)) for line in lines]
    Street.objects.bulk_create(rows, batch_size=BATCH)
    told = {"streets": len(rows), "since": str(on)}
    record(what="streets.loaded", about=network, by=by, at=at, area=code, after=told)
    return len(rows)


def _lines_in(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return the lines of a shape, flat (without heights); of anything else nothing."""
    if shape.geom_type == "LineString":
        return [] if shape.is_empty else [shapely.force_2d(shape)]
    if shape.geom_type in ("MultiLineString", "GeometryCollection"):
        return [line for part in shape.geoms for line in _lines_in(part)]
    return []
