"""The area page: the same at every level, from district to unit."""

import io
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import home_area, local_day, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.ledger.queries import history_of
from weiduan.ground.territory.queries import Place, top_areas
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.maps import map_of, states_drawn
from weiduan.outlook.insight.organisation import Report, coverage_of, gap_row, report_of
from weiduan.outlook.insight.trend import trend_of
from weiduan.outlook.insight.unit import unit_facts
from weiduan.outlook.insight.venues import corner_figures
from weiduan.outlook.insight.words import FORM_TITLES, REASON_TITLES, UNIT_KIND_TITLES
from weiduan.outlook.insight.workbook import write_coverage
from weiduan.outlook.insight.zeros import why_of, zeros_of
from weiduan.systems.organisation.coverage.queries import AreaCoverage
from weiduan.systems.organisation.coverage.rules import Covered

from .corner_rows import unit_way
from .histories import told
from .viewing import area_url, crumb_links, day_of, here_last, look, me, page_of, staff
from .zeros import with_steps

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@staff
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the widest area one works in."""
    at = timezone.now()
    code = home_area(me(request), at=at)
    if code == "":
        code = next(iter(top_areas(on=local_day(at))), "")
    if not code:
        raise NotFound(_("You have no area yet. Ask whoever gives mandates."))
    return redirect(area_url(code))


@staff
@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """Show an area: figures, map, parts, gaps; for a unit what stands on it, for a building its unit."""
    seen = look(request, code)
    on = day_of(request)
    if len(code) == 21:
        return redirect(area_url(code[:18], on))
    coverage = coverage_of(code, on=on)
    here = _here(coverage, code, on)
    shared: dict[str, Any] = {
        "here": here, "level": Level(here.level).name.lower(), "on": on, "today": timezone.localdate(), "figures": coverage.total,
        "crumbs": here_last(crumb_links(code, coverage.places, on, seen)),
        "map_url": f"{reverse('desk:map', args=[code])}?on={on}",
    }  # fmt: skip
    if here.level >= Level.UNIT:
        return render(request, "desk/areas/unit.html", shared | _unit_page(code, coverage, here, on))
    return render(request, "desk/areas/area.html", shared | _area_page(request, coverage, here, on))


def _area_page(request: HttpRequest, coverage: AreaCoverage, here: Place, on: date) -> dict[str, Any]:
    asked, total = request.GET.get("reason", ""), coverage.total
    counted = total["blind_spots_by_reason"]
    reasons = [(key, title, counted[key]) for key, title in REASON_TITLES.items() if counted.get(key)]
    reason = asked if asked in counted else ""
    page = page_of(request, urgent_first(coverage, reason))
    reached = corner_figures(coverage)
    return {
        # Of another day they are computed on their own pages: too much for one that shows so much else.
        **(_zeros_now(here, on) if on == timezone.localdate() else {}),
        "parts": _parts(coverage, here, on), "parts_are": Level(here.level + 1).name.lower(), "states": states_drawn(coverage),
        "gaps": page, "gap_rows": gap_rows(coverage, page.object_list, on),
        "reasons": reasons, "reason": reason, "covered_share": share_of(total["covered"], total["units"]),
        "reached": reached, "reached_share": share_of(reached["within"], reached["units"]),
        "may_hold": may(me(request), Duty.SET_RULES, in_area=here.code, at=timezone.now()),
        "grids_with_branch": total["grids"] - total["grids_without_branch"],
        "forms": [(title, total["forms"][key]) for key, title in FORM_TITLES.items()],
    }  # fmt: skip


def _zeros_now(here: Place, on: date) -> dict[str, Any]:
    """The four zeros as counted, and each over the last year: zero → how many lacked it, the earliest first."""
    now = zeros_of(here.code, on=on, at=timezone.now())
    points = trend_of(here.id, now, on=on)
    return {"zeros": now, "trend": {name: [point.missing[name] for point in points] for name in now.missing}}


def _unit_page(code: str, coverage: AreaCoverage, here: Place, on: date) -> dict[str, Any]:
    names = {place.code: place.name for place in coverage.places}
    return {
        "facts": unit_facts(code, coverage, on=on), "kind": UNIT_KIND_TITLES.get(here.kind, ""),
        "grid": names.get(code[:15], ""), "village": names.get(code[:12], ""),
        "history": told(history_of("territory.area", str(here.id))[:20]), "way": unit_way(code, on),
        "why": {name: with_steps(code, rows) for name, rows in why_of(code, on=on, at=timezone.now()).items()},
    }  # fmt: skip


def share_of(part: int, whole: int) -> str:
    """A share in per cent with one digit, never rounded up to all or down to none of it."""
    if not whole:
        return ""
    share = round(1000 * part / whole)
    return f"{max(1, min(999, share)) / 10 if 0 < part < whole else share / 10:.1f}"


def _here(coverage: AreaCoverage, code: str, on: date) -> Place:
    for place in coverage.places:
        if place.code == code:
            return place
    raise NotFound(_("No area has the code %(code)s on %(day)s.") % {"code": code, "day": on})


def _parts(coverage: AreaCoverage, here: Place, on: date) -> list[dict]:
    """Return the areas one level down with their figures, those with most blind spots first; units as they are."""
    below = Level(here.level + 1)
    if below >= Level.UNIT:
        rows = [_unit_row(unit, on) for unit in coverage.units]
    else:
        rows = [row | {"url": area_url(row["code"], on)} for row in coverage.figures(below).values()]
        rows = [row for row in rows if row["code"] != here.code]
    return sorted(rows, key=lambda row: (-row["blind_spots"], row["code"]))


def _unit_row(unit: Covered, on: date) -> dict:
    return {
        "code": unit.code, "name": unit.name, "units": 1, "covered": int(not unit.reason),
        "blind_spots": int(bool(unit.reason)), "households": unit.households, "url": area_url(unit.code, on),
    }  # fmt: skip


def urgent_first(coverage: AreaCoverage, reason: str = "") -> list[Covered]:
    """Return gaps, the longest overdue and the largest first."""
    rows = [gap for gap in coverage.gaps if not reason or gap.reason == reason]
    return sorted(rows, key=lambda gap: (-(gap.days or 0), -gap.households, gap.code))


def gap_rows(coverage: AreaCoverage, gaps: Any, on: date) -> list[dict]:
    """Lay gaps out as rows: the place, why, how long, what to do."""
    names = {place.code: place.name for place in coverage.places}
    return [
        gap_row(gap)
        | {
            "url": area_url(gap.code, on), "village": names.get(gap.code[:12], ""),
            "town": names.get(gap.code[:9] + "000", ""), "grid": names.get(gap.code[:15], ""),
        }
        for gap in gaps
    ]  # fmt: skip


@staff
@require_safe
def map_data(request: HttpRequest, code: str) -> JsonResponse:
    """Return the map of an area as GeoJSON: its parts, each with how many units are covered."""
    look(request, code)
    on = day_of(request)
    features = map_of(code, coverage_of(code[:15], on=on), on=on)
    for feature in features["features"]:
        inner = feature["properties"].get("code")
        if inner and inner != code:
            feature["properties"]["url"] = area_url(inner, on)
    return JsonResponse(features)


@staff
@require_safe
def workbook(request: HttpRequest, code: str) -> HttpResponse:
    """Return the coverage of an area as xlsx."""
    look(request, code)
    on = day_of(request)
    report: Report = report_of(coverage_of(code, on=on))
    target = io.BytesIO()
    write_coverage(target, report, demo=is_demo())
    return as_download(target.getvalue(), f"coverage-{code}-{on}.xlsx")


def as_download(content: bytes, name: str, kind: str = XLSX) -> HttpResponse:
    """Return a file to keep, never one to open in place."""
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
