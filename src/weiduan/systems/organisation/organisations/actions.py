"""Take in what a survey says of organisations, and open terms."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.batches import batches, rows_where
from weiduan.ground.base.changes import Changes, Row, difference
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.base.inserts import insert_all, update_all
from weiduan.ground.ledger.actions import Deed, record, record_many
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.ground.territory.reform import PENDING

from .models import Former, Organisation, Term
from .queries import kept_at, keys_of
from .rules import Kind

BATCH = 1_000
DATED = ("name", "kind", "parent", "area")


def keep_former(organisations: Iterable[Organisation], *, on: date) -> None:
    """Keep what organisations were until a day; call it before name, kind, superior or seat is changed from then on.

    What is said twice of one day replaces itself: what held before that day stays kept.
    """
    known = {o.pk: o for o in organisations if o.founded_on < on}
    later = {
        former.organisation_id for former in rows_where(Former.objects.filter(until__gte=on), "organisation", known)
    }
    insert_all(
        Former,
        (
            Former(organisation=o, until=on, name=o.name, kind=o.kind, parent_id=o.parent_id, area_id=o.area_id)
            for key, o in known.items()
            if key not in later
        ),
    )


@transaction.atomic
def revise_organisations(
    changes: Changes, *, areas: Mapping[str, int], on: date, by: Any, at: datetime
) -> dict[str, int]:
    """Take in surveyed organisations; return the keys of those set up anew, by number.

    areas  code → area key, for every seat named
    """
    fresh = _set_up(changes.new, areas)  # first, for one that was there may come under a new one
    deeds = _dissolved(changes.gone, on) + _changed(changes.changed, areas, fresh, on)
    _withdraw_terms(changes.changed, on)
    _open_terms([*changes.new, *(after for _before, after in changes.changed)])
    deeds += [
        Deed("organisation.set_up", "organisation.organisation", str(fresh[row["number"]]), row["area"],
             None, {"number": row["number"], "name": row["name"], "kind": row["kind"]})
        for row in changes.new
    ]  # fmt: skip
    record_many(deeds, by=by, at=at)
    return fresh


def _set_up(rows: list[Row], areas: Mapping[str, int]) -> dict[str, int]:
    """Make organisations generation by generation: a parent has its key before its children ask."""
    known = keys_of(r["parent"] for r in rows if r["parent"])
    waiting, fresh = list(rows), dict[str, int]()
    new_numbers = {row["number"] for row in rows}
    while waiting:
        ready = [r for r in waiting if not r["parent"] or r["parent"] in known or r["parent"] not in new_numbers]
        made = Organisation.objects.bulk_create([_organisation(r, known, areas) for r in ready], batch_size=BATCH)
        fresh |= {o.number: o.pk for o in made}
        known |= fresh
        waiting = [r for r in waiting if r["number"] not in fresh]
    return fresh


def _organisation(row: Row, known: Mapping[str, int], areas: Mapping[str, int]) -> Organisation:
    return Organisation(
        number=row["number"], name=row["name"], kind=row["kind"], parent_id=known.get(row["parent"] or ""),
        area_id=areas[row["area"]], founded_on=row["founded_on"],
    )  # fmt: skip


def _changed(pairs: list[tuple[Row, Row]], areas: Mapping[str, int], fresh: Mapping[str, int], on: date) -> list[Deed]:
    numbers = {after["number"] for _before, after in pairs} | {after["parent"] for _before, after in pairs}
    there = {o.number: o for o in rows_where(Organisation.objects.select_for_update(), "number", numbers - {None})}
    keep_former((there[b["number"]] for b, a in pairs if any(b[key] != a[key] for key in DATED)), on=on)
    keys = {**fresh, **{number: organisation.pk for number, organisation in there.items()}}
    deeds, saved = [], []
    for before, after in pairs:
        organisation = there[after["number"]]
        organisation.name, organisation.kind = after["name"], after["kind"]
        organisation.founded_on, organisation.area_id = after["founded_on"], areas[after["area"]]
        organisation.parent_id = keys[after["parent"]] if after["parent"] else None
        said, says = difference(before, after)
        saved.append(organisation)
        deeds.append(
            Deed("organisation.changed", "organisation.organisation", str(organisation.pk), after["area"], said, says)
        )
    update_all(Organisation, saved, ["name", "kind", "founded_on", "area", "parent"])
    return deeds


def _dissolved(rows: list[Row], on: date) -> list[Deed]:
    numbers = [row["number"] for row in rows]
    gone = {o.number: o for o in rows_where(Organisation.objects.select_for_update(), "number", numbers)}
    for batch in batches(o.pk for o in gone.values()):
        Organisation.objects.filter(pk__in=batch).update(dissolved_on=on)
    return [
        Deed("organisation.dissolved", "organisation.organisation", str(gone[row["number"]].pk), row["area"])
        for row in rows
    ]


def _withdraw_terms(pairs: Iterable[tuple[Row, Row]], on: date) -> None:
    """Let go of terms that, as is said now, never began: the term began earlier than was kept, or there is none."""
    for before, after in pairs:
        kept, said = before["term_since"], after["term_since"]
        if kept is not None and (said is None or said < kept):
            never = Term.objects.filter(organisation__number=after["number"], since__lte=on)
            (never if said is None else never.filter(since__gt=said)).delete()


def _open_terms(rows: Iterable[Row]) -> None:
    """Keep the term each row names; another due day for the same beginning is a correction."""
    named = {row["number"]: row for row in rows if row["term_since"]}
    keys = keys_of(named)
    Term.objects.bulk_create(
        [Term(organisation_id=keys[n], since=r["term_since"], due_on=r["term_due"]) for n, r in named.items()],
        batch_size=BATCH, update_conflicts=True, unique_fields=["organisation", "since"], update_fields=["due_on"],
    )  # fmt: skip


@transaction.atomic
def begin_terms(terms: Iterable[tuple[int, date, date]], *, by: Any, at: datetime) -> int:
    """Write down elections that were held: (organisation, since, due on) each."""
    rows = [Term(organisation_id=key, since=since, due_on=due) for key, since, due in terms]
    insert_all(Term, rows)
    record_many(
        [Deed("term.begun", "organisation.organisation", str(t.organisation_id), "", None,
              {"since": str(t.since), "due_on": str(t.due_on)}) for t in rows],
        by=by, at=at,
    )  # fmt: skip
    return len(rows)


class AlreadyThere(Refused):
    """The number is given already."""


@transaction.atomic
def set_up_group(
    number: str, *, name: str, parent: int, area: int, seat: str, on: date, term_due: date, by: Any, at: datetime
) -> Organisation:
    """Set up a group under a branch.

    parent, area  keys of the branch and of the area it is seated in; seat is that area's code

    :raises NotAllowed: `by` does not keep the organisations there
    :raises AlreadyThere: the number is given already
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    if Organisation.objects.filter(number=number).exists():
        raise AlreadyThere(_("The number %(number)s is given already.") % {"number": number})
    group = Organisation.objects.create(
        number=number, name=name, kind=Kind.GROUP.value, parent_id=parent, area_id=area, founded_on=on
    )
    Term.objects.create(organisation=group, since=on, due_on=term_due)
    after = {"number": number, "name": name, "kind": group.kind}
    record(what="organisation.set_up", about=group, by=by, at=at, area=seat, after=after)
    return group


