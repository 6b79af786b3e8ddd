"""Take in what a survey says of rooms."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from weiduan.ground.base.batches import batches, rows_where
from weiduan.ground.base.changes import Changes, Row, difference
from weiduan.ground.ledger.actions import Deed, record_many

from .models import Premises

FIELDS = ("name", "origin", "area_m2", "lon", "lat", "consent")


@transaction.atomic
def revise_premises(changes: Changes, *, areas: Mapping[str, int], on: date, by: Any, at: datetime) -> None:
    """Take in surveyed premises from a day on; areas is code → area key."""
    numbers = [r["number"] for r in [*changes.new, *changes.gone, *(after for _b, after in changes.changed)]]
    there = {p.number: p for p in rows_where(Premises.objects.select_for_update(), "number", numbers)}
    deeds = []
    for before, after in changes.changed:
        said, says = difference(before, after)
        room = _told(there[after["number"]], after, areas)
        deeds.append(Deed("premises.changed", "venues.premises", str(room.pk), after["area"], said, says))
    again = [_told(there[r["number"]], r, areas) for r in changes.new if r["number"] in there]
    Premises.objects.bulk_update(
        [*(there[a["number"]] for _b, a in changes.changed), *again],
        [*FIELDS, "address", "area", "gone_on"],
        batch_size=200,
    )
    for batch in batches(row["number"] for row in changes.gone):
        Premises.objects.filter(number__in=batch).update(gone_on=on)
    fresh = [
        _told(Premises(number=r["number"], found_on=on), r, areas) for r in changes.new if r["number"] not in there
    ]
    made = Premises.objects.bulk_create(fresh, batch_size=500)
    deeds += [Deed("premises.gone", "venues.premises", str(there[r["number"]].pk), r["area"]) for r in changes.gone]
    deeds += [Deed("premises.found", "venues.premises", str(room.pk), "") for room in [*made, *again]]
    record_many(deeds, by=by, at=at)


def _told(room: Premises, row: Row, areas: Mapping[str, int]) -> Premises:
    for name in FIELDS:
        setattr(room, name, row[name])
    room.address, room.area_id, room.gone_on = row["address"] or "", areas[row["area"]], None
    return room
