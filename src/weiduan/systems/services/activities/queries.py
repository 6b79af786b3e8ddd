"""Activities for those they concern: what is on, how many places are left, what a receipt stands for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.ledger.queries import history_of
from weiduan.ground.territory.queries import ancestors_of, area_ids, areas_below, within
from weiduan.systems.governance.deliberation.rules import State as TopicState
from weiduan.systems.venues.facilities.models import Room
from weiduan.systems.venues.facilities.queries import facilities_in

from .models import Activity, Series, SignUp
from .rules import HOLDS_A_SEAT, PlaceState, State

VILLAGE_DIGITS = 12


def activities_for(code: str, *, at: datetime) -> QuerySet[Activity]:
    """Return the activities residents of an area meet: its own, those of the areas above it, and those of what lies in it."""
    on = local_day(at)
    above = area_ids(ancestors_of(code), on=on).values()
    here = Q(area__in=list(above)) | Q(area__in=areas_below(code, on=on).values("area_id"))
    return Activity.objects.filter(here).select_related("brand")


def to_come_for(code: str, *, at: datetime) -> QuerySet[Activity]:
    """Return what is on or still to come, the soonest first; what is cancelled says so until its day."""
    return activities_for(code, at=at).filter(ends_at__gt=at).order_by("starts_at", "pk")


def over_for(code: str, *, at: datetime) -> QuerySet[Activity]:
    """Return what took place, the newest first."""
    rows = activities_for(code, at=at).filter(ends_at__lte=at).exclude(state=State.CANCELLED.value)
    return rows.order_by("-starts_at", "pk")


def activity_by_key(key: UUID) -> Activity:
    """Return an activity; all of them are public.

    :raises NotFound: there is none
    """
    rows = Activity.objects.select_related("brand", "partner", "organisation", "booking__room__facility", "series")
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such activity. Look for it in the list of your area."))
    return found


def activities_kept_by(viewer: User, *, at: datetime) -> QuerySet[Activity]:
    """Return the activities of the areas whose services somebody keeps."""
    own = areas_of(viewer, Duty.KEEP_SERVICES, at=at)
    return Activity.objects.filter(within(own, on=local_day(at))).select_related("brand", "series")


def kept_activity(viewer: User, key: UUID, *, at: datetime) -> Activity:
    """Return an activity somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    rows = activities_kept_by(viewer, at=at).select_related("partner", "organisation", "booking__room__facility")
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def series_kept_by(viewer: User, *, at: datetime) -> QuerySet[Series]:
    """Return the series of the areas whose services somebody keeps."""
    own = areas_of(viewer, Duty.KEEP_SERVICES, at=at)
    return Series.objects.filter(within(own, on=local_day(at))).order_by("title", "pk")


def kept_series(viewer: User, key: UUID, *, at: datetime) -> Series:
    """Return a series somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = series_kept_by(viewer, at=at).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def dates_in(series: Series) -> QuerySet[Activity]:
    """Return the activities of a series in order."""
    return series.activities.order_by("starts_at", "pk")


def rooms_for(code: str, *, at: datetime) -> list[tuple[str, list[Room]]]:
    """Return the open places of an area with their rooms of today, for an activity to be held in: for a unit, of its village."""
    on = local_day(at)
    found = []
    for facility in facilities_in(code[:VILLAGE_DIGITS], on=on):
        rooms = facility.rooms.filter(since__lte=on).filter(Q(until=None) | Q(until__gt=on)).order_by("name", "pk")
        found.append((facility.name, list(rooms)))
    return [(name, rooms) for name, rooms in found if rooms]


@dataclass(frozen=True)
class Left:
    """How many places there are, are free, and how many more may wait; all None where nobody signs up."""

    capacity: int | None
    free: int | None
    waiting: int
    may_wait: int


def left_in(activity: Activity) -> Left:
    """Return the places left in an activity; a free one while others wait goes to them."""
    if activity.capacity is None:
        return Left(None, None, 0, 0)
    free = 0 if activity.waiting else activity.capacity - activity.seats_taken
    return Left(activity.capacity, free, activity.waiting, activity.waiting_capacity - activity.waiting)


def may_sign_up(activity: Activity, *, at: datetime) -> bool:
    """Tell whether one can sign up now, be it for the waiting list."""
    is_open = activity.state == State.OPEN.value and activity.sign_up_until is not None and at < activity.sign_up_until
    left = left_in(activity)
    return is_open and bool(left.free or left.may_wait)


def sign_up_by_receipt(receipt: str) -> SignUp:
    """Return the sign-up a receipt stands for.

    :raises NotFound: there is none
    """
    rows = SignUp.objects.select_related("activity__booking__room__facility", "activity__brand")
    found = rows.filter(receipt_hash=receipt_hash(receipt)).first()
    if found is None:
        raise NotFound(_("No sign-up has this receipt. Check that the whole address was copied."))
    return found


def ahead_of(sign_up: SignUp) -> int:
    """Count who waits before a sign-up."""
    rows = SignUp.objects.filter(activity=sign_up.activity_id, state=PlaceState.WAITING.value)
    return rows.filter(number__lt=sign_up.number).count()


@dataclass(frozen=True)
class Listed:
    """One sign-up as whoever keeps the activity sees it; the name is empty where none was left or it is erased."""

    key: UUID
    number: int
    state: str
    name: str
    has_contact: bool
    at: datetime


def who_signed_up(viewer: User, activity: Activity, *, at: datetime) -> list[Listed]:
    """Return who signed up in order of arrival, with the names they left.

    :raises NotFound: the viewer doesn't keep the services there
    """
    kept_activity(viewer, activity.pk, at=at)
    return [
        Listed(
            one.pk, one.number, one.state, (open_for(one.pk, one.sealed_name) or "") if one.sealed_name else "",
            bool(one.sealed_contact), one.at,
        ) for one in SignUp.objects.filter(activity=activity).order_by("number")
    ]  # fmt: skip


def contact_looks(sign_up: SignUp) -> list[datetime]:
    """Return when the contact left with a sign-up was read, newest first."""
    read = history_of("services.signup", str(sign_up.pk)).filter(what="sign_up.contact_read")
    return list(read.values_list("at", flat=True))


@dataclass(frozen=True)
class BroughtCounts:
    """What was said at an activity and went on its way: how much, and how much of it has an answer."""

    brought: int
    answered: int


def brought_at(activity: Activity) -> BroughtCounts:
    """Count what was brought: reports are answered once they have an answer, topics once they are done or declined."""
    ended = [TopicState.DONE.value, TopicState.DECLINED.value]
    answered = Q(report__answered_at__isnull=False) | Q(topic__state__in=ended)
    found = activity.brought.aggregate(brought=Count("pk"), answered=Count("pk", filter=answered))
    return BroughtCounts(**found)


def counts_of(activities: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return activity → (sign-ups that hold a seat, that wait), counted row by row: what the counters must equal."""
    rows = SignUp.objects.filter(activity__in=list(activities)).values("activity").annotate(
        seats=Count("pk", filter=Q(state__in=HOLDS_A_SEAT)), waiting=Count("pk", filter=Q(state=PlaceState.WAITING.value))
    )  # fmt: skip
    return {row["activity"]: (row["seats"], row["waiting"]) for row in rows}
