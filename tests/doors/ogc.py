"""A village to draw on a map: three units (one with few homes, one nobody drew), a centre and a place nobody put on the map."""

from datetime import date, timedelta

from django.utils import timezone

from tests.builders import GRID, MONDAY, SURVEYED, VILLAGE, divisions, grid, load, survey, unit
from tests.systems.governance.matters import draw
from weiduan.ground.territory.models import AreaVersion
from weiduan.systems.venues.facilities.actions import found_centre
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.hours.actions import set_week

UNIT, FEW_HOMES, UNDRAWN = GRID + "001", GRID + "002", GRID + "003"
OLD_NAME, RENAMED = "老院子", date(2020, 1, 1)
CLERK = {"by": "test", "at": MONDAY}


def a_map() -> None:
    """The first unit lies at 104.250–104.251 E, 30.830–30.831 N, the second to its east; it had another name before 2020."""
    divisions()
    units = [unit(UNIT, name=OLD_NAME), unit(FEW_HOMES, households=4, kind="courtyard"), unit(UNDRAWN, name="=1+1")]
    load(survey(grids=[grid()], units=units))
    draw(UNIT, 104.250, 30.830)
    draw(FEW_HOMES, 104.251, 30.830)
    before = AreaVersion.objects.get(code=UNIT)
    AreaVersion.objects.filter(pk=before.pk).update(until=RENAMED)
    before.pk, before.name, before.since = None, "新院子", RENAMED
    before.save(force_insert=True)
    centre = found_centre("石家碾党群服务中心", code=VILLAGE, address="石家碾中路1号", on=SURVEYED, **CLERK)
    Facility.objects.filter(pk=centre.pk).update(lon=104.2505, lat=30.8305)
    set_week(centre.pk, {day: [(540, 1020)] for day in range(5)}, on=SURVEYED, **CLERK)
    shut = found_centre("已关的中心", code=VILLAGE, address="", on=SURVEYED, **CLERK)
    Facility.objects.filter(pk=shut.pk).update(open_until=RENAMED)
    coming = found_centre("将开的中心", code=VILLAGE, address="", on=timezone.localdate() + timedelta(days=9), **CLERK)
    assert coming.lon is None
