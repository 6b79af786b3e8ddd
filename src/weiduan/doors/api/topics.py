"""Operations on what is talked over, for everyone: topics with their stages, and the partners of an area."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Schema

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code
from weiduan.outlook.insight.topic_words import stage_line
from weiduan.systems.governance.deliberation.queries import contentment_of, public_topic, timeline, topics_in
from weiduan.systems.governance.partners.queries import offers_for, partners_for

from .asking import Page, Size, router
from .shapes import AreaCode


class TopicRow(Schema):
    key: UUID
    title: str
    origin: str
    state: str
    stage: str
    at: datetime


class Topics(Schema):
    count: int
    items: list[TopicRow]


class StageRow(Schema):
    """`standing` is done, now or later."""

    code: str
    title: str
    standing: str


class TaskRow(Schema):
    what: str
    owner: str
    until: date
    evidence: str
    done_at: datetime | None


class EventRow(Schema):
    at: datetime
    what: str
    about: str
    words: str


class TopicRecord(TopicRow):
    """`content` and `not_content` count the residents' words on the result."""

    text: str
    procedure: str
    stages: list[StageRow]
    options: list[str]
    decision: str
    tasks: list[TaskRow]
    result: str
    content: int
    not_content: int
    events: list[EventRow]


class OfferRow(Schema):
    key: UUID
    sort: str
    what: str
    since: date
    until: date | None


class PartnerRow(Schema):
    """Reached through a post; no person."""

    key: UUID
    kind: str
    name: str
    post: str
    telephone: str
    offers: list[OfferRow]


class Partners(Schema):
    count: int
    items: list[PartnerRow]


@router.get("/areas/{code}/topics", response=Topics, auth=None)
def topics(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Topics of an area and what lies in it that were taken up, the newest first."""
    at = timezone.now()
    area_by_code(code, on=local_day(at))
    rows = topics_in(code, at=at)
    return {"count": rows.count(), "items": [_row(one) for one in rows[(page - 1) * size : page * size]]}


def _row(one: Any) -> dict[str, Any]:
    fields = ("title", "origin", "state", "stage", "at")
    return {"key": one.pk} | {name: getattr(one, name) for name in fields}


@router.get("/topics/{uuid:key}", response=TopicRecord, auth=None)
def topic(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """One topic: its stages, what was decided, who does what, what came of it, and what happened in order."""
    found = public_topic(key)
    counts = contentment_of(found)
    return _row(found) | {
        "text": found.text, "procedure": found.procedure, "decision": found.decision, "result": found.result,
        "stages": [{"code": one.code, "title": one.title, "standing": one.standing} for one in stage_line(found)],
        "options": [one.text for one in found.options.order_by("pk")], "tasks": list(found.tasks.order_by("until", "pk")),
        "content": counts.content, "not_content": counts.not_content, "events": timeline(found),
    }  # fmt: skip


@router.get("/areas/{code}/partners", response=Partners, auth=None)
def partners(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Partners of an area with what they offer there."""
    on = local_day(timezone.now())
    area_by_code(code, on=on)
    rows, offers = partners_for(code, on=on), list(offers_for(code, on=on))
    items = [
        {
            "key": one.pk, "kind": one.kind, "name": one.name, "post": one.post, "telephone": one.telephone,
            "offers": [_offer(each) for each in offers if each.partner_id == one.pk],
        } for one in rows[(page - 1) * size : page * size]
    ]  # fmt: skip
    return {"count": len(rows), "items": items}


def _offer(one: Any) -> dict[str, Any]:
    return {"key": one.pk, "sort": one.sort, "what": one.what, "since": one.since, "until": one.until}
