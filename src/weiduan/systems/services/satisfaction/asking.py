"""Ask residents: write the questions, draw households or hand codes out, close, and ask anew."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.systems.governance.ballots.preparing import new_code
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.projects.models import Project

from .models import AnswerCode, Questionnaire
from .rules import (
    CODES_KEPT_DAYS,
    HAS_RECEIPTS,
    LONGEST_DAYS,
    LONGEST_QUESTION,
    LONGEST_TITLE,
    MOST_CODES,
    MOST_QUESTIONS,
    About,
    State,
    Way,
    drawn_by,
)

By = User | str
CLOCK = "clock"


class NotNow(Refused):
    """The questionnaire is in a state that doesn't allow this."""


@dataclass(frozen=True)
class Wanted:
    """What is asked, of whom, from when until when.

    codes       how many households are drawn, or codes handed out; asked after something is over: none
    households  how many there are to draw from
    closes_on   the first day on which nobody can answer any more
    """

    about: About
    way: Way
    title: str
    questions: tuple[str, ...]
    opens_on: date
    closes_on: date
    codes: int = 0
    households: int | None = None
    activity: UUID | None = None
    project: UUID | None = None


@transaction.atomic
def draft(area: str, wanted: Wanted, *, by: By, at: datetime) -> Questionnaire:
    """Write a questionnaire down; nobody is asked before it is opened.

    :raises NotAllowed: `by` doesn't keep services there
    :raises BadInput: something can't be
    """
    require(by, Duty.KEEP_SERVICES, in_area=area, at=at)
    _check(wanted)
    where = area_by_code(area, on=local_day(at))
    made = Questionnaire.objects.create(
        area_id=where.area_id, about=wanted.about.value, way=wanted.way.value, title=wanted.title.strip(),
        questions=[question.strip() for question in wanted.questions], households=wanted.households, asked=wanted.codes,
        opens_on=wanted.opens_on, closes_on=wanted.closes_on, at=at,
        activity_id=_here(Activity, wanted.activity, where.area_id), project_id=_here(Project, wanted.project, where.area_id),
    )  # fmt: skip
    _record("questionnaire.drafted", made, by, at, {"about": made.about, "way": made.way})
    return made


@transaction.atomic
def open_it(key: UUID, *, by: By, at: datetime) -> list[str]:
    """Open a questionnaire; return its codes in no order, this once. Where a sample is asked for, the lot is drawn now.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it was opened before, its time is over, or another asks the same here
    """
    found = kept(key, by, at)
    if found.state != State.DRAFT.value:
        raise NotNow(_("It was opened before."))
    if found.closes_on <= local_day(at):
        raise NotNow(_("Its last day is over. Draft it anew with a later one."))
    if found.way == Way.AFTER.value and _asks_already(found):
        raise NotNow(_("Another questionnaire asks about the same here. Close that one first."))
    if found.way == Way.SAMPLE.value:
        assert found.households is not None
        found.lot = secrets.token_hex(16)
        found.drawn = drawn_by(found.lot, found.households, found.asked)
    found.state = State.OPEN.value
    found.save(update_fields=["state", "lot", "drawn"])
    codes = [] if found.way == Way.AFTER.value else _codes(found, found.asked)
    _record("questionnaire.opened", found, by, at, {"asked": found.asked})
    return codes


@transaction.atomic
def more_codes(key: UUID, many: int, *, by: By, at: datetime) -> list[str]:
    """Make further codes to hand out; return them, this once.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't open, or a lot was drawn, to which nobody can be added
    :raises BadInput: none, or too many
    """
    found = kept(key, by, at)
    if found.state != State.OPEN.value or found.way != Way.OPEN.value:
        raise NotNow(
            _("Codes can be added only while it is open, and only where they are handed to whoever wants one.")
        )
    if not 1 <= many <= MOST_CODES - found.asked:
        raise BadInput(_("There can be at most %(n)s codes in all."), n=MOST_CODES)
    found.asked += many
    found.save(update_fields=["asked"])
    codes = _codes(found, many)
    _record("questionnaire.codes_added", found, by, at, {"codes": many})
    return codes


@transaction.atomic
def close(key: UUID, *, by: By, at: datetime) -> Questionnaire:
    """Close a questionnaire before its time; one that asks whenever something is over doesn't ask anew.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't open
    """
    found = kept(key, by, at)
    if found.state != State.OPEN.value:
        raise NotNow(_("It isn't open."))
    return _closed(found, by, at)


def close_those_over(*, at: datetime) -> int:
    """Close what is over, for the clock; what asks whenever something is over asks anew for as long again. Return how many."""
    over = Questionnaire.objects.filter(state=State.OPEN.value, closes_on__lte=local_day(at)).values_list(
        "pk", flat=True
    )
    return sum(_close_and_renew(key, at) for key in list(over))