@transaction.atomic
def dissolve_group(key: int, *, seat: str, on: date, by: Any, at: datetime) -> None:
    """Dissolve a group from a day on; its members have been moved before.

    :raises NotAllowed: `by` does not keep the organisations there
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    group = Organisation.objects.select_for_update().get(pk=key, kind=Kind.GROUP.value, dissolved_on__isnull=True)
    group.dissolved_on = on
    group.save(update_fields=["dissolved_on"])
    record(what="organisation.dissolved", about=group, by=by, at=at, area=seat)


@transaction.atomic
def move_seat(organisation: Organisation, to: str, *, on: date, by: Any, at: datetime) -> Organisation:
    """Seat an organisation in the area with this code: where its seat was has ended, or it sits elsewhere now.

    :raises NotAllowed: `by` does not keep the organisations at either end
    :raises NotFound: no area has this code on that day
    :raises BadInput: the area waits for a decision itself, or the organisation is seated there already
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    require(by, Duty.KEEP_ORGANISATION, in_area=kept_at(organisation, on=on), at=at)
    require(by, Duty.KEEP_ORGANISATION, in_area=to, at=at)
    seat, before = area_by_code(to, on=on), area_of(organisation.area_id, on=on).code
    if seat.kind == PENDING or seat.area_id == organisation.area_id:
        raise BadInput(_("Choose an area that stays and in which it is not seated yet."))
    keep_former([organisation], on=on)
    organisation.area_id = seat.area_id
    organisation.save(update_fields=["area"])
    record(what="organisation.changed", about=organisation, by=by, at=at, area=to,
           before={"area": before}, after={"area": to})  # fmt: skip
    return organisation
