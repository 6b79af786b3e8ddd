"""志愿服务 for everyone: teams and what they need, joining without an account, one's own shifts, hours and certificate."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import segno
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.pdf import pdf_of
from weiduan.ground.territory.queries import area_of, names_by_area, places
from weiduan.outlook.insight.volunteer_words import STATE_TAGS, STATE_TITLES
from weiduan.systems.services.volunteers import shifts, teams
from weiduan.systems.services.volunteers.queries import (
    called,
    own_places,
    shifts_to_come,
    team_for_all,
    teams_for,
    volunteer_by_receipt,
)
from weiduan.systems.services.volunteers.rules import JOIN_FORM, LONGEST_CALLED, LONGEST_CONTACT, PlaceState, State

from .bookings import unlisted
from .receipts import sent
from .units import crumb_links, here_among

PAGE, COMING = 30, 20
TEMPLATES = Path(__file__).parents[1] / "templates" / "print"


class JoinForm(forms.Form):
    """How whoever joins wants to be called."""

    name = forms.CharField(
        label=gettext_lazy("How shall the team call you?"), max_length=LONGEST_CALLED, help_text=gettext_lazy("A nickname will do.")
    )  # fmt: skip
    contact = forms.CharField(
        label=gettext_lazy("Telephone or e-mail"), max_length=LONGEST_CONTACT, required=False,
        help_text=gettext_lazy("Sealed; you are told when a shift moves or falls out. Gone the moment you want it gone."),
    )  # fmt: skip


@require_safe
def volunteering(request: HttpRequest, code: str) -> HttpResponse:
    """List the teams of an area, and those above it."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    page = Paginator(teams_for(code, at=at), PAGE).get_page(request.GET.get("page"))
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    rows = [(one, names.get(one.area_id)) for one in page]
    crumbs = [*crumb_links(code, known, leads_here=True), (_("Volunteers"), None)]
    return render(request, "portal/volunteers/list.html", {"here": here, "page": page, "rows": rows, "crumbs": crumbs})


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a team and what it needs; on POST ask to join, and go to the own page."""
    at = timezone.now()
    found = team_for_all(key)
    form = JoinForm(request.POST if request.method == "POST" else None)
    done = sent(
        request, form, JOIN_FORM,
        lambda receipt: teams.ask_to_join(key, form.cleaned_data["name"], form.cleaned_data["contact"], receipt, at=at),
        "portal:volunteer",
    )  # fmt: skip
    if done.leads_to is not None:
        return done.leads_to
    on = local_day(at)
    area = area_of(found.area_id, on=on)
    context = {
        "team": found, "area": area, "form": form, "draft": done.draft, "refusal": done.refusal,
        "shifts": shifts_to_come(found, at=at)[:COMING],
        "has_ended": found.until is not None and found.until <= on,
        "crumbs": [
            *crumb_links(area.code, places(area.code, on=on, levels=[]), leads_here=True),
            (_("Volunteers"), f"/a/{area.code}/volunteers/"), (found.name, None),
        ],
    }  # fmt: skip
    return render(request, "portal/volunteers/team.html", context, status=done.status)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def volunteer(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show a volunteer's own page; on POST take a shift, give it back, leave, or erase everything."""
    at = timezone.now()
    refusal, status = "", 200
    if request.method == "POST":
        try:
            gone = _do(request, receipt, at)
            return redirect("portal:find") if gone else redirect("portal:volunteer", receipt=receipt)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    mine = volunteer_by_receipt(receipt)
    held = list(own_places(mine))
    taken = {place.shift_id for place in held if place.state == PlaceState.TAKEN.value}
    served = [place for place in held if place.state == PlaceState.SERVED.value]
    open_shifts = shifts_to_come(mine.team, at=at)[:COMING] if mine.state == State.ACTIVE.value else []
    context = {
        "me": called(mine), "team": mine.team, "refusal": refusal, "address": request.build_absolute_uri(), "receipt": receipt,
        "word": STATE_TITLES[mine.state], "tag": STATE_TAGS[mine.state], "served": served, "hours": _hours(served),
        "coming": [place for place in reversed(held) if place.state == PlaceState.TAKEN.value and place.shift.starts_at > at],
        "shifts": [shift for shift in open_shifts if shift.pk not in taken], "may_leave": mine.state != State.LEFT.value,
    }  # fmt: skip
    return render(request, "portal/volunteers/own.html", context, status=status)


def _do(request: HttpRequest, receipt: str, at: datetime) -> bool:
    """Do what was asked for; tell whether the page is gone with it."""
    do = request.POST.get("do", "")
    if do in ("take", "give_back"):
        shift = _key(request.POST.get("shift", ""))
        if do == "take":
            shifts.take(shift, receipt, at=at)
            messages.success(request, _("You have a place. Thank you."))
        else:
            shifts.give_back(shift, receipt, at=at)
            messages.success(request, _("The place is free for another."))
    elif do == "leave":
        teams.leave(receipt, at=at)
        messages.success(request, _("You have left the team. Your hours stay here until you erase them."))
    elif do == "erase":
        teams.erase(receipt, at=at)
        messages.success(request, _("Everything about you is erased, hours too."))
        return True
    else:
        raise BadInput(_("Choose what to do."))
    return False


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(_("There is no such shift in your team. Look at your page again.")) from error


def _hours(served: list[Any]) -> str:
    """Return the minutes of one volunteer as hours, for the own page and certificate alone."""
    return f"{sum(place.minutes for place in served) / 60:.1f}"


@unlisted
@require_safe
def certificate(request: HttpRequest, receipt: str) -> HttpResponse:
    """Give the volunteer the certificate of the hours given, as a PDF; it is made for this one download and kept nowhere."""
    mine = volunteer_by_receipt(receipt)
    served = [place for place in own_places(mine) if place.state == PlaceState.SERVED.value]
    if not served:
        raise NotFound(_("No hours are written down yet."))
    on = local_day(timezone.now())
    area = area_of(mine.team.area_id, on=on)
    address = io.BytesIO()
    segno.make(request.build_absolute_uri(f"/team/{mine.team_id}/"), error="m", micro=False).save(
        address, kind="svg", border=4
    )
    data = {
        "lang": "zh" if (get_language() or "zh").startswith("zh") else "en", "title": _("Certificate of voluntary service"),
        "says": _("%(name)s served with %(team)s of %(area)s:") % {"name": called(mine).name, "team": mine.team.name, "area": area.name},
        "columns": [_("Day"), _("What was done"), _("Hours given")],
        "rows": [
            [f"{timezone.localtime(p.shift.starts_at):%Y-%m-%d}", p.shift.what, f"{(p.minutes or 0) / 60:.1f}"] for p in reversed(served)
        ],
        "sum": _("%(hours)s hours in all") % {"hours": _hours(served)}, "day": str(on),
        "sign": [_("Team"), _("Seal and day")], "foot": _("Made at the wish of the volunteer. No copy is kept."),
    }  # fmt: skip
    made = pdf_of(TEMPLATES / "certificate.typ", data, files={"qr": address.getvalue()})
    headers = {"Content-Disposition": 'attachment; filename="certificate.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)
