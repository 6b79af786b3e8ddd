"""Gather what is due from the queries of every system; the channels of an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.sealed import unseal
from weiduan.systems.organisation.appointments.queries import open_handover_in, posts_due_in
from weiduan.systems.organisation.changes.queries import elections_due, to_decide_in
from weiduan.systems.organisation.members.lists import probation_due_in
from weiduan.systems.organisation.own.queries import corrections_in
from weiduan.systems.organisation.transfers.queries import contact_due_in, due_in
from weiduan.systems.services.meetings.years import lacking_inside

from .models import Channel
from .rules import masked

ADDRESS_TABLE = "reminders_channel"
# In the order in which they are listed.
KINDS = (
    "change", "transfer", "correction", "contact", "probation", "election", "post", "handover", "meeting", "meeting_missed",
)  # fmt: skip


WITH_DETAIL = {"post", "handover", "correction", "meeting", "meeting_missed"}


@dataclass(frozen=True)
class Reminder:
    """One thing due.

    kind    one of KINDS
    what    the organisation or area it is about, by name
    number  of the organisation (election), of the organisation or area (post, handover), the key of the change, or the
            member's number: never a name of a person
    due     None where there is no day by which it must be done
    detail  election: months before; transfer: its side; contact: “keeper_gone”; post, handover: the role;
            correction: the day it was asked for; meeting, meeting_missed: the kind of meeting
    """

    kind: str
    what: str
    number: str
    due: date | None
    late: bool
    detail: str = ""

    @property
    def about(self) -> str:
        """Tell it from every other of its kind."""
        return f"{self.number} {self.detail}" if self.kind in WITH_DETAIL else self.number

    @property
    def stage(self) -> str:
        """Tell how near it is, and to which day: each stage is told once."""
        near = "late" if self.late else self.detail if self.kind == "election" else "due"
        return f"{near} {self.due or ''}".strip()


def due_for(viewer: User, *, at: datetime) -> list[Reminder]:
    """Return what is due where a viewer keeps organisations, the longest overdue first, what has no day last."""
    codes = areas_of(viewer, Duty.KEEP_ORGANISATION, at=at)
    return due_in_areas(codes, on=local_day(at)) if codes else []


def due_in_areas(codes: Sequence[str], *, on: date) -> list[Reminder]:
    """Return what is due in these areas; the caller has checked the duty there. The posts of an organisation come with
    its election."""
    found = [
        *(
            Reminder("election", e.name, e.number, e.due, e.stage == 0, str(e.stage))
            for e in elections_due(codes, on=on)
        ),
        *(Reminder("transfer", t.organisation, t.number, t.due, t.late, t.side) for t in due_in(codes, on=on)),
        *(
            Reminder("contact", c.organisation, c.number, c.due, c.late, "keeper_gone" if c.keeper_gone else "")
            for c in contact_due_in(codes, on=on)
        ),
        *(Reminder("probation", p.organisation, p.number, p.due, p.late) for p in probation_due_in(codes, on=on)),
        *(
            Reminder("correction", name, number, None, False, str(local_day(asked)))
            for number, name, asked in corrections_in(codes, on=on)
        ),
        *(Reminder("change", c.superior.name, str(c.pk), None, False) for c in to_decide_in(codes, on=on)),
        *(
            Reminder("post", p.name, p.number, p.due, p.late, p.role)
            for p in posts_due_in(codes, on=on)
            if not p.in_organisation
        ),
        *(
            Reminder("meeting_missed" if m.late else "meeting", m.name, m.number, m.until, m.late, m.kind.value)
            for m in lacking_inside(codes, on=on)
        ),
        *dict.fromkeys(
            Reminder("handover", h.name, h.number, h.due, h.late, h.role) for h in open_handover_in(codes, on=on)
        ),
    ]
    return sorted(found, key=lambda one: (one.due or date.max, one.kind, one.number))


@dataclass(frozen=True)
class ChannelRow:
    """A channel as its owner sees it: `hint` is the little of its address that tells it from another."""

    key: UUID
    kind: str
    hint: str
    since: datetime
    confirmed: bool


def channels_of(user: User) -> list[ChannelRow]:
    """Return the channels an account has now, the oldest first."""
    rows = Channel.objects.filter(user=user, until=None).order_by("since")
    return [
        ChannelRow(row.pk, row.kind, masked(address_of(row)), row.since, row.confirmed_at is not None) for row in rows
    ]


def address_of(channel: Channel) -> str:
    """Open the address of a channel."""
    return unseal(channel.address, table=ADDRESS_TABLE, pk=str(channel.pk), field="address")
