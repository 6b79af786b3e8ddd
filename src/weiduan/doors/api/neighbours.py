"""Operations on what neighbours do for each other, for everyone: teams and their shifts, small wishes."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Schema

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.services.volunteers.queries import shifts_to_come, team_for_all, teams_for
from weiduan.systems.services.wishes.queries import public_wish, wishes_in

from .asking import Page, Size, router
from .shapes import AreaCode


class TeamRow(Schema):
    """Reached through a post; nobody who is in it."""

    key: UUID
    name: str
    words: str
    post: str
    telephone: str


class Teams(Schema):
    count: int
    items: list[TeamRow]


class ShiftRow(Schema):
    """`taken` of at most `most` places; `least` are needed."""

    key: UUID
    what: str
    place: str
    starts_at: datetime
    ends_at: datetime
    least: int
    most: int
    taken: int


class TeamRecord(TeamRow):
    shifts: list[ShiftRow]


class WishRow(Schema):
    key: UUID
    text: str
    state: str
    claimed_by: str
    thanks: str
    at: datetime


class Wishes(Schema):
    count: int
    items: list[WishRow]


TEAM = ("name", "words", "post", "telephone")
SHIFT = ("what", "place", "starts_at", "ends_at", "least", "most", "taken")
WISH = ("text", "state", "claimed_by", "thanks", "at")
MOST_SHIFTS = 100


@router.get("/areas/{code}/teams", response=Teams, auth=None)
def teams(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Teams of volunteers of an area, of those below it and above it."""
    at = timezone.now()
    area_by_code(code, on=local_day(at))
    rows = teams_for(code, at=at)
    return {"count": rows.count(), "items": [_told(one, TEAM) for one in rows[(page - 1) * size : page * size]]}


@router.get("/teams/{uuid:key}", response=TeamRecord, auth=None)
def team(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One team, and the shifts still to come."""
    found = team_for_all(key)
    coming = shifts_to_come(found, at=timezone.now())[:MOST_SHIFTS]
    return _told(found, TEAM) | {"shifts": [_told(one, SHIFT) for one in coming]}


@router.get("/areas/{code}/wishes", response=Wishes, auth=None)
def wishes(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Small wishes of an area and what lies in it that everybody may read."""
    at = timezone.now()
    area_by_code(code, on=local_day(at))
    rows = wishes_in(code, at=at)
    return {"count": rows.count(), "items": [_told(one, WISH) for one in rows[(page - 1) * size : page * size]]}


@router.get("/wishes/{uuid:key}", response=WishRow, auth=None)
def wish(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One wish."""
    return _told(public_wish(key), WISH)


def _told(row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    return {"key": row.pk} | {name: getattr(row, name) for name in fields}
