"""One meeting of an organisation, for those inside: date, who came, votes, minutes, tasks, written pages, prints."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import NotFound, Refused
from weiduan.ground.ledger.queries import history_of
from weiduan.outlook.insight.meeting_words import (
    KIND_TITLES,
    PRESENCE_TITLES,
    STATE_TAGS,
    STATE_TITLES,
    judged_rows,
    last_day,
    period_words,
    template_of,
)
from weiduan.outlook.insight.words import ROLE_TITLES
from weiduan.systems.organisation.appointments.rules import roles_in_organisation
from weiduan.systems.services.meetings import actions, holding
from weiduan.systems.services.meetings.giving import give_out_attendance, give_out_minutes
from weiduan.systems.services.meetings.holding import TooFewCame
from weiduan.systems.services.meetings.queries import (
    attendance_of,
    due_at,
    figures_from,
    figures_of,
    held_on,
    judged_meeting,
    meeting_seen_by,
    scan_seen_by,
)
from weiduan.systems.services.meetings.rules import AMEND_WITHIN, DECIDES
from weiduan.systems.services.meetings.scans import add_scans, drop_scan, page_in

from .deeds import Deed, do_deed, offered_deeds
from .histories import told
from .meeting_prints import attendance_pdf, minutes_pdf
from .meetings_form import ExcuseForm, HoldForm, MoveForm, ScansForm, TaskDoneForm, TaskForm, day_and_hour
from .members import private
from .prints import as_pdf
from .viewing import me, staff


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def meeting(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a meeting to those inside; on POST do the next thing with it."""
    at = timezone.now()
    found = meeting_seen_by(key, me(request), at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, _deeds(request, found, at))
        if not tried:
            return redirect("desk:meeting", key=key)
        found = meeting_seen_by(key, me(request), at=at)
    return _page(request, found, at, tried, ScansForm())


def _page(request: HttpRequest, found: Any, at: datetime, tried: dict[str, Any], scans: forms.Form) -> HttpResponse:
    is_held, is_planned = found.state == "held", found.state == "planned"
    tasks = list(found.tasks.order_by("until", "pk"))
    offered = (["move", "excuse", "cancel"] if is_planned else []) + (["task"] if is_held else [])
    offered += ["done"] if any(task.done_at is None for task in tasks) else []
    enough, votes = judged_meeting(found) if is_held else ([], [])
    on = local_day(at)
    context = {
        "meeting": found, "kind": KIND_TITLES[found.kind], "organisation": found.organisation, "state": STATE_TITLES[found.state],
        "tag": STATE_TAGS[found.state], "period": period_words(found.since, found.until), "last_day": last_day(found.until),
        "is_held": is_held, "is_planned": is_planned, "may_write": is_planned and found.since <= on,
        "may_amend": is_held and at <= found.at + AMEND_WITHIN, "amend_until": found.at + AMEND_WITHIN,
        "enough": judged_rows(enough, figures_of(found)), "people": [(one, PRESENCE_TITLES[one.presence]) for one in attendance_of(found)],
        "votes": [(one.vote, judged_rows(one.judged, figures_of(found, one.vote.yes))) for one in votes],
        "tasks": [(task, task.done_at is None and task.until < on) for task in tasks], "decides": found.kind in DECIDES,
        "scans": list(found.scans.order_by("number")), "scans_form": scans, "refusal": "",
        "history": told(history_of("services.organisationmeeting", str(found.pk))[:20]),
        "deeds": offered_deeds(_deeds(request, found, at), offered, tried), "no_persons": found.kind in ("life", "appraisal"),
    }  # fmt: skip
    return private(render(request, "desk/meetings/meeting.html", context | tried, status=tried.get("status", 200)))


def _deeds(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    key = found.pk
    how: dict[str, Any] = {"by": me(request), "at": at}
    first = day_and_hour(found.starts_at) | {"place": found.place}
    open_tasks = [(str(task.pk), task.what) for task in found.tasks.filter(done_at=None).order_by("until", "pk")]
    return {
        "move": Deed(
            _("Move it to another day"), partial(MoveForm, initial=first),
            lambda form, said: actions.move_meeting(key, form.starts_at(), said["place"], **how), _("Moved."),
        ),
        "excuse": Deed(
            _("It could not be held: say why"), ExcuseForm,
            lambda _form, said: actions.excuse_meeting(key, said["because"], **how), _("Written down: it counts as excused."),
        ),
        "cancel": Deed(
            _("Take this date out"), forms.Form, lambda _form, _said: actions.cancel_date(key, **how),
            _("Taken out. The duty stays: plan another date, or say why none is possible."),
        ),
        "task": Deed(
            _("Add a task"), TaskForm,
            lambda _form, said: holding.give_task(key, said["what"], said["owner"], said["until"], **how), _("Added."),
        ),
        "done": Deed(
            _("A task is done"), partial(TaskDoneForm, tasks=open_tasks),
            lambda _form, said: holding.task_done(key, int(said["task"]), said["evidence"], **how), _("Written down."),
        ),
    }  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, key: UUID) -> HttpResponse:
    """Write down a meeting that was held, or correct it within the week; what is refused keeps what was typed."""
    at = timezone.now()
    found = meeting_seen_by(key, me(request), at=at)
    is_held = found.state == "held"
    due = due_at(found, on=_day_said(request, found, at))
    form = HoldForm(
        request.POST if request.method == "POST" else None, due=due, kind=found.kind,
        organisation_kind=found.organisation.kind, initial=_first(found, at),
    )  # fmt: skip
    refused: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        try:
            (holding.amend if is_held else holding.hold)(key, form.held(), by=me(request), at=at)
        except NotFound:
            raise
        except TooFewCame as refusal:
            figures = figures_from(due, dict(form.held().presence))
            refused = {"refusal": refusal.message, "status": 409, "broken": judged_rows(refusal.judged, figures)}
        except Refused as refusal:
            refused = {"refusal": refusal.message, "status": refusal.status}
        else:
            messages.success(
                request, _("Corrected.") if is_held else _("Written down. It can be corrected for seven days.")
            )
            return redirect("desk:meeting", key=key)
    context = refused | {
        "meeting": found, "kind": KIND_TITLES[found.kind], "organisation": found.organisation, "form": form, "is_held": is_held,
        "no_persons": found.kind in ("life", "appraisal"), "period": period_words(found.since, found.until),
        "voters": sum(one.has_vote for one in due),
    }  # fmt: skip
    status = 400 if form.errors else refused.get("status", 200)
    return private(render(request, "desk/meetings/hold.html", context, status=status))


