"""What waits for somebody to act."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.reform import open_successions
from weiduan.outlook.insight.in_step import LOOK_BACK, out_of_step
from weiduan.outlook.insight.meeting_words import KIND_TITLES as MEETING_TITLES
from weiduan.outlook.insight.words import ROLE_TITLES
from weiduan.outlook.reminders.queries import Reminder
from weiduan.outlook.reminders.words import by_kind, count_of, late_of, list_url, title_of
from weiduan.systems.governance.reports.lists import waiting_in
from weiduan.systems.organisation.appointments.rules import IN_AN_ORGANISATION
from weiduan.systems.organisation.coverage.queries import AreaCoverage
from weiduan.systems.venues.bookings.queries import to_confirm_in

MOST_LINES = 3
IN_ONE_LINE = {"change", "election"}
MEETINGS = {"meeting", "meeting_missed"}


@dataclass(frozen=True)
class Waiting:
    """One thing to do: what it is, the place or file it is about, and where to do it."""

    title: str
    about: str
    url: str


def waiting_for(areas: list[str], runs: list[Any]) -> list[Waiting]:
    """Return what waits for whoever keeps the ground of `areas` and sent in these survey runs."""
    return [*_surveys(runs), *(w for area in areas for w in _successions(area))]


def _surveys(runs: list[Any]) -> list[Waiting]:
    titles = {
        "ready": _("Load the checked survey"),
        "faulty": _("Correct the survey"),
        "refused": _("The file was refused"),
    }
    return [
        Waiting(
            titles.get(run.state, _("The survey is being checked")),
            run.file_name,
            reverse("desk:survey_run", args=[run.pk]),
        )
        for run in runs
    ]


def _successions(area: str) -> list[Waiting]:
    open_ = len(open_successions(area))
    if not open_:
        return []
    title = ngettext("Decide what becomes of %(n)s division", "Decide what becomes of %(n)s divisions", open_) % {
        "n": open_
    }
    return [Waiting(title, _("After the reform"), reverse("desk:pending", args=[area]))]


def due_waiting(due: list[Reminder]) -> list[Waiting]:
    """Return what is due, kind by kind: a few things each with its own line, many with one that leads to their list."""
    return [one for kind, part in by_kind(due) for one in _of_kind(kind, part)]


def _of_kind(kind: str, part: list[Reminder]) -> list[Waiting]:
    if kind in IN_ONE_LINE or len(part) > MOST_LINES:
        return [Waiting(count_of(kind, part), late_of(part), list_url(kind))]
    return [Waiting(title_of(one), about_of(one), url_of(one)) for one in part]


def about_of(one: Reminder) -> str:
    """Say of what is due whom it concerns and by when."""
    return " · ".join(word for word in (whom_of(one), by_of(one)) if word)


def whom_of(one: Reminder) -> str:
    """Say whom it concerns: organisation or area, number, and the role where it is one's post."""
    number = "" if one.kind == "change" else one.number
    role = str(ROLE_TITLES.get(one.detail, "")) if one.kind in ("post", "handover") else ""
    meeting = str(MEETING_TITLES[one.detail]) if one.kind in MEETINGS else ""
    return " · ".join(word for word in (one.what, number, role, meeting) if word)


def by_of(one: Reminder) -> str:
    """Say by when, "" where there is no such day."""
    by = _("late since %(day)s") if one.late else _("by %(day)s")
    return by % {"day": one.due} if one.due else ""


def url_of(one: Reminder) -> str:
    """Return where it is done."""
    if one.kind in ("contact", "probation", "correction"):
        return reverse("desk:member", args=[one.number])
    if one.kind == "change":
        return reverse("desk:change", args=[one.number])
    if one.kind in ("post", "handover"):
        if one.detail in IN_AN_ORGANISATION:
            return reverse("desk:organisation", args=[one.number])
        return reverse("desk:posts", args=[one.number[:12]])  # posts are kept on the page of their village
    if one.kind in MEETINGS and one.due:
        return f"{reverse('desk:meetings', args=[one.number])}?year={one.due.year}"
    return list_url(one.kind)


def apart_waiting(code: str, coverage: AreaCoverage, on: date) -> list[Waiting]:
    """Return one line where a change of the last year left ground and organisations out of step, none otherwise."""
    apart = len(out_of_step(code, coverage, since=on - LOOK_BACK, compare=False))
    if not apart:
        return []
    title = ngettext(
        "%(n)s place where ground and organisations are out of step",
        "%(n)s places where ground and organisations are out of step",
        apart,
    ) % {"n": apart}
    return [Waiting(title, _("Since a change of the last year"), reverse("desk:in_step", args=[code]))]


def bookings_waiting(areas: list[str], here: str, at: datetime) -> list[Waiting]:
    """Return one line for the bookings a keeper is to confirm, none where nothing is."""
    asked = to_confirm_in(areas, at=at)
    count = asked.count() if areas else 0
    if not count:
        return []
    title = ngettext("Confirm %(n)s booking", "Confirm %(n)s bookings", count) % {"n": count}
    soonest = asked[0]
    about = _("The first: %(what)s, %(when)s") % {
        "what": soonest.what, "when": date_format(timezone.localtime(soonest.begins), "m-d H:i"),
    }  # fmt: skip
    area = areas[0] if len(areas) == 1 and areas[0] else here
    return [Waiting(title, about, reverse("desk:bookings", args=[area]))]


def matters_waiting(areas: list[str], at: datetime) -> list[Waiting]:
    """Return one line for the late matters and one for all that wait, none where nothing does."""
    if not areas:
        return []
    counted = waiting_in(areas, on=local_day(at), at=at)
    lines = []
    if counted.late:
        title = ngettext("%(n)s matter is late", "%(n)s matters are late", counted.late) % {"n": counted.late}
        lines.append(Waiting(title, _("Residents wait for an answer"), reverse("desk:reports") + "?late=late"))
    if counted.all:
        title = ngettext("See to %(n)s matter", "See to %(n)s matters", counted.all) % {"n": counted.all}
        back = ngettext("%(n)s came back as not solved", "%(n)s came back as not solved", counted.disputed)
        about = back % {"n": counted.disputed} if counted.disputed else _("Told by residents")
        lines.append(Waiting(title, about, reverse("desk:reports")))
    return lines
