"""年报: the year of a unit for its residents' assembly, as page and PDF made of the same sections."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.outlook.insight.told.sections import Section
from weiduan.outlook.insight.told.yearly import Yearly, yearly_of
from weiduan.outlook.insight.told.yearly_words import told_year

from .prints import as_pdf
from .told_prints import sections_pdf
from .viewing import crumb_links, look, staff

SHOWN = 5  # years one may choose from


@dataclass(frozen=True)
class Told:
    """A year as its page and PDF tell it."""

    found: Yearly
    title: str
    as_of: str
    sections: list[Section]


def told(code: str, year: int) -> Told:
    """Return the year of a unit in sections, with everything staff may know."""
    found = yearly_of(code, year, at=timezone.now(), with_reports=True)
    title = _("%(name)s: report of the year %(year)s") % {"name": found.area.name, "year": year}
    as_of = _("Figures as of %(when)s") % {"when": f"{timezone.localtime(found.as_of):%Y-%m-%d %H:%M}"}
    return Told(found, title, as_of, told_year(found))


@staff
@require_safe
def yearly(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Show the report of a year."""
    seen = look(request, code)
    shown, on = told(code, year), local_day(timezone.now())
    known = places(code, on=local_day(shown.found.as_of - timedelta(seconds=1)), levels=[])
    context = {
        "here": shown.found.area, "title": shown.title, "as_of": shown.as_of, "is_over": shown.found.is_over,
        "sections": shown.sections, "year": year, "years": range(on.year, on.year - SHOWN, -1),
        "crumbs": [*crumb_links(code, known, on, seen), (_("Yearly report"), None)],
    }  # fmt: skip
    return render(request, "desk/told/yearly.html", context)


@staff
@require_safe
def as_print(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Return the report of a year as PDF."""
    look(request, code)
    shown = told(code, year)
    demo = _("Demo data: all below village level is modelled.") if is_demo() else ""
    foot = _("Weiduan · this report names no person")
    return as_pdf(sections_pdf(shown.title, [shown.as_of, demo], shown.sections, foot), f"yearly-{code}-{year}.pdf")
