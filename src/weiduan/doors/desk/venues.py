"""阵地: centres and micro-venues of an area; founding a centre. What all pages of one place do first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotAllowed, NotFound, Refused
from weiduan.ground.territory.queries import area_by_code, area_of, places
from weiduan.outlook.insight.places_kept import PlaceRow, place_rows, places_in
from weiduan.outlook.insight.venue_words import FORM_TITLES, KIND_TITLES, STATE_TITLES, hours_words
from weiduan.systems.venues.facilities.actions import found_centre
from weiduan.systems.venues.facilities.queries import facility_by_key

from .venues_form import CentreForm
from .viewing import crumb_links, day_of, look, me, page_of, staff

STATE_TAGS = {"open": "ok", "fitting_out": "go", "planned": "", "closed": ""}
STATES = ("planned", "fitting_out", "open", "closed")


@dataclass(frozen=True)
class Seen:
    """A place, the code it lies in now, and who looks: whether he or she keeps the venues there."""

    facility: Any
    code: str
    on: date
    at: datetime
    keeps: bool
    crumbs: list[tuple[str, str | None]]

    def below(self, title: Any) -> list[tuple[str, str | None]]:
        """Return the crumbs of a page about this place."""
        return [*self.crumbs, (self.facility.name, reverse("desk:venue", args=[self.facility.pk])), (title, None)]


def seen_place(request: HttpRequest, key: UUID) -> Seen:
    """Return a place the reader may look at; where it isn't theirs to know of, there is none."""
    at = timezone.now()
    on, facility = local_day(at), facility_by_key(key)
    code = area_of(facility.area_id, on=on).code
    looks_at = look(request, code)
    around = crumb_links(code, places(code, on=on, levels=[]), on, looks_at)
    crumbs = [*around, (_("Venues"), reverse("desk:venues", args=[code]))]
    return Seen(facility, code, on, at, may(me(request), Duty.KEEP_VENUES, in_area=code, at=at), crumbs)


def kept_place(request: HttpRequest, key: UUID) -> Seen:
    """Return a place the reader may look at, and on POST keeps: before anything of what was sent is read."""
    seen = seen_place(request, key)
    if request.method == "POST":
        require(me(request), Duty.KEEP_VENUES, in_area=seen.code, at=seen.at)
    return seen


def is_done(form: forms.Form, deed: Callable[[], Any]) -> bool:
    """Do what a form asks for; where it is refused, say so in the form."""
    try:
        deed()
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return False
    return True


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def venues(request: HttpRequest, code: str) -> HttpResponse:
    """List the places of an area, narrowed by kind and state; on POST found a centre."""
    looks_at, at, on = look(request, code), timezone.now(), day_of(request)
    keeps = may(me(request), Duty.KEEP_VENUES, in_area=code, at=at)
    form = CentreForm(request.POST if request.method == "POST" else None, today=local_day(at))
    if form.is_bound and form.is_valid() and is_done(form, lambda: _found(request, form, code, at)):
        return redirect(request.get_full_path())
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    kind, state = kind if kind in KIND_TITLES else "", state if state in STATES else ""
    page = page_of(request, places_in(code, on=on, kind=kind, state=state), size=30)
    context = {
        "here": area_by_code(code, on=on), "on": on, "today": local_day(at), "page": page, "form": form,
        "rows": [_row(row) for row in place_rows(page, on=on)], "kinds": KIND_TITLES.items(), "kind": kind,
        "states": [(key, STATE_TITLES[key]) for key in STATES], "state": state, "keeps": keeps and on == local_day(at),
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, looks_at), (_("Venues"), None)],
    }  # fmt: skip
    return render(request, "desk/venues/list.html", context, status=400 if form.errors else 200)


def _found(request: HttpRequest, form: CentreForm, code: str, at: datetime) -> None:
    said = form.cleaned_data
    made = found_centre(said["name"], code=code, address=said["address"], on=said["on"], by=me(request), at=at)
    messages.success(request, _("%(name)s is founded. Give it rooms and opening hours next.") % {"name": made.name})


def _row(row: PlaceRow) -> dict[str, Any]:
    centre = row.centre
    return {
        "it": row, "kind": KIND_TITLES[row.facility.kind], "hours": hours_words(row.spans),
        "state": STATE_TITLES[row.state.value] if row.state else "", "tag": STATE_TAGS.get(row.state or "", ""),
        "form": FORM_TITLES[row.form.value] if row.form else "", "serves": row.serves[:3], "more": len(row.serves[3:]),
        "share": centre.floors.share if centre else None, "to_change": centre.to_change if centre else None,
    }  # fmt: skip
