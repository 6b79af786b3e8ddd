"""One meeting: who was due, who came, what the rules say of it; for those who see inside."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.rulebook.queries import rules_of
from weiduan.ground.rulebook.rules import Judgement, Rule
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import COMMITTEE_ROLES
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.queries import open_field
from weiduan.systems.organisation.members.rules import COUNTED
from weiduan.systems.organisation.organisations.queries import keys_below
from weiduan.systems.organisation.organisations.rules import Kind as OrganisationKind

from .models import MeetingScan, MeetingVote, OrganisationMeeting
from .rules import Figures, Kind, Presence, passed, quorum
from .sight import Sight, seat_of, sight_of


def meeting_seen_by(key: UUID, viewer: User, *, at: datetime) -> OrganisationMeeting:
    """Return a meeting whose inside `viewer` sees.

    :raises NotFound: there is none, or not for this viewer: whoever is above sees counts, and no single meeting
    """
    found = OrganisationMeeting.objects.select_related("organisation").filter(pk=key).first()
    if found is None or sight_of(viewer, seat_of(found.organisation, on=local_day(at)), at=at) is not Sight.INSIDE:
        raise NotFound(_("There is nothing here that you may see."))
    return found


@dataclass(frozen=True)
class DueMember:
    """Somebody due at a meeting on a day."""

    person: UUID
    number: str
    name: str
    has_vote: bool
    presence: str = ""  # as written down


def due_at(meeting: OrganisationMeeting, *, on: date) -> list[DueMember]:
    """Return who is due at a meeting on a day, by number; the caller has checked that the reader is inside.

    At a committee's meeting, and at a lecture of a general branch or party committee, those who hold its posts; otherwise the
    members of the organisation and of the groups below it. Full members have a vote, those on probation come without one
    (党章 7), and whoever is suspended is neither due nor counted, as everywhere in the rules. Who is away or on the way stays
    due: no rule takes them out of the count by itself.
    """
    organisation, committee = meeting.organisation, meeting.kind == Kind.COMMITTEE
    if committee or organisation.kind not in (OrganisationKind.BRANCH, OrganisationKind.GROUP):
        posts = Post.objects.filter(alive(on), organisation=organisation, role__in=COMMITTEE_ROLES)
        people = {post.person_id: post.person for post in posts.select_related("person")}
        found = [(person.number, key, person.name, True) for key, person in people.items()]
    else:
        keys = keys_below(organisation.pk, on=on)
        rows = Membership.objects.filter(alive(on), organisation__in=keys, state__in=COUNTED).select_related("person")
        found = [(m.person.number, m.person_id, m.person.name, m.full_on is not None and m.full_on <= on) for m in rows]
    return [
        DueMember(key, number, open_field(key, "name", sealed), has_vote)
        for number, key, sealed, has_vote in sorted(found, key=lambda one: one[0])
    ]


def attendance_of(meeting: OrganisationMeeting) -> list[DueMember]:
    """Return who was due at a meeting that was held and whether they came; empty once erased. The caller has checked the reader."""
    rows = meeting.attendance.select_related("person").order_by("person__number")
    return [
        DueMember(
            row.person_id, row.person.number, open_field(row.person_id, "name", row.person.name), row.has_vote, row.presence
        )
        for row in rows
    ]  # fmt: skip


def figures_of(meeting: OrganisationMeeting, yes: int = 0) -> Figures:
    """Return how many were due and came, as counted when it was held."""
    return Figures(
        meeting.members_due or 0, meeting.voters_due or 0, meeting.members_came or 0, meeting.voters_came or 0, yes
    )


def figures_from(due: Iterable[DueMember], presence: dict[UUID, Presence], yes: int = 0) -> Figures:
    """Count who was due and who came."""
    due = list(due)
    came = [one for one in due if presence.get(one.person) is Presence.CAME]
    return Figures(len(due), sum(one.has_vote for one in due), len(came), sum(one.has_vote for one in came), yes)


def meeting_rules(meeting: OrganisationMeeting, *, on: date) -> tuple[Rule, ...]:
    """Return the rules in force at the seat on a day."""
    return rules_of(seat_of(meeting.organisation, on=on), on=on)


@dataclass(frozen=True)
class VoteSeen:
    """A question and how it was answered; `judged` is empty where no rule says how many must agree."""

    vote: MeetingVote
    judged: list[Judgement]


def judged_meeting(meeting: OrganisationMeeting) -> tuple[list[Judgement], list[VoteSeen]]:
    """Return what the rules of its day say of a meeting that was held: whether enough came, and each of its votes."""
    rules = meeting_rules(meeting, on=held_on(meeting))
    votes = [
        VoteSeen(vote, passed(Kind(meeting.kind), figures_of(meeting, vote.yes), rules))
        for vote in meeting.votes.order_by("pk")
    ]
    return quorum(Kind(meeting.kind), figures_of(meeting), rules), votes


def held_on(meeting: OrganisationMeeting) -> date:
    """Return the day of a meeting.

    :raises BadInput: none is set
    """
    if meeting.starts_at is None:
        raise BadInput(_("Set the day first."))
    return local_day(meeting.starts_at)


def scan_seen_by(key: UUID, scan: UUID, viewer: User, *, at: datetime) -> MeetingScan:
    """Return a page of the minutes of a meeting whose inside `viewer` sees.

    :raises NotFound: there is none, or not for this viewer
    """
    found = MeetingScan.objects.filter(pk=scan, meeting=meeting_seen_by(key, viewer, at=at)).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def moment(day: date, at_time: time) -> datetime:
    """Return a time of day in China on a day."""
    return timezone.make_aware(datetime.combine(day, at_time))
