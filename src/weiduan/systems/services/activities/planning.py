"""Plan activities, once or as a series; a room chosen for one is booked with it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.actions import record, written_at_the_end
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.systems.governance.partners.queries import partners_for
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.services.brands.queries import brands_for
from weiduan.systems.venues.bookings import actions as booking
from weiduan.systems.venues.bookings.models import Booking
from weiduan.systems.venues.bookings.queries import minutes_on
from weiduan.systems.venues.bookings.rules import LONGEST_WHAT, Repeat, Who, dates_of
from weiduan.systems.venues.facilities.models import Room
from weiduan.systems.venues.facilities.rules import Use

from .models import Activity, Series
from .rules import (
    LONGEST_HOST,
    LONGEST_PLACE,
    LONGEST_TITLE,
    LONGEST_WORDS,
    MOST_SEATS,
    MOST_WAITING,
    Kind,
    State,
)
from .signing_up import NotNow

By = User | str
LONGEST = timedelta(days=3)
USES = {
    Kind.PARTY_DAY: Use.MEMBERS_HOME, Kind.DEPUTIES: Use.DEPUTIES, Kind.SAY: Use.SAY, Kind.LEARNING: Use.TRAINING,
    Kind.CHILDREN: Use.CHILDREN, Kind.ELDERS: Use.ELDERLY, Kind.VOLUNTEERS: Use.VOLUNTEERS,
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is on.

    place          where, in words; with a room left empty it is the room's own
    room           key of a room that is booked for it
    capacity       places to sign up for; None where nobody needs to
    sign_up_until  None: until it begins
    organisation   number of the party organisation it is held by
    """

    title: str
    kind: str
    host: str
    starts_at: datetime
    ends_at: datetime
    words: str = ""
    place: str = ""
    room: int | None = None
    capacity: int | None = None
    waiting_capacity: int = 0
    sign_up_until: datetime | None = None
    brand: UUID | None = None
    organisation: str = ""
    partner: UUID | None = None


@transaction.atomic
@written_at_the_end()
def plan(area: str, wanted: Plan, *, opens: bool = False, by: By, at: datetime) -> Activity:
    """Plan an activity; a room chosen for it is booked, so that nothing else can be there.

    opens  one can sign up at once

    :raises NotAllowed, NotFound: `by` doesn't keep the services there, or not the place the room is in
    :raises BadInput: texts, times or numbers that can't be
    :raises Busy, NotOpen: the room is taken or closed then
    """
    require(by, Duty.KEEP_SERVICES, in_area=area, at=at)
    return _planned(area, wanted, None, opens, by, at)


@transaction.atomic
@written_at_the_end()
def plan_series(
    area: str, wanted: Plan, repeat: Repeat, *, opens: bool = False, by: By, at: datetime
) -> Series:  # fmt: skip
    """Plan an activity that comes again: one activity a date, each with its own room booked and its own places.

    :raises NotAllowed, NotFound, BadInput, Busy, NotOpen: as `plan`; then nothing is planned
    """
    require(by, Duty.KEEP_SERVICES, in_area=area, at=at)
    check(area, wanted, at)
    first = local_day(wanted.starts_at)
    try:
        dates = dates_of(first, repeat)
    except ValueError as error:
        raise BadInput(_("It can come again on at most 60 dates, every 1 to 12 days, weeks or months.")) from error
    where = area_by_code(area, on=local_day(at))
    every = {
        "frequency": repeat.frequency.value, "interval": repeat.interval, "count": repeat.count, "from": str(first)
    }  # fmt: skip
    series = Series.objects.create(area_id=where.area_id, kind=wanted.kind, title=wanted.title.strip(), every=every)
    for on in dates:
        _planned(area, _moved(wanted, on - first), series, opens, by, at)
    record(what="series.planned", about=series, by=by, at=at, area=area, after={"kind": series.kind, "dates": len(dates)})  # fmt: skip
    return series


def _moved(wanted: Plan, later: timedelta) -> Plan:
    until = wanted.sign_up_until + later if wanted.sign_up_until else None
    return replace(
        wanted, starts_at=wanted.starts_at + later, ends_at=wanted.ends_at + later, sign_up_until=until
    )  # fmt: skip


def _planned(area: str, wanted: Plan, series: Series | None, opens: bool, by: By, at: datetime) -> Activity:
    facts = check(area, wanted, at)
    where = area_by_code(area, on=local_day(at))
    activity = Activity(area_id=where.area_id, series=series, at=at, changed_at=at, **facts)
    if wanted.room is not None:
        activity.booking = booked(wanted, by, at)
    activity.save(force_insert=True)
    recorded("planned", activity, by, at, kind=activity.kind)
    if opens:
        opened(activity, by, at)
    return activity


