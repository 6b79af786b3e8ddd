"""What this room keeps, noun by noun."""

from .premises.models import Premises

__all__ = ["Premises"]
