"""Let organisations stand on grids and units, and leave them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.changes import Changes, Row
from weiduan.ground.base.inserts import insert_all
from weiduan.ground.ledger.actions import Deed, record, record_many
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.organisations.models import Organisation

from .models import Coverage


@transaction.atomic
def revise_coverage(
    changes: Changes, *, organisations: Mapping[str, int], areas: Mapping[str, int], on: date, by: Any, at: datetime
) -> None:
    """Take in what surveyed organisations cover from a day on.

    organisations  number → key; areas  code → key, both for everything named
    """
    ends: list[tuple[Row, set[str], set[str]]] = [(row, _codes(row), set()) for row in changes.gone]
    ends += [
        (after, _codes(before) - _codes(after), _codes(after) - _codes(before)) for before, after in changes.changed
    ]
    starts: list[tuple[Row, set[str], set[str]]] = [(row, set(), _codes(row)) for row in changes.new]
    for row, leaves, _takes in ends:
        _leave([areas[code] for code in leaves], organisations[row["number"]], on)
    told = [(row, leaves, takes) for row, leaves, takes in [*ends, *starts] if leaves or takes]
    insert_all(
        Coverage,
        (
            Coverage(organisation_id=organisations[row["number"]], area_id=areas[code], since=on)
            for row, _leaves, takes in told
            for code in sorted(takes)
        ),
    )
    record_many(
        [
            Deed("coverage.changed", "organisation.organisation", str(organisations[row["number"]]), row["area"],
                 {"left": sorted(leaves)}, {"taken": sorted(takes)})
            for row, leaves, takes in told
        ],
        by=by, at=at,
    )  # fmt: skip


def _codes(row: Row) -> set[str]:
    """Return the codes a survey row lists: one text, parted by “、”."""
    return set((row["covers"] or "").split("、")) - {""}


def _leave(areas: list[int], organisation: int, on: date) -> None:
    here = Coverage.objects.filter(alive(on), organisation_id=organisation, area_id__in=areas)
    here.filter(since=on).delete()
    here.filter(since__lt=on).update(until=on)


@transaction.atomic
def stand_on(
    organisation: Organisation, areas: Mapping[str, int], *, seat: str, on: date, by: Any, at: datetime
) -> None:
    """Let an organisation cover just these areas (code → key) of its village from a day on.

    :raises NotAllowed: `by` does not keep the organisations there
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    now = set(Coverage.objects.filter(alive(on), organisation=organisation).values_list("area_id", flat=True))
    wanted = set(areas.values())
    _leave(sorted(now - wanted), organisation.pk, on)
    Coverage.objects.bulk_create(
        [Coverage(organisation=organisation, area_id=area, since=on) for area in sorted(wanted - now)]
    )
    record(what="coverage.changed", about=organisation, by=by, at=at, area=seat, after={"covers": sorted(areas)})
