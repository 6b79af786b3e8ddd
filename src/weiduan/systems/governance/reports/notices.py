"""Tell whoever left a contact what happened to their report: each step once, over whatever breaks down in between.

A notice is made in the transaction of the step. Sending claims one, holds the claim for ten minutes, opens the contact, and hands
the message over under the notice's own key: one whose sender was killed goes again under the same key.
"""

import time
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.messages import NotTaken, Target, send, target_in
from weiduan.ground.ledger.actions import record

from .models import Contact, Notice, Report, Step
from .notice_words import HAPPENED, words_of
from .rules import NoticeState

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))  # after the first failure, the second, …
MOST_TRIES = len(PAUSES) + 1
# A claim not settled by then was cut off, for no gateway is waited for so long.
CUT_OFF_AFTER = timedelta(minutes=10)
MOST_AT_ONCE = 500
BY = "clock"


def note(report: Report, step: Step) -> None:
    """Keep that a step is to be told to whoever told the report, if they left a contact and it is one they are told of.

    Asks the database nothing where the report was read with its contact and none was left.
    """
    if step.what in HAPPENED and getattr(report, "contact", None) is not None:
        Notice.objects.create(report=report, step=step, not_before=step.at)


def deliver(*, at: datetime) -> Counter[str]:
    """Send what is due; return how many ended in which state. For the clock; several may run at once."""
    began, ended = time.monotonic(), Counter[str]()
    for _turn in range(MOST_AT_ONCE):
        now = at + timedelta(seconds=time.monotonic() - began)  # many slow ones take longer than a claim holds
        notice = _claimed(now)
        if notice is None:
            break
        ended[_sent(notice, now)] += 1
    return ended


@transaction.atomic
def _claimed(now: datetime) -> Notice | None:
    """Take the next that is due; it is committed as being sent before anything is."""
    waiting = [NoticeState.WAITING.value, NoticeState.SENDING.value]
    due = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state__in=waiting, not_before__lte=now
    )
    notice = due.select_related("report", "step").order_by("not_before", "pk").first()
    if notice is not None:
        notice.state, notice.not_before = NoticeState.SENDING.value, now + CUT_OFF_AFTER
        notice.save(update_fields=["state", "not_before"])
    return notice


def _sent(notice: Notice, now: datetime) -> str:
    target = _target(notice)
    if target is None:
        return _settled(notice, NoticeState.VOID, now)
    title, text = words_of(notice.report.number, notice.step.what)
    try:
        send(target, title=title, text=text, key=str(notice.pk))
    except NotTaken:
        return _failed(notice, now)
    return _settled(notice, NoticeState.SENT, now)


def _target(notice: Notice) -> Target | None:
    """Open the contact; None where it is erased, or is no address and no number."""
    contact = Contact.objects.filter(report=notice.report_id).first()
    opened = None if contact is None else open_for(notice.report_id, contact.sealed)
    return None if opened is None else target_in(opened)


def _failed(notice: Notice, now: datetime) -> str:
    if notice.tries + 1 >= MOST_TRIES:
        return _settled(notice, NoticeState.FAILED, now)
    ours = Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING.value, not_before=notice.not_before)
    pause = PAUSES[notice.tries]
    ours.update(state=NoticeState.WAITING.value, tries=F("tries") + 1, not_before=now + pause)
    return NoticeState.WAITING.value


@transaction.atomic
def _settled(notice: Notice, state: NoticeState, now: datetime) -> str:
    """Keep how it ended; where two senders ended it, the first."""
    open_ = Notice.objects.filter(pk=notice.pk, state__in=[NoticeState.WAITING.value, NoticeState.SENDING.value])
    if open_.update(state=state.value):
        record(what=f"notice.{state.value}", about=notice, by=BY, at=now)
    return state.value
