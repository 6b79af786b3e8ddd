"""Operations on activities and functions of rooms, for everyone: what is on, signing up, and a sign-up by its receipt."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Schema
from pydantic import StringConstraints

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.services.activities import signing_up
from weiduan.systems.services.activities.queries import (
    activity_by_key,
    ahead_of,
    brought_at,
    left_in,
    may_sign_up,
    over_for,
    sign_up_by_receipt,
    to_come_for,
)
from weiduan.systems.services.activities.rules import LONGEST_CONTACT, LONGEST_NAME, SIGN_UP_FORM
from weiduan.systems.services.functions.queries import functions_of, held_in
from weiduan.systems.venues.facilities.queries import facility_by_key
from weiduan.systems.venues.hours.rules import clock

from .asking import Page, Size, router
from .shapes import NO_ZERO, AreaCode, Asked, Text

Receipt = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{22,64}$")]
AHEAD = timedelta(days=28)


class ActivityRow(Schema):
    """`free` is 0 while others wait; without `capacity` everybody can just come."""

    key: UUID
    title: str
    kind: str
    host: str
    place: str
    starts_at: datetime
    ends_at: datetime
    state: str
    capacity: int | None
    free: int | None
    waiting: int
    may_wait: int
    may_sign_up: bool
    changed_at: datetime
    sequence: int


class Activities(Schema):
    count: int
    items: list[ActivityRow]


class ActivityRecord(ActivityRow):
    """`brought` and `answered` count what was said there and went on its way."""

    words: str
    sign_up_until: datetime | None
    brand: UUID | None
    cancelled_because: str
    attended: int | None
    after_words: str
    brought: int
    answered: int


class SignUpDraft(Schema):
    draft: str


class AskSignUp(Asked):
    """With one draft there is one sign-up, however often it is sent. Name and contact are optional and kept sealed."""

    draft: Text
    name: Annotated[str, StringConstraints(max_length=LONGEST_NAME, pattern=NO_ZERO)] = ""
    contact: Annotated[str, StringConstraints(max_length=LONGEST_CONTACT, pattern=NO_ZERO)] = ""


class SignUpRecord(Schema):
    """`ahead` is how many wait before; `offer_until` is until when a place is kept."""

    receipt: str
    activity: UUID
    number: int
    state: str
    offer_until: datetime | None
    ahead: int


class FunctionDate(Schema):
    since: datetime
    until: datetime


class FunctionRow(Schema):
    """What a room is for every week, with its dates of the next four weeks; `weekdays` 0 Monday … 6 Sunday."""

    key: UUID
    room: str
    kind: str
    name: str
    run_by: str
    for_whom: str
    weekdays: list[int]
    opens: str
    closes: str
    since: date
    until: date | None
    dates: list[FunctionDate]


class Functions(Schema):
    count: int
    items: list[FunctionRow]


@router.get("/areas/{code}/activities", response=Activities, auth=None)
def activities(
    request: HttpRequest, code: Annotated[AreaCode, Path()], when: Literal["to_come", "over"] = "to_come", page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """What is on in an area, above it and in what lies in it, the soonest first; or what took place, the newest first."""
    at = timezone.now()
    area_by_code(code, on=local_day(at))
    rows = (to_come_for if when == "to_come" else over_for)(code, at=at)
    return {"count": rows.count(), "items": [_row(one, at) for one in rows[(page - 1) * size : page * size]]}


def _row(one: Any, at: datetime) -> dict[str, Any]:
    fields = ("title", "kind", "host", "place", "starts_at", "ends_at", "state", "changed_at", "sequence")
    left = left_in(one)
    return {
        "key": one.pk, "capacity": left.capacity, "free": left.free, "waiting": left.waiting, "may_wait": left.may_wait,
        "may_sign_up": may_sign_up(one, at=at),
    } | {name: getattr(one, name) for name in fields}  # fmt: skip


@router.get("/activities/{uuid:key}", response=ActivityRecord, auth=None)
def activity(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One activity."""
    found = activity_by_key(key)
    fields = ("words", "sign_up_until", "cancelled_because", "attended", "after_words")
    told = {name: getattr(found, name) for name in fields} | {"brand": found.brand_id}
    return _row(found, timezone.now()) | told | brought_at(found).__dict__


@router.post("/sign-up-drafts", response={201: SignUpDraft}, auth=None)
def sign_up_draft(request: HttpRequest) -> Any:
    """A draft to send along with a sign-up within a day; nothing is kept yet."""
    return 201, {"draft": new_draft(SIGN_UP_FORM)}


@router.post("/activities/{uuid:key}/sign-ups", response={201: SignUpRecord}, auth=None)
def sign_up(request: HttpRequest, key: UUID, body: AskSignUp) -> Any:
    """Sign up without an account; keep the receipt, it is told only here."""
    receipt = receipt_of(body.draft, SIGN_UP_FORM)
    coming = signing_up.Coming(name=body.name, contact=body.contact)
    signing_up.sign_up(key, coming, receipt, at=timezone.now())
    return 201, _record(receipt)


def _record(receipt: str) -> dict[str, Any]:
    mine = sign_up_by_receipt(receipt)
    return {
        "receipt": receipt, "activity": mine.activity_id, "number": mine.number, "state": mine.state, "offer_until": mine.offer_until,
        "ahead": ahead_of(mine) if mine.state == "waiting" else 0,
    }  # fmt: skip


@router.get("/sign-ups/{receipt}", response=SignUpRecord, auth=None)
def sign_up_of(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """A sign-up, to whoever holds its receipt."""
    return _record(receipt)


@router.post("/sign-ups/{receipt}/accept", response=SignUpRecord, auth=None)
def accept(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """Take up the place that is kept."""
    signing_up.accept(receipt, at=timezone.now())
    return _record(receipt)


@router.post("/sign-ups/{receipt}/give-up", response=SignUpRecord, auth=None)
def give_up(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """Give up a place, an offer or the wait."""
    signing_up.give_up(receipt, at=timezone.now())
    return _record(receipt)


@router.post("/sign-ups/{receipt}/erase", response=SignUpRecord, auth=None)
def erase(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """Erase name and contact at once; the place stays."""
    signing_up.erase(receipt, at=timezone.now())
    return _record(receipt)


@router.get("/places/{uuid:key}/functions", response=Functions, auth=None)
def functions(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """What the rooms of a place are for every week."""
    at = timezone.now()
    facility = facility_by_key(key)
    if facility.open_since is None:
        raise NotFound(_("There is no such place. Look for it by name, or choose it from the list."))
    held = held_in([key], since=at, until=at + AHEAD)
    rows = list(functions_of(key, on=local_day(at)))
    return {"count": len(rows), "items": [_function(one, held) for one in rows]}


def _function(one: Any, held: list[Any]) -> dict[str, Any]:
    fields = ("kind", "name", "run_by", "for_whom", "weekdays", "since", "until")
    dates = [{"since": each.since, "until": each.until} for each in held if each.function.pk == one.pk]
    return {
        "key": one.pk, "room": one.room.name, "opens": clock(one.opens), "closes": clock(one.closes), "dates": dates,
    } | {name: getattr(one, name) for name in fields}  # fmt: skip
