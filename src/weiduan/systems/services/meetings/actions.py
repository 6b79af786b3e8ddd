"""Plan meetings, lay the plan of a year, move a date, let it fall out, excuse what could not be held."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.actions import Deed, record, record_many
from weiduan.systems.organisation.organisations.models import Organisation

from .models import OrganisationMeeting
from .plan import Due, Standing, standing_of, usual_day
from .queries import moment
from .rules import LONGEST_AGENDA, LONGEST_PLACE, LONGEST_POST, LONGEST_TITLE, LONGEST_WHY, Kind, State
from .sight import Sight, seat_of, sight_of
from .years import counted_of, plan_for


class NotNow(Refused):
    """The meeting is in a state that doesn't allow this."""


class NothingDue(Refused):
    """The plan of the organisation asks for no such meeting, or for no more."""


@dataclass(frozen=True)
class Wish:
    """A meeting to be planned: `since` is the first day of the month, quarter or year whose duty it fulfils."""

    kind: Kind
    since: date
    title: str
    starts_at: datetime | None = None
    place: str = ""
    agenda: str = ""
    chair: str = ""  # a post


@transaction.atomic
def plan_meeting(organisation: Organisation, wish: Wish, *, by: User | str, at: datetime) -> OrganisationMeeting:
    """Plan a meeting that fulfils a duty of the year's plan.

    :raises NotAllowed: `by` doesn't keep this organisation at its own level
    :raises NothingDue: the plan asks for no such meeting in that period
    :raises BadInput: no title, words too long, a day outside the period
    """
    organisation, seat = _locked(organisation.pk, by, at)
    due = _due(organisation, wish.kind, wish.since, at)
    _check_words(wish)
    _check_day(organisation, due.since, due.until, wish.starts_at)
    made = _planned(organisation, due, wish, by, at)
    made.save(force_insert=True)
    record(what="meeting.planned", about=made, by=by, at=at, area=seat, after=_told(made))
    return made


@dataclass(frozen=True)
class FixedDay:
    """The day of the month on which an organisation meets, the hour, the place; titles by kind."""

    day: int
    hour: time
    place: str
    titles: Mapping[Kind, str]


@transaction.atomic
def lay_year(organisation: Organisation, year: int, fixed: FixedDay, *, by: User | str, at: datetime) -> int:
    """Plan every meeting the rest of a year asks for and that isn't planned yet; return how many.

    A day that has passed already in a period still running is left open.

    :raises NotAllowed: `by` doesn't keep this organisation at its own level
    :raises BadInput: no such day of the month, or no plan can be made for that year
    """
    organisation, seat = _locked(organisation.pk, by, at)
    if not 1 <= fixed.day <= 28:
        raise BadInput(_("Choose a day from 1 to 28, which every month has."))
    on = local_day(at)
    counted = counted_of(organisation, year)
    made = []
    for due in plan_for(organisation, year, on=on):
        standing = standing_of(due, counted, on)
        for nth in range(standing.held + standing.excused + standing.planned, due.needed if standing.open else 0):
            day = usual_day(due, fixed.day, nth)
            there = organisation.founded_on <= day and (
                not organisation.dissolved_on or day < organisation.dissolved_on
            )
            starts = moment(day, fixed.hour) if day >= on and there else None
            wish = Wish(due.kind, due.since, fixed.titles[due.kind], starts, fixed.place)
            made.append(_planned(organisation, due, wish, by, at))
    OrganisationMeeting.objects.bulk_create(made)
    record_many(
        [Deed("meeting.planned", made[0]._meta.label_lower, str(one.pk), seat, None, _told(one)) for one in made],
        by=by, at=at,
    )  # fmt: skip
    return len(made)


def _planned(organisation: Organisation, due: Due, wish: Wish, by: User | str, at: datetime) -> OrganisationMeeting:
    return OrganisationMeeting(
        organisation=organisation, kind=due.kind.value, since=due.since, until=due.until, title=wish.title.strip(),
        agenda=wish.agenda.strip(), chair=wish.chair.strip(), starts_at=wish.starts_at, place=wish.place.strip(),
        by=by if isinstance(by, User) else None, at=at,
    )  # fmt: skip


@transaction.atomic
def move_meeting(key: UUID, starts_at: datetime, place: str, *, by: User | str, at: datetime) -> OrganisationMeeting:
    """Set another time and place for a planned meeting, within its period.

    :raises NotFound: there is none, or not for `by`
    :raises NotNow: it was held, excused or fell out
    :raises BadInput: the day lies outside the period, or the place is too long
    """
    meeting, seat = locked_meeting(key, by, at)
    _must_be(meeting, State.PLANNED)
    _check_day(meeting.organisation, meeting.since, meeting.until, starts_at)
    _check_length(place, LONGEST_PLACE)
    before = {"starts_at": meeting.starts_at.isoformat() if meeting.starts_at else None}
    meeting.starts_at, meeting.place = starts_at, place.strip()
    meeting.save(update_fields=["starts_at", "place"])
    record(what="meeting.moved", about=meeting, by=by, at=at, area=seat, before=before,
           after={"starts_at": starts_at.isoformat()})  # fmt: skip
    return meeting


@transaction.atomic
def cancel_date(key: UUID, *, by: User | str, at: datetime) -> None:
    """Let a planned date fall out; the duty of its period stays.

    :raises NotFound: there is none, or not for `by`
    :raises NotNow: it was held, excused or fell out already
    """
    meeting, seat = locked_meeting(key, by, at)
    _must_be(meeting, State.PLANNED)
    _become(meeting, State.CANCELLED)
    record(what="meeting.cancelled", about=meeting, by=by, at=at, area=seat)


