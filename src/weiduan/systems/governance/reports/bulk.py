"""One deed for several reports; each is done for itself, and what can't be done is told beside its number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weiduan.ground.accounts.models import User
from weiduan.ground.base.errors import Refused

from .handling import hand_over
from .models import Report


@dataclass(frozen=True)
class Outcome:
    """How many were handed over, and (number, why not) of the others."""

    done: int
    refused: list[tuple[str, str]]


def hand_over_several(keys: Iterable[UUID], to: str, words: str, *, by: User | str, at: datetime) -> Outcome:
    """Hand several reports over to one area, as `hand_over` does with one.

    Those `by` doesn't have in hand are left alone, and their numbers aren't told.
    """
    done, refused = 0, []
    for key in dict.fromkeys(keys):
        try:
            hand_over(key, to, words, by=by, at=at)
        except Refused as refusal:
            refused.append((_number(key, refusal), refusal.message))
        else:
            done += 1
    return Outcome(done, refused)


def _number(key: UUID, refusal: Refused) -> str:
    """Return the number of a report that could be seen, "" for one that couldn't."""
    if refusal.status == 404:
        return ""
    return Report.objects.filter(pk=key).values_list("number", flat=True).first() or ""
