"""名册: members of an organisation, a grid or a unit, to print or as xlsx."""

import io
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import places
from weiduan.outlook.insight.rosters import write_roster
from weiduan.outlook.insight.words import STATE_TITLES
from weiduan.systems.organisation.members.rosters import Roster, give_out, roster_of_area, roster_of_organisation
from weiduan.systems.organisation.members.rules import LookedAtFor
from weiduan.systems.organisation.organisations.queries import organisation_by_number

from .areas import as_download
from .members import private
from .members_form import LOOKED_TITLES
from .viewing import crumb_links, me, staff


class RosterForm(forms.Form):
    """In which form, and whether with telephones and then why."""

    form = forms.ChoiceField(
        label=gettext_lazy("In which form"), widget=forms.RadioSelect, initial="xlsx",
        choices=[("xlsx", gettext_lazy("as xlsx")), ("print", gettext_lazy("as a page to print"))],
    )  # fmt: skip
    contacts = forms.BooleanField(label=gettext_lazy("With telephone numbers"), required=False)
    reason = forms.ChoiceField(
        label=gettext_lazy("Why the numbers are needed"), required=False, choices=[("", "—"), *LOOKED_TITLES.items()]
    )

    def clean(self) -> dict[str, Any]:
        """Numbers are given out for a reason only."""
        data = super().clean() or {}
        if data.get("contacts") and not data.get("reason"):
            self.add_error("reason", gettext_lazy("Say why the numbers are needed."))
        return data

    def contacts_for(self) -> LookedAtFor | None:
        """Return the reason for which telephones are given out, or None."""
        return LookedAtFor(self.cleaned_data["reason"]) if self.cleaned_data["contacts"] else None


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def of_organisation(request: HttpRequest, number: str) -> HttpResponse:
    """The members of an organisation."""
    at = timezone.now()
    organisation = organisation_by_number(number, viewer=me(request), on=local_day(at), at=at)
    return _answer(request, roster_of_organisation(organisation, viewer=me(request), at=at), at)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def of_area(request: HttpRequest, code: str) -> HttpResponse:
    """The members living in a grid or unit."""
    at = timezone.now()
    return _answer(request, roster_of_area(code, viewer=me(request), at=at), at)


def _answer(request: HttpRequest, roster: Roster, at: Any) -> HttpResponse:
    """Show the list; once asked for, give it out and write that down."""
    on, form = local_day(at), RosterForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        rows = [{key: value for key, value in row.items() if key != "contact"} for row in roster.rows]
        return _page(request, roster, rows, on, form, status=400 if form.is_bound else 200)
    rows = give_out(roster, contacts_for=form.contacts_for(), by=me(request), at=at)
    if form.cleaned_data["form"] == "print":
        return _page(request, roster, rows, on, None)
    target = io.BytesIO()
    write_roster(target, roster.name, rows, on=on, demo=is_demo())
    return private(as_download(target.getvalue(), f"roster-{roster.code}-{on}.xlsx"))


def _page(
    request: HttpRequest, roster: Roster, rows: list[dict[str, Any]], on: Any, form: RosterForm | None, status: int = 200
) -> HttpResponse:  # fmt: skip
    seen = areas_of(me(request), Duty.LOOK, at=timezone.now())
    crumbs = crumb_links(roster.code, places(roster.code, on=on, levels=[]), on, seen)
    context = {
        "roster": roster, "rows": [row | {"state": STATE_TITLES[row["state"]]} for row in rows], "on": on, "form": form,
        "crumbs": [*crumbs, (gettext_lazy("List of members"), None)], "contacts": any("contact" in row for row in rows),
    }  # fmt: skip
    return private(render(request, "desk/rosters/roster.html", context, status=status))
