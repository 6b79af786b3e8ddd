"""志愿服务 at the desk: teams, who is in them, shifts that lack people, hours."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.outlook.insight.volunteer_words import SHIFT_TAGS, SHIFT_TITLES, STATE_TAGS, STATE_TITLES
from weiduan.systems.services.brands.queries import brands_for
from weiduan.systems.services.volunteers import shifts, teams
from weiduan.systems.services.volunteers.queries import (
    at_risk,
    kept_shift,
    kept_team,
    places_of,
    teams_kept_by,
    volunteers_of,
)
from weiduan.systems.services.volunteers.rules import MOST_MINUTES, ShiftState

from .deeds import Deed, do_deed, offered_deeds
from .members import private
from .viewing import me, page_of, staff
from .volunteers_form import EndForm, ShiftForm, TeamForm, minutes_between, minutes_in
from .where import where_asked

PAGE, SHIFTS = 30, 20


@staff
@require_safe
def teams_page(request: HttpRequest) -> HttpResponse:
    """List the teams one keeps, and the shifts that lack people."""
    at = timezone.now()
    page = page_of(request, teams_kept_by(me(request), at=at), size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    rows = [(one, names.get(one.area_id), one.until is not None and one.until <= local_day(at)) for one in page]
    keeps = bool(areas_of(me(request), Duty.KEEP_SERVICES, at=at))
    context = {"page": page, "rows": rows, "keeps": keeps, "at_risk": at_risk(me(request), at=at)[:PAGE]}
    return private(render(request, "desk/volunteers/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    """Write a team down: choose where, then what it does."""
    at = timezone.now()
    where = where_asked(request, at, Duty.KEEP_SERVICES)
    form = TeamForm(request.POST if request.method == "POST" else None, brands=_brands(where["area"], at))
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            made = teams.found_team(where["area"], form.facts(), by=me(request), at=at)
            return redirect("desk:team", key=made.pk)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    return private(
        render(request, "desk/volunteers/new.html", {"form": form, "refusal": refusal} | where, status=status)
    )


def _brands(code: str, at: datetime) -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in brands_for(code, on=local_day(at))] if code else []


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a team one keeps; on POST do the next thing with it or with somebody in it."""
    at = timezone.now()
    found = kept_team(me(request), key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = _done(request, found, at)
        if not tried:
            return redirect("desk:team", key=key)
        found = kept_team(me(request), key, at=at)
    offered = ["change"] if found.until is not None else ["shift", "change", "end"]
    page = page_of(request, found.shifts.order_by("-starts_at", "pk"), size=SHIFTS)
    context = {
        "team": found, "area": area_of(found.area_id, on=local_day(at)), "refusal": "", "page": page,
        "people": [(one, STATE_TITLES[one.volunteer.state], STATE_TAGS[one.volunteer.state]) for one in volunteers_of(found)],
        "shifts": [(one, SHIFT_TITLES[one.state], SHIFT_TAGS[one.state]) for one in page],
        "deeds": offered_deeds(_deeds(request, found, at), offered, tried),
    }  # fmt: skip
    return private(render(request, "desk/volunteers/team.html", context | tried, status=tried.get("status", 200)))


def _done(request: HttpRequest, found: Any, at: datetime) -> dict[str, Any]:
    do = request.POST.get("do", "")
    how: dict[str, Any] = {"by": me(request), "at": at}
    if do not in ("admit", "take_off"):
        return do_deed(request, _deeds(request, found, at))
    try:
        key = UUID(request.POST.get("volunteer", ""))
        (teams.admit if do == "admit" else teams.take_off)(key, **how)
    except ValueError:
        return {"refusal": NotFound(_("There is nothing here that you may see.")).message, "status": 404}
    except Refused as refusal:
        return {"refusal": refusal.message, "status": refusal.status}
    messages.success(request, _("In the team.") if do == "admit" else _("Not in the team any more."))
    return {}


def _deeds(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    key, on = found.pk, local_day(at)
    how: dict[str, Any] = {"by": me(request), "at": at}
    told = {name: getattr(found, name) for name in ("name", "words", "post", "telephone")} | {
        "brand": str(found.brand_id or "")
    }
    brands = _brands(area_of(found.area_id, on=on).code, at)
    return {
        "shift": Deed(
            _("Plan a shift"), ShiftForm, lambda form, _said: shifts.plan_shift(key, form.plan(), **how), _("Planned."),
        ),
        "change": Deed(
            _("Change what is written"), partial(TeamForm, brands=brands, initial=told),
            lambda form, _said: teams.change_team(key, form.facts(), **how), _("Saved."),
        ),
        "end": Deed(
            _("End the team"), partial(EndForm, initial={"on": on}), lambda _form, said: teams.end_team(key, on=said["on"], **how),
            _("The team has ended."),
        ),
    }  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a shift of a team one keeps; on POST move it, cancel it, or write the hours down."""
    at = timezone.now()
    found = kept_shift(me(request), key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = (
            _hours(request, found, at)
            if request.POST.get("do") == "hours"
            else do_deed(request, _shift_deeds(request, found, at))
        )
        if not tried:
            return redirect("desk:shift", key=key)
        found = kept_shift(me(request), key, at=at)
    planned, is_over = found.state == ShiftState.PLANNED.value, found.ends_at <= at
    usual = minutes_between(found.starts_at, found.ends_at)
    context = {
        "shift": found, "team": found.team, "word": SHIFT_TITLES[found.state], "tag": SHIFT_TAGS[found.state], "refusal": "",
        "people": [
            (place, name, place.minutes if found.state == ShiftState.DONE.value else usual) for place, name in places_of(found)
        ],
        "may_write": is_over and found.state != ShiftState.CANCELLED.value, "lacks": planned and found.taken < found.least,
        "most": MOST_MINUTES,
        "deeds": offered_deeds(_shift_deeds(request, found, at), ["move", "cancel"] if planned and not is_over else [], tried),
    }  # fmt: skip
    return private(render(request, "desk/volunteers/shift.html", context | tried, status=tried.get("status", 200)))


def _hours(request: HttpRequest, found: Any, at: datetime) -> dict[str, Any]:
    try:
        minutes = minutes_in(request.POST, [place for place, _name in places_of(found)])
        shifts.write_hours(found.pk, minutes, by=me(request), at=at)
    except ValueError:
        return {
            "refusal": BadInput(_("Write whole minutes beside each name; leave empty whoever didn't come.")).message,
            "status": 400,
        }
    except Refused as refusal:
        return {"refusal": refusal.message, "status": refusal.status}
    messages.success(request, _("Written down. Each volunteer sees it on the own page."))
    return {}


def _shift_deeds(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    key = found.pk
    how: dict[str, Any] = {"by": me(request), "at": at}
    told = {name: getattr(found, name) for name in ("what", "place", "least", "most")}
    told |= {name: timezone.localtime(getattr(found, name)) for name in ("starts_at", "ends_at")}
    return {
        "move": Deed(
            _("Change the shift"), partial(ShiftForm, initial=told),
            lambda form, _said: shifts.move_shift(key, form.plan(), **how), _("Changed; who has a place and left a contact is told."),
        ),
        "cancel": Deed(
            _("Cancel the shift"), forms.Form, lambda _form, _said: shifts.cancel_shift(key, **how),
            _("Cancelled; who had a place and left a contact is told."),
        ),
    }  # fmt: skip
