"""What this room keeps, noun by noun."""

from .categories.models import Category
from .reports.models import (
    AlsoConcerned,
    AnswerTemplate,
    Contact,
    Notice,
    Report,
    ReportPhoto,
    SavedFilter,
    SearchWords,
    Step,
    Task,
)

__all__ = [
    "AlsoConcerned", "AnswerTemplate", "Category", "Contact", "Notice", "Report", "ReportPhoto", "SavedFilter", "SearchWords",
    "Step", "Task",
]  # fmt: skip
