"""Take in what a survey says of rooms, and what somebody who went there noted."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.batches import batches, rows_where
from weiduan.ground.base.changes import Changes, Row, difference
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import Deed, record, record_many
from weiduan.ground.territory.queries import area_of

from .models import Premises
from .rules import LONGEST_CONDITION, Consent, is_rent

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


@transaction.atomic
def note_visit(
    number: str, *, consent: Consent, rent: Decimal | None, condition: str, by: Any, at: datetime
) -> Premises:  # fmt: skip
    """Note what the owner said, the rent in yuan a month (None: not known) and the condition of a room.

    :raises NotFound: there is no such room, or none `by` may know of
    :raises NotAllowed: `by` does not keep the venues there
    :raises BadInput: no amount, or too long a text
    """
    room = Premises.objects.select_for_update().filter(number=number, gone_on=None).first()
    if room is None:
        raise NotFound(_("There is nothing here that you may see."))
    seat = area_of(room.area_id, on=local_day(at)).code
    require(by, Duty.KEEP_VENUES, in_area=seat, at=at)
    if rent is not None and not is_rent(rent):
        raise BadInput(_("Write the rent in yuan a month, for example 800 or 1200.50; 0 where there is none."))
    if len(condition.strip()) > LONGEST_CONDITION:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_CONDITION)
    said = {"consent": consent.value, "rent": rent, "condition": condition.strip()}
    before, after = difference({name: getattr(room, name) for name in said}, said)
    if after:
        for name in after:
            setattr(room, name, said[name])
        room.save(update_fields=list(after))
        record(what="premises.changed", about=room, by=by, at=at, area=seat, before=before, after=after)
    return room
