"""Operations on what governs itself, for everyone: bodies with their offices, compacts with their texts."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Schema

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.governance.bodies.queries import bodies_in
from weiduan.systems.governance.bodies.queries import standings as standings_of_bodies
from weiduan.systems.governance.compacts.queries import (
    compacts_in,
    public_compact,
    standings,
    supports_of,
    versions_of,
)

from .asking import Page, Size, router
from .shapes import AreaCode


class Office(Schema):
    """`name` is empty where the kind of body doesn't make its members public."""

    office: str
    name: str


class BodyRow(Schema):
    key: UUID
    kind: str
    name: str
    elected_on: date | None
    due_on: date | None
    is_overdue: bool
    vacancies: int
    offices: list[Office]


class Bodies(Schema):
    count: int
    items: list[BodyRow]


class CompactRow(Schema):
    """`stage` is that of the version under way, empty where none is."""

    key: UUID
    kind: str
    title: str
    in_force_from: date | None
    stage: str


class Compacts(Schema):
    count: int
    items: list[CompactRow]


class VersionRow(Schema):
    """`supports` counts only those who stand behind just this text."""

    key: UUID
    number: int
    stage: str
    text: str
    text_hash: str
    supports: int
    in_force_from: date | None
    in_force_until: date | None
    filed_number: str


class CompactRecord(Schema):
    key: UUID
    kind: str
    title: str
    versions: list[VersionRow]


@router.get("/areas/{code}/bodies", response=Bodies, auth=None)
def bodies(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Bodies of an area and what lies in it, as they stand today."""
    on = local_day(timezone.now())
    area_by_code(code, on=on)
    rows = bodies_in(code, on=on)
    shown = standings_of_bodies(rows[(page - 1) * size : page * size], on=on)
    return {"count": rows.count(), "items": [_body(one) for one in shown]}


def _body(one: Any) -> dict[str, Any]:
    return {
        "key": one.body.pk, "kind": one.body.kind, "name": one.body.name, "elected_on": one.term.since if one.term else None,
        "due_on": one.term.due if one.term else None, "is_overdue": one.is_overdue, "vacancies": one.vacancies,
        "offices": [{"office": office, "name": name} for office, name in one.shown],
    }  # fmt: skip


@router.get("/areas/{code}/compacts", response=Compacts, auth=None)
def compacts(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Compacts of an area and what lies in it, as they stand today."""
    on = local_day(timezone.now())
    area_by_code(code, on=on)
    rows = compacts_in([code], on=on)
    shown = standings(rows[(page - 1) * size : page * size], on=on)
    return {"count": rows.count(), "items": [_compact(one) for one in shown]}


def _compact(one: Any) -> dict[str, Any]:
    return {
        "key": one.compact.pk, "kind": one.compact.kind, "title": one.compact.title,
        "in_force_from": one.in_force.in_force_from if one.in_force else None,
        "stage": one.under_way.stage if one.under_way else "",
    }  # fmt: skip


@router.get("/compacts/{uuid:key}", response=CompactRecord, auth=None)
def compact(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One compact with all its versions, the latest first."""
    found = public_compact(key)
    return {
        "key": found.pk, "kind": found.kind, "title": found.title, "versions": [_version(one) for one in versions_of(found)]
    }  # fmt: skip


def _version(one: Any) -> dict[str, Any]:
    fields = ("number", "stage", "text", "text_hash", "in_force_from", "in_force_until", "filed_number")
    return {"key": one.pk, "supports": supports_of(one)} | {name: getattr(one, name) for name in fields}
