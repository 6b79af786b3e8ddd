"""What goes in and what comes out. Texts take no zero byte, for PostgreSQL keeps none."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Path, Schema
from pydantic import ConfigDict, StringConstraints

from weiduan.systems.organisation.changes.rules import ChangeKind
from weiduan.systems.organisation.transfers.rules import Leaving, Reason

NO_ZERO = r"^[^\x00]*$"
Text = Annotated[str, StringConstraints(max_length=200, pattern=NO_ZERO)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=r"^[^\x00/]+$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{12}|[0-9]{15}|[0-9]{18})$")]
PathNumber = Annotated[Number, Path()]


class Asked(Schema):
    """What is sent: a field we don't know is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Fault(Schema):
    """A refusal: what happened, the sentence the pages say, what to do."""

    title: str
    detail: str
    do: str


class Done(Schema):
    """Which thing it was, and how it stands now."""

    key: str
    state: str


class OrganisationRow(Schema):
    number: str
    name: str
    kind: str
    parent: str | None
    seat: str | None


class Organisations(Schema):
    count: int
    items: list[OrganisationRow]


class PostRow(Schema):
    """Name and number only for the duty “keep organisations”."""

    role: str
    since: date
    due_on: date | None
    overdue: bool
    number: str | None
    name: str | None


class RuleRow(Schema):
    rule: str
    verdict: str
    found: float | None
    asked: float | None
    act: str
    article: str


class OrganisationRecord(OrganisationRow):
    on: date
    founded_on: date
    members: int
    full_members: int
    days_overdue: int | None
    covers: list[str]
    rules: list[RuleRow]
    posts: list[PostRow]


class MemberRow(Schema):
    """The telephone is masked."""

    number: str
    name: str
    contact: str
    organisation: str
    home: str
    state: str
    joined_on: date
    full_on: date | None
    since: date
    until: date | None


class Members(Schema):
    count: int
    items: list[MemberRow]


class MemberRecord(MemberRow):
    is_member: bool
    past: list[MemberRow]


class TransferRow(Schema):
    key: UUID
    number: str
    name: str
    sender: str
    receiver: str
    outside: bool
    reason: str
    state: str
    asked_on: date
    due: date
    late: bool
    decided_on: date | None
    answer: str
    to_answer: bool
    may_withdraw: bool


class Transfers(Schema):
    count: int
    items: list[TransferRow]


class ChangeRow(Schema):
    key: UUID
    kind: str
    organisation: str | None
    superior: str
    seat: str
    on: date
    state: str
    asked_at: datetime
    decided_at: datetime | None
    answer: str


class Changes(Schema):
    count: int
    items: list[ChangeRow]


class ChangeRecord(ChangeRow):
    """`judged` is what the rules said of it, row by row."""

    facts: dict
    judged: list[dict]
    may_approve: bool
    may_return: bool
    may_withdraw: bool


class VillageCross(Schema):
    """Cross-appointment of one village; `rate` in per cent, None without cadres."""

    code: str
    name: str
    cadres: int
    crossed: int
    rate: float | None


class ReminderRow(Schema):
    kind: str
    what: str
    number: str
    due: date | None
    late: bool


class AskTransfer(Asked):
    """Either `receiver`, the number of an organisation here, or `outside`, the name of one elsewhere."""

    member: Number
    receiver: Number | None = None
    outside: Text = ""
    reason: Reason
    on: date | None = None


class Accept(Asked):
    """`home`: code of the new home unit, "" for none; left out, the home stays."""

    on: date | None = None
    home: AreaCode | Annotated[str, StringConstraints(pattern=r"^$")] | None = None


class OnADay(Asked):
    on: date | None = None


class Return(OnADay):
    answer: Text


class AskChange(Asked):
    kind: ChangeKind
    organisation: Number | None = None
    facts: dict[Text, Text | list[Text]]
    on: date


class Approve(Asked):
    reason: Text = ""


class ReturnChange(Asked):
    answer: Text


class Join(Asked):
    organisation: Number
    name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_ZERO)]
    contact: Annotated[str, StringConstraints(max_length=30, pattern=NO_ZERO)] = ""
    number: Number | None = None
    home: AreaCode | None = None
    joined_on: date | None = None
    full_on: date | None = None
    on: date | None = None


class Leave(Asked):
    reason: Leaving
    on: date | None = None
