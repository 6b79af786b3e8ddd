"""Matters at the desk: what I have in hand, the late ones first; several handed over at once; the list as a workbook.

A narrowed list is saved under a name of one's own, and is then one touch away.
"""

import io
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.doors.context import is_demo
from weiduan.doors.tags.house import tag
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.casekeys import keys_read_once
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.queries import top_areas
from weiduan.outlook.insight.report_books import write_reports
from weiduan.outlook.insight.report_words import STATE_TAGS, STATE_TITLES
from weiduan.systems.governance.categories.queries import offered
from weiduan.systems.governance.reports.bulk import hand_over_several
from weiduan.systems.governance.reports.filters import LONGEST_NAME, filters_of, keep_filter, query_of, remove_filter
from weiduan.systems.governance.reports.lists import (
    ALL,
    DONE,
    LATE,
    LATE_BELOW,
    LATE_TASK,
    PAUSED,
    TO_DO,
    Narrowing,
    areas_around,
    narrowed,
    part_of,
)
from weiduan.systems.governance.reports.queries import in_hands_of
from weiduan.systems.governance.reports.rules import TO_HANDLE

from .areas import as_download
from .members import private
from .viewing import me, page_of, staff

PAGE, MOST_DIGITS = 50, 18  # a key of more digits fits no column
MOST_SHOWN = 60  # characters of what was told
NOBODY = str(UUID(int=0))  # a key no matter has
STATES = {
    TO_DO: gettext_lazy("To be handled"), "filed": STATE_TITLES["filed"], "accepted": STATE_TITLES["accepted"],
    "in_hand": STATE_TITLES["in_hand"], "disputed": STATE_TITLES["disputed"], PAUSED: gettext_lazy("clock stopped"),
    "answered": STATE_TITLES["answered"], DONE: gettext_lazy("closed"), ALL: gettext_lazy("All"),
}  # fmt: skip
LATES = {
    "": gettext_lazy("All"),
    LATE: gettext_lazy("Late"),
    LATE_BELOW: gettext_lazy("Late in the hands of those below me"),
    LATE_TASK: gettext_lazy("With a late task"),
}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def reports(request: HttpRequest) -> HttpResponse:
    """List what the reader has in hand; on POST hand several over, or save the list under a name, or take a saved one away."""
    at = timezone.now()
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _act(request, at)
            return redirect(request.get_full_path())
        except BadInput as refused:
            refusal, status = refused.message, refused.status
    own, on, wanted = own_areas(request, at), local_day(at), _wanted(request)
    page = _page(request, _rows(own, wanted, on, at).select_related("category"))
    keys = {key for r in page for key in (r.area_id, r.handler_id)}
    around, names = areas_around(own, keys, on=on)
    address = reverse("desk:report", args=[NOBODY])
    with keys_read_once():
        rows = [_row(r, names, address, at) for r in page]
    context = {
        "page": page, "rows": rows, "wanted": wanted, "states": STATES.items(), "lates": LATES.items(),
        "groups": [(group.heading.name, [(one.code, one.name) for one in group.choices]) for group in offered()],
        "is_narrowed": wanted != Narrowing(), "has_duty": bool(own), "around": [(a.code, f"{a.name}（{a.code}）") for a in around],
        "areas": [(place.code, place.name) for place in around if any(covers(code, place.code) for code in own)],
        "refusal": refusal, "did": request.POST.get("do", ""), "said": request.POST.get("words", ""),
        "saved": filters_of(me(request)), "query": query_of(wanted), "longest_name": LONGEST_NAME,
    }  # fmt: skip
    return private(render(request, "desk/reports/list.html", context, status=status))


def _act(request: HttpRequest, at: datetime) -> None:
    do = request.POST.get("do", "")
    if do == "keep":
        saved = keep_filter(_without_nul(request.POST.get("name", "")), _wanted(request), by=me(request), at=at)
        messages.success(request, _("Saved as “%(name)s”.") % {"name": saved.name})
    elif do == "drop":
        key = request.POST.get("filter", "")
        remove_filter(int(key) if key.isdecimal() and len(key) < MOST_DIGITS else 0, by=me(request), at=at)
        messages.success(request, _("The saved list is taken away."))
    else:
        _hand_over(request, at)


def _without_nul(text: str) -> str:
    """Return a text without the character no database keeps."""
    return text.replace("\0", "")


