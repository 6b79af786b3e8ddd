"""What this room keeps, noun by noun."""

from .micro_venues.models import MicroVenue, Serving
from .premises.models import Premises

__all__ = ["MicroVenue", "Premises", "Serving"]
