"""Take in what a survey says of members."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.batches import batches, rows_where
from weiduan.ground.base.changes import Changes, Row, difference
from weiduan.ground.base.inserts import insert_all, update_all
from weiduan.ground.base.sealed import blind_index, seal
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.ground.territory.queries import alive

from .models import Membership, Person
from .queries import open_field, persons_numbered
from .rules import TABLE

PERSONAL = ("name", "contact")


@transaction.atomic
def keep_persons(rows: Iterable[Row]) -> dict[str, uuid.UUID]:
    """Keep persons (number, name, contact) not kept yet; return number → key of all of them."""
    by_number = {row["number"]: row for row in rows}
    keys = persons_numbered(by_number)
    fresh = [_person(row) for number, row in by_number.items() if number not in keys]
    insert_all(Person, fresh)
    return keys | {person.number: person.pk for person in fresh}


def _person(row: Row) -> Person:
    return _sealed_into(Person(id=uuid.uuid4(), number=row["number"]), row)


def _sealed_into(person: Person, row: Row) -> Person:
    key, contact = str(person.pk), row.get("contact") or ""
    person.name = seal(row["name"], table=TABLE, pk=key, field="name")
    person.contact = seal(contact, table=TABLE, pk=key, field="contact")
    person.contact_index = blind_index(contact, purpose="phone") if contact else b""
    return person


@transaction.atomic
def rename_persons(rows: Iterable[Row]) -> None:
    """Seal new names and contacts of persons kept already."""
    by_number = {row["number"]: row for row in rows}
    for numbers in batches(sorted(by_number)):
        people = Person.objects.select_for_update().filter(number__in=numbers)
        update_all(Person, [_sealed_into(p, by_number[p.number]) for p in people], ["name", "contact", "contact_index"])


def renew_indexes() -> int:
    """Let persons be found by telephone under the index key in use, where another found them; return how many were.

    It may be stopped and begun again. Whoever changes a contact meanwhile wins.
    """
    kept = Person.objects.exclude(contact_index=b"")
    return sum(_renewed(keys) for keys in batches(list(kept.order_by("pk").values_list("pk", flat=True))))


@transaction.atomic
def _renewed(keys: Sequence[uuid.UUID]) -> int:
    done = 0
    for key, contact, index in Person.objects.filter(pk__in=keys).values_list("pk", "contact", "contact_index"):
        fresh = blind_index(open_field(key, "contact", contact), purpose="phone")
        if bytes(index) != fresh:
            done += Person.objects.filter(pk=key, contact=contact).update(contact_index=fresh)
    return done


@transaction.atomic
def revise_members(
    changes: Changes, *, organisations: Mapping[str, int], areas: Mapping[str, int], on: date, by: Any, at: datetime
) -> dict[str, uuid.UUID]:
    """Take in surveyed members from a day on; return number → person key of all named."""
    rows = [*changes.new, *(after for _before, after in changes.changed)]
    known = persons_numbered(row["number"] for row in changes.new)
    persons = keep_persons([*rows, *changes.gone])
    rename_persons(after for before, after in changes.changed if any(before[k] != after[k] for k in PERSONAL))
    rename_persons(row for row in changes.new if row["number"] in known)
    ending = [persons[row["number"]] for row in [*changes.gone, *(after for _b, after in changes.changed)]]
    _end(ending, on)
    insert_all(Membership, (_membership(row, persons, organisations, areas, on) for row in rows))
    record_many(_deeds(changes, persons), by=by, at=at)
    return persons


def _membership(
    row: Row, persons: Mapping[str, uuid.UUID], organisations: Mapping[str, int], areas: Mapping[str, int], on: date
) -> Membership:
    return Membership(
        person_id=persons[row["number"]], organisation_id=organisations[row["organisation"]],
        home_id=areas[row["home"]] if row["home"] else None, state=row["state"], joined_on=row["joined_on"],
        full_on=row["full_on"], since=on,
    )  # fmt: skip


def _end(persons: list[uuid.UUID], on: date) -> None:
    for batch in batches(persons):
        open_ = Membership.objects.filter(alive(on), person__in=batch)
        open_.filter(since=on).delete()
        open_.filter(since__lt=on).update(until=on)


def _deeds(changes: Changes, persons: Mapping[str, uuid.UUID]) -> list[Deed]:
    kind = "organisation.person"
    deeds = [
        Deed("member.ended", kind, str(persons[r["number"]]), "", {"organisation": r["organisation"]})
        for r in changes.gone
    ]
    for before, after in changes.changed:
        said, says = without_personal(*difference(before, after))
        deeds.append(Deed("member.changed", kind, str(persons[after["number"]]), "", said, says))
    return deeds + [
        Deed("member.joined", kind, str(persons[r["number"]]), "", None, {"organisation": r["organisation"]})
        for r in changes.new
    ]


def without_personal(said: dict[str, Any], says: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Leave personal fields out of what the ledger keeps: that they changed, never from what to what."""
    changed = {f"{key}_changed": True for key in PERSONAL if key in says}
    return (
        {key: value for key, value in said.items() if key not in PERSONAL},
        {key: value for key, value in says.items() if key not in PERSONAL} | changed,
    )


@transaction.atomic
def move_members(
    moves: Mapping[uuid.UUID, int], *, seat: str, numbers: Mapping[int, str], on: date, by: Any, at: datetime
) -> int:
    """Move members to other organisations of the same area from a day on; return how many moved.

    moves  person → organisation key; numbers  organisation key → number, for the ledger

    :raises NotAllowed: `by` does not keep the organisations there
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    held = list(rows_where(Membership.objects.select_for_update().filter(alive(on)), "person", moves))
    moving = [m for m in held if m.organisation_id != moves[m.person_id]]
    _end([m.person_id for m in moving], on)
    Membership.objects.bulk_create([_moved(m, moves[m.person_id], on) for m in moving], batch_size=500)
    record_many(
        [
            Deed("member.changed", "organisation.person", str(m.person_id), seat,
                 {"organisation": numbers[m.organisation_id]}, {"organisation": numbers[moves[m.person_id]]})
            for m in moving
        ],
        by=by, at=at,
    )  # fmt: skip
    return len(moving)


def _moved(membership: Membership, organisation: int, on: date) -> Membership:
    kept = ("person_id", "home_id", "state", "joined_on", "full_on")
    return Membership(organisation_id=organisation, since=on, **{name: getattr(membership, name) for name in kept})
