"""Give out on paper what names persons: the minutes, and the sheet to sign; each time is written down."""

from datetime import datetime

from django.db import transaction

from weiduan.ground.accounts.models import User
from weiduan.ground.ledger.actions import record

from .actions import locked_meeting
from .models import OrganisationMeeting


@transaction.atomic
def give_out_minutes(meeting: OrganisationMeeting, *, by: User | str, at: datetime) -> None:
    """Write down that the minutes of a meeting are given out.

    :raises NotFound: it isn't for `by`
    """
    _meeting, seat = locked_meeting(meeting.pk, by, at)
    record(what="meeting.minutes_printed", about=meeting, by=by, at=at, area=seat)


@transaction.atomic
def give_out_attendance(meeting: OrganisationMeeting, members: int, *, by: User | str, at: datetime) -> None:
    """Write down that a list of those due at a meeting is given out, as with every list of members.

    :raises NotFound: it isn't for `by`
    """
    _meeting, seat = locked_meeting(meeting.pk, by, at)
    record(what="meeting.sheet_printed", about=meeting, by=by, at=at, area=seat, after={"members": members})
