"""使用情况: hours the places of an area were open and used in a month, by what for and by which unit."""

import io
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code, places
from weiduan.outlook.insight.venue_books import write_use
from weiduan.outlook.insight.venue_use import month_of, use_in
from weiduan.outlook.insight.venue_words import KIND_TITLES, USE_TITLES

from .areas import as_download
from .viewing import crumb_links, look, page_of, staff


@staff
@require_safe
def use(request: HttpRequest, code: str) -> HttpResponse:
    """Show the use of places in a month."""
    seen = look(request, code)
    on = local_day(timezone.now())
    since, until = _month(request, on)
    rows = use_in(code, since=since, until=until)
    page = page_of(request, rows, size=30)
    opened, used = sum(row.open_hours for row in rows), sum(row.used_hours for row in rows)
    context = {
        "here": area_by_code(code, on=on), "since": since, "latest": on, "page": page,
        "opened": round(opened), "used": round(used), "percent": round(100 * used / opened, 1) if opened else None,
        "rows": [
            {"it": row, "kind": KIND_TITLES[row.kind], "uses": [(USE_TITLES[what], hours) for what, hours in row.by_use]}
            for row in page.object_list
        ],
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, seen), (_("Use of the places"), None)],
    }  # fmt: skip
    return render(request, "desk/venue_use/month.html", context)


@staff
@require_safe
def workbook(request: HttpRequest, code: str) -> HttpResponse:
    """Return the use of places in a month as xlsx."""
    look(request, code)
    since, until = _month(request, local_day(timezone.now()))
    target = io.BytesIO()
    write_use(target, use_in(code, since=since, until=until), since=since, until=until, demo=is_demo())
    return as_download(target.getvalue(), f"use-{code}-{since:%Y-%m}.xlsx")


def _month(request: HttpRequest, on: date) -> tuple[date, date]:
    """Return the month asked for with ?month=2018-11, else this one."""
    return month_of(request.GET.get("month", "").strip() or f"{on:%Y-%m}")
