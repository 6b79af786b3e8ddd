"""Persons in the clear, for those whose duty needs them."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from weiduan.ground.base.sealed import unseal
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.organisations.models import Organisation

from .models import Membership, Person
from .rules import TABLE


def open_field(person: UUID, field: str, sealed: bytes | memoryview) -> str:
    """Open one sealed field of a person."""
    return unseal(sealed, table=TABLE, pk=str(person), field=field)


def persons_numbered(numbers: Iterable[str]) -> dict[str, UUID]:
    """Return number → key of the persons kept under these numbers."""
    wanted = set(numbers)
    if len(wanted) > 500:
        rows = Person.objects.values_list("number", "id").iterator()
        return {number: key for number, key in rows if number in wanted}
    return dict(Person.objects.filter(number__in=wanted).values_list("number", "id"))


def names_of(numbers: Iterable[str]) -> dict[str, str]:
    """Return number → name; the caller has checked the viewer's duty."""
    rows = Person.objects.filter(number__in=set(numbers)).only("id", "number", "name")
    return {person.number: open_field(person.pk, "name", person.name) for person in rows}


def members_of(organisation: Organisation, *, on: date) -> list[dict[str, Any]]:
    """Return the members of an organisation on a day, by name; the caller has checked the viewer's duty."""
    rows = (
        Membership.objects.filter(alive(on), organisation=organisation)
        .select_related("person")
        .order_by("person__number")
    )
    return [
        {
            "number": row.person.number, "name": open_field(row.person_id, "name", row.person.name), "state": row.state,
            "joined_on": row.joined_on, "full_on": row.full_on, "full": row.full_on is not None and row.full_on <= on,
        }
        for row in rows
    ]  # fmt: skip
