"""What this room keeps, noun by noun."""

from .bookings.models import Booking, Slot
from .facilities.models import Facility, Photo, Plate, Room
from .hours.models import HoursException, WeeklyHours
from .micro_venues.models import MicroVenue, Serving
from .premises.models import Premises
from .reach.models import Street, StreetNetwork

__all__ = [
    "Booking",
    "Facility",
    "HoursException",
    "MicroVenue",
    "Photo",
    "Plate",
    "Premises",
    "Room",
    "Serving",
    "Slot",
    "Street",
    "StreetNetwork",
    "WeeklyHours",
]
