"""What is asked where, and what was said: with how many were asked, how many answered, and the margin."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import ancestors_of, area_ids, area_of, within

from .models import AnswerCount, Questionnaire
from .rules import ANSWERS, CANT_SAY, CONTENT, LEAST_SHOWN, Share, State, Way, share_of


@dataclass(frozen=True)
class Answers:
    """What was said to one question: answer → how many, in the order they are offered, and the share of the content."""

    question: str
    counts: dict[int, int]
    share: Share | None


@dataclass(frozen=True)
class Result:
    """What came of a questionnaire; `answers` is empty where fewer answered than may be shown."""

    answered: int
    answers: list[Answers]

    @property
    def is_shown(self) -> bool:
        """Tell whether enough answered for it to be shown."""
        return bool(self.answers)


def results_of(questionnaires: Iterable[Questionnaire]) -> dict[UUID, Result]:
    """Return questionnaire → what was said. What is still open shows only how many answered, for each answer would tell itself."""
    known = list(questionnaires)
    counted: dict[UUID, dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    rows = AnswerCount.objects.filter(questionnaire__in=[one.pk for one in known])
    for key, question, answer, count in rows.values_list("questionnaire", "question", "answer", "count"):
        counted[key][question][answer] = count
    return {one.pk: _result(one, counted[one.pk]) for one in known}


def _result(found: Questionnaire, counted: dict[int, dict[int, int]]) -> Result:
    answered = sum(counted.get(0, {}).values())
    if found.state != State.CLOSED.value or answered < LEAST_SHOWN:
        return Result(answered, [])
    return Result(
        answered, [_answers(found, n, question, counted.get(n, {})) for n, question in enumerate(found.questions)]
    )


def _answers(found: Questionnaire, n: int, question: str, counts: dict[int, int]) -> Answers:
    content = sum(counts.get(each, 0) for each in CONTENT)
    could_say = sum(count for answer, count in counts.items() if answer != CANT_SAY)
    drawn_from = found.households if found.way == Way.SAMPLE.value else None
    return Answers(
        question, {each: counts.get(each, 0) for each in ANSWERS}, share_of(content, could_say, households=drawn_from)
    )


def public_in(code: str, *, at: datetime) -> QuerySet[Questionnaire]:
    """Return what is or was asked in an area, those below it, and for a unit those above it; the newest first."""
    on = local_day(at)
    above = area_ids(ancestors_of(code), on=on).values()
    rows = Questionnaire.objects.exclude(state=State.DRAFT.value)
    return rows.filter(within([code], on=on) | Q(area__in=list(above))).order_by("-closes_on", "title", "pk")


def about_project(project: UUID) -> list[Questionnaire]:
    """Return what residents are or were asked about a project, the newest first."""
    rows = Questionnaire.objects.filter(project=project).exclude(state=State.DRAFT.value)
    return list(rows.order_by("-closes_on", "pk"))


def public_questionnaire(key: UUID) -> Questionnaire:
    """Return a questionnaire everybody may see.

    :raises NotFound: there is none, or it isn't opened yet
    """
    found = Questionnaire.objects.exclude(state=State.DRAFT.value).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def kept_by(user: User, *, at: datetime) -> QuerySet[Questionnaire]:
    """Return the questionnaires somebody keeps, those not closed first."""
    codes = areas_of(user, Duty.KEEP_SERVICES, at=at)
    return Questionnaire.objects.filter(within(codes, on=local_day(at))).order_by("-closes_on", "title", "pk")


def kept_questionnaire(user: User, key: UUID, *, at: datetime) -> Questionnaire:
    """Return a questionnaire somebody keeps.

    :raises NotFound: there is none
    """
    found = Questionnaire.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(user, Duty.KEEP_SERVICES, in_area=area_of(found.area_id, on=local_day(at)).code, at=at)
    return found
