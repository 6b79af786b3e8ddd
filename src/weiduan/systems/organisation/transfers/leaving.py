"""A member leaves: the membership ends, and with it what hangs on it."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.ledger.actions import record
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.members.daily import By, NotNow, close, kept_by
from weiduan.systems.organisation.members.rules import State
from weiduan.systems.organisation.own.actions import take_down_card

from .ending import end_contact, end_posts_of
from .rules import Leaving


@transaction.atomic
def leave(person: UUID, reason: Leaving, *, on: date, by: By, at: datetime) -> list[Post]:
    """End a membership; return the posts that ended in its organisation, now vacant.

    :raises NotAllowed: `by` does not keep the organisations there
    :raises NotNow: a transfer is open, the membership ended already, or it changed after that day
    """
    locked, held, seat = kept_by(person, on=on, by=by, at=at)
    if held.state == State.TRANSFERRING.value:
        raise NotNow(_("A transfer is open; withdraw it first."))
    posts = end_posts_of(held, on)
    end_contact(person, on)
    close(held, on)
    take_down_card(person, by=by, at=at)
    record(
        what="member.left", about=locked, by=by, at=at, area=seat,
        before={"organisation": held.organisation.number}, after={"reason": reason.value},
    )  # fmt: skip
    return posts
