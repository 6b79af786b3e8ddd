"""Ask for many rows by key without asking for too many at once."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
SIZE = 500  # SQLite takes a limited number of values in one statement


def batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut values into lists short enough for one statement."""
    all_ = list(values)
    for start in range(0, len(all_), SIZE):
        yield all_[start : start + SIZE]


def rows_where(rows: QuerySet[M], field: str, values: Iterable[Any]) -> Iterator[M]:
    """Yield the rows whose `field` is among `values`."""
    for batch in batches(values):
        yield from rows.filter(**{f"{field}__in": batch})