def own_areas(request: HttpRequest, at: datetime) -> list[str]:
    """Return the areas the reader handles reports in; everywhere is all there are."""
    own = areas_of(me(request), Duty.HANDLE_REPORTS, at=at)
    return top_areas(on=local_day(at)) if "" in own else own


def _wanted(request: HttpRequest) -> Narrowing:
    get = request.GET
    state, late = get.get("state", ""), get.get("late", "")
    return Narrowing(
        state=state if state in STATES else "", late=late if late in LATES else "", category=_without_nul(get.get("category", ""))[:20],
        area=get.get("area", "")[:18] if get.get("area", "").isdecimal() else "",
        words=_without_nul(get.get("q", "")).strip()[:60],
    )  # fmt: skip


def _rows(own: list[str], wanted: Narrowing, on: date, at: datetime) -> Any:
    return narrowed(in_hands_of(own, on=on), wanted, own=own, on=on, at=at)


def row_of(report: Any, names: dict[int, Any], at: datetime) -> dict[str, Any]:
    """Return a report as a row of a list shows it; `names`: area key → place."""
    return {
        "report": report, "area": names.get(report.area_id), "handler": names.get(report.handler_id),
        "word": STATE_TITLES[report.state], "tag": STATE_TAGS[report.state], "open": report.state in TO_HANDLE,
        "late": is_late(report, at),
    }  # fmt: skip


def _page(request: HttpRequest, rows: Any) -> Page:
    """Return the part of a list asked for with ?page=, its length counted with it; a page past the end is the last."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < MOST_DIGITS else 0
    found, whole = part_of(rows, (number - 1) * PAGE, PAGE) if number > 0 else ([], 0)
    if not found:
        return page_of(request, rows, size=PAGE)
    paginator = Paginator(found, PAGE)
    paginator.count = whole
    return Page(found, number, paginator)


def _row(report: Any, names: dict[int, Any], address: str, at: datetime) -> dict[str, Any]:
    """Return a row as this list shows it, worded here: fifty in a template take three times as long.

    address  of the page of a matter, with `NOBODY` for its key
    """
    area, handler = names.get(report.area_id), names.get(report.handler_id)
    late, is_open, text = is_late(report, at), report.state in TO_HANDLE, report.text
    facts = [
        report.number,
        area.name if area else "",
        _("in the hands of %(name)s") % {"name": handler.name if handler else ""},
    ]
    if is_open and report.paused_at is not None:
        facts.append(_("clock stopped"))
    elif is_open:
        facts.append(_("due %(when)s") % {"when": f"{timezone.localtime(report.due_at):%m-%d %H:%M}"})
    facts += [_("reopened")] if report.reopened else []
    facts += [_("told in confidence")] if report.in_confidence else []
    return {
        "number": report.number, "key": report.pk, "url": address.replace(NOBODY, str(report.pk)), "late": late, "open": is_open,
        "in_confidence": report.in_confidence, "title": f"{report.category.name} · {report.place or (area.name if area else '')}",
        "text": text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…", "facts": " · ".join(facts),
        "tag": tag(_("late"), "late") if late else tag(STATE_TITLES[report.state], STATE_TAGS[report.state]),
    }  # fmt: skip


def is_late(report: Any, at: datetime) -> bool:
    """Tell whether a report still to be handled is past its time, its clock running."""
    return report.state in TO_HANDLE and report.paused_at is None and report.due_at < at


def _hand_over(request: HttpRequest, at: datetime) -> None:
    keys = [_key(text) for text in request.POST.getlist("report")[:PAGE]]
    if not keys:
        raise BadInput(_("Tick what is to be handed over."))
    if not request.POST.get("to") or not request.POST.get("words", "").strip():
        raise BadInput(_("Say to whom, and why."))
    outcome = hand_over_several(keys, request.POST["to"], request.POST["words"], by=me(request), at=at)
    if outcome.done:
        told = ngettext("%(n)s matter is handed over.", "%(n)s matters are handed over.", outcome.done)
        messages.success(request, told % {"n": outcome.done})
    for number, why in outcome.refused:
        messages.error(request, f"{number} {why}".strip())


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(_("There is nothing here that you may see.")) from error


@staff
@require_safe
def workbook(request: HttpRequest) -> HttpResponse:
    """Return the list as xlsx, without what was written."""
    at = timezone.now()
    on, target = local_day(at), io.BytesIO()
    write_reports(target, _rows(own_areas(request, at), _wanted(request), on, at), on=on, at=at, demo=is_demo())
    return as_download(target.getvalue(), f"matters-{on}.xlsx")
