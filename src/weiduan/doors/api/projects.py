"""Operations on service projects, for everyone: what was called, what was proposed once it may be read, and the account."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Path, Schema

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.outlook.insight.project_account import account_told, partner_chosen
from weiduan.systems.services.projects.queries import (
    is_call_over,
    milestones_of,
    projects_for,
    proposals_shown,
    public_project,
)
from weiduan.systems.services.projects.rules import yuan_of

from .asking import Page, Size, router
from .shapes import AreaCode


class ProjectRow(Schema):
    """Amounts are yuan with two decimals, as texts, so that no program rounds them."""

    key: UUID
    title: str
    area: str
    state: str
    budget: str
    call_until: datetime


class Projects(Schema):
    count: int
    items: list[ProjectRow]


class StepRow(Schema):
    """One milestone as proposed; `days` after signing."""

    number: int
    what: str
    evidence: str
    amount: str
    days: int


class ProposalRow(Schema):
    key: UUID
    partner: str
    words: str
    state: str
    total: str
    steps: list[StepRow]


class MilestoneRow(Schema):
    """`shown` is what the milestone was accepted by, empty before."""

    number: int
    what: str
    evidence: str
    amount: str
    due_on: date
    state: str
    is_late: bool
    shown: str
    is_paid: bool


class ProjectRecord(ProjectRow):
    """`proposals` is empty before the call is over, `partner` before residents have chosen."""

    words: str
    stopped_because: str
    partner: str
    ballot: UUID | None
    topic: UUID | None
    proposals: list[ProposalRow]
    milestones: list[MilestoneRow]


class Balances(Schema):
    source: str
    pot: str
    partner: str


class MoveRow(Schema):
    """One move of money; `pot` is what is left set aside after it."""

    number: int
    on: date
    kind: str
    from_: str = Field(alias="from", serialization_alias="from")
    to: str
    amount: str
    milestone: int | None
    words: str
    pot: str


class ProjectAccount(Schema):
    """The accounts add up to nothing."""

    format: str
    project: UUID
    title: str
    state: str
    partner: str
    budget: str
    balances: Balances
    moves: list[MoveRow]


@router.get("/areas/{code}/projects", response=Projects, auth=None)
def projects(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Service projects of an area, what lies in it, and for units in it; the newest first."""
    at = timezone.now()
    area_by_code(code, on=local_day(at))
    rows = projects_for(code, at=at)
    return {"count": rows.count(), "items": [_row(one, at) for one in rows[(page - 1) * size : page * size]]}


def _row(one: Any, at: datetime) -> dict[str, Any]:
    return {
        "key": one.pk, "title": one.title, "area": area_of(one.area_id, on=local_day(at)).code, "state": one.state,
        "budget": str(yuan_of(one.budget_fen)), "call_until": one.call_until,
    }  # fmt: skip


@router.get("/projects/{uuid:key}", response=ProjectRecord, auth=None)
def project(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One service project with its proposals, once the call is over, and its milestones."""
    at = timezone.now()
    found = public_project(key)
    has_choice = is_call_over(found, at=at)
    return _row(found, at) | {
        "words": found.words, "stopped_because": found.stopped_because, "partner": partner_chosen(found),
        "ballot": found.ballot_id if has_choice and found.ballot and found.ballot.state != "draft" else None,
        "topic": found.topic_id, "proposals": [_proposal(one) for one in proposals_shown(found, at=at)],
        "milestones": [_milestone(one) for one in milestones_of(found, at=at)],
    }  # fmt: skip


def _proposal(one: Any) -> dict[str, Any]:
    steps = [
        {
            "number": s.number,
            "what": s.what,
            "evidence": s.evidence,
            "amount": str(yuan_of(s.amount_fen)),
            "days": s.days,
        }
        for s in one.steps
    ]
    return {
        "key": one.proposal.pk, "partner": one.proposal.partner.name, "words": one.proposal.words, "state": one.proposal.state,
        "total": str(one.total), "steps": steps,
    }  # fmt: skip


def _milestone(one: Any) -> dict[str, Any]:
    told = {name: getattr(one.milestone, name) for name in ("number", "what", "evidence", "due_on", "state")}
    return told | {
        "amount": str(one.amount), "is_late": one.is_late, "shown": one.accepted.words if one.accepted else "",
        "is_paid": one.release is not None,
    }  # fmt: skip


@router.get("/projects/{uuid:key}/account", response=ProjectAccount, auth=None, by_alias=True)
def account(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """The account of a project: every move of its money."""
    return account_told(public_project(key))
