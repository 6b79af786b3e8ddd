"""Who sees how much of the meetings of an organisation."""

from datetime import date, datetime
from enum import StrEnum

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty, covers, prefix_of
from weiduan.ground.territory.queries import area_of
from weiduan.systems.organisation.organisations.models import Organisation

VILLAGE_DIGITS = 12


class Sight(StrEnum):
    """How much of the meetings of an organisation somebody sees."""

    INSIDE = "inside"  # minutes, names, scans
    COUNTS = "counts"
    NOTHING = "nothing"


def sight_of(viewer: User, seat: str, *, at: datetime) -> Sight:
    """Say how much `viewer` sees of the meetings of an organisation seated in the area with this code.

    Inside are those who keep organisations in the seat's own village or below it; of an organisation seated in a town or
    district, those whose mandate is for just that town or district. A wider mandate, a superuser's too, shows counts only.
    """
    own = min(VILLAGE_DIGITS, len(prefix_of(seat)))
    keeps = areas_of(viewer, Duty.KEEP_ORGANISATION, at=at)
    if any(covers(area, seat) and len(prefix_of(area)) >= own for area in keeps):
        return Sight.INSIDE
    looks = areas_of(viewer, Duty.LOOK, at=at)
    return Sight.COUNTS if any(covers(area, seat) for area in looks) else Sight.NOTHING


def seat_of(organisation: Organisation, *, on: date) -> str:
    """Return the code of the area an organisation is seated in on a day."""
    return area_of(organisation.area_id, on=on).code
