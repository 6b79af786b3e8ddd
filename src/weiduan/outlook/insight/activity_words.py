"""What people read of activities, places in them, and functions of rooms."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import Place, names_by_area
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.queries import left_in, may_sign_up
from weiduan.systems.services.activities.rules import State
from weiduan.systems.services.functions.models import Function
from weiduan.systems.venues.hours.rules import clock

from .venue_words import DAY_TITLES

KIND_TITLES = {
    "party_day": gettext_lazy("fixed party day"), "deputies": gettext_lazy("deputies' day"),
    "say": gettext_lazy("“I have something to say”"), "birthday": gettext_lazy("birthdays together"),
    "culture": gettext_lazy("culture and handicraft"), "health": gettext_lazy("health and sport"),
    "learning": gettext_lazy("talks and courses"), "children": gettext_lazy("for children"), "elders": gettext_lazy("for elders"),
    "volunteers": gettext_lazy("volunteering"), "other": gettext_lazy("another sort of activity"),
}  # fmt: skip
STATE_TITLES = {
    "planned": gettext_lazy("only announced"), "open": gettext_lazy("open for sign-up"), "cancelled": gettext_lazy("called off"),
    "held": gettext_lazy("has taken place"),
}  # fmt: skip
STATE_TAGS = {"planned": "", "open": "go", "cancelled": "late", "held": "ok"}
PLACE_TITLES = {
    "seated": gettext_lazy("has a place"), "waiting": gettext_lazy("on the waiting list"),
    "offered": gettext_lazy("a place is kept, not yet taken up"), "cancelled": gettext_lazy("given up"),
    "expired": gettext_lazy("offer expired"),
}  # fmt: skip
PLACE_TAGS = {"seated": "ok", "waiting": "soon", "offered": "go", "cancelled": "", "expired": ""}
READ_FOR_TITLES = {
    "question": gettext_lazy("something is unclear"), "change": gettext_lazy("it changes, and a message doesn't reach them"),
    "urgent": gettext_lazy("it is urgent"),
}  # fmt: skip
FUNCTION_TITLES = {
    "cinema": gettext_lazy("neighbours' cinema"), "reading": gettext_lazy("neighbours' reading corner"),
    "tea": gettext_lazy("neighbours' tea garden"), "deputies": gettext_lazy("deputies' day"),
    "say": gettext_lazy("“I have something to say”"), "members_home": gettext_lazy("members' home"),
    "volunteers": gettext_lazy("volunteers' studio"), "police": gettext_lazy("police and neighbours"),
    "other": gettext_lazy("another function"),
}  # fmt: skip
LEFT_OUT_TITLES = {
    "closed": gettext_lazy("left out: the place is closed then"), "taken": gettext_lazy("left out: the room is taken then"),
    "skipped": gettext_lazy("left out by the keeper"),
}  # fmt: skip


def standing_words(activity: Activity, *, at: datetime) -> tuple[str, str]:
    """Say in a tag what residents want to know first: (tag, word); no word where there is nothing to say."""
    if activity.state in (State.CANCELLED.value, State.HELD.value):
        return STATE_TAGS[activity.state], str(STATE_TITLES[activity.state])
    if activity.ends_at <= at or activity.capacity is None or activity.state != State.OPEN.value:
        return "", ""
    left = left_in(activity)
    if not may_sign_up(activity, at=at):
        is_full = not left.free and not left.may_wait
        return "", gettext("full") if is_full else gettext("sign-up has ended")
    if left.free:
        return "ok", gettext("%(n)s places left") % {"n": left.free}
    return "soon", gettext("%(n)s may still wait") % {"n": left.may_wait}


def activity_rows(found: Iterable[Activity], at: datetime) -> list[dict[str, Any]]:
    """Lay activities out for a list: where they are at home, what sort, and what is to be said first."""
    rows = list(found)
    names = names_by_area({one.area_id for one in rows}, on=local_day(at))
    return [_row(one, names.get(one.area_id), at) for one in rows]


def _row(one: Activity, area: Place | None, at: datetime) -> dict[str, Any]:
    tag, word = standing_words(one, at=at)
    return {"it": one, "area": area, "kind": KIND_TITLES[one.kind], "tag": tag, "word": word}


def when_words(function: Function) -> str:
    """Say when a function is: “Tuesday, Friday 09:00–11:00”."""
    days = "、".join(str(DAY_TITLES[day]) for day in function.weekdays)
    return f"{days} {clock(function.opens)}–{clock(function.closes)}"
