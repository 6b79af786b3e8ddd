"""Operations on elections: which are due, and writing one down that was held."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.changes import elections as holding
from weiduan.systems.organisation.changes.queries import elections_due
from weiduan.systems.organisation.organisations.queries import organisation_by_number

from .asking import IdempotencyKey, Page, Size, answered_once, asking, person_numbered, router
from .shapes import Asked, Done, Number, PathNumber

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class ElectionRow(Schema):
    """`stage`: 6 or 3 months before it is due, 0 where it is late; `days` until then, below 0 where it is late."""

    number: str
    name: str
    due: date
    stage: int
    days: int


class Elections(Schema):
    count: int
    items: list[ElectionRow]


class Elected(Asked):
    member: Number
    role: Role
    votes: Count


class Election(Asked):
    """`voters` were due to vote, `attended` of them came."""

    voters: Count
    attended: Count
    elected: Annotated[list[Elected], Field(min_length=1, max_length=50)]
    on: date | None = None


@router.get("/elections", response=Elections)
def elections(request: HttpRequest, page: Page = 1, size: Size = 50) -> Any:
    """Elections due within six months or late, the latest first."""
    ask = asking(request)
    rows = elections_due(areas_of(ask.user, Duty.LOOK, at=ask.at), on=ask.today)
    return {"count": len(rows), "items": rows[(page - 1) * size : page * size]}


@router.post("/organisations/{number}/elections", response={201: Done})
def hold(request: HttpRequest, number: PathNumber, body: Election, key: IdempotencyKey = None) -> Any:
    """Write an election down: the elected take office, a term begins; the answer's key is its first day."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        organisation = organisation_by_number(number, viewer=ask.user, on=ask.today, at=ask.at)
        posts = [holding.Elected(person_numbered(one.member), one.role, one.votes) for one in body.elected]
        term = holding.hold_election(
            organisation, posts, voters=body.voters, attended=body.attended, on=body.on or ask.today, **ask.who
        )
        return {"key": str(term.since), "state": "begun"}

    return 201, answered_once(request, ask, key, body, deed)
