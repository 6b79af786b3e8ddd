"""Raise a topic, take it up or decline it; follow it, and say at the end whether one is content. The receipt is the only key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import check_receipt, receipt_hash
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.ground.territory.queries import area_by_code, area_of, areas_below
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.bodies.queries import bodies_for
from weiduan.systems.governance.opinions.actions import say
from weiduan.systems.governance.opinions.models import Opinion
from weiduan.systems.governance.opinions.rules import About
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.queries import in_hands_of, reports_in_care_of

from .models import Acceptance, Follower, StagePassed, Topic, TopicReport
from .queries import SHOWN
from .rules import (
    LONGEST_REASON,
    LONGEST_TEXT,
    LONGEST_TITLE,
    Origin,
    State,
    procedures,
)

By = User | str


class NotNow(Refused):
    """The topic is in a state that doesn't allow this."""


@dataclass(frozen=True)
class Raising:
    """What is to be talked over."""

    title: str
    text: str


@transaction.atomic
def raise_topic(area: str, raising: Raising, receipt: str, *, at: datetime) -> Topic:
    """Let a resident raise a topic; raised again with the same receipt it is there once.

    receipt  random, at least 128 bit; whoever holds it sees what becomes of it

    :raises BadInput: no title or text, too many words, a receipt that could be guessed, or an area nobody is at home in
    :raises NotFound: there is no such area
    """
    _check(raising)
    _check_receipt(receipt)
    where = area_by_code(area, on=local_day(at))
    if not Level.VILLAGE <= where.level <= Level.UNIT:
        raise BadInput(_("Topics are raised for a unit, a grid or a village. Choose where you live."))
    facts = {"area_id": where.area_id, "origin": Origin.RESIDENT.value, "procedure": "", "at": at} | _words(raising)
    topic, is_new = Topic.objects.get_or_create(receipt_hash=receipt_hash(receipt), defaults=facts)
    if is_new:
        record(what="topic.raised", about=topic, by=RESIDENT, at=at, area=area, after={"origin": topic.origin})
    return topic


@transaction.atomic
def propose_topic(
    area: str, raising: Raising, *, reports: Sequence[str] = (), by: By, at: datetime
) -> Topic:  # fmt: skip
    """Raise a topic at the desk: for a body, or out of reports, whose tellers then follow it with the receipts they have.

    reports  their numbers

    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: no title or text, or a report that isn't of this area, isn't in one's own hands or was told in confidence
    """
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    _check(raising)
    where = area_by_code(area, on=local_day(at))
    found = _reports(area, reports, by, at)
    origin = Origin.REPORTS if found else Origin.BODY
    topic = Topic.objects.create(area_id=where.area_id, origin=origin.value, procedure="", at=at, **_words(raising))
    TopicReport.objects.bulk_create(TopicReport(topic=topic, report=report) for report in found)
    told = {"origin": origin.value, "reports": len(found)}
    record(what="topic.raised", about=topic, by=by, at=at, area=area, after=told)
    return topic


@transaction.atomic
def join_reports(key: UUID, reports: Sequence[str], *, by: By, at: datetime) -> int:
    """Join more reports to a topic that isn't done; return how many are new.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is done or declined
    :raises BadInput: as `propose_topic`
    """
    topic = kept(key, by, at)
    if topic.state not in (State.PROPOSED.value, State.UNDER_WAY.value):
        raise NotNow(_("The topic is done or declined: nothing is joined to it any more."))
    there = set(topic.reports.values_list("report", flat=True))
    new = [report for report in _reports(code_of(topic, at), reports, by, at) if report.pk not in there]
    TopicReport.objects.bulk_create(TopicReport(topic=topic, report=report) for report in new)
    tell(topic, "reports_joined", by, at, {"reports": len(new)})
    return len(new)


@dataclass(frozen=True)
class TakingUp:
    """How a topic is taken up.

    procedure  code of one of `procedures.csv`
    body       key of the body that leads it, of the area or one above; None where there is none
    wording    title and text as everyone will read them; None: as they were raised
    """

    procedure: str
    body: UUID | None = None
    wording: Raising | None = None


@transaction.atomic
def take_up(key: UUID, how: TakingUp, *, by: By, at: datetime) -> Topic:
    """Take a topic up: from now on everyone may see it, and it is in its first stage.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is taken up or declined already
    :raises BadInput: no such procedure, or a body that isn't one of the area
    """
    topic = kept(key, by, at)
    if topic.state != State.PROPOSED.value:
        raise NotNow(_("This topic is taken up or declined already."))
    if how.procedure not in procedures():
        raise BadInput(_("Choose how it is talked over and decided."))
    body = None
    if how.body is not None:
        body = bodies_for(code_of(topic, at), on=local_day(at)).filter(pk=how.body).first()
        if body is None:
            raise BadInput(_("Choose a body of this area."))
    if how.wording is not None:
        _check(how.wording)
        topic.title, topic.text = how.wording.title.strip(), how.wording.text.strip()
    topic.body, topic.procedure, topic.state = body, how.procedure, State.UNDER_WAY.value
    topic.stage = procedures()[how.procedure].stages[0].code
    topic.save(update_fields=["title", "text", "body", "procedure", "state", "stage"])
    note_stage(topic, topic.stage, "", by, at)
    tell(topic, "taken_up", by, at, {"procedure": how.procedure, "stage": topic.stage})
    return topic