def check(area: str, wanted: Plan, at: datetime) -> dict[str, Any]:
    """Return the fields of an activity as it is wanted.

    :raises BadInput: texts, times or numbers that can't be
    """
    on = local_day(at)
    texts = {
        "title": (wanted.title, LONGEST_TITLE, True), "host": (wanted.host, LONGEST_HOST, True),
        "words": (wanted.words, LONGEST_WORDS, False), "place": (wanted.place or _room_words(wanted.room), LONGEST_PLACE, True),
    }  # fmt: skip
    facts: dict[str, Any] = {}
    for name, (text, longest, needed) in texts.items():
        if len(text.strip()) > longest or (needed and not text.strip()):
            raise BadInput(
                _("An activity needs a title of at most 60 characters, who holds it, and where it is."))  # fmt: skip
        facts[name] = text.strip()
    if wanted.kind not in [kind.value for kind in Kind]:
        raise BadInput(_("Choose what sort of activity it is."))
    if not at < wanted.starts_at < wanted.ends_at <= wanted.starts_at + LONGEST:
        raise BadInput(_("Choose a beginning that is still to come and an end after it, within three days."))
    if wanted.capacity is not None and not 0 < wanted.capacity <= MOST_SEATS:
        raise BadInput(_("Places are a number from 1 to %(most)s, or none where nobody signs up."), most=MOST_SEATS)
    if not 0 <= wanted.waiting_capacity <= MOST_WAITING:
        raise BadInput(_("At most %(most)s can wait."), most=MOST_WAITING)
    until = (wanted.sign_up_until or wanted.starts_at) if wanted.capacity is not None else None
    if until is not None and until > wanted.starts_at:
        raise BadInput(_("Signing up ends before it begins, or when it begins."))
    organisation = _organisation(wanted.organisation)
    if wanted.brand and not brands_for(area, on=on).filter(pk=wanted.brand).exists():
        raise BadInput(_("Choose a brand of this area or one above it."))
    if wanted.partner and wanted.partner not in {one.pk for one in partners_for(area, on=on)}:
        raise BadInput(_("Choose a partner of this area."))
    return facts | {
        "kind": wanted.kind, "starts_at": wanted.starts_at, "ends_at": wanted.ends_at, "capacity": wanted.capacity,
        "waiting_capacity": wanted.waiting_capacity if wanted.capacity is not None else 0, "sign_up_until": until,
        "brand_id": wanted.brand, "organisation": organisation, "partner_id": wanted.partner,
    }  # fmt: skip


def _organisation(number: str) -> Organisation | None:
    if not number.strip():
        return None
    found = Organisation.objects.filter(number=number.strip()).first()
    if found is None:
        raise BadInput(_("No organisation has this number."))
    return found


def _room_words(key: int | None) -> str:
    if key is None:
        return ""
    room = _room(key)
    return f"{room.facility.name} {room.name}"[:LONGEST_PLACE]


def _room(key: int) -> Room:
    found = Room.objects.select_related("facility").filter(pk=key).first()
    if found is None:
        raise BadInput(_("There is no such room. Choose one from the list."))
    return found


def booked(wanted: Plan, by: By, at: datetime) -> Booking:
    """Book the room for the time of an activity, as the place's own use."""
    on = local_day(wanted.starts_at)
    if timezone.localtime(wanted.ends_at - timedelta(seconds=1)).date() != on or wanted.room is None:
        raise BadInput(_("A room is booked within one day. Let it end on the day it begins."))
    wish = booking.Wish(
        what=wanted.title.strip()[:LONGEST_WHAT], use=USES.get(Kind(wanted.kind), Use.OTHER), who=Who.HOUSE, on=on,
        opens=minutes_on(on, wanted.starts_at), closes=minutes_on(on, wanted.ends_at), group=wanted.host,
    )  # fmt: skip
    return booking.book(_room(wanted.room), wish, by=by, at=at)


def opened(activity: Activity, by: By, at: datetime) -> Activity:
    """Let residents sign up for a locked activity from now on."""
    if activity.state != State.PLANNED.value:
        raise NotNow(_("Sign-up is opened for what is planned; this is open, cancelled or over already."))
    if not activity.capacity or activity.sign_up_until is None or activity.sign_up_until <= at:
        raise NotNow(_("Say first how many places there are, and until when one can sign up."))
    activity.state = State.OPEN.value
    activity.save(update_fields=["state"])
    recorded("opened", activity, by, at)
    return activity


def code_of(activity: Activity, at: datetime) -> str:
    """Return the code of the area an activity is for."""
    return area_of(activity.area_id, on=local_day(at)).code


def recorded(what: str, activity: Activity, by: By, at: datetime, **told: object) -> None:
    """Write down what was done with an activity, never who comes."""
    after = {"state": activity.state, **told}
    record(what=f"activity.{what}", about=activity, by=by, at=at, area=code_of(activity, at), after=after)
