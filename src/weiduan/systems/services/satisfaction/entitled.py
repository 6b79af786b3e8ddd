"""Who is asked once something is over: whoever holds its receipt."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Max, Q

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import covers, prefix_of
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.territory.queries import area_of, within
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities.models import SignUp
from weiduan.systems.services.activities.rules import PlaceState
from weiduan.systems.services.activities.rules import State as ActivityState
from weiduan.systems.venues.bookings.models import Booking
from weiduan.systems.venues.bookings.rules import State as BookingState

from .models import Questionnaire
from .rules import About, State, Way


def may_answer(found: Questionnaire, receipt: str, *, at: datetime) -> bool:
    """Tell whether a questionnaire asks whoever holds this receipt."""
    where = OVER_AT[About(found.about)](found, receipt, at)
    return where is not None and covers(area_of(found.area_id, on=local_day(at)).code, where)


def asked_after(about: About, code: str, *, activity: object = None, at: datetime) -> Questionnaire | None:
    """Return the questionnaire that asks about something of this kind in an area, the nearest one; None where none does.

    code      the area it was in
    activity  which, where it was one
    """
    on = local_day(at)
    rows = Questionnaire.objects.filter(
        Q(activity=None) | Q(activity=activity), about=about.value, way=Way.AFTER.value, state=State.OPEN.value, opens_on__lte=on,
        closes_on__gt=on,
    )  # fmt: skip
    around = [(area_of(row.area_id, on=on).code, row) for row in rows]
    near = [(row.activity_id is not None, len(prefix_of(area)), row) for area, row in around if covers(area, code)]
    return max(near, key=lambda one: one[:2])[2] if near else None


def asked_in(found: Questionnaire, *, at: datetime) -> int:
    """Count whoever could answer: the codes, or the receipts of what was over in its days."""
    if found.way != Way.AFTER.value:
        return found.asked
    return COUNTED[About(found.about)](found, at)


def _report(found: Questionnaire, receipt: str, at: datetime) -> str | None:
    report = Report.objects.filter(receipt_hash=receipt_hash(receipt)).first()
    if report is None or report.answered_at is None or local_day(report.answered_at) < found.opens_on:
        return None
    return area_of(report.area_id, on=local_day(at)).code


def _sign_up(found: Questionnaire, receipt: str, at: datetime) -> str | None:
    row = SignUp.objects.filter(receipt_hash=receipt_hash(receipt), state=PlaceState.SEATED.value)
    place = row.select_related("activity").first()
    if place is None or place.activity.ends_at > at or place.activity.state == ActivityState.CANCELLED.value:
        return None
    if found.activity_id is not None and place.activity_id != found.activity_id:
        return None
    if local_day(place.activity.ends_at) < found.opens_on:
        return None
    return area_of(place.activity.area_id, on=local_day(at)).code


def _booking(found: Questionnaire, receipt: str, at: datetime) -> str | None:
    rows = Booking.objects.filter(receipt_hash=receipt_hash(receipt), state=BookingState.CONFIRMED.value)
    booking = rows.select_related("room__facility").annotate(last=Max("slots__until")).first()
    if booking is None or booking.last is None or booking.last > at or local_day(booking.last) < found.opens_on:
        return None
    return area_of(booking.room.facility.area_id, on=local_day(at)).code


OVER_AT: dict[About, Callable[[Questionnaire, str, datetime], str | None]] = {
    About.REPORT: _report, About.ACTIVITY: _sign_up, About.BOOKING: _booking,
    About.PROJECT: lambda *_each: None, About.UNIT: lambda *_each: None,
}  # fmt: skip


def _lies_in(found: Questionnaire, at: datetime | None) -> bool:
    return at is not None and found.opens_on <= local_day(at) < found.closes_on


def _within(found: Questionnaire, at: datetime, path: str) -> Q:
    on = local_day(at)
    return within([area_of(found.area_id, on=on).code], on=on, path=path)


def _reports(found: Questionnaire, at: datetime) -> int:
    rows = Report.objects.filter(_within(found, at, "area"), answered_at__isnull=False)
    return sum(_lies_in(found, each) for each in rows.values_list("answered_at", flat=True))


def _sign_ups(found: Questionnaire, at: datetime) -> int:
    rows = SignUp.objects.filter(
        _within(found, at, "activity__area"), state=PlaceState.SEATED.value, activity__ends_at__lte=at
    ).exclude(activity__state=ActivityState.CANCELLED.value)
    rows = rows if found.activity_id is None else rows.filter(activity=found.activity_id)
    return sum(
        found.opens_on <= local_day(e) < found.closes_on for e in rows.values_list("activity__ends_at", flat=True)
    )


def _bookings(found: Questionnaire, at: datetime) -> int:
    rows = Booking.objects.filter(
        _within(found, at, "room__facility__area"), state=BookingState.CONFIRMED.value, receipt_hash__isnull=False
    ).annotate(last=Max("slots__until"))
    return sum(
        each is not None and each <= at and _lies_in(found, each) for each in rows.values_list("last", flat=True)
    )


COUNTED: dict[About, Callable[[Questionnaire, datetime], int]] = {
    About.REPORT: _reports, About.ACTIVITY: _sign_ups, About.BOOKING: _bookings,
    About.PROJECT: lambda *_each: 0, About.UNIT: lambda *_each: 0,
}  # fmt: skip
