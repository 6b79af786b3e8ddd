"""月报: the month of an area as page, PDF and workbook, all made of the same sections."""

import io
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.outlook.insight.told.monthly import Monthly, monthly_of
from weiduan.outlook.insight.told.monthly_books import write_sections
from weiduan.outlook.insight.told.monthly_words import told_month
from weiduan.outlook.insight.told.sections import Section
from weiduan.outlook.insight.venue_use import month_of

from .areas import as_download
from .prints import as_pdf
from .told_prints import sections_pdf
from .viewing import area_url, crumb_links, look, staff


@dataclass(frozen=True)
class Told:
    """A month as its page, PDF and workbook tell it."""

    found: Monthly
    title: str
    as_of: str
    sections: list[Section]


def _told(code: str, month: str) -> Told:
    since, _until = month_of(month)
    found = monthly_of(code, since=since, at=timezone.now())
    title = _("%(name)s: report of %(month)s") % {"name": found.area.name, "month": f"{since:%Y-%m}"}
    as_of = _("Figures as of %(when)s") % {"when": f"{timezone.localtime(found.as_of):%Y-%m-%d %H:%M}"}
    return Told(found, title, as_of, told_month(found))


@staff
@require_safe
def months(request: HttpRequest, code: str) -> HttpResponse:
    """Go to the month asked for with ?month=, else to the last one that is over."""
    look(request, code)
    today = local_day(timezone.now())
    asked = request.GET.get("month", "").strip() or f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
    since, _until = month_of(asked)
    return redirect("desk:monthly", code=code, month=f"{since:%Y-%m}")


@staff
@require_safe
def monthly(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """Show the report of a month."""
    seen = look(request, code)
    told, on = _told(code, month), local_day(timezone.now())
    way = crumb_links(code, places(code, on=_day(told), levels=[]), on, seen)
    context = {
        "here": told.found.area, "title": told.title, "as_of": told.as_of, "is_over": told.found.is_over, "sections": told.sections,
        "since": told.found.since, "month": f"{told.found.since:%Y-%m}", "area_url": area_url(code),
        "crumbs": [*way, (_("Monthly report"), None)],
    }  # fmt: skip
    return render(request, "desk/told/monthly.html", context)


@staff
@require_safe
def as_print(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """Return the report of a month as PDF."""
    look(request, code)
    told = _told(code, month)
    demo = _("Demo data: all below village level is modelled.") if is_demo() else ""
    foot = _("Weiduan · this report names no person")
    return as_pdf(sections_pdf(told.title, [told.as_of, demo], told.sections, foot), f"monthly-{code}-{month}.pdf")


@staff
@require_safe
def workbook(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """Return the report of a month as xlsx, its tables whole."""
    look(request, code)
    told, target = _told(code, month), io.BytesIO()
    write_sections(target, told.title, told.as_of, told.sections, demo=is_demo())
    return as_download(target.getvalue(), f"monthly-{code}-{month}.xlsx")


def _day(told: Told) -> date:
    return min(told.found.until - timedelta(days=1), local_day(told.found.as_of))
