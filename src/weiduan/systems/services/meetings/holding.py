"""Write down a meeting that was held: who came, what was voted on, the minutes; correct it for a week; what is to be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.holds.queries import held_cases
from weiduan.ground.ledger.actions import Deed, record, record_many
from weiduan.ground.rulebook.rules import Judgement

from .actions import NotNow, check_day, locked_meeting
from .models import Attendance, MeetingTask, MeetingVote, OrganisationMeeting
from .queries import DueMember, due_at, figures_from, meeting_rules
from .rules import (
    AMEND_WITHIN,
    DECIDES,
    LONGEST_EVIDENCE,
    LONGEST_MINUTES,
    LONGEST_PLACE,
    LONGEST_POST,
    LONGEST_WHAT,
    MOST_GUESTS,
    MOST_VOTES,
    Figures,
    Kind,
    Presence,
    State,
    is_broken,
    quorum,
)


class TooFewCame(Refused):
    """By the rules nothing can be decided by so few; `judged` says by which."""

    def __init__(self, message: Any, judged: Sequence[Judgement], **values: Any) -> None:
        super().__init__(message, **values)
        self.judged = tuple(judged)


@dataclass(frozen=True)
class Vote:
    what: str
    yes: int
    no: int
    abstained: int

    @property
    def all(self) -> int:
        return self.yes + self.no + self.abstained


@dataclass(frozen=True)
class Held:
    """What the keeper of the minutes writes down.

    presence  whoever was due that day → whether they came
    guests    how many others came
    """

    starts_at: datetime
    place: str
    chair: str  # a post
    presence: Mapping[UUID, Presence]
    guests: int
    minutes: str
    votes: Sequence[Vote] = field(default=())


@transaction.atomic
def hold(key: UUID, held: Held, *, by: User | str, at: datetime) -> OrganisationMeeting:
    """Write down that a planned meeting was held.

    :raises NotFound: there is none, or not for `by`
    :raises NotNow: it was held, excused or fell out already
    :raises TooFewCame: a committee met with less than half of it, or a vote was taken with too few
    :raises BadInput: a time to come or outside the period, attendance that isn't of those due, votes that can't be
    """
    meeting, seat = locked_meeting(key, by, at)
    if meeting.state != State.PLANNED:
        raise NotNow(_("This meeting is written down already, was excused or fell out. Load the page again."))
    figures = _write(meeting, held, by, at)
    meeting.at = at
    meeting.save()
    _keep(meeting, held)
    record(what="meeting.held", about=meeting, by=by, at=at, area=seat, after=_told(meeting, figures))
    return meeting


@transaction.atomic
def amend(key: UUID, held: Held, *, by: User | str, at: datetime) -> OrganisationMeeting:
    """Correct what was written down of a meeting, within seven days; the ledger keeps that and when, with the figures.

    :raises NotFound: there is none, or not for `by`
    :raises NotNow: it wasn't held, or the seven days are over
    :raises TooFewCame: as `hold`
    :raises BadInput: as `hold`
    """
    meeting, seat = locked_meeting(key, by, at)
    if meeting.state != State.HELD or at > meeting.at + AMEND_WITHIN:
        raise NotNow(_("It can be corrected within seven days after it was written down; they are over."))
    before = {"members_came": meeting.members_came, "voters_came": meeting.voters_came, "votes": meeting.votes.count()}
    figures = _write(meeting, held, by, at)
    meeting.save()
    meeting.attendance.all().delete()
    meeting.votes.all().delete()
    _keep(meeting, held)
    record(what="meeting.amended", about=meeting, by=by, at=at, area=seat, before=before, after=_told(meeting, figures))
    return meeting


def _write(meeting: OrganisationMeeting, held: Held, by: User | str, at: datetime) -> Figures:
    """Check what is written down and put it into the meeting, unsaved."""
    if held.starts_at > at:
        raise BadInput(_("%(day)s is still to come; write it down on that day."), day=local_day(held.starts_at))
    check_day(meeting, held.starts_at)
    on = local_day(held.starts_at)
    due = due_at(meeting, on=on)
    _check_presence(due, held.presence)
    figures = figures_from(due, dict(held.presence))
    _check_words(held)
    _check_votes(meeting, held, figures, on)
    meeting.members_due, meeting.voters_due = figures.members_due, figures.voters_due
    meeting.members_came, meeting.voters_came = figures.members_came, figures.voters_came
    meeting.starts_at, meeting.place, meeting.chair = held.starts_at, held.place.strip(), held.chair.strip()
    meeting.guests, meeting.minutes, meeting.state = held.guests, held.minutes.strip(), State.HELD.value
    if isinstance(by, User):
        meeting.by = by
    return figures


def _keep(meeting: OrganisationMeeting, held: Held) -> None:
    """Keep who came and how was voted."""
    due = due_at(meeting, on=local_day(held.starts_at))
    Attendance.objects.bulk_create(
        [Attendance(meeting=meeting, person_id=one.person, has_vote=one.has_vote, presence=held.presence[one.person].value)
         for one in due]
    )  # fmt: skip
    MeetingVote.objects.bulk_create(
        [
            MeetingVote(meeting=meeting, what=v.what.strip(), yes=v.yes, no=v.no, abstained=v.abstained)
            for v in held.votes
        ]
    )


def _check_presence(due: Sequence[DueMember], presence: Mapping[UUID, Presence]) -> None:
    if not due:
        raise BadInput(_("Nobody is due at this meeting on that day. Write down members or posts first."))
    if {one.person for one in due} != set(presence):
        raise BadInput(
            _("Those due changed, or not everybody is marked. Load the page again and mark everybody on it.")
        )
    if Presence.CAME not in presence.values():
        raise BadInput(_("Nobody came, so it was not held. Move it, or write down why it could not be held."))


def _check_words(held: Held) -> None:
    if not held.minutes.strip():
        raise BadInput(_("Write the minutes."))
    for words, longest in ((held.minutes, LONGEST_MINUTES), (held.place, LONGEST_PLACE), (held.chair, LONGEST_POST)):
        if len(words.strip()) > longest:
            raise BadInput(_("At most %(n)s signs fit here."), n=longest)
    if not 0 <= held.guests <= MOST_GUESTS:
        raise BadInput(_("Write how many guests came, as a number."))


def _check_votes(meeting: OrganisationMeeting, held: Held, figures: Figures, on: date) -> None:
    kind, rules = Kind(meeting.kind), meeting_rules(meeting, on=on)
    came = quorum(kind, figures, rules)
    if is_broken(came) and (held.votes or kind is Kind.COMMITTEE):
        _refuse(kind, came, figures)
    if held.votes and kind not in DECIDES:
        raise BadInput(
            _(
                "At this kind of meeting no vote is written down, and nothing of a single person. Vote in a members' meeting."
            )
        )
    if len(held.votes) > MOST_VOTES:
        raise BadInput(_("At most %(n)s votes can be written down of one meeting."), n=MOST_VOTES)
    for vote in held.votes:
        if not vote.what.strip() or len(vote.what.strip()) > LONGEST_WHAT:
            raise BadInput(_("Say what was voted on, in at most %(n)s signs."), n=LONGEST_WHAT)
        if min(vote.yes, vote.no, vote.abstained) < 0 or vote.all > figures.voters_came:
            raise BadInput(
                _("“%(what)s”: %(all)s votes, but only %(came)s with a vote came."),
                what=vote.what, all=vote.all, came=figures.voters_came,
            )  # fmt: skip


def _refuse(kind: Kind, came: Sequence[Judgement], figures: Figures) -> None:
    rule = came[0].rule
    raise TooFewCame(
        _("%(came)s of %(due)s committee members came; with fewer than half it is no committee meeting (%(act)s %(article)s).")
        if kind is Kind.COMMITTEE
        else _("%(came)s of %(due)s with a vote came; with fewer than half nothing can be put to the vote (%(act)s %(article)s). "
               "Write the meeting down without the votes."),
        came, came=figures.voters_came, due=figures.voters_due, act=rule.act, article=rule.article,
    )  # fmt: skip


def _told(meeting: OrganisationMeeting, figures: Figures) -> dict[str, Any]:
    """Return what the ledger keeps: figures only."""
    return {
        "organisation": meeting.organisation.number, "kind": meeting.kind, "members_due": figures.members_due,
        "voters_due": figures.voters_due, "members_came": figures.members_came, "voters_came": figures.voters_came,
        "votes": meeting.votes.count(),
    }  # fmt: skip


@transaction.atomic
def give_task(key: UUID, what: str, owner: str, until: date, *, by: User | str, at: datetime) -> MeetingTask:
    """Write down what a meeting resolved, which post does it and until when.

    :raises NotFound: there is no such meeting, or not for `by`
    :raises NotNow: it wasn't held
    :raises BadInput: a word is missing or too long, or the day is before the meeting
    """
    meeting, seat = locked_meeting(key, by, at)
    if meeting.state != State.HELD or meeting.starts_at is None:
        raise NotNow(_("Write the meeting down first; its tasks come out of it."))
    if not 0 < len(what.strip()) <= LONGEST_WHAT or not 0 < len(owner.strip()) <= LONGEST_POST:
        raise BadInput(_("Say what is to be done and which post does it."))
    if until < local_day(meeting.starts_at):
        raise BadInput(_("A task is done after the meeting; choose a later day."))
    task = MeetingTask.objects.create(meeting=meeting, what=what.strip(), owner=owner.strip(), until=until)
    record(
        what="meeting.task_given", about=meeting, by=by, at=at, area=seat, after={"task": task.pk, "until": str(until)}
    )
    return task


@transaction.atomic
def task_done(key: UUID, task: int, evidence: str, *, by: User | str, at: datetime) -> None:
    """Write down that a task of a meeting is done, and what shows it.

    :raises NotFound: there is no such task, or not for `by`
    :raises NotNow: it is done already
    :raises BadInput: nothing is said that shows it
    """
    meeting, seat = locked_meeting(key, by, at)
    found = MeetingTask.objects.select_for_update().filter(meeting=meeting, pk=task).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    if found.done_at is not None:
        raise NotNow(_("This task is done already."))
    if not 0 < len(evidence.strip()) <= LONGEST_EVIDENCE:
        raise BadInput(_("Say what shows that it is done, in at most %(n)s signs."), n=LONGEST_EVIDENCE)
    found.evidence, found.done_at = evidence.strip(), at
    found.save(update_fields=["evidence", "done_at"])
    record(what="meeting.task_done", about=meeting, by=by, at=at, area=seat, after={"task": found.pk})


@transaction.atomic
def forget_attendance(*, at: datetime) -> int:
    """Erase who came to the meetings of the year before last and earlier; how many came stays. Return of how many meetings."""
    ended = date(local_day(at).year - 1, 1, 1)  # a meeting of 2026 keeps its names until the end of 2027
    old = OrganisationMeeting.objects.filter(until__lte=ended, attendance__isnull=False)
    old = old.exclude(pk__in=held_cases(at))
    keys = list(old.order_by().values_list("pk", flat=True).distinct())
    for start in range(0, len(keys), 500):
        Attendance.objects.filter(meeting__in=keys[start : start + 500]).delete()
    label = OrganisationMeeting._meta.label_lower
    record_many([Deed("meeting.attendance_erased", label, str(key)) for key in keys], by="job", at=at)
    return len(keys)
