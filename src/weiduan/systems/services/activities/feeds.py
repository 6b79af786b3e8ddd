"""What is on in an area as iCalendar (RFC 5545): one event an activity, those called off marked so that calendars take them off."""

from datetime import datetime, timedelta

from django.utils import timezone
from icalendar import Calendar, Event

from .models import Activity
from .queries import activities_for
from .rules import State

PAST_DAYS = 31  # so much of what is over stays in the feed


def feed_for(code: str, name: str, *, at: datetime) -> bytes:
    """Return the calendar of what residents of an area with this name meet."""
    calendar = Calendar()
    calendar.add("prodid", "-//Weiduan//Activities//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    rows = activities_for(code, at=at).filter(ends_at__gt=at - timedelta(days=PAST_DAYS))
    for activity in rows.order_by("starts_at", "pk"):
        calendar.add_component(_event(activity))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(activity: Activity) -> Event:
    event = Event()
    event.add("uid", f"{activity.pk}@weiduan")
    event.add("dtstamp", activity.changed_at)
    event.add("last-modified", activity.changed_at)
    event.add("created", activity.at)
    event.add("sequence", activity.sequence)
    event.add("summary", activity.title)
    event.add("location", activity.place)
    if activity.words:
        event.add("description", activity.words)
    event.add("status", "CANCELLED" if activity.state == State.CANCELLED.value else "CONFIRMED")
    event.add("dtstart", timezone.localtime(activity.starts_at))
    event.add("dtend", timezone.localtime(activity.ends_at))
    return event
