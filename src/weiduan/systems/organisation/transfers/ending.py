"""What ends when a member leaves an organisation: posts held there, what is kept about being away, an open transfer."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from weiduan.ground.base.batches import rows_where
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.actions import end
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import State as MemberState

from .models import Away, Transfer
from .rules import State


def end_posts_of(held: Membership, on: date) -> list[Post]:
    """End the posts somebody holds in the organisation of a membership; return them: they are vacant now."""
    posts = list(
        Post.objects.select_for_update()
        .filter(alive(on), person=held.person_id, organisation=held.organisation_id)
        .select_related("organisation")
    )
    end(posts, on)
    return posts


def end_contact(person: UUID, on: date) -> None:
    """End that somebody keeps in touch with a member who is away."""
    open_ = Away.objects.filter(person=person, until=None)
    for away in open_:
        if away.since >= on:
            away.contacts.all().delete()
            away.delete()
        else:
            away.until = on
            away.save(update_fields=["until"])


def withdraw_overtaken(numbers: Iterable[str], *, area: str, on: date, by: Any, at: datetime) -> int:
    """Close the open transfers of members whom a survey of an area ended or gave another state; return how many.

    numbers  of the members the survey changed
    """
    waiting = Membership.objects.filter(
        alive(on), person=OuterRef("person"), state=MemberState.TRANSFERRING.value, organisation=OuterRef("sender")
    )
    open_ = Transfer.objects.select_for_update(of=("self",)).select_related("sender", "receiver")
    overtaken = rows_where(open_.filter(~Exists(waiting), state=State.ASKED.value), "person__number", set(numbers))
    closed = list(overtaken)
    for transfer in closed:
        transfer.state, transfer.decided_on = State.WITHDRAWN.value, max(on, transfer.asked_on)
    Transfer.objects.bulk_update(closed, ["state", "decided_on"], batch_size=300)
    record_many(
        [
            Deed("transfer.withdrawn", "organisation.person", str(t.person_id), area, None,
                 {"from": t.sender.number, "to": t.receiver.number if t.receiver else "outside"})
            for t in closed
        ],
        by=by, at=at,
    )  # fmt: skip
    return len(closed)
