"""Ask for many rows by key without asking for too many at once."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

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


def among(keys: Iterable[int]) -> RawSQL:
    """Return what to give an `…__in` that takes any number of keys: they go over as one value, not one each."""
    known = list(keys)
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [known])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(known)])
