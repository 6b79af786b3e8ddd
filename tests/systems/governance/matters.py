"""A village where reports are told: the shipped categories, one grid with units, people who handle."""

from datetime import datetime

from shapely import box

from tests.builders import DISTRICT, GRID, MONDAY, SURVEYED, a_user, divisions, grid, load, survey, unit
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.actions import draw_shapes
from weiduan.systems.governance.categories.actions import ensure_categories
from weiduan.systems.governance.reports.intake import Telling, tell
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.rules import Channel

UNIT, NEXT_UNIT = GRID + "001", GRID + "002"
FIRE_LANE, LAMP, ACCOUNTS = "09012", "C01", "E02"
RECEIPT = "receipt-of-a-resident-22"
INSIDE = (104.2505, 30.8305)  # of UNIT


def a_village(*, drawn: bool = False) -> None:
    divisions()
    load(survey(grids=[grid()], units=[unit(UNIT), unit(NEXT_UNIT)]))
    ensure_categories(by="test", at=MONDAY)
    if drawn:
        draw(UNIT, 104.250, 30.830)
        draw(NEXT_UNIT, 104.251, 30.830)


def draw(code: str, lon: float, lat: float) -> None:
    """Give a unit the outline of a square of a thousandth of a degree."""
    shape = box(lon, lat, lon + 0.001, lat + 0.001)
    draw_shapes({code: shape}, within=DISTRICT, on=SURVEYED, by="test", at=MONDAY)


def told(receipt: str = RECEIPT, *, at: datetime = MONDAY, **said) -> Report:
    wish = {"category": FIRE_LANE, "text": "消防通道被车堵了", "area": UNIT} | said
    return tell(Telling(**wish), receipt=receipt, channel=Channel.PORTAL, by=None, at=at)


def a_handler(area: str = GRID) -> User:
    return a_user(Duty.HANDLE_REPORTS, area=area)
