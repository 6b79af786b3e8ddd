"""三会一课: the year of one organisation, and the counts of an area."""

import io
from datetime import date, datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import area_by_code, places
from weiduan.outlook.insight.meeting_books import cells_of, figure_titles, write_counts, write_year
from weiduan.outlook.insight.meeting_words import (
    KIND_TITLES,
    STATE_TAGS,
    STATE_TITLES,
    last_day,
    period_words,
    standing_tag,
)
from weiduan.outlook.insight.words import KIND_TITLES as ORGANISATION_TITLES
from weiduan.systems.services.meetings import actions
from weiduan.systems.services.meetings.plan import Standing
from weiduan.systems.services.meetings.rules import Kind
from weiduan.systems.services.meetings.years import FIRST_YEAR, Cell, YearPlan, counts_in, sums_of, year_plan

from .areas import as_download
from .deeds import Deed, do_deed, offered_deeds
from .meetings_form import ExcuseDutyForm, LayForm, PlanForm, titles
from .members import private
from .viewing import crumb_links, look, me, page_of, staff

MONTHS = range(1, 13)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def year(request: HttpRequest, number: str) -> HttpResponse:
    """Show the year of an organisation: to those inside the plan and its meetings, to all others counts."""
    at = timezone.now()
    asked = _year_asked(request, at)
    plan = year_plan(number, asked, viewer=me(request), at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, _deeds(request, plan, at))
        if not tried:
            return redirect(f"{reverse('desk:meetings', args=[number])}?year={asked}")
        plan = year_plan(number, asked, viewer=me(request), at=at)
    on = local_day(at)
    offered = (["plan", "excuse"] if plan.to_do else []) + (["lay"] if _is_to_lay(plan) else [])
    seen = areas_of(me(request), Duty.LOOK, at=at)
    context = {
        "plan": plan, "organisation": plan.organisation, "kind": ORGANISATION_TITLES[plan.organisation.kind],
        "years": _years(asked, on), "year": asked, "heads": figure_titles(), "sums": _sum_rows(plan.sums),
        "kinds": [KIND_TITLES[kind] for kind in plan.sums], "months": _month_rows(plan, on) if plan.inside else [],
        "deeds": offered_deeds(_deeds(request, plan, at), offered, tried) if plan.inside else [], "refusal": "",
        "crumbs": [
            *crumb_links(plan.seat, places(plan.seat, on=on, levels=[]), on, seen),
            (plan.organisation.name, reverse("desk:organisation", args=[number])), (_("Meetings of the organisation"), None),
        ],
    }  # fmt: skip
    return private(render(request, "desk/meetings/year.html", context | tried, status=tried.get("status", 200)))


def _year_asked(request: HttpRequest, at: datetime) -> int:
    """Return the year asked for with ?year=, else this one.

    :raises BadInput: it is no year
    """
    asked = request.GET.get("year", "").strip()
    if not asked:
        return local_day(at).year
    if not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        raise BadInput(_("“%(year)s” is no year. Write it like 2026.") % {"year": asked[:20]})
    return int(asked)


def _years(asked: int, on: date) -> list[int]:
    return [one for one in (asked - 1, asked, asked + 1) if FIRST_YEAR <= one <= on.year + 1]


def _is_to_lay(plan: YearPlan) -> bool:
    return any(cell.standing.open > cell.standing.planned for cell in plan.cells)


def _sum_rows(sums: dict[Kind, Standing]) -> list[tuple[Any, list[int], bool]]:
    """Return (kind, figures, whether something is missing)."""
    return [(KIND_TITLES[kind], cells_of(standing), standing.missing > 0) for kind, standing in sums.items()]


def _month_rows(plan: YearPlan, on: date) -> list[dict[str, Any]]:
    """Lay the plan out month by month; a quarter's or year's duty stands in its first month and reaches over the others."""
    kinds = list(plan.sums)
    by_start = {(cell.due.kind, cell.due.since.month): cell for cell in plan.cells}
    rows, covered = [], dict.fromkeys(kinds, 0)
    for month in MONTHS:
        cells = []
        for kind in kinds:
            if covered[kind]:
                covered[kind] -= 1
                continue
            cell = by_start.get((kind, month))
            if cell is not None:
                covered[kind] = _months_of(cell) - 1
            cells.append(_cell_row(kind, cell, on))
        rows.append({"month": date(plan.year, month, 1), "cells": cells})
    return rows


def _months_of(cell: Cell) -> int:
    return (cell.due.until.year - cell.due.since.year) * 12 + cell.due.until.month - cell.due.since.month


