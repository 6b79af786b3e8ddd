"""Gather what is due from the queries of every system."""

from dataclasses import dataclass
from datetime import date, datetime

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.organisation.changes.queries import elections_due, to_decide_in
from weiduan.systems.organisation.members.lists import probation_due_in
from weiduan.systems.organisation.transfers.queries import contact_due_in, due_in


@dataclass(frozen=True)
class Reminder:
    """One thing due.

    kind    election, change, transfer, contact or probation
    what    the organisation it is about, by name
    number  of the organisation (election), the change's key, or the member's number: never a name of a person
    due     None where there is no day by which it must be done
    """

    kind: str
    what: str
    number: str
    due: date | None
    late: bool


def due_for(viewer: User, *, at: datetime) -> list[Reminder]:
    """Return what is due where a viewer keeps organisations, the longest overdue first, what has no day last."""
    codes, on = areas_of(viewer, Duty.KEEP_ORGANISATION, at=at), local_day(at)
    if not codes:
        return []
    found = [
        *(Reminder("election", e.name, e.number, e.due, e.stage == 0) for e in elections_due(codes, on=on)),
        *(Reminder("transfer", t.organisation, t.number, t.due, t.late) for t in due_in(codes, on=on)),
        *(Reminder("contact", c.organisation, c.number, c.due, c.late) for c in contact_due_in(codes, on=on)),
        *(Reminder("probation", p.organisation, p.number, p.due, p.late) for p in probation_due_in(codes, on=on)),
        *(Reminder("change", c.superior.name, str(c.pk), None, False) for c in to_decide_in(codes, on=on)),
    ]
    return sorted(found, key=lambda one: (one.due or date.max, one.kind, one.number))
