"""Tell whoever left a contact what became of their sign-up, shift or wish: each word once.

A message is made in the transaction of what it tells, and waits in the outbox until the clock sends it.
"""

from datetime import datetime
from uuid import UUID

from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.messages import Target, target_in
from weiduan.ground.base.outbox import Box
from weiduan.ground.ledger.actions import record

from .models import Message
from .rules import What
from .words import words_of

BY = "clock"


def note(case: UUID, sealed_contact: bytes | memoryview, what: What, title: str, at: datetime) -> Message | None:
    """Make a message to whoever left a contact with a case; nothing where none was left.

    case            whose key seals the contact: a sign-up, a shift's place, a wish
    sealed_contact  as it lies there; it is opened only when the message is sent
    title           of the activity or the shift; nothing of a wish
    """
    sealed = bytes(sealed_contact)
    if not sealed:
        return None
    return Message.objects.create(
        case=case, sealed_contact=sealed, what=what.value, title=title, at=at, not_before=at
    )  # fmt: skip


def _target(message: Message) -> Target | None:
    """Open the contact; None where its key is destroyed, or it is no address and no number."""
    opened = open_for(message.case, message.sealed_contact)
    return None if opened is None else target_in(opened)


def _settled(message: Message, state: str, now: datetime) -> None:
    Message.objects.filter(pk=message.pk).update(sealed_contact=b"")  # nobody needs it any more
    record(what=f"message.{state}", about=message, by=BY, at=now)


BOX = Box(Message, (), _target, lambda message: words_of(What(message.what), message.title), _settled)
deliver = BOX.deliver
