"""候选用房: the rooms of an area that could become a micro-venue; one of them: note what was found, plan a venue in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.queries import history_of
from weiduan.ground.territory.queries import area_by_code, area_of, names_by_area, places
from weiduan.outlook.insight.places_kept import room_states, units_near
from weiduan.outlook.insight.venue_words import STATE_TITLES
from weiduan.outlook.insight.words import CONSENT_TITLES, ORIGIN_TITLES
from weiduan.systems.venues.micro_venues.actions import plan_venue
from weiduan.systems.venues.premises.actions import note_visit
from weiduan.systems.venues.premises.queries import filtered, premises_by_number, premises_in
from weiduan.systems.venues.premises.rules import Consent

from .histories import told
from .prints import as_pdf, premises_pdf
from .venue_edit import point_of
from .venues import STATE_TAGS, is_done
from .venues_form import PlanForm, VisitForm
from .viewing import area_url, crumb_links, look, me, page_of, staff

CONSENT_TAGS = {"yes": "ok", "no": "late", "not_asked": ""}
MOST_PAGES = 300  # of a sheet; more are printed village by village


@staff
@require_safe
def premises(request: HttpRequest, code: str) -> HttpResponse:
    """List the rooms known in an area, narrowed by origin and by what the owner says."""
    looks_at, on = look(request, code), local_day(timezone.now())
    origin, consent = request.GET.get("origin", ""), request.GET.get("consent", "")
    rooms = filtered(premises_in(code, on=on), origin=origin, consent=consent)
    page = page_of(request, rooms, size=30)
    states, seats = room_states(page, on=on), names_by_area({room.area_id for room in page}, on=on)
    context = {
        "here": area_by_code(code, on=on), "on": on, "page": page, "origin": origin, "consent": consent,
        "rows": [_row(room, states) | {"seat": seats.get(room.area_id)} for room in page],
        "origins": ORIGIN_TITLES.items(), "consents": CONSENT_TITLES.items(), "may_print": page.paginator.count <= MOST_PAGES,
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, looks_at),
                   (_("Venues"), reverse("desk:venues", args=[code])), (_("Premises"), None)],
    }  # fmt: skip
    return render(request, "desk/premises/list.html", context)


def _row(room: Any, states: Mapping[int, Any]) -> dict[str, Any]:
    standing = states.get(room.pk)
    state = standing.state.value if standing else "candidate"
    return {
        "room": room, "origin": ORIGIN_TITLES.get(room.origin, ""), "consent": CONSENT_TITLES.get(room.consent, ""),
        "consent_tag": CONSENT_TAGS.get(room.consent, ""), "state": STATE_TITLES[state], "tag": STATE_TAGS.get(state, ""),
        "venue": standing.facility if standing else None, "area": f"{room.area_m2:g}",
    }  # fmt: skip


@staff
@require_safe
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Return the survey sheet of the rooms of an area as PDF, one page a room; ?number= of one alone."""
    look(request, code)
    on, number = local_day(timezone.now()), request.GET.get("number", "")
    rooms = list(filtered(premises_in(code, on=on), number=number)[: MOST_PAGES + 1])
    if not rooms:
        raise NotFound(_("No room is known here, so there is nothing to print."))
    if len(rooms) > MOST_PAGES:
        raise BadInput(_("That is more than %(n)s pages. Print village by village.") % {"n": MOST_PAGES})
    seats = {key: place.name for key, place in names_by_area({room.area_id for room in rooms}, on=on).items()}
    title = _("Survey of premises in %(area)s") % {"area": area_by_code(code, on=on).name}
    return as_pdf(premises_pdf(title, rooms, seats), f"premises-{number or code}.pdf")


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, number: str) -> HttpResponse:
    """Show one room; on POST note what was found there, or plan a micro-venue in it."""
    at = timezone.now()
    on = local_day(at)
    room = premises_by_number(number, on=on)
    code = area_of(room.area_id, on=on).code
    looks_at, do = look(request, code), request.POST.get("do", "")
    near = units_near(code[:12], point=point_of(room), served=(), on=on)
    now = {"consent": room.consent, "rent": room.rent, "condition": room.condition}
    visit = VisitForm(request.POST if do == "visit" else None, initial=now, auto_id="id_visit_%s")
    plan = PlanForm(request.POST if do == "plan" else None, units=near, today=on, name=room.name, auto_id="id_plan_%s")
    if visit.is_bound and visit.is_valid() and is_done(visit, lambda: _note(request, number, visit, at)):
        return redirect("desk:premises_record", number=number)
    if plan.is_bound and plan.is_valid() and is_done(plan, lambda: _plan(request, room, code, plan, at)):
        return redirect("desk:venue", key=plan.made)
    row = _row(room, room_states([room], on=on))
    context = row | {
        "here": room, "visit": visit, "plan": plan, "keeps": may(me(request), Duty.KEEP_VENUES, in_area=code, at=at),
        "seat": names_by_area([room.area_id], on=on).get(room.area_id), "seat_url": area_url(code), "code": code,
        "history": told(history_of("venues.premises", str(room.pk))[:20]),
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, looks_at),
                   (_("Premises"), reverse("desk:premises", args=[code])), (room.name, None)],
    }  # fmt: skip
    bad = bool(visit.errors or plan.errors)
    return render(request, "desk/premises/record.html", context, status=400 if bad else 200)


def _note(request: HttpRequest, number: str, form: VisitForm, at: datetime) -> None:
    said = form.cleaned_data
    consent = Consent(said["consent"])
    note_visit(number, consent=consent, rent=said["rent"], condition=said["condition"], by=me(request), at=at)
    messages.success(request, _("Written down."))


def _plan(request: HttpRequest, room: Any, code: str, form: PlanForm, at: datetime) -> None:
    said = form.cleaned_data
    made = plan_venue(room, name=said["name"], serves=form.chosen(), seat=code, on=said["on"], by=me(request), at=at)
    form.made = made.facility_id
    messages.success(request, _("%(name)s is planned.") % {"name": made.name})