def forget_codes(*, at: datetime) -> int:
    """Delete the codes of what has been closed for a year, for the clock; return how many there were."""
    old = local_day(at) - timedelta(days=CODES_KEPT_DAYS)
    return AnswerCode.objects.filter(
        questionnaire__state=State.CLOSED.value, questionnaire__closes_on__lte=old
    ).delete()[0]


@transaction.atomic
def _close_and_renew(key: UUID, at: datetime) -> bool:
    found = Questionnaire.objects.select_for_update().get(pk=key)
    if found.state != State.OPEN.value or found.closes_on > local_day(at):
        return False
    _closed(found, CLOCK, at)
    if found.way == Way.AFTER.value and found.activity_id is None:
        lasts = found.closes_on - found.opens_on
        begins = max(found.closes_on, local_day(at))
        Questionnaire.objects.create(
            area_id=found.area_id, about=found.about, way=found.way, title=found.title, questions=found.questions,
            opens_on=begins, closes_on=begins + lasts, state=State.OPEN.value, at=at,
        )  # fmt: skip
    return True


def _closed(found: Questionnaire, by: By, at: datetime) -> Questionnaire:
    found.state = State.CLOSED.value
    found.closes_on = min(found.closes_on, max(local_day(at), found.opens_on + timedelta(days=1)))
    found.save(update_fields=["state", "closes_on"])
    _record("questionnaire.closed", found, by, at, {})
    return found


def _asks_already(found: Questionnaire) -> bool:
    others = Questionnaire.objects.filter(
        area=found.area_id, about=found.about, way=found.way, activity=found.activity_id, state=State.OPEN.value
    )
    return others.exists()


def _codes(found: Questionnaire, many: int) -> list[str]:
    """Draw codes and keep their hashes in the order of the hashes, so that nothing tells which was handed out when."""
    codes = [new_code() for _each in range(many)]
    hashes = sorted(code_hash(found.pk, code) for code in codes)
    AnswerCode.objects.bulk_create(
        [AnswerCode(questionnaire=found, code_hash=each) for each in hashes], batch_size=1000
    )
    return codes


def code_hash(questionnaire: UUID, code: str) -> bytes:
    """Return what is kept of a code or of a receipt that answers: it can't be guessed, so one round is enough."""
    return hashlib.sha256(questionnaire.bytes + b"answer" + code.encode()).digest()


def kept(key: UUID, by: By, at: datetime) -> Questionnaire:
    """Lock a questionnaire that somebody keeps.

    :raises NotFound: there is none `by` keeps
    """
    found = Questionnaire.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_SERVICES, in_area=area_of(found.area_id, on=local_day(at)).code, at=at)
    return found


def _here(model: type[Activity] | type[Project], key: UUID | None, area: int) -> UUID | None:
    if key is not None and not model._default_manager.filter(pk=key, area=area).exists():
        raise BadInput(_("Choose an activity or a project of this area."))
    return key


def _record(what: str, found: Questionnaire, by: By, at: datetime, after: dict[str, object]) -> None:
    area = area_of(found.area_id, on=local_day(at)).code
    record(what=what, about=found, by=by, at=at, area=area, after=after)


def _check(wanted: Wanted) -> None:
    days = (wanted.closes_on - wanted.opens_on).days
    problems: Sequence[tuple[bool, str]] = [
        (not 0 < len(wanted.title.strip()) <= LONGEST_TITLE, _("Give it a title of at most 60 characters.")),
        (not 1 <= len(wanted.questions) <= MOST_QUESTIONS, _("Ask one to eight questions.")),
        (
            any(not 0 < len(question.strip()) <= LONGEST_QUESTION for question in wanted.questions),
            _("Each question takes at most 80 characters."),
        ),
        (not 1 <= days <= LONGEST_DAYS, _("Let it last one day to one year.")),
        (wanted.way is Way.AFTER and wanted.about not in HAS_RECEIPTS,
         _("Only after a report, an activity or a booking does somebody hold a receipt. Draw households, or hand codes out.")),
        (wanted.way is Way.SAMPLE and not (wanted.households and 0 < wanted.codes <= wanted.households),
         _("Say how many households there are and how many are drawn; no more can be drawn than there are.")),
        (wanted.way is Way.OPEN and not 0 < wanted.codes <= MOST_CODES, _("Say how many codes are handed out, at most 20,000.")),
        (wanted.households is not None and wanted.households > 10 * MOST_CODES, _("Ask at most 200,000 households at once.")),
        (wanted.codes > MOST_CODES, _("Say how many codes are handed out, at most 20,000.")),
    ]  # fmt: skip
    for is_so, sentence in problems:
        if is_so:
            raise BadInput(sentence)
