"""Messages that wait to be sent: each once, over whatever breaks down in between.

A message is kept in the transaction of what it tells. Sending claims one, holds the claim for ten minutes, opens the address, and
hands the words over under the message's own key: one whose sender was killed goes again under the same key.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q

from .messages import NotTaken, Target, send


class OutState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"  # handed to the gateway, its word not yet here
    SENT = "sent"
    VOID = "void"  # nobody to tell any more, or can't be reached this way
    FAILED = "failed"  # given up


OPEN = (OutState.WAITING.value, OutState.SENDING.value)
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))  # after the first failure, the second, …
MOST_TRIES = len(PAUSES) + 1
# A claim not settled by then was cut off, for no gateway is waited for so long.
CUT_OFF_AFTER = timedelta(minutes=10)
MOST_AT_ONCE = 500


class Outgoing(models.Model):
    """What every message that waits keeps. `id` is what a gateway knows it by, so that one sent twice arrives once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, default=OutState.WAITING.value)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()

    class Meta:
        abstract = True


def known_state(name: str) -> models.CheckConstraint:
    """Return the constraint that keeps `state` to those there are."""
    return models.CheckConstraint(name=name, condition=Q(state__in=[s.value for s in OutState]))


@dataclass(frozen=True)
class Box:
    """One kind of message, and how its parts are found.

    model    the messages
    related  what is read with each
    target   whom it goes to; None where there is nobody any more
    words    its title and text
    settled  keeps in the ledger how it ended
    """

    model: type[Any]
    related: tuple[str, ...]
    target: Callable[[Any], Target | None]
    words: Callable[[Any], tuple[str, str]]
    settled: Callable[[Any, str, datetime], None]

    def deliver(self, *, at: datetime) -> Counter[str]:
        """Send what is due; return how many ended in which state. For the clock; several may run at once."""
        began, ended = time.monotonic(), Counter[str]()
        for _turn in range(MOST_AT_ONCE):
            now = at + timedelta(seconds=time.monotonic() - began)  # many slow ones take longer than a claim holds
            message = self._claimed(now)
            if message is None:
                break
            ended[self._sent(message, now)] += 1
        return ended

    @transaction.atomic
    def _claimed(self, now: datetime) -> Any:
        """Take the next that is due; it is committed as being sent before anything is."""
        rows = self.model._default_manager.select_for_update(skip_locked=True, of=("self",))
        due = rows.filter(state__in=OPEN, not_before__lte=now)
        message = due.select_related(*self.related).order_by("not_before", "pk").first()
        if message is not None:
            message.state, message.not_before = OutState.SENDING.value, now + CUT_OFF_AFTER
            message.save(update_fields=["state", "not_before"])
        return message

    def _sent(self, message: Any, now: datetime) -> str:
        target = self.target(message)
        if target is None:
            return self._settled(message, OutState.VOID, now)
        title, text = self.words(message)
        try:
            send(target, title=title, text=text, key=str(message.pk))
        except NotTaken:
            return self._failed(message, now)
        return self._settled(message, OutState.SENT, now)

    def _failed(self, message: Any, now: datetime) -> str:
        if message.tries + 1 >= MOST_TRIES:
            return self._settled(message, OutState.FAILED, now)
        ours = self.model._default_manager.filter(
            pk=message.pk, state=OutState.SENDING.value, not_before=message.not_before
        )
        ours.update(state=OutState.WAITING.value, tries=F("tries") + 1, not_before=now + PAUSES[message.tries])
        return OutState.WAITING.value

    @transaction.atomic
    def _settled(self, message: Any, state: OutState, now: datetime) -> str:
        """Keep how it ended; where two senders ended it, the first."""
        if self.model._default_manager.filter(pk=message.pk, state__in=OPEN).update(state=state.value):
            self.settled(message, state.value, now)
        return state.value
