"""Operations on votes, for everyone: what is asked and how it stands, voting by code, the file to count again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Schema
from pydantic import StringConstraints

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.publishing import published
from weiduan.systems.governance.ballots.queries import public_ballot, public_ballots, turnout_of
from weiduan.systems.governance.ballots.rules import State, procedures

from .asking import Page, Size, router
from .shapes import NO_ZERO, AreaCode, Asked

Short = Annotated[str, StringConstraints(max_length=80, pattern=NO_ZERO)]


class BallotRow(Schema):
    key: UUID
    title: str
    state: str
    procedure: str
    is_secret: bool
    opens_at: datetime | None
    closes_at: datetime | None


class Ballots(Schema):
    count: int
    items: list[BallotRow]


class Basis(Schema):
    """How many take part, in heads or in hundredths of a square metre, and how many must."""

    part: int
    needed: int
    reached: bool


class BallotRecord(BallotRow):
    """`heads` and `area` only while it is open; nothing of what anybody voted."""

    text: str
    text_hash: str
    options: list[str]
    most: int
    silence_follows: str
    imported_from: str
    act: str
    article: str
    heads: Basis | None
    area: Basis | None


class Vote(Asked):
    """`choice` is yes, no or abstain; where there are options their numbers from 1, rising, parted by commas."""

    code: Short
    choice: Short


class CastVote(Schema):
    """`was_in`: the right was used before, and this is the receipt of the vote that counts."""

    receipt: str
    was_in: bool


@router.get("/areas/{code}/ballots", response=Ballots, auth=None)
def ballots(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Votes of an area and what lies in it, the newest first."""
    at = timezone.now()
    area_by_code(code, on=local_day(at))
    rows = public_ballots(code, at=at)
    return {"count": rows.count(), "items": [_row(one) for one in rows[(page - 1) * size : page * size]]}


def _row(one: Any) -> dict[str, Any]:
    fields = ("title", "state", "procedure", "is_secret", "opens_at", "closes_at")
    return {"key": one.pk} | {name: getattr(one, name) for name in fields}


@router.get("/ballots/{uuid:key}", response=BallotRecord, auth=None)
def ballot(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One vote, and how many take part so far."""
    found = public_ballot(key)
    procedure = procedures()[found.procedure]
    standing = turnout_of(found) if found.state == State.OPEN.value else None
    fields = ("text", "text_hash", "options", "most", "silence_follows", "imported_from")
    return _row(found) | {name: getattr(found, name) for name in fields} | {
        "act": procedure.act, "article": procedure.article, "heads": _basis(standing.heads) if standing else None,
        "area": _basis(standing.area) if standing else None,
    }  # fmt: skip


def _basis(one: Any) -> dict[str, Any] | None:
    return {"part": one.part, "needed": one.part_needed, "reached": one.part_reached} if one else None


@router.post("/ballots/{uuid:key}/votes", response={201: CastVote}, auth=None)
def vote(request: HttpRequest, key: UUID, body: Vote) -> Any:
    """Vote by code; asked again, the receipt of the vote that counts comes back."""
    done = cast(public_ballot(key).pk, body.code, body.choice, at=timezone.now())
    return 201, {"receipt": done.receipt, "was_in": done.was_in}


@router.get("/ballots/{uuid:key}/file", response=dict[str, Any], auth=None)
def file(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """A counted vote as the file by which anyone can count again."""
    return published(public_ballot(key, counted=True))