@transaction.atomic
def excuse_meeting(key: UUID, because: str, *, by: User | str, at: datetime) -> None:
    """Write down why a planned meeting could not be held; whoever is above sees only that one is excused.

    :raises NotFound: there is none, or not for `by`
    :raises NotNow: it was held, excused or fell out already
    :raises NothingDue: the duty of its period is fulfilled
    :raises BadInput: no reason, or too long a one
    """
    meeting, seat = locked_meeting(key, by, at)
    _must_be(meeting, State.PLANNED)
    due = _due(meeting.organisation, Kind(meeting.kind), meeting.since, at)
    _check_left(meeting.organisation, due, at)
    meeting.excused_because = _reason(because)
    _become(meeting, State.EXCUSED, "excused_because")
    record(what="meeting.excused", about=meeting, by=by, at=at, area=seat, after=_told(meeting))


@transaction.atomic
def excuse_due(
    organisation: Organisation, kind: Kind, since: date, because: str, *, title: str, by: User | str, at: datetime
) -> OrganisationMeeting:  # fmt: skip
    """Write down why a meeting nobody planned could not be held.

    :raises NotAllowed: `by` doesn't keep this organisation at its own level
    :raises NothingDue: nothing is due in that period, or it is fulfilled
    :raises BadInput: no reason, or too long a one
    """
    organisation, seat = _locked(organisation.pk, by, at)
    due = _due(organisation, kind, since, at)
    _check_left(organisation, due, at)
    made = _planned(organisation, due, Wish(kind, since, title), by, at)
    made.state, made.excused_because = State.EXCUSED.value, _reason(because)
    made.save(force_insert=True)
    record(what="meeting.excused", about=made, by=by, at=at, area=seat, after=_told(made))
    return made


def locked_meeting(key: UUID, by: User | str, at: datetime) -> tuple[OrganisationMeeting, str]:
    """Lock the organisation of a meeting, then the meeting, and let only those inside pass; return it and the seat.

    :raises NotFound: there is none, or not for `by`
    """
    about = OrganisationMeeting.objects.filter(pk=key).values_list("organisation", flat=True).first()
    if about is None:
        raise NotFound(_("There is nothing here that you may see."))
    try:
        organisation, seat = _locked(about, by, at)
    except NotAllowed as refusal:  # that there is such a meeting is told to nobody above
        raise NotFound(_("There is nothing here that you may see.")) from refusal
    meeting = OrganisationMeeting.objects.select_for_update().get(pk=key)
    meeting.organisation = organisation
    return meeting, seat


def _locked(key: int, by: User | str, at: datetime) -> tuple[Organisation, str]:
    """Two who plan, excuse or hold for one organisation wait for each other: what is left of a duty is counted only once."""
    organisation = Organisation.objects.select_for_update().get(pk=key)
    seat = seat_of(organisation, on=local_day(at))
    if isinstance(by, str) or sight_of(by, seat, at=at) is Sight.INSIDE:
        return organisation, seat
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    raise NotAllowed(
        _(
            "Meetings are kept by the organisation itself: by an account with the duty in its own village, or of its own level."
        )
    )


def _due(organisation: Organisation, kind: Kind, since: date, at: datetime) -> Due:
    for due in plan_for(organisation, since.year, on=local_day(at)):
        if (due.kind, due.since) == (kind, since):
            return due
    raise NothingDue(_("The plan of this organisation asks for no such meeting in that period."))


def _check_left(organisation: Organisation, due: Due, at: datetime) -> None:
    standing = standing_of(due, counted_of(organisation, due.since.year), local_day(at))
    if not _is_left(standing):
        raise NothingDue(_("What was due in that period is held or excused already."))


def _is_left(standing: Standing) -> bool:
    return bool(standing.open or standing.missing)


def _must_be(meeting: OrganisationMeeting, state: State) -> None:
    if meeting.state != state:
        raise NotNow(_("This meeting was held, excused or fell out already. Load the page again."))


def _become(meeting: OrganisationMeeting, state: State, *fields: str) -> None:
    meeting.state = state.value
    meeting.save(update_fields=["state", *fields])


def check_day(meeting: OrganisationMeeting, starts_at: datetime) -> None:
    """Let only a day within the period of a meeting pass, on which its organisation exists.

    :raises BadInput: it is none
    """
    _check_day(meeting.organisation, meeting.since, meeting.until, starts_at)


def _check_day(organisation: Organisation, since: date, until: date, starts_at: datetime | None) -> None:
    if starts_at is None:
        return
    day = local_day(starts_at)
    if not since <= day < until:
        raise BadInput(_("The day must lie in its period: from %(since)s, before %(until)s."), since=since, until=until)
    if day < organisation.founded_on or (organisation.dissolved_on and day >= organisation.dissolved_on):
        raise BadInput(_("%(name)s does not exist on %(day)s."), name=organisation.name, day=day)


def _check_words(wish: Wish) -> None:
    if not wish.title.strip():
        raise BadInput(_("Say what the meeting is about."))
    for words, longest in (
        (wish.title, LONGEST_TITLE), (wish.agenda, LONGEST_AGENDA), (wish.place, LONGEST_PLACE), (wish.chair, LONGEST_POST),
    ):  # fmt: skip
        _check_length(words, longest)


def _check_length(words: str, longest: int) -> None:
    if len(words.strip()) > longest:
        raise BadInput(_("At most %(n)s signs fit here."), n=longest)


def _reason(because: str) -> str:
    if not because.strip():
        raise BadInput(_("Say why it could not be held."))
    _check_length(because, LONGEST_WHY)
    return because.strip()


def _told(meeting: OrganisationMeeting) -> dict[str, Any]:
    """Return what the ledger keeps of a meeting: neither title nor reason, in which somebody might be named."""
    return {"organisation": meeting.organisation.number, "kind": meeting.kind, "since": str(meeting.since)}