def _state_words(one: Any, on: date) -> tuple[Any, str]:
    """Return (words, state of the tag); a date that is over asks for the minutes."""
    if one.state == "planned" and one.starts_at and local_day(one.starts_at) < on:
        return _("not written down yet"), "soon"
    return STATE_TITLES[one.state], STATE_TAGS[one.state]


def _cell_row(kind: Kind, cell: Cell | None, on: date) -> dict[str, Any]:
    if cell is None:
        return {"kind": KIND_TITLES[kind], "span": 1, "due": False}
    state, word = standing_tag(cell.standing)
    left = cell.standing.missing + max(cell.standing.open - cell.standing.planned, 0)
    return {
        "kind": KIND_TITLES[kind], "span": _months_of(cell), "due": True, "period": period_words(*cell.due.span[1:]),
        "meetings": [(one, *_state_words(one, on)) for one in cell.meetings],
        "tag": state, "word": word, "left": left, "until": last_day(cell.due.until), "needed": cell.due.needed,
    }  # fmt: skip


def _deeds(request: HttpRequest, plan: YearPlan, at: datetime) -> dict[str, Deed]:
    how: dict[str, Any] = {"by": me(request), "at": at}
    organisation, duties = plan.organisation, _duties(plan)

    def excuse(form: ExcuseDutyForm, said: dict[str, Any]) -> Any:
        kind, since = form.chosen()
        return actions.excuse_due(organisation, kind, since, said["because"], title=titles()[kind], **how)

    return {
        "lay": Deed(
            _("Lay the year's plan"), LayForm,
            lambda form, _said: actions.lay_year(organisation, plan.year, form.fixed(), **how),
            _("Laid: every meeting the rest of the year asks for has its date. Move those that don't fit."),
        ),
        "plan": Deed(
            _("Plan one meeting"), partial(PlanForm, duties=duties),
            lambda form, _said: actions.plan_meeting(organisation, form.wish(), **how), _("The meeting is planned."),
        ),
        "excuse": Deed(
            _("Say why one could not be held"), partial(ExcuseDutyForm, duties=duties), excuse,
            _("Written down: it counts as excused."),
        ),
    }  # fmt: skip


def _duties(plan: YearPlan) -> list[tuple[str, str]]:
    """Return (value, words) of the duties that are open or late."""
    return [
        (
            f"{cell.due.kind.value} {cell.due.since}",
            f"{KIND_TITLES[cell.due.kind]} · {period_words(*cell.due.span[1:])}",
        )
        for cell in plan.to_do
    ]


@staff
@require_safe
def year_xlsx(request: HttpRequest, number: str) -> HttpResponse:
    """Return the year of an organisation as xlsx, as far as the reader sees it."""
    at = timezone.now()
    plan = year_plan(number, _year_asked(request, at), viewer=me(request), at=at)
    target = io.BytesIO()
    write_year(target, plan, on=local_day(at), demo=is_demo())
    return private(as_download(target.getvalue(), f"meetings-{plan.organisation.number}-{plan.year}.xlsx"))


@staff
@require_safe
def of_area(request: HttpRequest, code: str) -> HttpResponse:
    """Show counts by kind in an area, then by organisation; no meeting, no minutes, nobody's name."""
    at = timezone.now()
    seen, on = look(request, code), local_day(at)
    here, asked = area_by_code(code, on=on), _year_asked(request, at)
    found = counts_in(code, asked, on=on)
    only_missing = request.GET.get("missing") == "yes"
    shown = [one for one in found if one.total.missing] if only_missing else [one for one in found if one.dues]
    page = page_of(request, shown, size=30)
    context = {
        "here": here, "year": asked, "years": _years(asked, on), "heads": figure_titles(), "sums": _sum_rows(sums_of(found)),
        "page": page, "rows": [(one, ORGANISATION_TITLES[one.kind], cells_of(one.total)) for one in page],
        "only_missing": only_missing,
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, seen), (_("Meetings of organisations"), None)],
    }  # fmt: skip
    return render(request, "desk/meetings/area.html", context)


@staff
@require_safe
def area_xlsx(request: HttpRequest, code: str) -> HttpResponse:
    """Return the counts of an area as xlsx."""
    look(request, code)
    at = timezone.now()
    on, asked = local_day(at), _year_asked(request, at)
    target = io.BytesIO()
    name = area_by_code(code, on=on).name
    write_counts(target, name, asked, counts_in(code, asked, on=on), on=on, demo=is_demo())
    return as_download(target.getvalue(), f"meetings-{code}-{asked}.xlsx")