def _day_said(request: HttpRequest, found: Any, at: datetime) -> date:
    """Return the day whose members are asked for: the one typed, else the one planned, else today; never one to come."""
    today = local_day(at)
    planned = local_day(found.starts_at) if found.starts_at else today
    try:
        return min(date.fromisoformat((request.POST or request.GET).get("on", "")), today)
    except ValueError:
        return min(planned, today)


def _first(found: Any, at: datetime) -> dict[str, Any]:
    """Return what the form says at first: what was planned, or what was written down before."""
    roles = [str(ROLE_TITLES[role.value]) for role in roles_in_organisation(found.organisation.kind)]
    first = day_and_hour(found.starts_at) | {
        "place": found.place, "chair": found.chair or roles[0], "guests": found.guests,
        "minutes": found.minutes or template_of(found.kind),
    }  # fmt: skip
    first.setdefault("on", local_day(at))
    first |= {f"presence_{one.number}": one.presence for one in attendance_of(found)}
    for n, vote in enumerate(found.votes.order_by("pk")):
        first |= {f"what_{n}": vote.what, f"yes_{n}": vote.yes, f"no_{n}": vote.no, f"abstained_{n}": vote.abstained}
    return first


@staff
@require_http_methods(["POST"])
def scans(request: HttpRequest, key: UUID) -> HttpResponse:
    """Add written pages to a meeting, or take one away."""
    at = timezone.now()
    found = meeting_seen_by(key, me(request), at=at)
    form, refused = ScansForm(request.POST, request.FILES), {}
    try:
        if "drop" in request.POST:
            drop_scan(key, _key(request.POST["drop"]), by=me(request), at=at)
            messages.success(request, _("The page is taken away."))
            return redirect("desk:meeting", key=key)
        if form.is_valid():
            add_scans(key, form.contents(), by=me(request), at=at)
            messages.success(request, _("The pages are kept, sealed."))
            return redirect("desk:meeting", key=key)
    except NotFound:
        raise
    except Refused as refusal:
        refused = {"refusal": refusal.message, "status": refusal.status}
    return _page(request, found, at, refused or {"status": 400, "form": form}, form)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(_("There is nothing here that you may see.")) from error


@staff
@require_safe
def scan(request: HttpRequest, key: UUID, scan: UUID) -> HttpResponse:
    """Return a written page to those inside."""
    page = scan_seen_by(key, scan, me(request), at=timezone.now())
    return private(HttpResponse(page_in(page), content_type="image/jpeg"))


@staff
@require_http_methods(["POST"])
def minutes(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return the minutes in their usual form, to those inside; the ledger keeps that they were given out."""
    at = timezone.now()
    found = meeting_seen_by(key, me(request), at=at)
    if found.state != "held":
        raise NotFound(_("There is nothing here that you may see."))
    give_out_minutes(found, by=me(request), at=at)
    _enough, votes = judged_meeting(found)
    rows = [(one.vote, judged_rows(one.judged, figures_of(found, one.vote.yes))) for one in votes]
    return as_pdf(minutes_pdf(found, attendance_of(found), rows), f"minutes-{held_on(found)}.pdf")


@staff
@require_http_methods(["POST"])
def sheet(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return a sheet with the names of those due, to be signed on the spot; the ledger keeps that it was given out."""
    at = timezone.now()
    found = meeting_seen_by(key, me(request), at=at)
    on = local_day(found.starts_at) if found.starts_at else local_day(at)
    due: Sequence[Any] = due_at(found, on=on)
    give_out_attendance(found, len(due), by=me(request), at=at)
    return as_pdf(attendance_pdf(found, due), f"attendance-{on}.pdf")


def meetings_url(found: Any) -> str:
    """Return the address of the year a meeting belongs to."""
    return f"{reverse('desk:meetings', args=[found.organisation.number])}?year={found.since.year}"
