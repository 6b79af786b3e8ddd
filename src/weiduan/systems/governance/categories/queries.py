"""Categories as they are offered, and found by words."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput

from .models import Category
from .rules import Named, Suggestion, suggest

_IS_HEADING = Exists(Category.objects.filter(parent=OuterRef("pk"), is_open=True))


@dataclass(frozen=True)
class Group:
    """A heading and the categories below it; one without any below is offered itself."""

    heading: Category
    choices: tuple[Category, ...]


def offered() -> list[Group]:
    """Return what can be chosen, in order: one query."""
    rows = list(Category.objects.filter(is_open=True).order_by("order", "code"))
    below: dict[int, list[Category]] = {}
    for row in rows:
        if row.parent_id is not None:
            below.setdefault(row.parent_id, []).append(row)
    return [Group(row, tuple(below.get(row.pk, [row]))) for row in rows if row.parent_id is None]


class NoSuchCategory(BadInput):
    """There is no category with this code that can be chosen."""


def choosable(code: str) -> Category:
    """Return a category that can be chosen.

    :raises NoSuchCategory: there is none with this code, or it is a mere heading
    """
    found = Category.objects.filter(code=code, is_open=True).first()
    below_it = Category.objects.filter(parent=found, is_open=True)
    if found is None or (found.parent_id is None and below_it.exists()):  # what hangs below a heading is none itself
        raise NoSuchCategory(_("Choose what it is about."))
    return found


def suggested(text: str) -> list[Suggestion]:
    """Return up to three categories a text speaks for, each with the words that do."""
    rows = Category.objects.filter(~_IS_HEADING, is_open=True).order_by("order", "code")
    return suggest(text, (Named(row.code, row.name, tuple(row.synonyms)) for row in rows))
