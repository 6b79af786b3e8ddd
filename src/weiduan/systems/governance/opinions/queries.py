"""Opinions as everyone reads them, as whoever moderates them does, and as their own receipt shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash

from .models import Opinion
from .rules import About


@dataclass(frozen=True)
class Heard:
    """An opinion as everyone reads it; of one taken away only by which rule and why, never the words."""

    key: UUID
    words: str
    at: datetime
    removed_for: str
    removed_because: str

    @property
    def is_removed(self) -> bool:
        """Tell whether it is taken away."""
        return bool(self.removed_for)


def opinions_on(kind: About, about: UUID) -> QuerySet[Opinion]:
    """Return what was said about something, the newest first, as who moderates it sees it."""
    return Opinion.objects.filter(kind=About(kind).value, about=about).order_by("-at", "pk")


def heard_on(kind: About, about: UUID, *, most: int = 200) -> list[Heard]:
    """Return what was said about something as everyone reads it, the newest first."""
    return [_heard(one) for one in opinions_on(kind, about)[:most]]


def counts_on(kind: About, abouts: Iterable[UUID]) -> dict[UUID, int]:
    """Return thing → how many opinions on it everyone can read."""
    rows = Opinion.objects.filter(kind=About(kind).value, about__in=list(abouts), removed_at=None)
    return dict(rows.values_list("about").annotate(n=Count("pk")))


def appeals_waiting(abouts: Iterable[UUID]) -> int:
    """Count the appeals about these things that nobody has answered."""
    return Opinion.objects.filter(~Q(appeal=""), about__in=list(abouts), appeal_answer="").count()


def opinion_by_receipt(receipt: str) -> Opinion:
    """Return one's own opinion.

    :raises NotFound: nobody has such a receipt
    """
    found = Opinion.objects.filter(receipt_hash=receipt_hash(receipt)).first()
    if found is None:
        raise NotFound(_("Nobody has such a receipt. Check the address letter by letter."))
    return found


def _heard(one: Opinion) -> Heard:
    words = "" if one.removed_at else one.words
    return Heard(one.pk, words, one.at, one.removed_for, one.removed_because)
