"""Answer once: with a code, or with the receipt of what is over. The answer is added to counts and kept nowhere else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.systems.governance.ballots.casting import plain_code

from .asking import code_hash
from .entitled import asked_after, may_answer
from .models import AnswerCode, AnswerCount, Questionnaire
from .rules import ANSWERS, About, State, Way


class Answered(Refused):
    """This code or receipt has answered already; the first answer counts."""


class NotOpen(Refused):
    """Nobody can answer now."""


@transaction.atomic
def answer(key: UUID, code: str, answers: Sequence[int], *, at: datetime) -> None:
    """Answer with a code.

    :raises NotFound: there is no such questionnaire, or the code isn't one of its
    :raises NotOpen, Answered: it isn't open, or the code is used
    :raises BadInput: not one answer to each question
    """
    found = _open(key, answers, at)
    own = AnswerCode.objects.filter(questionnaire=found, code_hash=code_hash(found.pk, plain_code(code)))
    if not own.exists():
        raise NotFound(_("This code isn't one of this questionnaire. Check it letter by letter."))
    if not own.filter(is_used=False).update(is_used=True):
        raise Answered(_("This code has answered already; the first answer counts."))
    _add(found, answers)


@transaction.atomic
def answer_after(key: UUID, receipt: str, answers: Sequence[int], *, at: datetime) -> None:
    """Answer with the receipt of a report, an activity or a booking that is over.

    :raises NotFound: there is no such questionnaire, or it doesn't ask whoever holds this receipt
    :raises NotOpen, Answered: it isn't open, or the receipt has answered
    :raises BadInput: not one answer to each question
    """
    found = _open(key, answers, at)
    if found.way != Way.AFTER.value or not may_answer(found, receipt, at=at):
        raise NotFound(_("This questionnaire doesn't ask about that."))
    try:
        with transaction.atomic():
            AnswerCode.objects.create(questionnaire=found, code_hash=code_hash(found.pk, receipt), is_used=True)
    except IntegrityError as error:
        raise Answered(_("You have answered already; the first answer counts. Thank you.")) from error
    _add(found, answers)


def still_asked(
    about: About, code: str, receipt: str, *, activity: UUID | None = None, at: datetime
) -> Questionnaire | None:
    """Return the questionnaire whoever holds a receipt can still answer; None where none asks, or it is answered.

    code  the area of what is over
    """
    found = asked_after(about, code, activity=activity, at=at)
    if found is None or not may_answer(found, receipt, at=at) or has_answered(found, receipt):
        return None
    return found


def has_answered(found: Questionnaire, receipt: str) -> bool:
    """Tell whether whoever holds this receipt has answered."""
    return AnswerCode.objects.filter(questionnaire=found, code_hash=code_hash(found.pk, receipt)).exists()


def _open(key: UUID, answers: Sequence[int], at: datetime) -> Questionnaire:
    found = Questionnaire.objects.filter(pk=key).exclude(state=State.DRAFT.value).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    if found.state != State.OPEN.value or not found.opens_on <= local_day(at) < found.closes_on:
        raise NotOpen(_("Nobody can answer now: it is asked from %(since)s until before %(until)s."), since=found.opens_on,
                      until=found.closes_on)  # fmt: skip
    if len(answers) != len(found.questions) or any(each not in ANSWERS for each in answers):
        raise BadInput(_("Answer each question; “can't say” is an answer too."))
    return found


def _add(found: Questionnaire, answers: Sequence[int]) -> None:
    """Add to the counts, in the order of their questions, so that two who answer at once never wait for each other in a ring."""
    for question, each in enumerate(answers):
        place = {"questionnaire": found, "question": question, "answer": each}
        if not AnswerCount.objects.filter(**place).update(count=F("count") + 1):
            AnswerCount.objects.bulk_create([AnswerCount(**place, count=0)], ignore_conflicts=True)
            AnswerCount.objects.filter(**place).update(count=F("count") + 1)
