"""Tell whoever left a contact what happened to their report: each step once.

A notice is made in the transaction of the step, and waits in the outbox until it is sent.
"""

from datetime import datetime

from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.messages import Target, target_in
from weiduan.ground.base.outbox import Box
from weiduan.ground.ledger.actions import record

from .models import Contact, Notice, Report, Step
from .notice_words import HAPPENED, words_of

BY = "clock"


def note(report: Report, step: Step) -> None:
    """Keep that a step is to be told to whoever told the report, if they left a contact and it is one they are told of.

    Asks the database nothing where the report was read with its contact and none was left.
    """
    if step.what in HAPPENED and getattr(report, "contact", None) is not None:
        Notice.objects.create(report=report, step=step, not_before=step.at)


def _target(notice: Notice) -> Target | None:
    """Open the contact; None where it is erased, or is no address and no number."""
    contact = Contact.objects.filter(report=notice.report_id).first()
    opened = None if contact is None else open_for(notice.report_id, contact.sealed)
    return None if opened is None else target_in(opened)


def _settled(notice: Notice, state: str, now: datetime) -> None:
    record(what=f"notice.{state}", about=notice, by=BY, at=now)


BOX = Box(
    Notice, ("report", "step"), _target, lambda notice: words_of(notice.report.number, notice.step.what), _settled
)
deliver = BOX.deliver
