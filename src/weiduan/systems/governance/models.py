"""What this room keeps, noun by noun."""

from .categories.models import Category
from .reports.models import AlsoConcerned, Contact, Report, ReportPhoto, Step

__all__ = ["AlsoConcerned", "Category", "Contact", "Report", "ReportPhoto", "Step"]
