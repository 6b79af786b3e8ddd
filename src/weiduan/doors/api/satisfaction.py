"""Operations on what residents say, for everyone: what is and was asked, what came of it, answering with a code."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Schema
from pydantic import Field, StringConstraints

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code
from weiduan.outlook.insight.satisfaction_words import rows_of
from weiduan.systems.services.satisfaction.answering import answer
from weiduan.systems.services.satisfaction.queries import public_in, public_questionnaire
from weiduan.systems.services.satisfaction.rules import MOST_QUESTIONS

from .asking import Page, Size, router
from .shapes import NO_ZERO, AreaCode, Asked


class AnswersRow(Schema):
    """`counts`: how many gave answer 1 (very content) to 5 (not content at all), last “can't say”. `low` and `high` in per cent."""

    question: str
    counts: list[int]
    content: int | None
    could_say: int | None
    percent: float | None
    low: float | None
    high: float | None


class QuestionnaireRow(Schema):
    """`answers` stands there once it is closed and at least five answered."""

    key: UUID
    title: str
    about: str
    way: str
    state: str
    opens_on: date
    closes_on: date
    asked: int
    answered: int
    households: int | None
    lot: str
    answers: list[AnswersRow]


class Questionnaires(Schema):
    count: int
    items: list[QuestionnaireRow]


class Answer(Asked):
    """One answer to each question: 1 very content … 5 not content at all, 0 can't say."""

    code: Annotated[str, StringConstraints(max_length=40, pattern=NO_ZERO)]
    answers: Annotated[list[Annotated[int, Field(ge=0, le=5)]], Field(max_length=MOST_QUESTIONS)]


@router.get("/areas/{code}/satisfaction", response=Questionnaires, auth=None)
def satisfaction(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """What is and was asked in an area, above and below it, and what came of it."""
    at = timezone.now()
    area_by_code(code, on=local_day(at))
    rows = public_in(code, at=at)
    shown = rows_of(rows[(page - 1) * size : page * size], at=at)
    return {"count": rows.count(), "items": [_row(one) for one in shown]}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    fields = ("title", "about", "way", "state", "opens_on", "closes_on", "households", "lot")
    return {"key": row["found"].pk, "asked": row["asked"], "answered": row["result"].answered} | {
        name: getattr(row["found"], name) for name in fields
    } | {"answers": [_answers(one) for one in row["result"].answers]}  # fmt: skip


def _answers(one: Any) -> dict[str, Any]:
    share = one.share
    return {
        "question": one.question, "counts": list(one.counts.values()), "content": share and share.content,
        "could_say": share and share.of, "percent": share and share.percent, "low": share and share.low, "high": share and share.high,
    }  # fmt: skip


@router.post("/questionnaires/{uuid:key}/answers", response={204: None}, auth=None)
def say(request: HttpRequest, key: UUID, body: Answer) -> Any:
    """Answer with a code; it answers once."""
    answer(public_questionnaire(key).pk, body.code, body.answers, at=timezone.now())
    return 204, None