@transaction.atomic
def decline(key: UUID, because: str, *, by: By, at: datetime) -> Topic:
    """Decline a topic that wasn't taken up, with the reason whoever raised it reads.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is taken up or declined already
    :raises BadInput: no reason, or too long a one
    """
    topic = kept(key, by, at)
    if topic.state != State.PROPOSED.value:
        raise NotNow(_("This topic is taken up or declined already."))
    if not 0 < len(because.strip()) <= LONGEST_REASON:
        raise BadInput(_("Say why in at most %(n)s characters: whoever raised it reads it."), n=LONGEST_REASON)
    topic.state, topic.declined_because = State.DECLINED.value, because.strip()
    topic.save(update_fields=["state", "declined_because"])
    tell(topic, "declined", by, at, {})
    return topic


@transaction.atomic
def follow(key: UUID, receipt: str, *, at: datetime) -> Follower:
    """Follow a topic everyone may see; asked again with the same receipt it counts once.

    :raises NotFound: there is no such topic
    :raises BadInput: a receipt that could be guessed
    """
    _check_receipt(receipt)
    topic = _shown(key)
    found, is_new = Follower.objects.get_or_create(
        receipt_hash=receipt_hash(receipt), defaults={"topic": topic, "at": at}
    )
    if is_new:
        tell(topic, "followed", RESIDENT, at, {})
    return found


@transaction.atomic
def say_content(key: UUID, receipt: str, *, is_content: bool, words: str = "", at: datetime) -> Acceptance:
    """Say whether one is content with what came of a topic; each receipt says it once, the first word stays.

    :raises NotFound: there is no such topic
    :raises NotNow: no result is published
    :raises BadInput: too many words, or a receipt that could be guessed
    """
    _check_receipt(receipt)
    if len(words.strip()) > LONGEST_REASON:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_REASON)
    topic = _shown(key)
    if topic.result_at is None:
        raise NotNow(_("The result isn't published yet. Say it once it is."))
    facts: dict[str, Any] = {"topic": topic, "is_content": is_content, "words": words.strip(), "at": at}
    found, is_new = Acceptance.objects.get_or_create(receipt_hash=receipt_hash(receipt), defaults=facts)
    if is_new:
        tell(topic, "word_given", RESIDENT, at, {"content": is_content})
    return found


@transaction.atomic
def say_about(key: UUID, words: str, receipt: str, *, at: datetime) -> Opinion:
    """Say what one thinks of a topic under way; said again with the same receipt it is there once.

    :raises NotFound: there is no such topic
    :raises NotNow: it is done
    :raises BadInput: no words or too many, or a receipt that could be guessed
    """
    topic = _shown(key)
    if topic.state != State.UNDER_WAY.value:
        raise NotNow(_("The topic is done: opinions are no longer heard."))
    return say(About.TOPIC, topic.pk, words, receipt, area=code_of(topic, at), at=at)


def kept(key: UUID, by: By, at: datetime) -> Topic:
    """Lock a topic that somebody keeps; of others not even their existence is told.

    :raises NotFound: there is none `by` keeps
    """
    found = Topic.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_GOVERNANCE, in_area=code_of(found, at), at=at)
    return found


def code_of(topic: Topic, at: datetime) -> str:
    """Return the code of a topic's area."""
    return area_of(topic.area_id, on=local_day(at)).code


def note_stage(topic: Topic, stage: str, words: str, by: By, at: datetime) -> None:
    """Write the line that everyone who follows a topic reads."""
    StagePassed.objects.create(topic=topic, stage=stage, words=words, by=by if isinstance(by, User) else None, at=at)


def tell(topic: Topic, what: str, by: By, at: datetime, told: dict[str, Any]) -> None:
    """Write down what was done, never the words."""
    record(
        what=f"topic.{what}", about=topic, by=by, at=at, area=code_of(topic, at), after=told | {"state": topic.state}
    )


def _shown(key: UUID) -> Topic:
    found = Topic.objects.select_for_update().filter(pk=key, state__in=SHOWN).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def _reports(area: str, numbers: Sequence[str], by: By, at: datetime) -> list[Report]:
    """Return the reports with these numbers: of this area, in one's own hands, and not told in confidence."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        return []
    on = local_day(at)
    mine = in_hands_of([area], on=on) if isinstance(by, str) else reports_in_care_of(by, at=at)
    here = areas_below(area, on=on).values("area_id")
    found = list(mine.filter(number__in=wanted, area__in=here, in_confidence=False).order_by("number"))
    if missing := [number for number in wanted if number not in {report.number for report in found}]:
        raise BadInput(
            _("%(number)s isn't a report of this area that you have in hand, or it was told in confidence."),
            number=missing[0],
        )
    return found


def _words(raising: Raising) -> dict[str, str]:
    return {"title": raising.title.strip(), "text": raising.text.strip()}


def _check(raising: Raising) -> None:
    if not 0 < len(raising.title.strip()) <= LONGEST_TITLE:
        raise BadInput(_("Give it a title of at most %(n)s characters."), n=LONGEST_TITLE)
    if not 0 < len(raising.text.strip()) <= LONGEST_TEXT:
        raise BadInput(_("Say what it is about in at most %(n)s characters."), n=LONGEST_TEXT)


def _check_receipt(receipt: str) -> None:
    check_receipt(receipt)
