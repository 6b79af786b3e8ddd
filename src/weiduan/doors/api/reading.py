"""Operations that only read."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query

from weiduan.ground.accounts.queries import areas_of, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import area_by_code, area_of, names_by_area
from weiduan.outlook.insight.organisation import coverage_of, report_of
from weiduan.outlook.reminders.queries import due_for
from weiduan.systems.organisation.appointments.cross import cross_in
from weiduan.systems.organisation.appointments.queries import posts_of
from weiduan.systems.organisation.changes.queries import change_seen_by, changes_about
from weiduan.systems.organisation.coverage.queries import standing_of
from weiduan.systems.organisation.members.lists import member_record, memberships_kept_by, narrowed, rows_of
from weiduan.systems.organisation.organisations.queries import (
    filtered,
    organisation_by_number,
    organisations_in_sight_of,
)
from weiduan.systems.organisation.transfers.queries import transfer_rows, transfers_of

from . import shapes
from .asking import Page, Size, asking, keeps_members, router
from .shapes import AreaCode, PathNumber, Text


@router.get("/areas/{code}/coverage", response=dict[str, Any])
def coverage(request: HttpRequest, code: Annotated[AreaCode, Path()], on: date | None = None) -> dict[str, Any]:
    """Figures, parts and gaps of an area on a day."""
    ask = asking(request)
    day = on or ask.today
    require(ask.user, Duty.LOOK, in_area=code, at=ask.at)
    area_by_code(code, on=day)
    return report_of(coverage_of(code, on=day)).as_json()


@router.get("/areas/{code}/cross-appointment", response=list[shapes.VillageCross])
def cross_appointment(request: HttpRequest, code: Annotated[AreaCode, Path()], on: date | None = None) -> list[Any]:
    """How many of each village's two committees hold a post of another sort too."""
    ask = asking(request)
    day = on or ask.today
    require(ask.user, Duty.LOOK, in_area=code, at=ask.at)
    area_by_code(code, on=day)
    return cross_in(code, on=day)


@router.get("/organisations", response=shapes.Organisations)
def organisations(
    request: HttpRequest, kind: Text = "", area: Text = "", q: Text = "", on: date | None = None,
    page: Page = 1, size: Size = 50,
) -> dict[str, Any]:  # fmt: skip
    """Organisations one may see, in order of number."""
    ask = asking(request)
    day = on or ask.today
    rows = filtered(organisations_in_sight_of(ask.user, on=day, at=ask.at), on=day, kind=kind, area=area, words=q)
    found = list(rows[(page - 1) * size : page * size])
    seats = names_by_area({o.area_id for o in found}, on=day)
    items = [_organisation(o, seats[o.area_id].code if o.area_id in seats else None) for o in found]
    return {"count": rows.count(), "items": items}


def _organisation(o: Any, seat: str | None) -> dict[str, Any]:
    return {
        "number": o.number, "name": o.name, "kind": o.kind, "parent": o.parent.number if o.parent else None, "seat": seat,
    }  # fmt: skip


@router.get("/organisations/{number}", response=shapes.OrganisationRecord)
def organisation(request: HttpRequest, number: PathNumber, on: date | None = None) -> dict[str, Any]:
    """One organisation as of a day: figures, verdicts of the rules, what it covers, posts."""
    ask = asking(request)
    day = on or ask.today
    found = organisation_by_number(number, viewer=ask.user, on=day, at=ask.at)
    standing, judgements = standing_of(found, on=day)
    seat = area_of(found.area_id, on=day).code
    named = may(ask.user, Duty.KEEP_ORGANISATION, in_area=seat, at=ask.at)
    posts = posts_of(found, on=day, named=named)
    return _organisation(found, seat) | {
        "on": day, "founded_on": found.founded_on, "members": standing.members, "full_members": standing.full_members,
        "days_overdue": standing.days_overdue, "covers": standing.covers,
        "rules": [
            {"rule": j.rule.id, "verdict": j.verdict.value, "found": j.found, "asked": j.rule.value, "act": j.rule.act,
             "article": j.rule.article}
            for j in judgements
        ],
        "posts": [post if named else post | {"number": None} for post in posts],
    }  # fmt: skip


@router.get("/members", response=shapes.Members)
def members(
    request: HttpRequest, organisation: Text = "",
    state: Literal["", "active", "mobile", "transferring", "suspended", "probationary"] = "", q: Text = "",
    page: Page = 1, size: Size = 50,
) -> dict[str, Any]:  # fmt: skip
    """Members of the organisations one keeps."""
    ask = asking(request)
    keeps_members(ask)
    rows = memberships_kept_by(ask.user, on=ask.today, at=ask.at)
    rows = narrowed(rows, on=ask.today, organisation=organisation, state=state, words=q)
    found = rows_of(rows[(page - 1) * size : page * size], on=ask.today)
    return {"count": rows.count(), "items": [_member(row) for row in found]}


def _member(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"organisation": row["organisation"].number}


@router.get("/members/{number}", response=shapes.MemberRecord)
def member(request: HttpRequest, number: PathNumber) -> dict[str, Any]:
    """One member, with every membership, the newest first."""
    ask = asking(request)
    found = member_record(number, viewer=ask.user, at=ask.at)
    return _member(found.row) | {"is_member": found.is_member, "past": [_member(row) for row in found.past]}


@router.get("/transfers", response=shapes.Transfers)
def transfers(request: HttpRequest, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Transfers at whose ends one keeps organisations, open ones first."""
    ask = asking(request)
    keeps_members(ask)
    rows = transfers_of(ask.user, on=ask.today, at=ask.at)
    return {"count": rows.count(), "items": transfer_rows(rows[(page - 1) * size : page * size], on=ask.today)}


@router.get("/changes", response=shapes.Changes)
def changes(request: HttpRequest, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Changes about or decided in the areas one may look at, the newest first."""
    ask = asking(request)
    rows = changes_about(areas_of(ask.user, Duty.LOOK, at=ask.at), on=ask.today)
    return {"count": rows.count(), "items": _changes(rows[(page - 1) * size : page * size])}


def _changes(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {
            "key": c.pk, "kind": c.kind, "organisation": c.organisation.number if c.organisation else None,
            "superior": c.superior.number, "seat": c.seat, "on": c.on, "state": c.state, "asked_at": c.asked_at,
            "decided_at": c.decided_at, "answer": c.answer,
        }
        for c in rows
    ]  # fmt: skip


@router.get("/changes/{uuid:key}", response=shapes.ChangeRecord)
def change(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One change: what is to be, what the rules said, what one may do about it."""
    ask = asking(request)
    seen = change_seen_by(key, ask.user, at=ask.at)
    [row] = _changes([seen.change])
    return row | {
        "facts": seen.change.facts, "judged": seen.change.judged, "may_approve": seen.may_approve,
        "may_return": seen.may_return, "may_withdraw": seen.may_withdraw,
    }  # fmt: skip


@router.get("/reminders", response=list[shapes.ReminderRow])
def reminders(request: HttpRequest, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> list[Any]:
    """What is due where one keeps organisations, the longest overdue first."""
    ask = asking(request)
    return due_for(ask.user, at=ask.at)[:limit]
