"""年报: the year of a unit for its residents: what was decided, done and paid. Without figures of reports, which are published apart."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.outlook.insight.told.yearly import yearly_of
from weiduan.outlook.insight.told.yearly_words import told_year

from .units import crumb_links

SHOWN = 3  # years one may choose from


@require_safe
def yearly(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Show the report of a year to everyone."""
    at = timezone.now()
    found = yearly_of(code, year, at=at, with_reports=False)
    known = places(code, on=local_day(found.as_of - timedelta(seconds=1)), levels=[])
    context = {
        "here": found.area, "is_over": found.is_over, "as_of": found.as_of, "sections": told_year(found), "year": year,
        "title": _("%(name)s: report of the year %(year)s") % {"name": found.area.name, "year": year},
        "years": range(local_day(at).year, local_day(at).year - SHOWN, -1),
        "crumbs": [*crumb_links(code, known, leads_here=True), (_("Yearly report"), None)],
    }  # fmt: skip
    return render(request, "portal/told/yearly.html", context)
